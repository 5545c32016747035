"""What was judged of a registered revision's signatures, kept beside it as JSON.

Judged once, when it was registered: signatures do not change. What has happened since to the
certificates and algorithms that they rest on is applied when it is asked for (`registry.known`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.policy import POLICY
from signing.inspection.wire import decode_signatures, encode_signatures
from signing.report import SignatureReport


@dataclass(frozen=True, slots=True)
class Judgement:
    """The reports of a revision's signatures, in the order of the file."""

    signatures: tuple[SignatureReport, ...]
    judged_at: datetime
    policy: str = POLICY


def kept_columns(judgement: Judgement | None) -> dict[str, object]:
    """Return a judgement as columns of `revisions`."""
    if judgement is None:
        return {"judgement": None, "judged_at": None, "policy": None}
    return {
        "judgement": encode_signatures(judgement.signatures),
        "judged_at": judgement.judged_at,
        "policy": judgement.policy,
    }


def read_judgement(row: Mapping[Any, Any]) -> Judgement | None:
    """Return what is kept; None where nothing is, or it was judged by other rules."""
    if row["judgement"] is None or row["judged_at"] is None or row["policy"] != POLICY:
        return None
    try:
        return Judgement(decode_signatures(row["judgement"]), row["judged_at"], row["policy"])
    except ValueError:
        return None  # not as it was written; it is judged anew
