"""`xinyin audit …`: what was done, by whom, on which basis; and that this record is whole."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.serialization import (
    load_pem_public_key,
)

from cli.keeping import messages
from cli.keeping.audit_export import export_audit
from cli.keeping.audit_report import tell
from cli.shell.instants import read_instant, said
from cli.shell.options import command_options, folder_options, key_options
from cli.shell.output import Output
from core.errors import UnreadableInputError
from core.ids import AuthorityId, KeyId
from home.wiring import Home
from identity.people.model import actor_name
from registry.audit.anchors import FileAnchor
from registry.audit.chain import AuditEvent
from registry.audit.events import EventFilter, list_events
from registry.bodies.authorities import find_authority
from registry.officers.identities import find_identity, people_behind
from registry.reconcile.outcome import AuditResult
from registry.reconcile.verification import AuditKeys

_FILE = click.Path(path_type=Path, dir_okay=False)
_EXIT_CODES = {
    AuditResult.HOLDS: 0,
    AuditResult.ALTERED: 11,
    AuditResult.DISAGREES: 15,
    AuditResult.UNCHECKED: 15,
}


@click.group("audit")
def audit() -> None:
    """The audit: a chain of events whose end is signed. 审计。"""


_ISO = "(ISO 8601, without an offset in the service's zone)"


def filter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add which events are meant."""
    for option in (
        click.option("--person", help="Only what this officer did, by their id, whatever name."),
        click.option("--authority", help="Only what concerns this authority."),
        click.option("--until", metavar="TIME", help=f"Only events before this {_ISO}."),
        click.option("--since", metavar="TIME", help=f"Only events from this on {_ISO}."),
        click.option("--actor", help="Only what this actor did, such as local:xinyin."),
        click.option(
            "--action", help="Only this action; with a dot at its end, all that begin so."
        ),
        click.option("--subject", help="Only what concerns this licence, seal or certificate."),
    ):
        function = option(function)
    return function


@audit.command("list")
@filter_options
@click.option("--after", default=0, help="Only events after this number.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@command_options
def list_(home: Home, output: Output, *, after: int, limit: int, **chosen: str | None) -> None:
    """List events in order. 列出审计事件。

    \b
    Examples:
      xinyin audit list --subject 1.2.156.3005.2…
      xinyin audit list --action licence. --since 2026-03-01 --json
    """
    with home.database.reading() as connection:
        events = list_events(connection, chosen=_filter(home, chosen), after=after, limit=limit)
    if output.as_json:
        output.records([_record(event) for event in events])
        return
    for event in events:
        line = f"{said(event.at, home.zone)}  {event.actor}  {event.action}  {event.subject}"
        output.text(f"{line}  {event.basis}" if event.basis else line)


@audit.command("sign")
@key_options
@command_options
def sign(home: Home, output: Output) -> None:
    """Sign where the chain ends now, and keep that outside the database. 签署审计链尾签名。

    `xinyin serve` does it by itself. It refuses (exit code 11) where what came since the last head
    does not follow from it.

    \b
    Example:
      xinyin audit sign --passphrase-file /etc/xinyin/keys.passphrase
    """
    head = home.audit.signer.sign()
    if head is None:
        output.say(messages.NO_EVENT_SINCE_HEAD)
        return
    places = ", ".join(anchor.name for anchor in home.audit.anchors)
    if output.as_json:
        output.data(head.to_json())
    else:
        output.text(f"{head.sequence} {head.hash}")
    output.say(messages.audit_head_signed(sequence=head.sequence, places=places))


@audit.command("verify")
@click.option(
    "--heads",
    "files",
    type=_FILE,
    multiple=True,
    help="A file of heads that was kept elsewhere (heads.jsonl of an export); may be repeated.",
)
@click.option(
    "--key",
    "key_files",
    type=_FILE,
    multiple=True,
    help="Trust only this public key (PEM, named audit-1.pem); may be repeated.",
)
@click.option(
    "--since-head",
    is_flag=True,
    help="Only events after the newest signed head, and the licences that they speak of.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    help="Processes that share the work; as many as there are cores unless given.",
)
@command_options
def verify(
    home: Home,
    output: Output,
    *,
    files: tuple[Path, ...],
    key_files: tuple[Path, ...],
    since_head: bool,
    jobs: int | None,
) -> int:
    """Go along the whole chain; compare it with tables, journal and signed heads. 核验审计链。

    Finds events that were edited, removed, moved or cut off at the end, heads that do not hold, and
    records that say otherwise than events or journal. With --since-head what the newest head has
    signed is believed, and no journal compared: run it often, and the whole from time to time.

    \b
    Exit codes:
      0   everything holds
      11  something was altered; each finding is told
      15  nothing is proven to be altered, but something could not be looked at, or a record and
          the journal disagree: a change was cut off, or edited out
    \b
    Examples:
      xinyin audit verify
      xinyin audit verify --since-head
      xinyin audit verify --heads /media/auditor/heads.jsonl --key /media/auditor/audit-1.pem
    """
    keys = _read_keys(key_files) if key_files else home.audit.public_keys()
    for file in files:
        if not file.is_file():
            raise UnreadableInputError(messages.no_such_file(file))
    with output.bar(messages.VERIFYING_AUDIT) as advance:
        report = home.audit.verify(
            keys,
            [FileAnchor(file) for file in files],
            since_head=since_head,
            processes=jobs,
            on_progress=advance,
        )
    tell(output, report)
    return _EXIT_CODES[report.result]


@audit.command("export")
@folder_options
@filter_options
@command_options
def export(home: Home, output: Output, *, out: Path, force: bool, **chosen: str | None) -> None:
    """Write events, heads and the audit's public keys for a supervisor. 导出审计。

    \b
    Example:
      xinyin audit export --out /media/auditor --since 2026-01-01
    """
    written = export_audit(home, out, _filter(home, chosen), force=force)
    if output.as_json:
        output.data({"directory": str(out), "events": written.events, "heads": written.heads})
    else:
        output.text(str(out))
    output.say(messages.audit_exported(events=written.events, heads=written.heads))


def _filter(home: Home, chosen: dict[str, str | None]) -> EventFilter:
    person, authority = chosen["person"], chosen["authority"]
    actors = None
    with home.database.reading() as connection:
        if person is not None:
            known = find_identity(connection, person)
            actors = people_behind(connection, actor_name(known.identity_id))
        if authority is not None:
            find_authority(connection, AuthorityId(authority))
    return EventFilter(
        actors=actors,
        authorities=None if authority is None else frozenset({authority}),
        subject=chosen["subject"],
        action=chosen["action"],
        actor=chosen["actor"],
        since=_instant(home, chosen["since"]),
        until=_instant(home, chosen["until"]),
    )


def _instant(home: Home, value: str | None) -> datetime | None:
    return None if value is None else read_instant(value, home.zone)


def _read_keys(files: tuple[Path, ...]) -> AuditKeys:
    try:
        return {KeyId(file.stem): load_pem_public_key(file.read_bytes()) for file in files}
    except (OSError, ValueError) as error:
        raise UnreadableInputError(messages.PUBLIC_KEY_FILE_NEEDED) from error


def _record(event: AuditEvent) -> dict[str, object]:
    return {"event": event.sequence, **event.to_json(), "hash": event.hash}


COMMANDS = (audit,)
