"""Judgements of a registered revision's signatures, kept beside it as JSON.

Judged once, when it was registered: signatures do not change. What has happened since to the
certificates and algorithms that they rest on is applied when it is asked for
(`registry.answers.known`).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.canonical import canonical_json
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


def kept_digest(columns: Mapping[str, Any]) -> str | None:
    """Return the digest of a judgement's columns; None where nothing is kept, or no judgement."""
    if columns["judgement"] is None:
        return None
    at = columns["judged_at"]
    said = {**columns, "judged_at": None if at is None else at.astimezone(UTC).isoformat()}
    try:
        return hashlib.sha256(canonical_json(said)).hexdigest()
    except (TypeError, ValueError):
        return ""


@dataclass(frozen=True, slots=True)
class KeptJudgement:
    """The columns as they were read; not decoded until somebody asks."""

    encoded: str | None
    judged_at: datetime | None
    policy: str | None

    def read(self) -> Judgement | None:
        """Return the kept judgement; None where there is none, or it was made by other rules."""
        if self.encoded is None or self.judged_at is None or self.policy != POLICY:
            return None
        try:
            signatures = decode_signatures(json.loads(self.encoded))
        except (ValueError, RecursionError):
            return None  # not as it was written; it is judged anew
        return Judgement(signatures, self.judged_at, self.policy)
