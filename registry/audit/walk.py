"""Going along the chain of audit events and saying where it does not hold.

What is read is judged as stored: whoever altered a row may have left no JSON and no date in it, and
that is a finding, not an error. So is the same content in another spelling (an instant that sorts
elsewhere, a key given twice), since others than we would read it otherwise. Events stream through;
their number does not matter.
"""

import json
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, Text, cast, select, type_coerce

from registry.audit import findings
from registry.audit.chain import ChainEnd, hash_event
from registry.audit.findings import AuditFinding
from registry.db.tables import audit_events

_AT_ONCE = 1000
_UNNUMBERED = (
    select(audit_events.c.sequence)
    .where(audit_events.c.sequence <= 0)
    .order_by(audit_events.c.sequence)
    .limit(_AT_ONCE)
)


@dataclass(frozen=True, slots=True)
class ChainStep:
    """An event of the chain, as the walk came by it."""

    end: ChainEnd
    finding: AuditFinding | None


def walk(connection: Connection, start: ChainEnd) -> Generator[ChainStep, None, None]:
    """Yield each event after `start`, in order, with what is wrong at it.

    What stands under a number that is none of the chain's comes first. To be closed by whoever
    stops before the end.
    """
    for finding in unnumbered(connection):
        yield ChainStep(start, finding)
    yield from walk_part(connection, start)


def unnumbered(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the first findings on events under a number that is none of the chain's."""
    for sequence in connection.execute(_UNNUMBERED).scalars():
        yield findings.unnumbered(sequence)


def walk_part(
    connection: Connection, start: ChainEnd, until: int | None = None
) -> Generator[ChainStep, None, None]:
    """Yield each event after `start` up to the number `until`, as `walk` does.

    An event is compared with the stored hash of the one before it, so that each fault is found
    where it is and parts can be walked apart; a chain that was recomputed from some event on shows
    in the heads alone.
    """
    column = audit_events.c
    query = (
        select(*undecoded())
        .where(column.sequence > start.sequence)
        .order_by(column.sequence)
        .execution_options(yield_per=_AT_ONCE)
    )
    if until is not None:
        query = query.where(column.sequence <= until)
    end = start
    with connection.execute(query) as result:
        for row in result.mappings():
            here = ChainEnd(row["sequence"], str(row["hash"]))
            if here.sequence != end.sequence + 1:
                yield ChainStep(here, findings.missing(end.sequence + 1, here.sequence - 1))
            elif not follows(row, end.hash):
                yield ChainStep(here, findings.altered(here.sequence))
            else:
                yield ChainStep(here, None)
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
            values[name] = None if values[name] is None else _stored_json(str(values[name]))
        return hash_event(values, previous) == stored
    except (ValueError, TypeError, RecursionError):
        return False


def stored_instant(stored: object) -> datetime:
    """Return an instant as the database driver hands it out undecoded.

    Raises `ValueError` for anything that we would not have written so.
    """
    if isinstance(stored, datetime):
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored
    at = datetime.fromisoformat(str(stored))
    if at.tzinfo is not None or at.isoformat(" ", "microseconds") != stored:
        raise ValueError("an instant in another spelling")  # SQLite's filters compare text
    return at.replace(tzinfo=UTC)


def _stored_json(text: str) -> object:
    """Return a JSON value. Raises `ValueError` for anything that we would not have written so."""
    if text == "null":  # of every other event
        return None
    value: object = json.loads(text)
    if json.dumps(value) != text:
        raise ValueError("JSON in another spelling")
    return value
