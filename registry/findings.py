"""From what was seen of a document to its two checks, integrity and issuer: pure rules, in order.

1. A registered revision is ours whatever else is said of it: its digest is its proof.
2. What begins with one is ours if all that follows is explained, else it was changed.
3. For the rest the signatures speak. Whoever bears our identifier or traces of a signature and
   cannot show a signature that holds was altered, never "unreadable" or "unsigned".
4. Of an altered file it is not said who issued it: "altered" and "unknown issuer" stay apart.
"""

from dataclasses import dataclass

from registry import wording
from registry.answers import Check, CheckResult
from registry.model import Revision
from signing.report import (
    LaterChanges,
    SignatureKind,
    SignatureReport,
    Structure,
    ValidationReport,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of a document."""

    report: ValidationReport
    length: int
    match: Revision | None
    """The longest registered revision that the file is, or begins with."""
    sealed_here: bool
    """A signature that holds was made with the certificate of a seal of ours."""
    names_our_seal: bool
    """A signature, whether it holds or not, names the certificate of a seal of ours."""
    identifier_on_record: bool
    """One of the identifiers in the bytes is a licence of ours."""
    registry_reached: bool = True


@dataclass(frozen=True, slots=True)
class Findings:
    """The two checks that concern the document."""

    integrity: Check
    issuer: Check


def passed(code: str) -> Check:
    """Return a check that was passed."""
    return Check(CheckResult.PASSED, code, wording.check_message(code))


def failed(code: str) -> Check:
    """Return a check that failed."""
    return Check(CheckResult.FAILED, code, wording.check_message(code))


def skipped(code: str) -> Check:
    """Return a check that was not made."""
    return Check(CheckResult.SKIPPED, code, wording.check_message(code))


def errored(code: str) -> Check:
    """Return a check that could not be made: our failure, not the document's."""
    return Check(CheckResult.ERROR, code, wording.check_message(code))


def judge_document(evidence: Evidence) -> Findings:
    """Return the checks of a document, by the rules above."""
    if evidence.match is not None:
        return Findings(_integrity_of_ours(evidence, evidence.match), passed("registered_here"))
    match evidence.report.structure:
        case Structure.LIMIT | Structure.FAILED:
            return Findings(errored(_limit(evidence.report)), errored(_limit(evidence.report)))
        case Structure.SIGNED:
            return _judge_signed(evidence)
        case Structure.UNSIGNED if not evidence.report.identifiers:
            return Findings(skipped("no_signature"), failed("no_signature"))
        case Structure.UNSIGNED:
            return Findings(failed("signature_missing"), skipped("not_established"))
        case _:
            return Findings(failed("unparseable"), skipped("not_established"))


def _integrity_of_ours(evidence: Evidence, match: Revision) -> Check:
    if match.length == evidence.length:
        return passed("registered_document")
    if evidence.report.structure in (Structure.LIMIT, Structure.FAILED):
        return errored(_limit(evidence.report))
    if evidence.report.structure is Structure.SIGNED and _holds(evidence.report):
        return passed("explained_additions")
    return failed("changed_after_sealing")


def _judge_signed(evidence: Evidence) -> Findings:
    report = evidence.report
    if any(s.intact is False for s in report.signatures):
        return Findings(failed("signature_broken"), skipped("not_established"))
    if any(s.later_changes is LaterChanges.CONTENT_CHANGED for s in report.signatures):
        return Findings(failed("changed_after_sealing"), skipped("not_established"))
    if evidence.sealed_here and evidence.identifier_on_record:
        return Findings(failed("not_the_sealed_bytes"), passed("registered_here"))
    if any(s.intact is None for s in report.signatures):
        if evidence.names_our_seal:  # none of ours uses an algorithm that we do not know
            return Findings(failed("signature_broken"), skipped("not_established"))
        return Findings(errored("unsupported_algorithm"), _issuer(evidence))
    return Findings(passed("signatures_intact"), _issuer(evidence))


def _issuer(evidence: Evidence) -> Check:
    if not evidence.registry_reached:
        return errored("registry_unavailable")
    return passed("seal_without_record") if evidence.sealed_here else failed("unknown_issuer")


def _holds(report: ValidationReport) -> bool:
    return bool(report.signatures) and all(
        s.intact and s.later_changes is not LaterChanges.CONTENT_CHANGED for s in report.signatures
    )


def _limit(report: ValidationReport) -> str:
    return next((note for note in report.notes if note.startswith("limit")), "limit")


def sealed_here(report: ValidationReport, fingerprints: frozenset[str]) -> bool:
    """Tell whether a signature that holds was made with one of our seals' certificates."""
    return any(s.intact for s in report.signatures if _is_ours(s, fingerprints))


def names_our_seal(report: ValidationReport, fingerprints: frozenset[str]) -> bool:
    """Tell whether a signature names the certificate of one of our seals."""
    return any(_is_ours(s, fingerprints) for s in report.signatures)


def _is_ours(signature: SignatureReport, fingerprints: frozenset[str]) -> bool:
    timestamp = signature.kind is SignatureKind.TIMESTAMP
    return not timestamp and signature.certificate_sha256 in fingerprints
