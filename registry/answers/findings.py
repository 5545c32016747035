"""Rules from the evidence on a document to its two checks, integrity and issuer: pure, in order.

1. Registered bytes whose seal holds: what the record says. The record alone decides nothing.
2. Registered bytes with an addition are never good: white space or validation data cannot be
   vouched for, anything else is alteration (a seal certifies with DocMDP P=1).
3. Who bears an identifier on record, or names a seal of ours whose signature does not hold, and is
   not registered, is altered: also where the damage breaks the parsing.
4. A seal of ours that holds over bytes without a record: not issued here, and an alarm, unless the
   journal knows the digest.
5. Of foreign files, `altered` needs proof. What cannot be judged is `error` with its reason; what
   failed on our side is `error` for the issuer too.

No default is evidence: `failed` is said only of proof in hand.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.text import Text
from registry.answers import sentences as wording
from registry.answers.answers import Check, CheckResult
from registry.answers.known import Known
from registry.answers.signature_words import (
    NOT_JUDGED,
    SM2_SM3,
    changes_in_words,
    signers_of,
    sub_indication_in_words,
)
from signing.report import (
    Coverage,
    Indication,
    LaterChanges,
    SignatureKind,
    SignatureReport,
    Structure,
    ValidationReport,
)
from signing.trust.anchors import Anchor, AnchorKind


class OurSeal(StrEnum):
    """Relation of a file to the seals of our own CA."""

    NONE = "none"
    BROKEN = "broken"
    """A signature names the certificate of one, and does not hold."""
    HOLDS = "holds"
    """A signature made with the certificate of one holds."""


class SignedDigest(StrEnum):
    """Match between what our seal signed and a revision that we sealed."""

    OURS = "ours"
    """It is: what differs was made without the seal's key, by encoding the signature anew."""
    OTHER = "other"
    """It is not: somebody may hold the seal's key."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A foreign signer whose path ends at a listed anchor."""

    signature: SignatureReport
    anchor: Anchor | None
    """None for a root that was given by hand."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence on a document that is not, as a whole, registered."""

    report: ValidationReport
    known: Known | None = None
    """The longest registered revision that the file begins with."""
    blank_addition: bool = False
    """What follows the registered revision is white space only."""
    our_seal: OurSeal = OurSeal.NONE
    signed_digest: SignedDigest = SignedDigest.UNKNOWN
    """Of our seal, where it holds."""
    identifier_on_record: bool = False
    """One of the identifiers stands, where we write it, for a licence on record."""
    lost: bool = False
    """The journal knows the digest; the register lost the record in a restore."""
    recognised: Recognised | None = None
    others_may_sign: bool = False
    """The registered revision does not certify: further signatures change nothing of it."""
    registry_reached: bool = True
    roots_given: bool = False
    """No register is asked: roots were given by hand."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The two checks that concern the document."""

    integrity: Check
    issuer: Check
    ours: bool = False
    """The record found is the document's, so its state may be told."""
    alarms: tuple[str, ...] = ()
    """What an operator must look into, by code."""


def check(result: CheckResult, code: str, *details: Text | None) -> Check:
    """Return a check with its sentence, and what is special about the file after it."""
    return Check(result, code, wording.check_message(code, details))


def passed(code: str, *details: Text | None) -> Check:
    """Return a check that was passed."""
    return check(CheckResult.PASSED, code, *details)


def failed(code: str, *details: Text | None) -> Check:
    """Return a check that failed: there is proof, or nothing on record."""
    return check(CheckResult.FAILED, code, *details)


def skipped(code: str) -> Check:
    """Return a check that was not made."""
    return check(CheckResult.SKIPPED, code)


def errored(code: str, *details: Text | None) -> Check:
    """Return a check that could not be made: our failure, not the document's."""
    return check(CheckResult.ERROR, code, *details)


def judge_registered(known: Known) -> Findings:
    """Return the checks of bytes that are registered (rule 1)."""
    nothing = skipped("not_established")
    if not known.guarded:
        code = "record_disagrees"
        return Findings(errored(code), nothing, alarms=(code,))
    if known.seal_holds is None:
        return Findings(errored("seal_not_judged"), nothing)
    if not known.seal_holds:
        code = "registered_seal_does_not_hold"
        return Findings(errored(code), nothing, alarms=(code,))
    return Findings(passed("registered_document"), passed("registered_here"), ours=True)


def judge_document(evidence: Evidence) -> Findings:
    """Return the checks of a document that is not registered as a whole (rules 2 to 5)."""
    if evidence.known is not None:
        return _judge_addition(evidence, evidence.known)
    if _claims_to_be_ours(evidence):
        return _judge_claim(evidence)
    integrity = _integrity(evidence.report)
    if integrity.result is CheckResult.FAILED:
        issuer = (
            passed("seal_without_record")
            if evidence.our_seal is OurSeal.HOLDS
            else skipped("not_established")
        )
        return Findings(integrity, issuer)
    return _judge_issuer(evidence, integrity)


def _judge_addition(evidence: Evidence, known: Known) -> Findings:
    """Judge registered bytes and then something that is not registered (rule 2)."""
    registered = judge_registered(known)
    if not registered.ours:
        return registered
    report = evidence.report
    harmless = evidence.blank_addition or _adds_validation_data(
        report, known.revision.length, others_may_sign=evidence.others_may_sign
    )
    if harmless or report.structure is Structure.FAILED:
        return Findings(errored("unregistered_addition"), registered.issuer, ours=True)
    details = changes_in_words(report.signatures)
    return Findings(failed("changed_after_sealing", details), skipped("not_established"))


def _adds_validation_data(
    report: ValidationReport, registered: int, *, others_may_sign: bool
) -> bool:
    """Tell whether all that follows the registered bytes was read strictly as validation data.

    Where others may sign, their signatures will do as well.
    """
    before = [one for one in report.signatures if one.covered_length <= registered]
    after = [one for one in report.signatures if one.covered_length > registered]
    harmless = (LaterChanges.NONE, LaterChanges.VALIDATION_DATA)
    return (
        report.structure is Structure.SIGNED
        and bool(before)
        and all(
            one.intact and _is_untouched(one, registered, others_may_sign=others_may_sign)
            for one in before
        )
        and (others_may_sign or all(one.kind is SignatureKind.TIMESTAMP for one in after))
        and all(one.intact is not False and one.later_changes in (*harmless, None) for one in after)
    )


def _is_untouched(signature: SignatureReport, registered: int, *, others_may_sign: bool) -> bool:
    """Tell whether what follows is harmless; after a person's signature stands the seal."""
    harmless = {LaterChanges.NONE, LaterChanges.VALIDATION_DATA}
    person = signature.kind is SignatureKind.SIGNATURE and signature.covered_length < registered
    if person or others_may_sign:
        harmless.add(LaterChanges.SIGNATURES)
    return signature.later_changes in harmless


def _claims_to_be_ours(evidence: Evidence) -> bool:
    """Tell whether the file says that it is a licence of ours, and is none (rule 3)."""
    return (
        evidence.identifier_on_record
        or evidence.our_seal is OurSeal.BROKEN
        or evidence.signed_digest is SignedDigest.OURS
    )


def _judge_claim(evidence: Evidence) -> Findings:
    report, issuer = evidence.report, skipped("not_established")
    proof = _proof(report)
    if proof is not None:
        return Findings(proof, issuer)
    if evidence.our_seal is OurSeal.BROKEN:
        return Findings(failed("signature_broken"), issuer)
    if evidence.signed_digest is SignedDigest.OTHER:
        code = "not_the_sealed_bytes"
        return Findings(failed(code), issuer, alarms=(code,))
    match report.structure:
        case Structure.UNSIGNED:
            return Findings(failed("signature_missing"), issuer)
        case Structure.BROKEN:
            return Findings(failed("unparseable"), issuer)
        case _:
            return Findings(failed("not_the_registered_bytes"), issuer)


def _judge_issuer(evidence: Evidence, integrity: Check) -> Findings:
    """Say who issued a file that nobody proved to be altered (rules 4 and 5)."""
    if evidence.lost:
        return Findings(integrity, errored("record_lost"))
    if evidence.our_seal is OurSeal.HOLDS:
        code = "seal_without_record"
        return Findings(integrity, passed(code), alarms=(code,))
    return Findings(integrity, _issuer_of_foreign(evidence, integrity))


def _issuer_of_foreign(evidence: Evidence, integrity: Check) -> Check:
    report = evidence.report
    if _failed_on_our_side(report):
        return Check(CheckResult.ERROR, integrity.code, integrity.message)
    perhaps_ours = bool(report.identifiers) and not evidence.registry_reached
    if report.structure is Structure.UNSIGNED and not perhaps_ours:
        return Check(CheckResult.FAILED, "no_signature", wording.NOBODY_SIGNED)
    if evidence.recognised is not None:
        return _recognised(evidence.recognised)
    if not evidence.registry_reached:
        return errored("registry_unavailable")
    return failed("not_under_root" if evidence.roots_given else "unknown_issuer")


def _recognised(recognised: Recognised) -> Check:
    signature, anchor = recognised.signature, recognised.anchor
    good = signature.indication is Indication.TOTAL_PASSED
    why = None if good else sub_indication_in_words(signature.sub_indication)
    caveat = None if why is None else Text(f"{why.zh}。", why.en)
    result = CheckResult.PASSED if good else CheckResult.FAILED
    if anchor is None:
        return check(result, "trusted_root", caveat)
    signer = signers_of([signature]) or Text("签名者", "the signer")
    on_list = Text(
        f"（{anchor.list_name}）" if anchor.list_name else "",
        f" ({anchor.list_name})" if anchor.list_name else "",
    )
    named = Text(
        f"{signer.zh}的证书属于“{anchor.name.zh}”的证书体系{on_list.zh}。",
        f"{signer.en} is certified under “{anchor.name.en}”{on_list.en}.",
    )
    if anchor.kind is AnchorKind.TEST:
        test = Text("该证书体系仅供测试，不得据此办理。", "That hierarchy is for tests only.")
        return check(CheckResult.FAILED, "recognised_issuer", named, test, caveat)
    return check(result, "recognised_issuer", named, caveat)


def _integrity(report: ValidationReport) -> Check:
    """Speak of the bytes, whoever issued them (rule 5)."""
    match report.structure:
        case Structure.FAILED:
            return _our_failure(_limit(report) or "judging_failed")
        case Structure.LIMIT:
            return errored(_limit(report) or "limit")
        case Structure.UNSIGNED:
            return skipped(_unsigned(report))
        case Structure.SIGNED:
            return _integrity_of_signed(report)
        case _:
            return errored("structure_unclear")


def _integrity_of_signed(report: ValidationReport) -> Check:
    proof = _proof(report)
    if proof is not None:
        return proof
    if _failed_on_our_side(report):
        return _our_failure("judging_failed")
    return _doubt(report) or passed("signatures_intact")


def _doubt(report: ValidationReport) -> Check | None:
    """Return why the bytes cannot be said to be as they were signed, if anything is unclear."""
    judged = [one for one in report.signatures if not _is_unproven_time(one)]
    unjudged = next((one for one in judged if one.intact is None), None)
    if unjudged is not None:
        return _not_judged(unjudged)
    found = {one.later_changes for one in judged}
    limit = _limit(report)
    unclear = not found or not found <= _EXPLAINED or "structure_unclear" in report.notes
    doubts = (
        ("structure_unclear", unclear),
        ("covers_part", any(one.coverage is Coverage.PART for one in report.signatures)),
        (limit or "", limit is not None),
        ("filled_after_signing", LaterChanges.FORM_FILL in found),
        ("annotated_after_signing", LaterChanges.PERMITTED in found),
    )
    return next((errored(code) for code, holds in doubts if holds), None)


_EXPLAINED = {
    LaterChanges.NONE,
    LaterChanges.VALIDATION_DATA,
    LaterChanges.SIGNATURES,
    LaterChanges.FORM_FILL,
    LaterChanges.PERMITTED,
}


def _proof(report: ValidationReport) -> Check | None:
    """Return the proof that the file is not as it was signed, if there is any."""
    signatures = report.signatures
    if any(one.intact is False for one in signatures):
        return failed("signature_broken")
    notes = {note for one in signatures for note in one.notes} | set(report.notes)
    changed = any(one.later_changes is LaterChanges.CONTENT_CHANGED for one in signatures)
    if "signature_removed" in notes:
        return failed("signature_removed")
    details = (changes_in_words(signatures), _as_signed(report))
    if "docmdp_violated" in notes:
        return failed("docmdp_violated", *details)
    return failed("changed_after_sealing", *details) if changed else None


def _as_signed(report: ValidationReport) -> Text | None:
    """Say which revision the latest signature whose bytes are whole signed, under what name.

    The name is a claim: of an altered file nobody is named as its signer.
    """
    whole = [
        one
        for one in report.signatures
        if one.intact and one.later_changes is LaterChanges.CONTENT_CHANGED
    ]
    if not whole:
        return None
    last = max(whole, key=lambda one: one.covered_length)
    names = signers_of([last])
    under = (
        Text("", "") if names is None else Text(f"署名{names.zh}的", f" under the name {names.en}")
    )
    number = 1 + sum(end < last.covered_length for end in report.revision_ends)
    return Text(
        f"{under.zh}签章所签的内容是文件的第 {number} 个修订版。",
        f"What was signed{under.en} is revision {number} of the file.",
    )


def _is_unproven_time(signature: SignatureReport) -> bool:
    """Tell a timestamp without its authority's certificate: a matter of trust, not of the bytes."""
    return signature.intact is None and "timestamp_not_trusted" in signature.notes


def _not_judged(signature: SignatureReport) -> Check:
    code = next((code for code in NOT_JUDGED if code in signature.notes), None)
    code = code or next((n for n in signature.notes if n.startswith("limit")), "not_judged")
    if "sm2_sm3" in signature.notes:
        return Check(CheckResult.ERROR, code, wording.not_judged(SM2_SM3))
    return errored(code)


def _failed_on_our_side(report: ValidationReport) -> bool:
    return (
        report.structure is Structure.FAILED
        or "exception" in report.notes
        or any("exception" in one.notes for one in report.signatures)
    )


def _our_failure(code: str) -> Check:
    return Check(CheckResult.ERROR, code, wording.check_message("judging_failed"))


def _unsigned(report: ValidationReport) -> str:
    return next((code for code in ("never_signed", "scan") if code in report.notes), "no_signature")


def _limit(report: ValidationReport) -> str | None:
    return next((note for note in report.notes if note.startswith("limit")), None)
