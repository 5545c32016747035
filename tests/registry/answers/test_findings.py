"""The rules that turn what was seen into checks, in their order and every combination."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.ids import LicenceIdentifier, Sha256
from core.text import Text
from registry.answers.answering import decide
from registry.answers.answers import CheckResult, Outcome
from registry.answers.findings import (
    Evidence,
    Findings,
    OurSeal,
    Recognised,
    SignedDigest,
    errored,
    failed,
    judge_document,
    judge_registered,
    passed,
    skipped,
)
from registry.answers.known import Known
from registry.model import Revision
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

PASSED, FAILED = CheckResult.PASSED, CheckResult.FAILED
SKIPPED, ERROR = CheckResult.SKIPPED, CheckResult.ERROR
REVISION = Revision(
    LicenceIdentifier("1.2.156.3005.2.x"),
    0,
    100,
    Sha256("b" * 64),
    datetime(2026, 1, 1, tzinfo=UTC),
)
KNOWN = Known(REVISION, seal_holds=True, signatures=(), judged_at=None, guarded=True)
IN_FORCE, CANCELLED, UNKNOWN = passed("registered_here"), failed("no_record"), errored("limit")


EXPLAINED = ("none", "validation_data", "signatures", "form_fill", "permitted")


def anchor(kind: AnchorKind) -> Anchor:
    return Anchor(b"der", Text("青云省政务 CA", "Qingyun Government CA"), "2026-11", kind)


def signature(
    *,
    intact: bool | None = True,
    later: LaterChanges | None = LaterChanges.NONE,
    kind: SignatureKind = SignatureKind.SEAL,
    covered: int = 100,
    notes: tuple[str, ...] = (),
    **rest: object,
) -> SignatureReport:
    made = SignatureReport(
        field="Seal",
        kind=kind,
        signer="青岚市大数据局",
        certificate_sha256="a" * 64,
        level="B-LT",
        intact=intact,
        trusted=True,
        indication=Indication.TOTAL_PASSED,
        sub_indication=None,
        claimed_time=None,
        best_time=None,
        coverage=Coverage.WHOLE_FILE,
        covered_length=covered,
        later_changes=later,
        notes=notes,
    )
    return replace(made, **rest)  # type: ignore[arg-type]


def report(
    structure: Structure = Structure.SIGNED,
    *signatures: SignatureReport,
    notes: tuple[str, ...] = (),
    identifiers: tuple[str, ...] = (),
) -> ValidationReport:
    return ValidationReport(
        structure,
        signatures,
        traces=True,
        identifiers=identifiers,
        revision_ends=(100, 200),
        notes=notes,
    )


SOUND = report(Structure.SIGNED, signature())


def said(findings: Findings) -> tuple[str, str, str, str]:
    """Return results and codes of integrity and issuer."""
    integrity, issuer = findings.integrity, findings.issuer
    return integrity.result.value, integrity.code, issuer.result.value, issuer.code


# Rule 1


def test_registered_bytes_whose_seal_holds_are_ours() -> None:
    findings = judge_registered(KNOWN)
    assert said(findings) == ("passed", "registered_document", "passed", "registered_here")
    assert findings.ours
    assert findings.alarms == ()


@pytest.mark.parametrize(
    ("holds", "guarded", "code", "alarms"),
    [
        (False, True, "registered_seal_does_not_hold", ("registered_seal_does_not_hold",)),
        (None, True, "seal_not_judged", ()),
        (True, False, "record_disagrees", ("record_disagrees",)),
        (False, False, "record_disagrees", ("record_disagrees",)),
        (None, False, "record_disagrees", ("record_disagrees",)),
    ],
)
@pytest.mark.parametrize("status", [IN_FORCE, CANCELLED])
def test_the_record_alone_makes_no_file_good(
    holds: bool | None,  # noqa: FBT001
    guarded: bool,  # noqa: FBT001
    code: str,
    alarms: tuple[str, ...],
    status: object,
) -> None:
    known = replace(KNOWN, seal_holds=holds, guarded=guarded)
    for findings in (
        judge_registered(known),
        judge_document(Evidence(SOUND, known=known, blank_addition=True)),
    ):
        assert said(findings)[:2] == ("error", code)
        assert (findings.ours, findings.alarms) == (False, alarms)
        assert decide(findings, status) is Outcome.COULD_NOT_CHECK  # type: ignore[arg-type]


# Rule 2


VALIDATION = signature(later=LaterChanges.VALIDATION_DATA)
TIMESTAMP = signature(kind=SignatureKind.TIMESTAMP, covered=200)
PERSON = signature(kind=SignatureKind.SIGNATURE, covered=50, later=LaterChanges.SIGNATURES)
"""Of a person, before the seal, which covers the registered bytes."""


@pytest.mark.parametrize(
    ("found", "blank"),
    [
        (report(Structure.SIGNED, signature()), True),
        (report(Structure.BROKEN), True),
        (report(Structure.SIGNED, VALIDATION), False),
        (report(Structure.SIGNED, VALIDATION, TIMESTAMP), False),
        (report(Structure.SIGNED, VALIDATION, replace(TIMESTAMP, intact=None)), False),
        (report(Structure.FAILED, notes=("limit_time",)), False),
        (report(Structure.SIGNED, PERSON, VALIDATION, TIMESTAMP), False),
    ],
)
def test_white_space_and_validation_data_after_registered_bytes_cannot_be_vouched_for(
    found: ValidationReport,
    blank: bool,  # noqa: FBT001
) -> None:
    findings = judge_document(Evidence(found, known=KNOWN, blank_addition=blank))
    assert said(findings) == ("error", "unregistered_addition", "passed", "registered_here")
    assert findings.ours
    assert decide(findings, IN_FORCE) is Outcome.COULD_NOT_CHECK
    assert decide(findings, CANCELLED) is Outcome.COULD_NOT_CHECK


@pytest.mark.parametrize(
    "found",
    [
        report(Structure.SIGNED, signature(later=one))
        for one in LaterChanges
        if one not in (LaterChanges.NONE, LaterChanges.VALIDATION_DATA)
    ]
    + [
        report(Structure.SIGNED),
        report(Structure.SIGNED, signature(later=None)),
        report(Structure.SIGNED, signature(intact=False)),
        report(Structure.SIGNED, signature(intact=None)),
        report(Structure.SIGNED, VALIDATION, replace(TIMESTAMP, intact=False)),
        report(Structure.SIGNED, VALIDATION, replace(TIMESTAMP, kind=SignatureKind.SEAL)),
        report(
            Structure.SIGNED, VALIDATION, replace(TIMESTAMP, later_changes=LaterChanges.UNCLEAR)
        ),
        report(Structure.SIGNED, TIMESTAMP),
        report(Structure.SIGNED, replace(PERSON, intact=False), VALIDATION),
        report(Structure.SIGNED, replace(PERSON, covered_length=100), VALIDATION),
        report(Structure.SIGNED, replace(PERSON, covered_length=200), VALIDATION),
        report(Structure.SIGNED, replace(PERSON, kind=SignatureKind.SEAL), VALIDATION),
        report(Structure.SIGNED, replace(PERSON, later_changes=LaterChanges.PERMITTED), VALIDATION),
        report(Structure.BROKEN),
        report(Structure.UNSIGNED),
        report(Structure.ENCRYPTED),
        report(Structure.LIMIT, notes=("limit_revisions",)),
    ],
)
def test_anything_else_after_registered_bytes_is_alteration(found: ValidationReport) -> None:
    findings = judge_document(Evidence(found, known=KNOWN))
    assert said(findings) == ("failed", "changed_after_sealing", "skipped", "not_established")
    assert not findings.ours
    assert decide(findings, IN_FORCE) is Outcome.ALTERED


def test_no_report_whatever_makes_an_addition_good() -> None:
    for structure, later, intact, blank in itertools.product(
        Structure, [*LaterChanges, None], [True, False, None], [True, False]
    ):
        found = report(structure, signature(later=later, intact=intact))
        findings = judge_document(Evidence(found, known=KNOWN, blank_addition=blank))
        outcome = decide(findings, IN_FORCE)
        assert outcome in (Outcome.ALTERED, Outcome.COULD_NOT_CHECK)


# Rule 3


@pytest.mark.parametrize(
    ("found", "seal", "digest", "code"),
    [
        (SOUND, OurSeal.HOLDS, SignedDigest.OTHER, "not_the_sealed_bytes"),
        (SOUND, OurSeal.HOLDS, SignedDigest.OURS, "not_the_registered_bytes"),
        (SOUND, OurSeal.HOLDS, SignedDigest.UNKNOWN, "not_the_registered_bytes"),
        (SOUND, OurSeal.NONE, SignedDigest.UNKNOWN, "not_the_registered_bytes"),
        (
            report(Structure.SIGNED, signature(intact=False)),
            OurSeal.BROKEN,
            SignedDigest.UNKNOWN,
            "signature_broken",
        ),
        (
            report(Structure.SIGNED, signature(intact=None, notes=("malformed_signature",))),
            OurSeal.BROKEN,
            SignedDigest.UNKNOWN,
            "signature_broken",
        ),
        (
            report(Structure.SIGNED, signature(later=LaterChanges.CONTENT_CHANGED)),
            OurSeal.HOLDS,
            SignedDigest.OURS,
            "changed_after_sealing",
        ),
        (report(Structure.UNSIGNED), OurSeal.NONE, SignedDigest.UNKNOWN, "signature_missing"),
        (
            report(Structure.UNSIGNED, notes=("never_signed",)),
            OurSeal.NONE,
            SignedDigest.UNKNOWN,
            "signature_missing",
        ),
        (report(Structure.BROKEN), OurSeal.NONE, SignedDigest.UNKNOWN, "unparseable"),
        (
            report(Structure.LIMIT),
            OurSeal.NONE,
            SignedDigest.UNKNOWN,
            "not_the_registered_bytes",
        ),
        (
            report(Structure.FAILED),
            OurSeal.NONE,
            SignedDigest.UNKNOWN,
            "not_the_registered_bytes",
        ),
    ],
)
def test_who_claims_to_be_ours_and_is_not_registered_is_altered(
    found: ValidationReport, seal: OurSeal, digest: SignedDigest, code: str
) -> None:
    evidence = Evidence(
        found, our_seal=seal, signed_digest=digest, identifier_on_record=True, lost=True
    )
    findings = judge_document(evidence)
    assert said(findings) == ("failed", code, "skipped", "not_established")
    assert findings.alarms == ((code,) if code == "not_the_sealed_bytes" else ())


def test_every_document_that_bears_an_identifier_on_record_is_altered() -> None:
    for structure, later, intact, seal, digest in itertools.product(
        Structure, [*LaterChanges, None], [True, False, None], OurSeal, SignedDigest
    ):
        found = report(structure, signature(later=later, intact=intact))
        evidence = Evidence(found, our_seal=seal, signed_digest=digest, identifier_on_record=True)
        assert decide(judge_document(evidence), IN_FORCE) is Outcome.ALTERED


def test_a_seal_of_ours_that_does_not_hold_is_alteration_without_an_identifier_too() -> None:
    found = report(Structure.SIGNED, signature(intact=None, notes=("malformed_signature",)))
    findings = judge_document(Evidence(found, our_seal=OurSeal.BROKEN))
    assert said(findings)[:2] == ("failed", "signature_broken")


def test_a_seal_encoded_anew_is_alteration_and_no_alarm() -> None:
    evidence = Evidence(SOUND, our_seal=OurSeal.HOLDS, signed_digest=SignedDigest.OURS)
    findings = judge_document(evidence)
    assert said(findings)[:2] == ("failed", "not_the_registered_bytes")
    assert findings.alarms == ()


# Rule 4


def test_a_seal_of_ours_over_bytes_without_a_record_is_an_alarm() -> None:
    for digest in (SignedDigest.OTHER, SignedDigest.UNKNOWN):
        evidence = Evidence(SOUND, our_seal=OurSeal.HOLDS, signed_digest=digest)
        findings = judge_document(evidence)
        assert said(findings) == ("passed", "signatures_intact", "passed", "seal_without_record")
        assert findings.alarms == ("seal_without_record",)
        assert decide(findings, UNKNOWN) is Outcome.NOT_ISSUED_HERE


def test_a_record_lost_in_a_restore_is_our_failure_and_no_alarm() -> None:
    for seal in OurSeal.HOLDS, OurSeal.NONE:
        evidence = Evidence(SOUND, our_seal=seal, signed_digest=SignedDigest.OTHER, lost=True)
        findings = judge_document(evidence)
        assert said(findings) == ("passed", "signatures_intact", "error", "record_lost")
        assert findings.alarms == ()
        assert decide(findings, skipped("not_checked")) is Outcome.COULD_NOT_CHECK


def test_what_was_changed_after_a_seal_without_a_record_is_altered() -> None:
    found = report(Structure.SIGNED, signature(later=LaterChanges.CONTENT_CHANGED))
    evidence = Evidence(found, our_seal=OurSeal.HOLDS, signed_digest=SignedDigest.OTHER)
    assert decide(judge_document(evidence), UNKNOWN) is Outcome.ALTERED


# Rule 5


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (report(Structure.SIGNED, signature(intact=False)), "signature_broken"),
        (report(Structure.SIGNED, signature(), signature(intact=False)), "signature_broken"),
        (
            report(Structure.SIGNED, signature(later=LaterChanges.CONTENT_CHANGED)),
            "changed_after_sealing",
        ),
        (report(Structure.SIGNED, signature(notes=("docmdp_violated",))), "docmdp_violated"),
        (report(Structure.SIGNED, signature(notes=("signature_removed",))), "signature_removed"),
        (report(Structure.SIGNED, signature(), notes=("signature_removed",)), "signature_removed"),
        (
            report(
                Structure.SIGNED,
                signature(intact=None, notes=("exception",)),
                signature(intact=False),
            ),
            "signature_broken",
        ),
    ],
)
def test_a_foreign_file_is_altered_only_with_proof(found: ValidationReport, code: str) -> None:
    findings = judge_document(Evidence(found))
    assert said(findings) == ("failed", code, "skipped", "not_established")
    assert decide(findings, UNKNOWN) is Outcome.ALTERED


CHANGED = signature(later=LaterChanges.CONTENT_CHANGED)
AS_SIGNED = "What was signed under the name “{}” is revision {} of the file."


@pytest.mark.parametrize(
    ("signatures", "who", "number"),
    [
        ((CHANGED,), "青岚市大数据局", 1),
        ((replace(CHANGED, covered_length=200),), "青岚市大数据局", 2),
        ((replace(CHANGED, covered_length=150),), "青岚市大数据局", 2),
        ((CHANGED, replace(CHANGED, covered_length=200, signer="李四")), "李四", 2),
        ((replace(CHANGED, covered_length=200, signer="李四"), CHANGED), "李四", 2),
        ((CHANGED, signature(covered=200, signer="李四")), "青岚市大数据局", 1),
        (
            (CHANGED, replace(CHANGED, covered_length=200, intact=None, signer="李四")),
            "青岚市大数据局",
            1,
        ),
    ],
)
def test_the_latest_revision_that_somebody_signed_is_named(
    signatures: tuple[SignatureReport, ...], who: str, number: int
) -> None:
    message = judge_document(Evidence(report(Structure.SIGNED, *signatures))).integrity.message
    assert AS_SIGNED.format(who, number) in message.en
    assert f"署名“{who}”的签章所签的内容是文件的第 {number} 个修订版。" in message.zh


def test_no_revision_is_named_that_nobody_signed_or_by_a_name_that_nobody_knows() -> None:
    violated = report(Structure.SIGNED, signature(notes=("docmdp_violated",)))
    assert "revision" not in judge_document(Evidence(violated)).integrity.message.en
    nameless = report(Structure.SIGNED, replace(CHANGED, signer=""))
    message = judge_document(Evidence(nameless)).integrity.message
    assert "What was signed is revision 1 of the file." in message.en


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (report(Structure.SIGNED, signature(), signature(coverage=Coverage.PART)), "covers_part"),
        (
            report(
                Structure.SIGNED,
                *(signature(later=one) for one in sorted(LaterChanges) if one in EXPLAINED),
            ),
            "filled_after_signing",
        ),
        *[
            (report(Structure.SIGNED, signature(intact=None, notes=(one,))), one)
            for one in (
                "unsupported_algorithm",
                "unsupported_subfilter",
                "malformed_signature",
                "certificate_unreadable",
                "limit_contents",
            )
        ],
        (report(Structure.SIGNED, signature(intact=None, later=None)), "not_judged"),
        (
            report(
                Structure.SIGNED,
                signature(intact=None, notes=("sm2_sm3", "unsupported_algorithm")),
            ),
            "unsupported_algorithm",
        ),
        (report(Structure.SIGNED, signature(later=LaterChanges.UNCLEAR)), "structure_unclear"),
        (report(Structure.SIGNED, signature(later=None)), "structure_unclear"),
        (report(Structure.SIGNED, signature(), notes=("structure_unclear",)), "structure_unclear"),
        (report(Structure.SIGNED), "structure_unclear"),
        (report(Structure.BROKEN), "structure_unclear"),
        (report(Structure.SIGNED, signature(coverage=Coverage.PART)), "covers_part"),
        (report(Structure.SIGNED, signature(later=LaterChanges.FORM_FILL)), "filled_after_signing"),
        (
            report(Structure.SIGNED, signature(later=LaterChanges.PERMITTED)),
            "annotated_after_signing",
        ),
        (report(Structure.LIMIT, notes=("limit_signatures",)), "limit_signatures"),
        (report(Structure.LIMIT), "limit"),
        (report(Structure.SIGNED, signature(), notes=("limit_revisions",)), "limit_revisions"),
    ],
)
def test_what_cannot_be_judged_of_a_foreign_file_has_its_reason(
    found: ValidationReport, code: str
) -> None:
    findings = judge_document(Evidence(found))
    assert said(findings) == ("error", code, "failed", "unknown_issuer")
    assert decide(findings, skipped("not_checked")) is Outcome.NOT_ISSUED_HERE
    assert "不说明文件有问题" in findings.integrity.message.zh
    assert "稍后再试" not in findings.integrity.message.zh


def test_sm2_and_sm3_are_named() -> None:
    found = report(
        Structure.SIGNED, signature(intact=None, notes=("sm2_sm3", "unsupported_algorithm"))
    )
    assert judge_document(Evidence(found)).integrity.message.zh == (
        "本平台无法判断此文件的签名（采用国密算法 SM2/SM3，尚不支持），这不说明文件有问题。"
        "请用出具单位的核验渠道。"
    )


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (report(Structure.FAILED, notes=("limit_time",)), "limit_time"),
        (report(Structure.FAILED, notes=("exception",)), "judging_failed"),
        (report(Structure.FAILED), "judging_failed"),
        (
            report(Structure.SIGNED, signature(intact=None, notes=("exception",))),
            "judging_failed",
        ),
        (report(Structure.SIGNED, signature(), notes=("exception",)), "judging_failed"),
    ],
)
def test_our_own_failures_conclude_nothing(found: ValidationReport, code: str) -> None:
    findings = judge_document(Evidence(found))
    assert said(findings) == ("error", code, "error", code)
    assert decide(findings, skipped("not_checked")) is Outcome.COULD_NOT_CHECK


@pytest.mark.parametrize(
    ("notes", "code"),
    [((), "no_signature"), (("scan",), "scan"), (("never_signed",), "never_signed")],
)
def test_an_unsigned_file_is_told_from_a_scan(notes: tuple[str, ...], code: str) -> None:
    findings = judge_document(Evidence(report(Structure.UNSIGNED, notes=notes)))
    assert said(findings) == ("skipped", code, "failed", "no_signature")
    assert decide(findings, skipped("not_checked")) is Outcome.NOT_ISSUED_HERE


@pytest.mark.parametrize(
    "later", [LaterChanges.NONE, LaterChanges.VALIDATION_DATA, LaterChanges.SIGNATURES]
)
def test_a_sound_foreign_file_is_intact_and_not_issued_here(later: LaterChanges) -> None:
    findings = judge_document(Evidence(report(Structure.SIGNED, signature(later=later))))
    assert said(findings) == ("passed", "signatures_intact", "failed", "unknown_issuer")
    assert decide(findings, skipped("not_checked")) is Outcome.NOT_ISSUED_HERE


def test_a_timestamp_without_a_certificate_proves_no_time_and_harms_no_file() -> None:
    unproven = replace(TIMESTAMP, intact=None, later_changes=None, notes=("timestamp_not_trusted",))
    sound = judge_document(Evidence(report(Structure.SIGNED, signature(), unproven)))
    assert said(sound)[:2] == ("passed", "signatures_intact")
    alone = judge_document(Evidence(report(Structure.SIGNED, unproven)))
    assert said(alone)[:2] == ("error", "structure_unclear")
    other = judge_document(
        Evidence(report(Structure.SIGNED, signature(), replace(unproven, notes=("weak_hash",))))
    )
    assert said(other)[:2] == ("error", "weak_hash")


@pytest.mark.parametrize(
    ("kind", "indication", "sub", "result"),
    [
        (AnchorKind.GOVERNMENT, Indication.TOTAL_PASSED, None, "passed"),
        (AnchorKind.GOVERNMENT, Indication.INDETERMINATE, "REVOKED_NO_POE", "failed"),
        (AnchorKind.TEST, Indication.TOTAL_PASSED, None, "failed"),
    ],
)
def test_a_recognised_signer_is_named_and_still_not_issued_here(
    kind: AnchorKind, indication: Indication, sub: str | None, result: str
) -> None:
    one = signature(indication=indication, sub_indication=sub)
    evidence = Evidence(SOUND, recognised=Recognised(one, anchor(kind)))
    findings = judge_document(evidence)
    assert said(findings) == ("passed", "signatures_intact", result, "recognised_issuer")
    assert decide(findings, skipped("not_checked")) is Outcome.NOT_ISSUED_HERE
    message = findings.issuer.message
    for part in ("青岚市大数据局", "青云省政务 CA"):
        assert part in message.zh
    assert "（2026-11）" in message.zh
    assert " (2026-11)." in message.en
    assert ("已撤销" in message.zh) is (sub is not None)


def test_an_anchor_of_no_list_is_named_without_one() -> None:
    alone = replace(anchor(AnchorKind.GOVERNMENT), list_name="")
    evidence = Evidence(SOUND, recognised=Recognised(signature(), alone))
    message = judge_document(evidence).issuer.message
    assert "“青云省政务 CA”的证书体系。" in message.zh
    assert "under “Qingyun Government CA”." in message.en


# Without the register, and without any


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (SOUND, Outcome.COULD_NOT_CHECK),
        (report(Structure.BROKEN), Outcome.COULD_NOT_CHECK),
        (report(Structure.LIMIT), Outcome.COULD_NOT_CHECK),
        (report(Structure.UNSIGNED, identifiers=("1.2",)), Outcome.COULD_NOT_CHECK),
        (report(Structure.UNSIGNED), Outcome.NOT_ISSUED_HERE),
        (report(Structure.SIGNED, signature(intact=False)), Outcome.ALTERED),
    ],
)
def test_without_the_register_nothing_is_called_foreign_that_may_be_ours(
    found: ValidationReport, outcome: Outcome
) -> None:
    findings = judge_document(Evidence(found, registry_reached=False))
    assert decide(findings, errored("registry_unavailable")) is outcome


@pytest.mark.parametrize(
    ("recognised", "code", "outcome"),
    [
        (Recognised(signature(), None), "trusted_root", Outcome.COULD_NOT_CHECK),
        (None, "not_under_root", Outcome.NOT_ISSUED_HERE),
    ],
)
def test_under_a_root_that_was_given_the_state_stays_unknown(
    recognised: Recognised | None, code: str, outcome: Outcome
) -> None:
    findings = judge_document(Evidence(SOUND, recognised=recognised, roots_given=True))
    assert findings.issuer.code == code
    assert decide(findings, errored("no_register")) is outcome


# Precedence


def test_precedence_over_every_combination_of_results() -> None:
    """Altered > not issued here > could not check > not in force > in force."""
    checks = {PASSED: passed, FAILED: failed, SKIPPED: skipped, ERROR: errored}
    for integrity, issuer, status in itertools.product(CheckResult, repeat=3):
        findings = Findings(
            checks[integrity]("registered_document"), checks[issuer]("registered_here")
        )
        outcome = decide(findings, checks[status]("registered_here"))
        if integrity is FAILED:
            assert outcome is Outcome.ALTERED
        elif issuer is FAILED:
            assert outcome is Outcome.NOT_ISSUED_HERE
        elif ERROR in (integrity, issuer, status):
            assert outcome is Outcome.COULD_NOT_CHECK
        elif status is PASSED:
            assert outcome is Outcome.IN_FORCE
        else:
            assert outcome is Outcome.NOT_IN_FORCE


def test_an_unknown_digest_is_not_issued_here_unless_its_record_was_lost() -> None:
    unknown = Findings(skipped("unknown_digest"), skipped("not_established"))
    assert decide(unknown, skipped("not_checked")) is Outcome.NOT_ISSUED_HERE
    lost = replace(unknown, issuer=errored("record_lost"))
    assert decide(lost, skipped("not_checked")) is Outcome.COULD_NOT_CHECK
