"""Numbers taken one by one, never twice: the row's lock orders those who ask at the same time."""

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from registry.tables import counters


def take(connection: Connection, scope: str) -> int:
    """Return the next number of `scope`, from 1. A rolled-back transaction gives it back."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    statement = (
        insert(counters)
        .values(scope=scope, value=1)
        .on_conflict_do_update(
            index_elements=[counters.c.scope], set_={"value": counters.c.value + 1}
        )
        .returning(counters.c.value)
    )
    value: int = connection.execute(statement).scalar_one()
    return value
