"""`xinyin audit …`: what was done, by whom, on which basis."""

import click

from cli.options import command_options
from cli.output import Output
from cli.wiring import Home
from registry.audit import AuditEvent, list_events


@click.group("audit")
def audit() -> None:
    """The audit trail. 审计。"""


@audit.command("list")
@click.option("--subject", help="Only what concerns this licence, seal or certificate.")
@click.option("--after", default=0, help="Only events after this one.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@command_options
def list_(home: Home, output: Output, subject: str | None, after: int, limit: int) -> None:
    """List audit events in order. 列出审计事件。"""
    with home.database.reading() as connection:
        events = list_events(connection, subject=subject, after=after, limit=limit)
    if output.as_json:
        output.records([_record(event) for event in events])
    else:
        for event in events:
            said = f"{event.at:%Y-%m-%d %H:%M:%S}Z  {event.actor}  {event.action}  {event.subject}"
            output.text(f"{said}  {event.basis}" if event.basis else said)


def _record(event: AuditEvent) -> dict[str, object]:
    return {
        "event": event.sequence,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "authority": event.authority_id,
        "action": event.action,
        "subject": event.subject,
        "basis": event.basis,
        "before": event.before,
        "after": event.after,
    }


COMMANDS = (audit,)
