"""Ends of suspensions until a date, written down as events of the licences' lives."""

from datetime import date
from typing import Final

from sqlalchemy import select

from core.clock import Clock
from registry.db.database import Database
from registry.db.tables import licences
from registry.db.turns import turn_if_free
from registry.licences.licences import find_licence
from registry.licences.suspending import settle
from registry.model import LicenceState

AT_ONCE: Final = 200
_COLUMN = licences.c


def settle_ended(database: Database, clock: Clock, today: date) -> int:
    """Write down the ends of suspensions that have ended, and return of how many.

    One process at a time looks. Each is a transaction of its own: one that fails keeps no other.
    """
    # The state as an expression, so that no planner goes along all that are suspended.
    suspended = _COLUMN.state.op("||")("") == LicenceState.SUSPENDED
    query = (
        select(_COLUMN.identifier)
        .where(suspended, _COLUMN.suspended_until < today)
        .order_by(_COLUMN.suspended_until, _COLUMN.identifier)
        .limit(AT_ONCE)
    )
    settled = 0
    with turn_if_free(database, "ended suspensions") as free:
        if not free:
            return 0
        with database.reading() as connection:
            due = list(connection.execute(query).scalars())
        for identifier in due:
            with database.writing() as connection:
                before = find_licence(connection, identifier)
                settled += settle(connection, before, today, clock.now()) is not before
    return settled
