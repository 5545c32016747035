"""The report of `xinyin officer disable`, `officer merge` and `account disable`."""

from typing import Final

from cli.bodies import messages
from cli.shell.output import Output
from registry.officers.departures import LeavingReport

EXIT_UNFINISHED: Final = 5


def tell_leaving(output: Output, report: LeavingReport) -> int | None:
    """Say what ended; return the exit code where something is left to be ended."""
    output.facts(
        {
            "officers": report.identities_ended,
            "roles": len(report.roles),
            "requests": len(report.requests),
            "reopened": len(report.reopened),
            "jobs": len(report.jobs),
            "revoked": report.revoked,
            "run_out": report.run_out,
            "failed": report.failed,
        }
    )
    if report.last_administrator:
        output.say(messages.NO_ADMINISTRATOR_LEFT)
    if report.complete:
        return None
    output.say(messages.LEAVING_UNFINISHED)
    return EXIT_UNFINISHED
