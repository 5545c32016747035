"""The public answer to "what is this worth?": outcome, three checks, licence, signatures."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.text import Text
from registry.model import LicenceState, PublicField, TypeKind
from signing.report import Indication, SignatureKind, SignatureReport


class Outcome(StrEnum):
    """Outcome of a verification, in order of precedence (CONTRACT: precedence)."""

    ALTERED = "altered"
    NOT_ISSUED_HERE = "not_issued_here"
    COULD_NOT_CHECK = "could_not_check"
    NOT_IN_FORCE = "not_in_force"
    IN_FORCE = "in_force"


class CheckResult(StrEnum):
    """Result of one check. `error` is our failure, never the document's."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """One of the three questions asked separately."""

    result: CheckResult
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class LicenceSummary:
    """Facts of a licence shown to anybody who has it in hands: nothing of its holder."""

    identifier: str
    number: str
    type: str
    type_name: Text
    authority: str
    state: LicenceState
    reason: str | None
    valid_from: date
    valid_until: date | None
    replaced_by: str | None
    sample: bool
    kind: TypeKind = TypeKind.LICENCE
    reason_name: Text | None = None
    """The reason as the branch calls it, where the public is told one."""
    erased_on: date | None = None
    """When its contents were erased."""
    by_retention: bool = False
    """By its type's rule, not by a decision on it alone."""


@dataclass(frozen=True, slots=True)
class VerificationAnswer:
    """The answer, before it is put on the wire (`verify_api.wire`)."""

    outcome: Outcome
    summary: Text
    integrity: Check
    issuer: Check
    status: Check
    licence: LicenceSummary | None
    signatures: tuple[SignatureReport, ...]
    policy: str
    checked_at: datetime
    sha256: str | None
    public_fields: tuple[PublicField, ...] = ()
    """Only for who has a licence's own link or its file."""
    document_checked: bool = False
    """A document's bytes were looked at (a file or its digest), not only a record."""
    registered_length: int | None = None
    """How many bytes at the start of the file are a registered licence, where more follows them."""
    receipt: str | None = None

    def only_claims(self, signature: SignatureReport) -> bool:
        """Tell whether the names in a signature are no more than what the file says of itself.

        What was altered shows nobody's name as a fact, whichever of its signatures still holds.
        """
        if self.integrity.result is CheckResult.FAILED:
            return True
        registered = self.issuer.code == "registered_here"
        if registered and signature.kind is SignatureKind.SEAL:
            return False
        return signature.indication is not Indication.TOTAL_PASSED
