"""Writing a row that another process may be writing at the same moment.

A violated constraint breaks the whole transaction on PostgreSQL, and names a table to whoever asked
for something else. So what may come twice is written so that the second finds the first's row.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, literal
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def insert_unless_there(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row; return False, with nothing changed, where a unique value of it is taken.

    On PostgreSQL it waits for the transaction that is taking it.
    """
    statement = _insert(connection)(table).values(values).on_conflict_do_nothing()
    return connection.execute(statement.returning(literal(1))).one_or_none() is not None


def put(
    connection: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]
) -> None:
    """Insert a row or overwrite the one of that key."""
    statement = _insert(connection)(table).values({**key, **values})
    names = [table.c[name] for name in key]
    connection.execute(statement.on_conflict_do_update(index_elements=names, set_=dict(values)))


def _insert(connection: Connection) -> Any:
    return sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
