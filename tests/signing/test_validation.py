"""Levels, trust, revocation and time (ETSI EN 319 102-1), on files that pyHanko signed."""

from datetime import datetime, timedelta

import pytest
from cryptography.x509 import ReasonFlags
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from signing.report import (
    Coverage,
    Indication,
    LaterChanges,
    SignatureKind,
    SignatureReport,
    Structure,
)
from signing.validation import TrustMaterial, validate_pdf
from tests.signing.material import (
    IDENTIFIER,
    NOW,
    Entity,
    How,
    archive,
    blank,
    make,
    make_pki,
    name,
    pki,
    sealed,
    sign,
)

SOON = NOW + timedelta(minutes=1)
YEAR = timedelta(days=365)


def only(data: bytes, trust: TrustMaterial | None = None, at: datetime = SOON) -> SignatureReport:
    report = validate_pdf(data, trust or pki().trust(at=at), at)
    assert report.structure is Structure.SIGNED
    (signature,) = report.signatures
    return signature


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT"])
def test_a_seal_in_one_revision(level: str) -> None:
    data = sealed(level)
    report = validate_pdf(data, pki().trust(), SOON)
    assert report.structure is Structure.SIGNED
    assert report.traces
    assert report.identifiers == (IDENTIFIER,)
    assert len(data) in report.revision_ends
    assert report.notes == ()
    (seal,) = report.signatures
    assert seal.level == level
    assert seal.kind is SignatureKind.SEAL
    assert seal.signer == "测试市市场监督管理局"
    assert seal.intact is True
    assert seal.trusted
    assert seal.indication is Indication.TOTAL_PASSED
    assert seal.sub_indication is None
    assert seal.claimed_time == NOW
    assert seal.best_time == (None if level == "B-B" else NOW)
    assert seal.coverage is Coverage.WHOLE_FILE
    assert seal.covered_length == len(data)
    assert seal.later_changes is LaterChanges.NONE
    assert seal.notes == ()


def test_b_lta_has_its_timestamp_judged_on_its_own() -> None:
    report = validate_pdf(sealed("B-LTA"), pki().trust(), SOON)
    seal, stamp = report.signatures
    assert seal.level == "B-LTA"
    assert seal.indication is Indication.TOTAL_PASSED
    assert seal.later_changes is LaterChanges.VALIDATION_DATA
    assert seal.coverage is Coverage.REVISION
    assert stamp.kind is SignatureKind.TIMESTAMP
    assert stamp.intact
    assert stamp.indication is Indication.TOTAL_PASSED
    assert stamp.best_time == NOW + timedelta(seconds=2)
    assert stamp.coverage is Coverage.WHOLE_FILE


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
def test_long_term_levels_need_nothing_but_the_anchor(level: str) -> None:
    seal = validate_pdf(sealed(level), pki().bare_trust(), SOON).signatures[0]
    assert seal.level == level
    assert seal.indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("level", ["B-B", "B-T"])
def test_without_revocation_data_short_levels_are_indeterminate(level: str) -> None:
    seal = only(sealed(level), pki().bare_trust())
    assert seal.indication is Indication.INDETERMINATE
    assert seal.intact is True
    assert seal.trusted, "the path is there, only the revocation is not known"


def test_a_b_lt_file_still_verifies_when_its_ocsp_answers_are_old() -> None:
    seal = only(sealed("B-LT"), at=NOW + YEAR)
    assert seal.level == "B-LT"
    assert seal.indication is Indication.TOTAL_PASSED


def test_a_b_b_file_does_not_outlive_its_certificate() -> None:
    seal = only(sealed("B-B"), at=NOW + 2 * YEAR)
    assert seal.indication is Indication.INDETERMINATE
    assert seal.sub_indication == "OUT_OF_BOUNDS_NO_POE"
    assert seal.intact is True


def test_a_b_lt_file_outlives_its_certificate_while_the_tsa_lives() -> None:
    assert only(sealed("B-LT"), at=NOW + 3 * YEAR).indication is Indication.TOTAL_PASSED
    late = only(sealed("B-LT"), at=NOW + 11 * YEAR)
    assert late.indication is Indication.INDETERMINATE
    assert late.intact is True


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT"])
def test_an_unknown_anchor_is_not_trusted(level: str) -> None:
    seal = only(sealed(level), make_pki().trust())
    assert seal.intact is True
    assert not seal.trusted
    assert seal.indication is Indication.INDETERMINATE
    assert seal.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


def test_an_impostor_with_our_names_is_not_trusted() -> None:
    """The same names and no more: the path's signatures do not verify."""
    impostor = make_pki()
    seal = only(sign(blank(), impostor, How("B-B")))
    assert seal.signer == "测试市市场监督管理局"
    assert seal.intact is True
    assert not seal.trusted
    assert seal.indication is not Indication.TOTAL_PASSED


def test_no_anchor_at_all_never_means_the_systems_store() -> None:
    assert not only(sealed("B-LT"), TrustMaterial(anchors=())).trusted


def test_a_certificate_without_addresses_is_not_skipped() -> None:
    """`hard-fail` of certvalidator would not ask for the revocation of such a one."""
    world = make_pki()
    bare = make(name("No addresses", organization_identifier="NTRCN-1"), world.issuing)
    seal = only(sign(blank(), world, How("B-B"), bare), world.bare_trust())
    assert seal.indication is Indication.INDETERMINATE


def short_lived(*, no_revocation: bool = True, address: bool = False) -> Entity:
    """An officer's certificate of two days, begun yesterday."""
    return make(
        name("Wang Wu", surname="Wang"),
        pki().issuing,
        no_revocation=no_revocation,
        address=address,
        start=NOW - timedelta(days=1),
        days=2,
    )


def test_a_short_lived_certificate_needs_no_revocation_data() -> None:
    """RFC 9608 4; with the timestamp from within its validity it holds after its end."""
    data = sign(blank(), pki(), How("B-LT", docmdp=None), short_lived())
    signature = only(data, pki().bare_trust(), NOW + 30 * timedelta(days=1))
    assert signature.indication is Indication.TOTAL_PASSED, signature


@pytest.mark.parametrize(
    "entity",
    [short_lived(no_revocation=False), short_lived(address=True)],
    ids=["no mark", "a mark beside an address"],
)
def test_only_the_mark_alone_spares_revocation_data(entity: Entity) -> None:
    """RFC 9608 3: whoever names an address beside the mark is asked for what lies there."""
    data = sign(blank(), pki(), How("B-LT", docmdp=None), entity)
    signature = only(data, pki().bare_trust())
    assert signature.indication is Indication.INDETERMINATE


def test_a_short_lived_certificate_that_ended_proves_nothing_without_a_timestamp() -> None:
    data = sign(blank(), pki(), How("B-B", docmdp=None), short_lived())
    late = NOW + timedelta(days=3)
    assert only(data, pki().trust(at=late), late).indication is Indication.INDETERMINATE


def test_an_officers_signature_is_no_seal() -> None:
    data = sign(blank(), pki(), How("B-LT", docmdp=None), pki().officer)
    signature = only(data)
    assert signature.kind is SignatureKind.SIGNATURE
    assert signature.signer == "Li Si"
    assert signature.indication is Indication.TOTAL_PASSED


def test_another_subfilter_has_no_pades_level() -> None:
    how = How("B-B", subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    signature = only(sign(blank(), pki(), how))
    assert signature.level is None
    assert signature.intact is True
    assert signature.indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("level", ["B-T", "B-LT"])
def test_revoked_after_the_trusted_time_changes_nothing(level: str) -> None:
    world = make_pki()
    data = sign(blank(), world, How(level))
    world.revoked[world.seal.certificate.serial_number] = (
        NOW + timedelta(days=2),
        ReasonFlags.key_compromise,
    )
    at = NOW + timedelta(days=3)
    assert only(data, world.trust(at=at), at).indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("level", ["B-T", "B-LT"])
@pytest.mark.parametrize("hours", [-1, 1])
def test_the_invalidity_date_of_a_compromise_decides(level: str, hours: int) -> None:
    """Not the later date of the revocation: the key was in other hands before it was known."""
    world = make_pki()
    data = sign(blank(), world, How(level))
    serial = world.seal.certificate.serial_number
    world.revoked[serial] = (NOW + timedelta(days=2), ReasonFlags.key_compromise)
    world.invalid_since[serial] = NOW + timedelta(hours=hours)
    at = NOW + timedelta(days=3)
    seal = only(data, world.trust(at=at), at)
    if hours > 0:
        assert seal.indication is Indication.TOTAL_PASSED
    else:
        assert (seal.indication, seal.sub_indication) == (Indication.TOTAL_FAILED, "REVOKED")
    assert (seal.intact, seal.best_time) == (True, NOW)


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT"])
def test_revoked_before_the_claimed_time_fails(level: str) -> None:
    """Also where the DSS says good: the responder did not yet know."""
    world = make_pki()
    data = sign(blank(), world, How(level))
    world.revoked[world.seal.certificate.serial_number] = (
        NOW - timedelta(days=1),
        ReasonFlags.key_compromise,
    )
    seal = only(data, world.trust())
    assert seal.indication is Indication.TOTAL_FAILED
    assert seal.sub_indication == "REVOKED"
    assert seal.intact is True
    assert seal.trusted


@pytest.mark.parametrize("level", ["B-B", "B-T"])
def test_backdating_lacks_the_proof_of_existence(level: str) -> None:
    world = make_pki()
    claimed = NOW - timedelta(days=10)
    data = sign(blank(), world, How(level, claimed=claimed))
    world.revoked[world.seal.certificate.serial_number] = (
        NOW - timedelta(days=1),
        ReasonFlags.key_compromise,
    )
    seal = only(data, world.trust())
    assert seal.claimed_time == claimed
    assert seal.indication is Indication.INDETERMINATE
    assert seal.sub_indication == "REVOKED_NO_POE"


def test_a_revocation_that_only_one_of_two_sources_states_counts() -> None:
    """pyHanko stops at an OCSP answer that says good; the caller's CRL says revoked."""
    world = make_pki()
    good = world.ocsp(world.seal)
    data = sign(blank(), world, How("B-B"))
    world.revoked[world.seal.certificate.serial_number] = (NOW - timedelta(days=1), None)
    base = world.trust()
    both = TrustMaterial(base.anchors, base.certificates, base.crls, (good,))
    assert only(data, both).indication is Indication.TOTAL_FAILED
    stated = TrustMaterial(base.anchors, base.certificates, (), (world.ocsp(world.seal),))
    assert only(data, stated).indication is Indication.TOTAL_FAILED


def test_a_compromised_tsa_proves_nothing_any_more() -> None:
    world = make_pki()
    data = sign(blank(), world, How("B-LT"))
    world.revoked[world.tsa.certificate.serial_number] = (
        NOW + timedelta(days=1),
        ReasonFlags.key_compromise,
    )
    at = NOW + timedelta(days=2)
    assert only(data, world.trust(at=at), at).indication is Indication.INDETERMINATE


def test_a_replaced_tsas_earlier_tokens_hold() -> None:
    """RFC 3161 4 (1): with reason superseded, tokens from before remain valid."""
    world = make_pki()
    data = sign(blank(), world, How("B-LT"))
    world.revoked[world.tsa.certificate.serial_number] = (
        NOW + timedelta(days=1),
        ReasonFlags.superseded,
    )
    at = NOW + timedelta(days=2)
    assert only(data, world.trust(at=at), at).indication is Indication.TOTAL_PASSED


def test_a_revoked_ca_takes_its_seals_along() -> None:
    world = make_pki()
    data = sign(blank(), world, How("B-LT"))
    world.revoked[world.issuing.certificate.serial_number] = (
        NOW - timedelta(days=1),
        ReasonFlags.key_compromise,
    )
    seal = only(data, world.trust())
    assert seal.indication is Indication.INDETERMINATE
    assert seal.sub_indication == "REVOKED_CA_NO_POE"


def test_a_timestamp_from_the_future_proves_nothing() -> None:
    seal = only(sealed("B-T"), at=NOW - timedelta(hours=1))
    assert seal.level == "B-B"
    assert seal.best_time is None
    assert seal.notes == ("timestamp_not_trusted",)


def test_a_dss_that_does_not_suffice_is_not_b_lt() -> None:
    """The archive timestamp alone, without validation data, makes no long-term level."""
    data = archive(sealed("B-T", docmdp=MDPPerm.FILL_FORMS), pki(), NOW, update_dss=False)
    report = validate_pdf(data, pki().trust(), SOON)
    assert report.signatures[0].level == "B-T"
    assert report.signatures[0].later_changes is LaterChanges.VALIDATION_DATA
    assert report.signatures[0].indication is Indication.TOTAL_PASSED


def test_a_second_archive_timestamp_renews_the_first() -> None:
    data = archive(sealed("B-LTA"), pki(), NOW + timedelta(days=300))
    report = validate_pdf(data, pki().trust(), NOW + timedelta(days=300, minutes=5))
    seal, first, second = report.signatures
    assert seal.level == "B-LTA"
    assert seal.later_changes is LaterChanges.VALIDATION_DATA
    assert first.later_changes is LaterChanges.VALIDATION_DATA
    assert second.later_changes is LaterChanges.NONE
    assert {item.indication for item in report.signatures} == {Indication.TOTAL_PASSED}


def test_archive_timestamps_carry_a_seal_past_the_ends_of_certificates() -> None:
    """The seal's certificate ends after two years, the first TSA's after ten."""
    data = sealed("B-LTA")
    report = validate_pdf(data, pki().bare_trust(), NOW + 5 * YEAR)
    assert [s.indication for s in report.signatures] == [Indication.TOTAL_PASSED] * 2
    assert report.signatures[0].level == "B-LTA"
    late = validate_pdf(data, pki().bare_trust(), NOW + 11 * YEAR)
    assert {s.indication for s in late.signatures} == {Indication.INDETERMINATE}
    assert all(s.intact for s in late.signatures)


def test_an_archive_timestamp_from_the_future_proves_nothing() -> None:
    data = archive(sealed("B-LT", docmdp=MDPPerm.FILL_FORMS), pki(), NOW + YEAR)
    seal, stamp = validate_pdf(data, pki().trust(), SOON).signatures
    assert stamp.indication is Indication.INDETERMINATE
    assert seal.level == "B-LT"


def test_a_name_with_characters_younger_than_unicode_3() -> None:
    """asn1crypto refuses to compare such names; a rare surname (U+2B823) is one."""
    world = make_pki()
    bare = make(name("\U0002b823某", organization_identifier="NTRCN-1"), world.issuing)
    seal = only(sign(blank(), world, How("B-B"), bare), world.trust())
    assert seal.signer == "\U0002b823某"
    assert seal.indication is Indication.TOTAL_PASSED


def test_what_the_caller_gets_wrong_raises() -> None:
    with pytest.raises(ValueError, match="aware"):
        validate_pdf(b"", pki().trust(), datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError):  # noqa: PT011 — asn1crypto's own
        validate_pdf(b"", TrustMaterial(anchors=(b"no certificate",)), NOW)


@pytest.mark.parametrize(
    ("data", "structure"),
    [
        (b"", Structure.NOT_A_PDF),
        (b"PK\x03\x04 something else", Structure.NOT_A_PDF),
        (blank(), Structure.UNSIGNED),
        (blank()[:-200], Structure.BROKEN),
        (b"%PDF-1.7 and no more", Structure.BROKEN),
        (b"/ByteRange [0 1 2 3]", Structure.BROKEN),
    ],
)
def test_structures(data: bytes, structure: Structure) -> None:
    assert validate_pdf(data, pki().trust(), NOW).structure is structure
