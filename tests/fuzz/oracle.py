"""What may never be said of a mutant, judged without the code under test.

hashlib recomputes each signed range; pdfium renders what follows a range that was found harmless.
"""

import hashlib
from dataclasses import dataclass

import pypdfium2

from registry.answers.answers import Outcome, VerificationAnswer
from signing.report import (
    LaterChanges,
    SignatureKind,
    SignatureReport,
    Structure,
    ValidationReport,
)
from tests.fuzz.seeds import Seed, covered_digests

_HARMLESS = {LaterChanges.NONE, LaterChanges.VALIDATION_DATA, LaterChanges.SIGNATURES}
_WHITE = b"\0\t\n\f\r "
_SCALE = 0.5


@dataclass(frozen=True, slots=True)
class Oracle:
    """Knows what was signed and what is registered."""

    signed: frozenset[str]
    """Digests over every range that an honest signer signed."""
    registered: frozenset[str]
    """SHA-256 of every registered revision."""

    @classmethod
    def of(cls, seeds: tuple[Seed, ...], registered: frozenset[str]) -> "Oracle":
        """Read what was signed out of the seeds."""
        digests = (digest for seed in seeds for digest in covered_digests(seed.data).values())
        return cls(frozenset().union(*digests), registered)

    def faults_of_answer(self, data: bytes, answer: VerificationAnswer) -> list[str]:
        """Only registered bytes may be good."""
        good = answer.outcome in {Outcome.IN_FORCE, Outcome.NOT_IN_FORCE}
        known = hashlib.sha256(data).hexdigest() in self.registered
        return ["good_without_record"] if good and not known else []

    def faults_of_report(self, data: bytes, report: ValidationReport) -> list[str]:
        """Return what is wrong with a report."""
        faults = [f"failed_{note}" for note in report.notes if report.structure is Structure.FAILED]
        faults += ["exception"] * ("exception" in report.notes)
        ranges = covered_digests(data)
        for signature in report.signatures:
            if "exception" in signature.notes:
                faults.append("signature_exception")
            if signature.intact:
                faults += self._faults_of_intact(signature, ranges)
        if report.signatures and all(_passes(one) for one in report.signatures):
            faults += _faults_of_harmless(data, report.signatures)
        return faults

    def _faults_of_intact(
        self, signature: SignatureReport, ranges: dict[int, set[str]]
    ) -> list[str]:
        over = ranges.get(signature.covered_length)
        if over is None:
            return ["intact_without_byte_range"]
        if not over & self.signed:
            return ["intact_over_other_bytes"]
        if signature.kind is SignatureKind.TIMESTAMP:
            return []  # its messageDigest is over the TSTInfo (RFC 3161 2.4.2)
        if signature.signed_digest is not None and signature.signed_digest not in over:
            return ["signed_digest_of_other_bytes"]
        return []


def _passes(signature: SignatureReport) -> bool:
    return signature.intact is True and signature.later_changes in _HARMLESS


def _faults_of_harmless(data: bytes, signatures: tuple[SignatureReport, ...]) -> list[str]:
    """Whatever follows a range, the pages must look as they did when it was signed."""
    ends = {one.covered_length: one.later_changes for one in signatures}
    for end, changes in ends.items():
        rest = data[end:].strip(_WHITE)
        if changes is LaterChanges.NONE and rest:
            return ["more_than_white_space_called_none"]
    first = min(ends)
    if data[first:].strip(_WHITE) and _rendered(data[:first]) != _rendered(data):
        return ["shows_other_pages"]
    return []


def _rendered(data: bytes) -> list[bytes] | None:
    """Return the pixels of all pages; None where pdfium reads nothing."""
    try:
        with pypdfium2.PdfDocument(data) as document:
            return [bytes(page.render(scale=_SCALE).buffer) for page in document]
    except pypdfium2.PdfiumError:
        return None
