"""One event for each change, written in the change's own transaction: who, what, on which basis.

Events hold states, dates and identifiers; never what a licence says of its holder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from registry.tables import audit_events

Facts = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and for whom."""

    name: str
    """`local:<account>` for the operator whom `init` made; (iss, sub) once signed in."""
    authority_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One recorded change."""

    event_id: int
    at: datetime
    actor: str
    authority_id: str | None
    action: str
    subject: str
    basis: str | None
    before: Facts | None
    after: Facts | None


def record(
    connection: Connection,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    subject: str,
    basis: str | None = None,
    before: Facts | None = None,
    after: Facts | None = None,
) -> None:
    """Add an event to the transaction."""
    connection.execute(
        insert(audit_events).values(
            at=at,
            actor=actor.name,
            authority_id=actor.authority_id,
            action=action,
            subject=subject,
            basis=basis,
            before=before,
            after=after,
        )
    )


def list_events(
    connection: Connection, *, subject: str | None = None, after: int = 0, limit: int = 100
) -> list[AuditEvent]:
    """Return events in order, from the one that follows `after`."""
    query = select(audit_events).where(audit_events.c.event_id > after)
    if subject is not None:
        query = query.where(audit_events.c.subject == subject)
    rows = connection.execute(query.order_by(audit_events.c.event_id).limit(limit))
    return [AuditEvent(**row) for row in rows.mappings()]
