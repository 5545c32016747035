"""Reconciliation of requests for a correction: each stands as its events leave it."""

from collections.abc import Iterator

from sqlalchemy import Connection

from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import corrections
from registry.reconcile.comparison import TableComparison, compare
from registry.reconcile.events import Row, Told, Values, day_of, instant_in, instant_of

_ADDED = "correction.added"
_RESTORED = "correction.restored"
_DECIDED = ("correction.accepted", "correction.refused", "correction.withdrawn")
_ACTIONS = (
    _ADDED,
    *_DECIDED,
    "correction.extended",
    "correction.receipt_renewed",
    "correction.corrected",
    _RESTORED,
)
_RECEIPT = "receipt"


class _Unsaid:
    """Equal to whatever a row has: an event of before does not say it."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


_UNSAID = _Unsaid()


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
        "asked_by": row["asked_by"],
        "asked_at": instant_of(row["asked_at"]),
        "decided_by": row["decided_by"],
        "decided_at": instant_of(row["decided_at"]),
        "answer": row["answer"],
        "corrected_by": row["corrected_by"],
        _RECEIPT: row["receipt_sha256"],
    }


def _first(one: Told) -> Values:
    """Return the asker as the first event names them; nothing was answered by then."""
    said: dict[str, object] = {"asked_by": one.actor, "asked_at": one.at}
    if one.action == _RESTORED:
        said["asked_at"] = instant_in(one.after, "asked_at") or _UNSAID
    # Events of before linked no version and had no digest of the receipt.
    linked: object = None if _RECEIPT in one.after else _UNSAID
    return {**said, "corrected_by": linked, **dict.fromkeys(_ANSWERED)}


_ANSWERED = ("decided_by", "decided_at", "answer")


def _said(one: Told) -> Values:
    """Return the facts of an event about its request."""
    said = dict(one.after)
    said.pop("asked_at", None)
    said.pop("decided_at", None)
    if one.action in _DECIDED:
        said |= {"decided_by": one.actor, "decided_at": one.at, "answer": one.basis}
    elif one.action == _RESTORED and said.get("state") != "OPEN":
        when = instant_in(one.after, "decided_at") or _UNSAID
        said |= {"decided_by": one.actor, "decided_at": when, "answer": one.basis}
    return said


_COMPARISON = TableComparison(
    Kind.CORRECTION,
    corrections,
    _ACTIONS,
    lambda row: f"correction:{row['correction_id']}",
    _facts,
    said=_said,
    first=_first,
)
