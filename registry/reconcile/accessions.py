"""Reconciliation of licences that were taken over: each is as the event said that recorded it."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection

from registry.accession.hiding import hidden_values, revealed_row
from registry.accession.rows import (
    ADDED,
    ERASED,
    HELD,
    LIFTED,
    REFRESHED,
    accession_sha256,
)
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import accessions
from registry.privacy.codes import Privacy, UnreadableCodeError, privacy_of
from registry.privacy.records import SEALED_IN
from registry.reconcile.comparison import TableComparison, compare
from registry.reconcile.events import Row, Told, Values, day_of, instant_in, instant_of, json_of

_GONE = "erased"
_JSON = ("holders", "data")
_DAYS = ("granted_on", "valid_from", "valid_until")


def check_accessions(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    privacy = privacy_of(connection)
    comparison = TableComparison(
        Kind.ACCESSION,
        accessions,
        (ADDED, REFRESHED, HELD, LIFTED, ERASED),
        lambda row: str(row["accession_id"]),
        partial(_facts, privacy),
        said=_said,
        first=_first,
    )
    yield from compare(connection, (comparison,))


def _first(one: Told) -> Values:
    return {"taken_at": one.at, "hold": None, "erased_by": None, "erased_at": None}


def _said(one: Told) -> Values:
    if one.action in (HELD, LIFTED):
        return {"hold": one.basis if one.action == HELD else None}
    if one.action != ERASED:
        return one.after
    at = instant_in(one.after, "erased_at")
    return {"sha256": _GONE, "hold": None, "erased_by": one.after.get("by"), "erased_at": at}


def _facts(privacy: Privacy, sealed: Row) -> Values:
    row = _revealed(privacy, {**sealed, **{name: json_of(sealed[name]) for name in _JSON}})
    stored = {
        **row,
        **{name: day_of(row[name]) for name in _DAYS},
        "personal": bool(row["personal"]),
    }
    return {
        "origin": row["origin"],
        "grade": row["grade"],
        "sha256": _GONE if _is_empty(stored) else accession_sha256(stored),
        "taken_at": instant_of(row["taken_at"]),
        "hold": row["hold"],
        "erased_by": row["erased_by"],
        "erased_at": instant_of(row["erased_at"]),
    }


def _is_empty(row: Row) -> bool:
    """Tell whether nothing is left that says anything of a holder."""
    return not any(row.get(name) for name in ("holders", "data", "salt", "stated_sha256", "secret"))


def _revealed(privacy: Privacy, row: Row) -> Row:
    """Return a row with its sealed part opened, where that and the clear part agree."""
    if row[SEALED_IN] is None:
        return row
    privacy.box  # noqa: B018  # without it nothing can be said of it
    try:
        found = revealed_row(privacy, row)
    except UnreadableCodeError:
        return row
    again = hidden_values(privacy, {**found, "personal": bool(found["personal"])})
    agrees = all(again[name] == row[name] for name in row if name != SEALED_IN)
    return found if agrees else row
