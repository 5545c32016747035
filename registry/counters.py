"""Numbers taken one by one, never twice: the row's lock orders those who ask at the same time.

A number is covered by a mark in the journal before it is given, so that a database restored from a
backup goes on above every number that was ever given.
"""

from sqlalchemy import Connection, func, literal
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from registry.journal import MARK_BLOCK, journal_of
from registry.tables import counters


def take(connection: Connection, scope: str, *, floor: int = 0, block: int = MARK_BLOCK) -> int:
    """Return the next number of `scope`, from 1, greater than `floor`.

    A rolled-back transaction gives it back. `block` is by how much the journal's mark runs ahead.
    Raises `StorageError`, `JournalError`: a number that could not be journalled is not given.
    """
    on_sqlite = connection.dialect.name == "sqlite"
    insert, greatest = (
        (sqlite_insert, func.max) if on_sqlite else (postgresql_insert, func.greatest)
    )
    above = greatest(counters.c.value, literal(floor)) + 1
    statement = (
        insert(counters)
        .values(scope=scope, value=floor + 1)
        .on_conflict_do_update(index_elements=[counters.c.scope], set_={"value": above})
        .returning(counters.c.value)
    )
    value: int = connection.execute(statement).scalar_one()
    journal = journal_of(connection)
    if journal is not None:
        journal.mark(scope, value, block=block)
    return value
