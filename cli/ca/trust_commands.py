"""`xinyin ca renew` and `xinyin ca confirm-clock`: what the trust service lives on."""

import click

from ca.profiles.describe import describe_name
from cli.ca import messages
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from home.wiring import Home
from registry.audit.clock_record import confirm_clock
from registry.ledger.certificate_requests import SqlRequestDesk


@click.command("renew")
@click.option(
    "--force-renewal",
    is_flag=True,
    help="Give every responder and the time-stamping unit a new key now, due or not.",
)
@key_options
@command_options
def renew_(home: Home, output: Output, *, force_renewal: bool) -> None:
    """Renew the certificates of OCSP responders and the TSA that are due. 更新服务证书。

    `serve` does this by itself every ten minutes, and so does every command that seals. Where the
    CA's key is elsewhere, what is due is asked for here and certified there, by the same command.

    \b
    Examples:
      xinyin ca renew
      xinyin ca renew --force-renewal     after a responder's key may have been seen by others
    """
    issued = home.service_renewal.renew(force=force_renewal)
    output.records(
        [
            {
                "serial": f"{one.serial_number:x}",
                "subject": describe_name(one.subject),
                "not_after": one.not_valid_after_utc.isoformat(),
            }
            for one in issued
        ]
    )
    waiting = len(SqlRequestDesk(home.database).list_open())
    output.say(messages.issuance_result(issued=len(issued), waiting=waiting))


@click.command("confirm-clock")
@click.option("--basis", required=True, help="How the time was checked; stands in the audit.")
@command_options
def confirm_clock_(home: Home, output: Output, basis: str) -> None:
    """Answer for the clock after it was set back behind a timestamp. 确认系统时钟。

    Timestamps are refused while the clock lies before the last one on record. If it was that one
    whose time was wrong, check the clock against another source and confirm it here.

    \b
    Example:
      xinyin ca confirm-clock --basis "NTP 恢复，与国家授时中心核对"
    """
    now = home.clock.now()
    with home.database.writing() as connection:
        confirm_clock(connection, at=now, actor=home.actor, basis=basis)
    output.say(messages.clock_confirmed(now.isoformat()))


TRUST_COMMANDS = (renew_, confirm_clock_)
