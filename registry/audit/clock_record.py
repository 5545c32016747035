"""The latest time that this home has vouched for, so that a clock that was set back is noticed."""

from datetime import datetime

from sqlalchemy import Connection, select

from core.permits import Actor
from registry.audit.events import record
from registry.db.tables import audit_events

_STAMPED = "timestamp.made"
_CONFIRMED = "clock.confirmed"


def last_stamped_at(connection: Connection) -> datetime | None:
    """Return the time of the newest token, or that which an operator confirmed after it."""
    known: datetime | None = connection.execute(
        select(audit_events.c.at)
        .where(audit_events.c.action.in_((_STAMPED, _CONFIRMED)))
        .order_by(audit_events.c.sequence.desc())
        .limit(1)
    ).scalar_one_or_none()
    return known


def confirm_clock(connection: Connection, *, at: datetime, actor: Actor, basis: str) -> None:
    """Record that somebody has looked at the clock and answers for it: tokens follow from here."""
    before = last_stamped_at(connection)
    record(
        connection,
        at=at,
        actor=actor,
        action=_CONFIRMED,
        subject="clock",
        basis=basis,
        before=None if before is None else {"at": before.isoformat()},
        after={"at": at.isoformat()},
    )
