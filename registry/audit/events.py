"""Events of changes, written in the change's own transaction: who, what, on which basis.

Events hold states, dates and identifiers; never what a licence says of its holder.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, select

from ca.recorder import Facts
from core.permits import Actor
from registry.audit.belonging import of_authorities
from registry.audit.chain import NOTHING_BEFORE, AuditEvent, NewEvent, append, event_of
from registry.db.tables import audit_events

__all__ = [
    "AuditEvent",
    "EventFilter",
    "Facts",
    "list_events",
    "newest_events",
    "record",
    "stream_events",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Filter of events; None matches anything."""

    subject: str | None = None
    action: str | None = None
    """`licence.granted`; or `licence.` for all that begin so."""
    actor: str | None = None
    actors: frozenset[str] | None = None
    """Any of them: somebody has several names after a merger."""
    authorities: frozenset[str] | None = None
    """Events that concern any of them (`registry.audit.belonging`)."""
    since: datetime | None = None
    until: datetime | None = None
    """Not included."""

    def narrow(self, query: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
        """Return the query with the conditions of this filter."""
        column = audit_events.c
        if self.subject is not None:
            query = query.where(column.subject == self.subject)
        if self.action is not None and self.action.endswith("."):
            query = query.where(column.action.startswith(self.action, autoescape=True))
        elif self.action is not None:
            query = query.where(column.action == self.action)
        if self.actor is not None:
            query = query.where(column.actor == self.actor)
        if self.actors is not None:
            query = query.where(column.actor.in_(sorted(self.actors)))
        if self.authorities is not None:
            query = query.where(of_authorities(self.authorities))
        if self.since is not None:
            query = query.where(column.at >= self.since)
        if self.until is not None:
            query = query.where(column.at < self.until)
        return query


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
    """Add an event to the transaction, as the last thing that it does.

    Others that record wait until the transaction ends. Raises `AuditUnavailableError`.
    """
    event = NewEvent(
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        basis=basis,
        before=before,
        after=after,
    )
    append(connection, [event])


def list_events(
    connection: Connection,
    *,
    subject: str | None = None,
    chosen: EventFilter | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[AuditEvent]:
    """Return events in order, from the one that follows the number `after`."""
    query = (chosen or EventFilter(subject=subject)).narrow(select(audit_events))
    query = query.where(audit_events.c.sequence > after)
    rows = connection.execute(query.order_by(audit_events.c.sequence).limit(limit))
    return [event_of(row) for row in rows]


def newest_events(
    connection: Connection, chosen: EventFilter, *, before: int | None, without: str, limit: int
) -> list[AuditEvent]:
    """Return events, the newest first, from below a number; none of the action `without`."""
    column = audit_events.c
    query = chosen.narrow(select(audit_events)).where(column.action != without)
    if before is not None:
        query = query.where(column.sequence < before)
    rows = connection.execute(query.order_by(column.sequence.desc()).limit(limit))
    return [event_of(row) for row in rows]


def stream_events(
    connection: Connection, chosen: EventFilter
) -> Generator[tuple[AuditEvent, str], None, None]:
    """Yield all events that are meant, in order, each with the hash of the one before it."""
    before = audit_events.alias()
    query = select(audit_events, before.c.hash.label("previous")).outerjoin(
        before, before.c.sequence == audit_events.c.sequence - 1
    )
    # What stands under other numbers is no event of the chain (`registry.audit.walk`).
    query = chosen.narrow(query.where(audit_events.c.sequence > 0))
    query = query.order_by(audit_events.c.sequence)
    with connection.execute(query.execution_options(yield_per=1000)) as result:
        for row in result.mappings():
            values = dict(row)
            previous = values.pop("previous") or NOTHING_BEFORE
            yield AuditEvent(**values), previous
