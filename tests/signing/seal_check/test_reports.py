"""What is said of a seal now: as the validator says it, with what has happened since."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signing.levels import PadesLevel
from signing.report import Indication, SignatureReport
from signing.seal_check.check import SealCheck, check_seal
from signing.seal_check.reports import (
    KnownRevocation,
    certificates_of,
    reports_of,
    with_revocations,
)
from signing.trust.anchors import TrustMaterial
from signing.validation import validate_pdf
from tests.signing.decades import YEAR, Decades
from tests.signing.sealing.sealing_world import sealed, world

HOUR = timedelta(hours=1)
PASSED = (Indication.TOTAL_PASSED, None)
SEAL, ISSUING = 0, 1


def checked(level: PadesLevel) -> SealCheck:
    return check_seal(sealed(level).pdf, (world().root.public_bytes(Encoding.DER),))


def said(report: SignatureReport) -> tuple[Indication, str | None]:
    return report.indication, report.sub_indication


def alike(report: SignatureReport) -> SignatureReport:
    return replace(report, signed_digest=None, anchor_sha256=None)


@pytest.mark.parametrize("level", PadesLevel)
def test_a_fresh_seal_is_said_to_be_what_the_validator_says(level: PadesLevel) -> None:
    here = world()
    known = here.hierarchy.validation.for_seal(here.certificate)
    anchors = (here.root.public_bytes(Encoding.DER),)
    trust = TrustMaterial(anchors, known.certificates, known.crls, known.ocsps)
    now = here.ca.clock.now()
    witness = validate_pdf(sealed(level).pdf, trust, now)
    own = reports_of(checked(level), {}, now)
    assert tuple(map(alike, own)) == tuple(map(alike, witness.signatures))
    assert [said(one) for one in own] == [PASSED] * len(own)


@pytest.mark.parametrize("level", [PadesLevel.B_LT, PadesLevel.B_LTA])
def test_over_the_years_it_is_said_to_be_what_the_validator_says(level: PadesLevel) -> None:
    here = Decades()
    root = (here.root.public_bytes(Encoding.DER),)
    pdf = here.seal(level).pdf

    def compare() -> None:
        now = here.ca.clock.now() + HOUR
        own = reports_of(check_seal(pdf, root), {}, now)
        witness = validate_pdf(pdf, here.trust, now)
        assert [(one.level, *said(one), one.best_time, one.later_changes) for one in own] == [
            (one.level, *said(one), one.best_time, one.later_changes) for one in witness.signatures
        ]

    compare()
    here.pass_time(2.6 * YEAR)
    compare()
    pdf = here.archiver().renew(pdf)
    compare()
    here.pass_time(4.9 * YEAR)
    here.roll_over("issuing-2")
    here.rotate_tsa()
    pdf = here.archiver().renew(pdf)
    compare()
    here.pass_time(0.9 * YEAR)
    compare()
    here.pass_time(2 * YEAR)  # beyond 2035, when P-256 ends; the validator knows no ends
    newest = reports_of(check_seal(pdf, root), {}, here.ca.clock.now())[-1]
    assert said(newest) == (Indication.INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")


def test_a_seal_whose_timestamp_was_not_renewed_in_time_proves_less() -> None:
    now = world().ca.clock.now()
    (report,) = reports_of(checked(PadesLevel.B_LT), {}, now + 20 * YEAR)
    assert said(report) == (Indication.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE")
    assert (report.level, report.best_time) == ("B-B", None)
    assert report.notes == ("timestamp_not_trusted",)


def test_without_a_timestamp_the_certificates_end_counts() -> None:
    now, check = world().ca.clock.now(), checked(PadesLevel.B_B)
    until = check.signatures[0].path.links[SEAL].not_after
    assert said(reports_of(check, {}, now)[0]) == PASSED
    late = reports_of(check, {}, until + HOUR)[0]
    assert said(late) == (Indication.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE")


def test_algorithms_end() -> None:
    """A seal's certificate of 30 years would outlast P-256, which ends with 2035."""
    check = checked(PadesLevel.B_B)
    (seal,) = check.signatures
    lasting = tuple(replace(one, not_after=one.not_after + 30 * YEAR) for one in seal.path.links)
    check = replace(check, signatures=(replace(seal, path=replace(seal.path, links=lasting)),))
    before, after = datetime(2035, 12, 31, 12, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    assert said(reports_of(check, {}, before)[0]) == PASSED
    assert said(reports_of(check, {}, after)[0]) == (
        Indication.INDETERMINATE,
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    )


def revoked(
    level: PadesLevel, since: timedelta, *, link: int = SEAL, compromised: bool = False
) -> SignatureReport:
    """Return what is said of a seal with a certificate revoked so long after it sealed."""
    check, now = checked(level), world().ca.clock.now() + 48 * HOUR
    seal = check.signatures[0]
    at = seal.best_time or seal.claimed_time
    assert at is not None
    revocation = KnownRevocation(at + since, compromised)
    return reports_of(check, {seal.path.links[link].sha256: revocation}, now)[0]


def test_a_revocation_after_the_proven_time_leaves_it() -> None:
    for level in (PadesLevel.B_T, PadesLevel.B_LT, PadesLevel.B_LTA):
        assert said(revoked(level, HOUR, compromised=True)) == PASSED


def test_a_revocation_before_the_claimed_time_refutes_it() -> None:
    assert said(revoked(PadesLevel.B_LT, -HOUR)) == (Indication.TOTAL_FAILED, "REVOKED")
    assert said(revoked(PadesLevel.B_B, -HOUR)) == (Indication.TOTAL_FAILED, "REVOKED")


def test_without_a_timestamp_every_revocation_counts() -> None:
    assert said(revoked(PadesLevel.B_B, HOUR)) == (Indication.INDETERMINATE, "REVOKED_NO_POE")


def test_a_revoked_ca_counts_by_the_same_rule() -> None:
    assert said(revoked(PadesLevel.B_LT, HOUR, link=ISSUING)) == PASSED
    undone = revoked(PadesLevel.B_LT, -HOUR, link=ISSUING)
    assert said(undone) == (Indication.INDETERMINATE, "REVOKED_CA_NO_POE")


def test_a_compromised_tsa_proves_nothing_whenever_it_was_revoked() -> None:
    check, now = checked(PadesLevel.B_LTA), world().ca.clock.now()
    seal, stamp = check.signatures
    assert seal.stamp is not None
    tsa = stamp.path.links[0].sha256
    assert tsa == seal.stamp.links[0].sha256
    later = {tsa: KnownRevocation(now + HOUR, key_compromised=True)}
    assert [said(one) for one in reports_of(check, later, now + 2 * HOUR)] == [
        (Indication.INDETERMINATE, "REVOKED_NO_POE"),
        (Indication.TOTAL_FAILED, "REVOKED"),
    ]
    superseded = {tsa: KnownRevocation(now + HOUR, key_compromised=False)}
    assert [said(one) for one in reports_of(check, superseded, now + 2 * HOUR)] == [PASSED] * 2


def test_a_kept_report_learns_of_its_certificates_revocation() -> None:
    now = world().ca.clock.now()
    for level, since, expected in (
        (PadesLevel.B_LT, HOUR, PASSED),
        (PadesLevel.B_LT, -HOUR, (Indication.TOTAL_FAILED, "REVOKED")),
        (PadesLevel.B_B, HOUR, (Indication.INDETERMINATE, "REVOKED_NO_POE")),
    ):
        (kept,) = reports_of(checked(level), {}, now)
        at = kept.best_time or kept.claimed_time
        assert at is not None
        assert kept.certificate_sha256 is not None
        known = {kept.certificate_sha256: KnownRevocation(at + since, key_compromised=True)}
        assert said(with_revocations(kept, known)) == expected
        assert with_revocations(kept, {}) == kept


def test_a_kept_timestamp_is_worthless_once_its_key_is_compromised() -> None:
    now = world().ca.clock.now()
    stamp = reports_of(checked(PadesLevel.B_LTA), {}, now)[1]
    assert stamp.certificate_sha256 is not None
    known = {stamp.certificate_sha256: KnownRevocation(now + HOUR, key_compromised=True)}
    assert said(with_revocations(stamp, known)) == (Indication.TOTAL_FAILED, "REVOKED")


def test_every_certificate_below_the_roots_is_asked_for() -> None:
    check = checked(PadesLevel.B_LTA)
    names = {one.common_name for one in certificates_of(check)}
    assert names == {
        "某某市市场监督管理局食品经营许可专用章",
        "电子证照签发CA 1",
        "电子证照时间戳服务 1",
    }
