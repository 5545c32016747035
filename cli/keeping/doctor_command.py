"""`xinyin doctor`: how a home is, and what to do about it."""

from contextlib import ExitStack

import click

from cli.keeping import messages
from cli.shell.options import command_options
from cli.shell.output import Output
from core.errors import ConfigurationError
from core.sanitize import for_terminal
from core.settings import Settings
from core.text import Text
from home.audit import HomeAudit
from home.health import CHECKS as HOME_CHECKS
from home.keys import ALL, HomeKeys, PassphraseOptions
from home.wiring import Home
from keys.ring import KeyRing
from registry.db.database import Database
from registry.facts.line_opening import open_line
from registry.facts.register_id import open_journal
from registry.health.checks import CHECKS as REGISTRY_CHECKS
from registry.health.health import HealthLevel, HealthSubject, Result, examine
from registry.journal.journal import Journal
from registry.ledger.key_register import SqlKeyRegister
from registry.reconcile.outcome import AuditReport

CHECKS = (*REGISTRY_CHECKS, *HOME_CHECKS)
EXIT_FAILED = 20
EXIT_COULD_NOT = 15
_MARKS = {
    HealthLevel.OK: "✓",
    HealthLevel.WARN: "!",
    HealthLevel.FAIL: "✗",
    HealthLevel.UNKNOWN: "?",
}
_COLOURS = {
    HealthLevel.OK: "green",
    HealthLevel.WARN: "yellow",
    HealthLevel.FAIL: "red",
    HealthLevel.UNKNOWN: "magenta",
}


@click.command("doctor")
@click.option("--full", is_flag=True, help="Look at every stored document, not at a sample.")
@click.option(
    "--check",
    "chosen",
    multiple=True,
    type=click.Choice([check.name for check in CHECKS]),
    help="Only these; may be repeated.",
)
@command_options
def doctor(home: Home, output: Output, *, full: bool, chosen: tuple[str, ...]) -> int:
    """Look at a home's health; changes nothing, opens no key. 检查数据目录的健康状况。

    Each check ends as ok, warn, fail, or unknown where it could not look.

    \b
    Exit codes: 0 nothing failed, 20 something did, 15 something could not be looked at.
    Examples:
      xinyin doctor
      xinyin doctor --full --json
      xinyin doctor --check certificates --check crls
    """
    there = home.directory.is_dir() and any(home.directory.iterdir())
    if not there and not output.as_json:  # people need no line for each thing that is not there
        output.say(messages.no_home_to_look_at(home.directory))
        return EXIT_COULD_NOT
    subject = HealthSubject(
        home.directory,
        home.environment,
        home.clock,
        open_ring=lambda database, settings: _ring(home, database, settings),
        verify_audit=verify_audit,
        privacy=home.privacy,
        full=full,
    )
    checks = [check for check in CHECKS if not chosen or check.name in chosen]
    counts = dict.fromkeys(HealthLevel, 0)
    told: dict[Text, list[Text]] = {}
    try:
        for result in examine(subject, checks):
            counts[result.finding.level] += 1
            if output.as_json or not _is_repeated(result, told):
                _tell(output, result)
    finally:
        subject.close()
    if not output.as_json:
        _tell_repeated(output, told)
    output.say(_summary(counts))
    if counts[HealthLevel.FAIL]:
        return EXIT_FAILED
    return EXIT_COULD_NOT if counts[HealthLevel.UNKNOWN] else 0


def _is_repeated(result: Result, told: dict[Text, list[Text]]) -> bool:
    """Tell whether a cause was printed already: one line gives it, another names all that waits for
    it.
    """
    if result.finding.level is not HealthLevel.UNKNOWN:
        return False
    known = result.finding.said in told
    others = told.setdefault(result.finding.said, [])
    if known:
        others.append(result.title)
    return known


def _tell_repeated(output: Output, told: dict[Text, list[Text]]) -> None:
    for said, titles in told.items():
        if not titles:
            continue
        language = output.language
        names = Text("、".join(one.zh for one in titles), ", ".join(one.en for one in titles)).to(
            language
        )
        mark = click.style(_MARKS[HealthLevel.UNKNOWN], fg=_COLOURS[HealthLevel.UNKNOWN], bold=True)
        shown = for_terminal(f"{names}: {said.to(language)}")
        click.echo(f"{mark} {shown}")


def _ring(home: Home, database: Database, settings: Settings) -> KeyRing:
    if any((home.directory / "keys").glob("*.pem")):  # opening them would move them
        raise ConfigurationError(messages.KEYS_IN_EARLIER_LAYOUT)
    keys = HomeKeys(
        home.directory, settings.keys, PassphraseOptions(), home.environment, home.clock
    )
    return keys.ring(ALL, SqlKeyRegister(database, home.clock))


def verify_audit(subject: HealthSubject) -> AuditReport:
    """Do what `xinyin audit verify` does, on a home that is only read."""
    settings = subject.settings

    def journal() -> Journal:
        directory = settings.journal_directory(subject.directory)
        return open_journal(subject.database, directory, subject.clock, line)

    with ExitStack() as opened:
        line = None
        if settings.journal.shared:
            line = open_line(settings, subject.directory, subject.environment)
            opened.callback(line.close)
        audit = HomeAudit(
            database=lambda: subject.database,
            keys=lambda: subject.ring,
            journal=journal,
            clock=subject.clock,
            settings=lambda: settings.audit,
        )
        return audit.verify(audit.public_keys())


def _tell(output: Output, result: Result) -> None:
    finding = result.finding
    if output.as_json:
        advice = finding.advice
        output.data(
            {
                "check": result.check,
                "level": finding.level,
                "said": {"zh": finding.said.zh, "en": finding.said.en},
                "advice": None if advice is None else {"zh": advice.zh, "en": advice.en},
            }
        )
        return
    language, level = output.language, finding.level
    mark = click.style(_MARKS[level], fg=_COLOURS[level], bold=True)
    told = for_terminal(f"{result.title.to(language)}: {finding.said.to(language)}")
    click.echo(f"{mark} {told}")
    if finding.advice is not None:
        click.echo(for_terminal(f"    → {finding.advice.to(language)}"))


def _summary(counts: dict[HealthLevel, int]) -> Text:
    ok, warned = counts[HealthLevel.OK], counts[HealthLevel.WARN]
    failed, unknown = counts[HealthLevel.FAIL], counts[HealthLevel.UNKNOWN]
    return messages.doctor_result(ok=ok, warned=warned, failed=failed, unknown=unknown)


COMMANDS = (doctor,)
