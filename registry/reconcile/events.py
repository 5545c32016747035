"""Readers of rows and events that both sides of every comparison share.

A row is read as it is stored: whoever edited it may have left no date and no JSON in it, and that
is a finding, not an error.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Date,
    RowMapping,
    String,
    Table,
    Text,
    cast,
    select,
    type_coerce,
)

from registry.audit.walk import stored_instant, undecoded
from registry.db.tables import Instant, audit_events
from registry.revisions.record import facts_of

AT_ONCE = 500
ONE_TRANSACTION = timedelta(minutes=1)
"""Between what one transaction makes: a change, its event, its entry in the journal, its commit."""
Values = Mapping[str, object]
Row = Mapping[str, Any]
"""Of a table, as it is stored."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event, as far as a comparison needs it."""

    sequence: int
    at: datetime | None
    """None where it is no instant: the walk along the chain tells of it."""
    action: str
    subject: str
    basis: str | None
    before: Values
    after: Values
    actor: str = ""


def told_of(
    connection: Connection, subjects: Iterable[str], actions: Sequence[str]
) -> dict[str, list[Told]]:
    """Return the events of some subjects, in order."""
    query = (
        select(*undecoded())
        .where(audit_events.c.subject.in_(list(subjects)), audit_events.c.action.in_(actions))
        .where(audit_events.c.sequence > 0)
        .order_by(audit_events.c.sequence)
    )
    found: dict[str, list[Told]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["subject"], []).append(_told(row))
    return found


def all_told(
    connection: Connection, actions: Sequence[str], *which: ColumnElement[bool]
) -> Iterator[list[Told]]:
    """Yield the events of some kinds in order, some at a time; all, or those of a part."""
    query = (
        select(*undecoded())
        .where(audit_events.c.action.in_(actions))
        # SQLite goes by the first bound of several alone.
        .where(*(which or [audit_events.c.sequence > 0]))
        .order_by(audit_events.c.sequence)
        .execution_options(yield_per=AT_ONCE)
    )
    with connection.execute(query) as result:
        for group in result.mappings().partitions(AT_ONCE):
            yield [_told(row) for row in group]


def stored_rows(
    connection: Connection, table: Table, *which: ColumnElement[bool]
) -> Iterator[list[Row]]:
    """Yield the rows of a table as they are stored, some at a time; all, or those of a part."""
    query = (
        select(*(_as_stored(column) for column in table.c))
        .where(*which)
        .order_by(*table.primary_key.columns)
        .execution_options(yield_per=AT_ONCE)
    )
    with connection.execute(query) as result:
        for group in result.mappings().partitions(AT_ONCE):
            yield [dict(row) for row in group]


def instant_of(stored: object) -> datetime | None:
    """Return a stored instant; None where there is none, or something else."""
    try:
        return None if stored is None else stored_instant(stored)
    except ValueError:
        return None


def json_of(stored: object) -> object:
    """Return a stored JSON value; None for what is none."""
    try:
        return json.loads(str(stored))
    except (ValueError, RecursionError):
        return None


def day_of(stored: object) -> str | None:
    """Return a stored date in ISO 8601."""
    if stored is None:
        return None
    return stored.isoformat() if isinstance(stored, date) else str(stored)


def sha256_in(stored: object) -> str | None:
    """Return the SHA-256 (hex) of stored bytes; None where there are none."""
    return hashlib.sha256(stored).hexdigest() if isinstance(stored, bytes) else None


def instant_in(facts: Values, name: str) -> datetime | None:
    """Return an instant among facts; None for what is none."""
    try:
        return datetime.fromisoformat(str(facts[name]))
    except (KeyError, ValueError):
        return None


def differing(expected: Values, found: Values) -> list[str]:
    """Return the names of what an event says and a row says otherwise."""
    return sorted(name for name in expected if name in found and expected[name] != found[name])


def _told(row: RowMapping) -> Told:
    return Told(
        row["sequence"],
        instant_of(row["at"]),
        str(row["action"]),
        str(row["subject"]),
        row["basis"],
        facts_of({"after": row["before"]}),
        facts_of(row),
        str(row["actor"]),
    )


def _as_stored(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, Instant | Date):
        return type_coerce(column, String).label(column.name)
    if isinstance(column.type, JSON):
        return cast(column, Text).label(column.name)
    return column
