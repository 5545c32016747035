"""Numbers taken one by one, never twice: the row's lock orders those who ask at the same time.

A number is covered by a mark in the journal before it is given, so that a database restored from a
backup goes on above every number that was ever given.
"""

from sqlalchemy import Connection, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from registry.db.tables import counters
from registry.journal.journal import MARK_BLOCK
from registry.journal.mirroring import mirror_of

VERSIONS = "version:"
"""How scopes begin that count a licence's versions: GB/T 36904 has 999 of them, so that none is
left out but by `registry.facts.loss.version_floor`."""


def block_of(scope: str) -> int:
    """Return by how much the journal's mark of a counter runs ahead."""
    return 1 if scope.startswith(VERSIONS) else MARK_BLOCK


MOST_AT_ONCE = MARK_BLOCK
"""Numbers of a counter in one transaction: one that is rolled back gives them all back, and the
next that is given must not lie further behind the mark than a mark runs ahead."""


def take(connection: Connection, scope: str, *, floor: int = 0) -> int:
    """Return the next number of `scope`, from 1, greater than `floor`.

    A rolled-back transaction gives it back. Raises `StorageError`, `JournalError`: a number that
    could not be journalled is not given; nor is one that was given before, where the counter was
    set back behind what its marks cover (`CounterSetBackError`).
    """
    value = _advance(connection, scope, 1, floor)
    mirror_of(connection).mark(scope, value, block=block_of(scope))
    return value


def take_several(connection: Connection, scope: str, count: int) -> range:
    """Return the next `count` numbers of `scope`; it may be taken from once in a transaction.

    Raises as `take`.
    """
    assert 0 < count <= MOST_AT_ONCE
    last = _advance(connection, scope, count, 0)
    mirror = mirror_of(connection)
    first = last - count + 1
    mirror.mark(scope, first)
    # The first one's mark may be an earlier one, which does not reach the last.
    mirror.mark(scope, last, block=MARK_BLOCK - count + 1)
    return range(first, last + 1)


def _advance(connection: Connection, scope: str, count: int, floor: int) -> int:
    """Move a counter on; return where it stands now."""
    on_sqlite = connection.dialect.name == "sqlite"
    upsert, greatest = (
        (sqlite_insert, func.max) if on_sqlite else (postgresql_insert, func.greatest)
    )
    above = greatest(counters.c.value, literal(floor)) + count
    statement = (
        upsert(counters)
        .values(scope=scope, value=floor + count)
        .on_conflict_do_update(index_elements=[counters.c.scope], set_={"value": above})
        .returning(counters.c.value)
    )
    value: int = connection.execute(statement).scalar_one()
    return value


def counted(connection: Connection, prefix: str) -> dict[str, int]:
    """Return the counters whose scope begins so."""
    query = select(counters.c.scope, counters.c.value).where(
        counters.c.scope.startswith(prefix, autoescape=True)
    )
    return {row.scope: row.value for row in connection.execute(query)}


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
    """Let every counter whose scope begins with `prefix` leave out `gap` numbers; mark them.

    Versions are none of them.
    """
    mine = (
        counters.c.scope.startswith(prefix, autoescape=True),
        ~counters.c.scope.startswith(VERSIONS, autoescape=True),
    )
    connection.execute(update(counters).where(*mine).values(value=counters.c.value + gap))
    mirror = mirror_of(connection)
    query = select(counters.c.scope, counters.c.value).where(*mine)
    for scope, value in connection.execute(query):
        mirror.mark(scope, value)
