"""Going along the chain of audit events and saying where it does not hold.

What is read is judged as stored: whoever altered a row may have left no JSON and no date in it, and
that is a finding, not an error. Events stream through; their number does not matter.
"""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, Text, cast, select, type_coerce

from registry import audit_findings as findings
from registry.audit_chain import ChainEnd, hash_event
from registry.audit_findings import Finding
from registry.tables import audit_events

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """An event of the chain, as the walk came by it."""

    end: ChainEnd
    finding: Finding | None


def walk(connection: Connection, start: ChainEnd) -> Generator[Step, None, None]:
    """Yield each event after `start`, in order, with what is wrong at it.

    An event is compared with the stored hash of the one before it, so that each fault is found
    where it is; a chain that was recomputed from some event on shows in the heads alone. To be
    closed by whoever stops before the end.
    """
    column = audit_events.c
    query = (
        select(*undecoded())
        .where(column.sequence > start.sequence)
        .order_by(column.sequence)
        .execution_options(yield_per=_AT_ONCE)
    )
    end = start
    with connection.execute(query) as result:
        for row in result.mappings():
            here = ChainEnd(row["sequence"], str(row["hash"]))
            if here.sequence != end.sequence + 1:
                yield Step(here, findings.missing(end.sequence + 1, here.sequence - 1))
            elif not follows(row, end.hash):
                yield Step(here, findings.altered(here.sequence))
            else:
                yield Step(here, None)
            end = here


def undecoded() -> tuple[ColumnElement[Any], ...]:
    """Return the columns of an event, its instant and JSON as text: SQLite may hold anything."""
    column = audit_events.c
    return (
        column.sequence,
        type_coerce(column.at, String).label("at"),
        column.actor,
        column.authority_id,
        column.action,
        column.subject,
        column.basis,
        cast(column.before, Text).label("before"),
        cast(column.after, Text).label("after"),
        column.hash,
    )


def follows(row: Mapping[Any, Any], previous: str) -> bool:
    """Tell whether an event, as `undecoded` selects it, follows from the hash before it."""
    values: dict[str, object] = dict(row)
    stored = values.pop("hash")
    try:
        values["at"] = stored_instant(values["at"])
        for name in ("before", "after"):
            values[name] = None if values[name] is None else json.loads(str(values[name]))
        return hash_event(values, previous) == stored
    except (ValueError, TypeError, RecursionError):
        return False


def stored_instant(stored: object) -> datetime:
    """Return an instant as the database driver hands it out undecoded. Raises `ValueError`."""
    at = stored if isinstance(stored, datetime) else datetime.fromisoformat(str(stored))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
