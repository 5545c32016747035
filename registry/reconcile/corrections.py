"""Reconciliation of requests for a correction: each stands as its events leave it."""

from collections.abc import Iterator

from sqlalchemy import Connection

from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import corrections
from registry.reconcile.comparison import TableComparison, compare
from registry.reconcile.events import Row, Values, day_of

_ACTIONS = (
    "correction.added",
    "correction.accepted",
    "correction.refused",
    "correction.withdrawn",
    "correction.extended",
    "correction.restored",
)


def check_corrections(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    yield from compare(connection, (_COMPARISON,))


def _facts(row: Row) -> Values:
    return {
        "identifier": row["identifier"],
        "authority": row["authority_id"],
        "source": row["source"],
        "state": row["state"],
        "due_on": day_of(row["due_on"]),
        "extended": bool(row["extended"]),
    }


_COMPARISON = TableComparison(
    Kind.CORRECTION,
    corrections,
    _ACTIONS,
    lambda row: f"correction:{row['correction_id']}",
    _facts,
)
