"""Leases on work that is on record: one worker at a time has it, and a fence keeps the others out.

A worker takes a piece of work for a while, and raises its fence: whoever had it before, and is only
slow, finds an older fence than the record's and writes nothing any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select, update

from registry.model import ConflictError
from registry.officers import messages
from registry.officers.model import UNDER_WAY, JobState

LEASE: Final = timedelta(minutes=2)
"""Time for which a worker has a piece of work without a sign of life."""
WATCHED_LEASE: Final = timedelta(seconds=6)
"""The same of a worker that gives one every few seconds (`BEAT_SECONDS`), whatever it waits for."""
BEAT_SECONDS: Final = 1.5


class LeaseLostError(ConflictError):
    """Somebody else has the work, or it was stopped."""


def lease_lost() -> LeaseLostError:
    """Return the error of whoever has work, or a part of it, no more."""
    return LeaseLostError(messages.LEASE_LOST)


@dataclass(frozen=True, slots=True)
class Held:
    """A piece of work as a worker took it."""

    key: str
    fence: int


@dataclass(frozen=True, slots=True)
class Leases:
    """Leases on the rows of a table.

    It has the columns `state`, `asked_at`, `changed_at`, `lease_until`, `fence` and `failures`.
    """

    table: Table
    key: str
    """Name of its key."""

    def is_anything_free(self, connection: Connection, now: datetime) -> bool:
        """Tell whether there is work that nobody does: most looks find none, and write nothing."""
        query = select(self.table.c[self.key]).where(self._is_free(now)).limit(1)
        return connection.execute(query).one_or_none() is not None

    def take(self, connection: Connection, now: datetime, lease: timedelta = LEASE) -> str | None:
        """Take the lease of the oldest work that nobody does; return its key."""
        column = self.table.c
        query = (
            select(column[self.key], column.fence)
            .where(self._is_free(now))
            .order_by(column.asked_at, column[self.key])
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        name, fence = str(row[0]), int(row[1])
        values = {
            "state": JobState.RUNNING,
            "fence": fence + 1,
            "lease_until": now + lease,
            "changed_at": now,
        }
        connection.execute(update(self.table).where(column[self.key] == name).values(values))
        return name

    def hold(self, connection: Connection, held: Held) -> None:
        """See that the work is still this worker's, and stays so until the transaction ends.

        Raises `LeaseLostError`.
        """
        column = self.table.c
        query = select(column.fence, column.state).where(column[self.key] == held.key)
        row = connection.execute(query.with_for_update(read=True)).one_or_none()
        if row is None or (row.fence, row.state) != (held.fence, JobState.RUNNING):
            raise lease_lost()

    def write(self, connection: Connection, held: Held, values: Mapping[str, object]) -> None:
        """Write to the work's record, as its worker. Raises `LeaseLostError`."""
        column = self.table.c
        mine = (
            column[self.key] == held.key,
            column.fence == held.fence,
            column.state == JobState.RUNNING,
        )
        if connection.execute(update(self.table).where(*mine).values(dict(values))).rowcount != 1:
            raise lease_lost()

    def _is_free(self, now: datetime) -> ColumnElement[bool]:
        column = self.table.c
        rests = or_(column.lease_until.is_(None), column.lease_until <= now)
        return and_(column.state.in_(UNDER_WAY), rests)
