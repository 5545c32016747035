"""The rules that turn what was seen into checks, one by one."""

from datetime import UTC, datetime

import pytest

from core.ids import LicenceIdentifier, Sha256
from registry.answers import Check, CheckResult, Outcome
from registry.findings import (
    Evidence,
    Findings,
    errored,
    failed,
    judge_document,
    passed,
    sealed_here,
    skipped,
)
from registry.model import Revision
from registry.verification import decide
from signing.report import (
    Coverage,
    Indication,
    LaterChanges,
    SignatureKind,
    SignatureReport,
    Structure,
    ValidationReport,
)

OURS = "a" * 64
REVISION = Revision(
    LicenceIdentifier("1.2.156.3005.2.x"),
    0,
    100,
    Sha256("b" * 64),
    datetime(2026, 1, 1, tzinfo=UTC),
)
IN_FORCE, CANCELLED, UNKNOWN = passed("in_force"), failed("in_force"), errored("limit")


def signature(
    *,
    intact: bool | None = True,
    later: LaterChanges = LaterChanges.NONE,
    kind: SignatureKind = SignatureKind.SEAL,
    certificate: str = OURS,
) -> SignatureReport:
    return SignatureReport(
        field="Seal",
        kind=kind,
        signer="青岚市",
        certificate_sha256=certificate,
        level="B-LT",
        intact=intact,
        trusted=True,
        indication=Indication.TOTAL_PASSED,
        sub_indication=None,
        claimed_time=None,
        best_time=datetime(2026, 1, 1, tzinfo=UTC),
        coverage=Coverage.WHOLE_FILE,
        covered_length=100,
        later_changes=later,
    )


def report(structure: Structure, *signatures: SignatureReport, **rest: object) -> ValidationReport:
    values = {"traces": True, "identifiers": (), "revision_ends": ()} | rest
    return ValidationReport(structure, signatures, **values)  # type: ignore[arg-type]


def judge(
    structure: Structure,
    *signatures: SignatureReport,
    match: Revision | None = None,
    ours: bool = False,
    named: bool = False,
    known: bool = False,
    reached: bool = True,
    length: int = 100,
    **rest: object,
) -> Findings:
    found = report(structure, *signatures, **rest)
    evidence = Evidence(
        found,
        length,
        match,
        sealed_here=ours,
        names_our_seal=ours or named,
        identifier_on_record=known,
        registry_reached=reached,
    )
    return judge_document(evidence)


def test_a_registered_document_is_ours_whatever_the_parser_says() -> None:
    for structure in Structure:
        findings = judge(structure, match=REVISION)
        assert findings.integrity.code == "registered_document"
        assert findings.issuer.result is CheckResult.PASSED


def test_explained_additions_after_a_registered_revision_are_ours() -> None:
    good = signature(later=LaterChanges.VALIDATION_DATA)
    findings = judge(Structure.SIGNED, good, match=REVISION, length=150)
    assert findings.integrity == passed("explained_additions")


@pytest.mark.parametrize(
    ("structure", "signatures"),
    [
        (Structure.SIGNED, (signature(later=LaterChanges.CONTENT_CHANGED),)),
        (Structure.SIGNED, (signature(intact=False),)),
        (Structure.SIGNED, (signature(intact=None),)),
        (Structure.SIGNED, ()),
        (Structure.BROKEN, ()),
        (Structure.UNSIGNED, ()),
    ],
)
def test_anything_else_after_a_registered_revision_is_alteration(
    structure: Structure, signatures: tuple[SignatureReport, ...]
) -> None:
    findings = judge(structure, *signatures, match=REVISION, length=150)
    assert findings.integrity.code == "changed_after_sealing"


@pytest.mark.parametrize(
    ("findings", "integrity", "issuer"),
    [
        (
            judge(Structure.FAILED, notes=("limit_time",)),
            errored("limit_time"),
            errored("limit_time"),
        ),
        (judge(Structure.BROKEN), failed("unparseable"), skipped("not_established")),
        (judge(Structure.UNSIGNED), skipped("no_signature"), failed("no_signature")),
        (
            judge(Structure.UNSIGNED, identifiers=("1.2",)),
            failed("signature_missing"),
            skipped("not_established"),
        ),
        (
            judge(Structure.SIGNED, signature(), ours=True, known=True),
            failed("not_the_sealed_bytes"),
            passed("registered_here"),
        ),
        (
            judge(Structure.SIGNED, signature(), ours=True),
            passed("signatures_intact"),
            passed("seal_without_record"),
        ),
        (
            judge(Structure.SIGNED, signature()),
            passed("signatures_intact"),
            failed("unknown_issuer"),
        ),
        (
            judge(Structure.SIGNED, signature(intact=None)),
            errored("unsupported_algorithm"),
            failed("unknown_issuer"),
        ),
        (
            judge(Structure.SIGNED, signature(intact=None), named=True),
            failed("signature_broken"),
            skipped("not_established"),
        ),
        (
            judge(Structure.SIGNED, signature(), signature(intact=False), ours=True),
            failed("signature_broken"),
            skipped("not_established"),
        ),
        (
            judge(Structure.SIGNED, signature(), reached=False),
            passed("signatures_intact"),
            errored("registry_unavailable"),
        ),
    ],
)
def test_what_the_signatures_say(findings: Findings, integrity: Check, issuer: Check) -> None:
    assert (findings.integrity, findings.issuer) == (integrity, issuer)


@pytest.mark.parametrize(
    ("one", "ours"),
    [
        (signature(), True),
        (signature(certificate="c" * 64), False),
        (signature(intact=False), False),
        (signature(intact=None), False),
        (signature(kind=SignatureKind.TIMESTAMP), False),
    ],
)
def test_a_seal_is_ours_by_its_certificate_and_only_if_it_holds(
    one: SignatureReport,
    ours: bool,  # noqa: FBT001
) -> None:
    assert sealed_here(report(Structure.SIGNED, one), frozenset({OURS})) is ours


@pytest.mark.parametrize(
    ("integrity", "issuer", "status", "outcome"),
    [
        (failed("unparseable"), failed("unknown_issuer"), UNKNOWN, Outcome.ALTERED),
        (passed("signatures_intact"), failed("unknown_issuer"), UNKNOWN, Outcome.NOT_ISSUED_HERE),
        (errored("limit"), failed("unknown_issuer"), CANCELLED, Outcome.NOT_ISSUED_HERE),
        (
            passed("signatures_intact"),
            passed("seal_without_record"),
            UNKNOWN,
            Outcome.NOT_ISSUED_HERE,
        ),
        (
            passed("registered_document"),
            passed("registered_here"),
            UNKNOWN,
            Outcome.COULD_NOT_CHECK,
        ),
        (errored("limit"), passed("registered_here"), CANCELLED, Outcome.COULD_NOT_CHECK),
        (passed("registered_document"), passed("registered_here"), CANCELLED, Outcome.NOT_IN_FORCE),
        (skipped("no_document"), passed("registered_here"), IN_FORCE, Outcome.IN_FORCE),
    ],
)
def test_precedence(integrity: Check, issuer: Check, status: Check, outcome: Outcome) -> None:
    assert decide(Findings(integrity, issuer), status) is outcome
