"""Marks of a backup's spans, of rows as SQLite stores them."""

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, create_engine, insert

from registry.backup.spans import read_spans


def mark_of(value: object) -> str:
    things = Table("things", MetaData(), Column("name", Text, primary_key=True))
    kind = LargeBinary if isinstance(value, bytes) else Text
    things.append_column(Column("said", kind))
    with create_engine("sqlite://").begin() as connection:
        things.create(connection)
        connection.execute(insert(things).values(name="x", said=value))
        (span,) = read_spans(connection, things, ["name"])
    return span.mark


@pytest.mark.parametrize(
    ("one", "other"),
    [("a\0b", "a\0c"), ("a\0", "a"), ("\0", ""), ("\0", None), ("a\0b", b"a\0b"), ("a'", "a''")],
)
def test_no_two_values_have_one_mark(one: object, other: object) -> None:
    assert mark_of(one) != mark_of(other)
    assert mark_of(one) == mark_of(one)
