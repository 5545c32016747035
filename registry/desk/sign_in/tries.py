"""Failed sign-ins in SQL: one count of all workers (`identity.accounts.throttle`)."""

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from identity.accounts.throttle import Count, Counted, Tries, next_tries
from registry.db.conflicts import insert_unless_there
from registry.db.database import Database
from registry.db.tables import sign_in_tries

_COLUMN = sign_in_tries.c


class SqlTries:
    """Counts of tries in the registry's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def try_(self, counts: tuple[Count, ...], now: datetime) -> None:
        """Count a try with each of the counts, or with none. Raises `TooManyTriesError`."""
        with self._database.writing() as connection:
            # By digest: whoever counts the same at once waits for the first, and in one order.
            for count in sorted(counts, key=lambda one: one.digest):
                _count(connection, count, now)

    def succeeded(self, counts: tuple[Count, ...]) -> None:
        """Forget the failures of account and browser, and take this try from the network's."""
        with self._database.writing() as connection:
            for count in sorted(counts, key=lambda one: one.digest):
                this = _COLUMN.digest == count.digest
                if count.kind is Counted.NETWORK:
                    fewer = update(sign_in_tries).where(this, _COLUMN.failures > 0)
                    values = {"failures": _COLUMN.failures - 1, "not_before": _COLUMN.last_at}
                    connection.execute(fewer.values(values))
                else:
                    connection.execute(delete(sign_in_tries).where(this))


def forget_tries(connection: Connection, count: Count) -> None:
    """Forget the failures of a count."""
    connection.execute(delete(sign_in_tries).where(_COLUMN.digest == count.digest))


def _count(connection: Connection, count: Count, now: datetime) -> None:
    this = _COLUMN.digest == count.digest
    first = next_tries(count.kind, None, now)
    values = {"failures": 1, "last_at": now, "not_before": first.not_before}
    if insert_unless_there(connection, sign_in_tries, {"digest": count.digest, **values}):
        return
    row = connection.execute(select(sign_in_tries).where(this).with_for_update()).one()
    tries = next_tries(count.kind, Tries(row.failures, row.last_at, row.not_before), now)
    values = {
        "failures": tries.failures,
        "last_at": tries.last_at,
        "not_before": tries.not_before,
    }
    connection.execute(update(sign_in_tries).where(this).values(values))
