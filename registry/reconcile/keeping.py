"""Reconciliation of a licence's keeping: whether it is held or erased as its events say, and that
of one that was erased nothing is left that says anything of its holder.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.reconcile.events import (
    ONE_TRANSACTION,
    Row,
    Told,
    differing,
    instant_in,
    instant_of,
    json_of,
)

ERASED, HELD, LIFTED = "licence.erased", "licence.held", "licence.hold_lifted"
KEEPING = (ERASED, HELD, LIFTED)
_TAKEN = (
    "holder_code",
    "holder_name",
    "photo_sha256",
    "salt",
    "secret",
    "request_key",
    "request_digest",
)
"""Columns that are empty in one that was erased."""


@dataclass(frozen=True, slots=True)
class KeptLicence:
    """A licence's keeping, by its events."""

    erased: bool
    others: Sequence[Told]
    """The events that tell of something else."""
    wrong: list[str]
    """Columns that say otherwise."""


def check_keeping(row: Row, events: Sequence[Told]) -> KeptLicence:
    """Compare a row with what its events say of its keeping."""
    expected: dict[str, object] = {"hold": None, "erased_by": None}
    erased_at = None
    for one in events:
        if one.action == ERASED:
            expected = {"hold": None, "erased_by": one.after.get("by")}
            erased_at = instant_in(one.after, "erased_at") or one.at
        elif one.action in KEEPING:
            expected["hold"] = one.basis if one.action == HELD else None
    wrong = differing(expected, row)
    found = instant_of(row["erased_at"])
    if (erased_at is None) != (row["erased_at"] is None):
        wrong.append("erased_at")
    elif erased_at is not None:
        if found is None or abs(found - erased_at) > ONE_TRANSACTION:
            wrong.append("erased_at")
        wrong += [name for name in _TAKEN if row.get(name) is not None]
        wrong += [name for name in ("holders", "data") if json_of(row[name])]
    others = [one for one in events if one.action not in KEEPING]
    return KeptLicence(erased_at is not None, others, wrong)
