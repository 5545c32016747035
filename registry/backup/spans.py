"""Spans: a table's rows between two keys, which are one file of a backup.

Where a span ends is told by its last key alone, so that a row that comes between others changes one
span. Each has a mark, which the database computes of its rows as they are stored: a span whose mark
is that of the backup before has not changed, and nothing else need be read of it.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self
from zlib import crc32

from sqlalchemy import ColumnElement, Connection, String, func, literal_column, select, tuple_

ROWS = 4096
"""About one key of so many ends a span."""
_AT_ONCE = 5000
_ROW = "xinyin_row"
"""Another name of the table, so that PostgreSQL can tell its row from a column."""

Key = list[str | int]


@dataclass(frozen=True, slots=True)
class Span:
    """Rows of a table that are one file, as they were when it was written."""

    rows: int
    last: Key | None
    """Key of the last one; None of a table without rows."""
    mark: str
    """SHA-256 of the rows as the database stores them, lower-case hexadecimal."""

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> Self:
        """Return one from a manifest. Raises `TypeError`."""
        one = cls(**fields)
        well = (
            {type(one.rows), type(one.mark)} == {int, str}
            and one.rows >= 0
            and all(type(part) in {int, str} for part in one.last or ())
        )
        if not well:
            raise TypeError
        return one


def ends_span(key: Key) -> bool:
    """Tell whether the row with this key is the last of its span: about one of so many is."""
    return crc32(json.dumps(key).encode()) % ROWS == 0


def read_spans(
    connection: Connection, source: Any, keys: list[str], *, after: Key | None = None
) -> Iterator[Span]:
    """Yield the spans of a table as it is now, those after a key if asked; one at least."""
    alias = source.alias(_ROW)
    columns = [alias.c[name] for name in keys]
    query = select(*columns, _stored(connection, alias)).select_from(alias).order_by(*columns)
    if after is not None:
        query = query.where(_is_after(columns, after))
    last: Key | None = None
    digest, count = hashlib.sha256(), 0
    with connection.execute(query.execution_options(yield_per=_AT_ONCE)) as found:
        for row in found:
            *last, said = row
            digest.update(said.encode("utf-8", "surrogatepass"))
            digest.update(b"\n")
            count += 1
            if last and ends_span(last):
                yield Span(count, last, digest.hexdigest())
                digest, count = hashlib.sha256(), 0
    if count or last is None:
        yield Span(count, last or None, digest.hexdigest())


def within(columns: list[Any], after: Key | None, span: Span) -> list[ColumnElement[bool]]:
    """Return the conditions of being one of a span's rows, which begin after a key."""
    conditions = [] if after is None else [_is_after(columns, after)]
    if span.last is not None:
        conditions.append(tuple_(*columns) <= tuple_(*span.last))
    return conditions


def _is_after(columns: list[Any], key: Key) -> ColumnElement[bool]:
    return tuple_(*columns) > tuple_(*key)


def _stored(connection: Connection, alias: Any) -> ColumnElement[str]:
    """Return the SQL of a whole row as it is stored: another for any other content."""
    if connection.dialect.name == "postgresql":
        row = literal_column(f"{_ROW}::text", String)
        return func.encode(func.sha256(func.convert_to(row, "UTF8")), "hex", type_=String)
    said: ColumnElement[str] = literal_column("''", String)
    for one in alias.c:
        name = f'{_ROW}."{one.name}"'
        # `quote` ends a text at its first NUL: what follows must not go unnoticed.
        cut = f"typeof({name}) = 'text' AND instr({name}, char(0)) > 0"
        whole = f"CASE WHEN {cut} THEN hex({name}) ELSE '' END"
        said = said.op("||")(literal_column(f"quote({name}) || {whole} || char(9)", String))
    return said
