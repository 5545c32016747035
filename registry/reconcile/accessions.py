"""Reconciliation of licences that were taken over: each is as the event said that recorded it."""

from collections.abc import Iterator

from sqlalchemy import Connection

from registry.accession.rows import ADDED, REFRESHED, accession_sha256
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import accessions
from registry.reconcile.comparison import TableComparison, compare
from registry.reconcile.events import Row, Values, day_of, instant_of, json_of

_DAYS = ("granted_on", "valid_from", "valid_until")


def check_accessions(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    yield from compare(connection, (_COMPARISON,))


def _facts(row: Row) -> Values:
    stored = {
        **row,
        **{name: json_of(row[name]) for name in ("holders", "data")},
        **{name: day_of(row[name]) for name in _DAYS},
        "personal": bool(row["personal"]),
    }
    return {
        "origin": row["origin"],
        "grade": row["grade"],
        "sha256": accession_sha256(stored),
        "taken_at": instant_of(row["taken_at"]),
    }


_COMPARISON = TableComparison(
    Kind.ACCESSION,
    accessions,
    (ADDED, REFRESHED),
    lambda row: str(row["accession_id"]),
    _facts,
    first=lambda one: {"taken_at": one.at},
)
