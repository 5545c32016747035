"""Numbers taken one by one, never twice: the row's lock orders those who ask at the same time.

A number is covered by a mark in the journal before it is given, so that a database restored from a
backup goes on above every number that was ever given.
"""

from sqlalchemy import Connection, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from registry.journal import MARK_BLOCK
from registry.mirroring import mirror_of
from registry.tables import counters


def take(connection: Connection, scope: str, *, floor: int = 0, block: int = MARK_BLOCK) -> int:
    """Return the next number of `scope`, from 1, greater than `floor`.

    A rolled-back transaction gives it back. `block` is by how much the journal's mark runs ahead.
    Raises `StorageError`, `JournalError`: a number that could not be journalled is not given.
    """
    on_sqlite = connection.dialect.name == "sqlite"
    upsert, greatest = (
        (sqlite_insert, func.max) if on_sqlite else (postgresql_insert, func.greatest)
    )
    above = greatest(counters.c.value, literal(floor)) + 1
    statement = (
        upsert(counters)
        .values(scope=scope, value=floor + 1)
        .on_conflict_do_update(index_elements=[counters.c.scope], set_={"value": above})
        .returning(counters.c.value)
    )
    value: int = connection.execute(statement).scalar_one()
    mirror_of(connection).mark(scope, value, block=block)
    return value


def raise_to(connection: Connection, scope: str, value: int) -> bool:
    """Let a counter go on above `value`; return whether it would not have by itself."""
    this = counters.c.scope == scope
    known = connection.execute(select(counters.c.value).where(this)).scalar_one_or_none()
    if known is None:
        connection.execute(insert(counters).values(scope=scope, value=value))
    elif known < value:
        connection.execute(update(counters).where(this).values(value=value))
    return known is None or known < value


def jump(connection: Connection, *, gap: int, prefix: str = "") -> None:
    """Let every counter whose scope begins with `prefix` leave out `gap` numbers; mark them."""
    mine = counters.c.scope.startswith(prefix, autoescape=True)
    connection.execute(update(counters).where(mine).values(value=counters.c.value + gap))
    mirror = mirror_of(connection)
    for scope, value in connection.execute(select(counters.c.scope, counters.c.value)):
        mirror.mark(scope, value)
