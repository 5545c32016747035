"""The clock of requests for a correction: reminders, overdue requests, and what is forgotten.

Each is told once, as an event of the chain: a restart neither loses nor repeats it.
"""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, String, cast, exists, literal, select

from core.clock import Clock
from registry.audit.chain import NewEvent, append
from registry.audit.recorder import SERVICE
from registry.db.database import Database
from registry.db.tables import audit_events, corrections
from registry.db.turns import turn_if_free
from registry.licences.corrections.rows import (
    SUBJECT,
    CorrectionState,
    CorrectionTerms,
    forget_corrections,
)

DUE_SOON, OVERDUE = "correction.due_soon", "correction.overdue"
_AT_ONCE: Final = 500
_COLUMN = corrections.c


def keep_clock(database: Database, clock: Clock, today: date, terms: CorrectionTerms) -> int:
    """Tell of requests that are due soon or overdue, and forget what is over; return how many were
    told of. One process at a time looks.
    """
    with turn_if_free(database, "correction clock") as free:
        if not free:
            return 0
        with database.writing() as connection:
            soon = today + timedelta(days=terms.reminder_days)
            told = _tell(connection, clock, OVERDUE, date.min, today - timedelta(days=1))
            told += _tell(connection, clock, DUE_SOON, today, soon)
        with database.writing() as connection:
            forget_corrections(connection, clock.now(), terms.retention_days)
    return told


def _tell(connection: Connection, clock: Clock, action: str, first: date, last: date) -> int:
    event = audit_events.c
    # An extension gives it another day, of which is told anew.
    told = exists().where(
        event.subject == literal(SUBJECT) + _COLUMN.correction_id,
        event.action == action,
        event.basis == cast(_COLUMN.due_on, String),
    )
    query = (
        select(_COLUMN.correction_id, _COLUMN.due_on)
        .where(
            _COLUMN.state == CorrectionState.OPEN,
            _COLUMN.due_on >= first,
            _COLUMN.due_on <= last,
            ~told,
        )
        .order_by(_COLUMN.due_on, _COLUMN.correction_id)
        .limit(_AT_ONCE)
    )
    due = connection.execute(query).all()
    if due:
        append(
            connection,
            [
                NewEvent(
                    at=clock.now(),
                    actor=SERVICE,
                    action=action,
                    subject=f"{SUBJECT}{row.correction_id}",
                    basis=row.due_on.isoformat(),
                )
                for row in due
            ],
        )
    return len(due)
