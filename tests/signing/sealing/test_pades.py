"""What a seal must prove at each level, judged by pyHanko's own validators."""

import hashlib
from datetime import timedelta

import pytest
from asn1crypto import cms, core, tsp
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from ca.timestamps.tsa import TimestampUnit
from core.ids import KeyId
from keys.model import KeyAlgorithm, KeyPurpose
from signing.errors import SealTooLargeError, WrongSealKeyError
from signing.levels import PadesLevel
from signing.report import Indication, LaterChanges
from signing.validation import TrustMaterial, validate_pdf
from tests.der_length import encoded_length
from tests.signing.pyhanko_validation import Judge
from tests.signing.sealing.sealing_world import (
    SealingWorld,
    contents,
    dss_of,
    read,
    request,
    sealed,
    world,
)

YEAR = timedelta(days=365)
ALL_LEVELS = list(PadesLevel)
STAMPED = [PadesLevel.B_T, PadesLevel.B_LT, PadesLevel.B_LTA]
ONE_REVISION = [PadesLevel.B_B, PadesLevel.B_T, PadesLevel.B_LT]
ALGORITHMS = [
    KeyAlgorithm.ECDSA_P256,
    KeyAlgorithm.ECDSA_P384,
    KeyAlgorithm.RSA_3072,
]
POST_QUANTUM = [KeyAlgorithm.ML_DSA_44, KeyAlgorithm.ML_DSA_65, KeyAlgorithm.ML_DSA_87]


def judge(algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_P256) -> Judge:
    own = world(algorithm)
    return Judge(own.root, own.ca.clock.now() + timedelta(seconds=5))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_b_lt_is_complete_in_itself(algorithm: KeyAlgorithm) -> None:
    document = sealed(PadesLevel.B_LT, algorithm)
    status = judge(algorithm).seal(document.pdf)
    assert status.bottom_line
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert status.modification_level is ModificationLevel.NONE
    assert status.docmdp_ok
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.trusted
    assert judge(algorithm).ades_with_time(document.pdf) is AdESPassed.OK


def test_b_b_and_b_t_pass_with_revocation_data_from_elsewhere() -> None:
    own = world()
    known = own.hierarchy.validation.for_seal(own.certificate)
    assert judge().ades_basic(sealed(PadesLevel.B_B).pdf, known) is AdESPassed.OK
    assert judge().ades_with_time(sealed(PadesLevel.B_T).pdf, known) is AdESPassed.OK


def test_b_t_holds_no_revocation_data_of_its_own() -> None:
    assert "/DSS" not in read(sealed(PadesLevel.B_T).pdf).root


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ECDSA_P256, KeyAlgorithm.RSA_3072])
def test_b_lta_is_archived_by_a_further_revision(algorithm: KeyAlgorithm) -> None:
    document = sealed(PadesLevel.B_LTA, algorithm)
    status = judge(algorithm).seal(document.pdf)
    assert status.bottom_line
    assert status.coverage is SignatureCoverageLevel.ENTIRE_REVISION
    assert status.modification_level is ModificationLevel.LTA_UPDATES
    assert judge(algorithm).ades_archived(document.pdf) is AdESPassed.OK
    stamp = judge(algorithm).timestamp(document.pdf)
    assert stamp.intact
    assert stamp.valid
    assert stamp.trusted
    assert stamp.coverage is SignatureCoverageLevel.ENTIRE_FILE


def test_an_archived_seal_holds_after_its_certificate_has_expired() -> None:
    """The seal's lasts 3 years and the responder's 1; the timestamping unit's, 8."""
    assert judge().ades_in(sealed(PadesLevel.B_LTA).pdf, 7 * YEAR) is AdESPassed.OK


@pytest.mark.parametrize("level", [PadesLevel.B_B, PadesLevel.B_T])
def test_a_seal_without_validation_data_does_not(level: PadesLevel) -> None:
    """B-LT may: it holds what a later archive timestamp would have to cover."""
    assert judge().ades_in(sealed(level).pdf, 7 * YEAR) is not AdESPassed.OK


def test_the_first_revision_of_an_archived_document_stands_alone() -> None:
    document = sealed(PadesLevel.B_LTA)
    first, whole = document.revisions
    assert whole == len(document.pdf)
    status = judge().seal(document.pdf[:first])
    assert status.bottom_line
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_our_own_validation_names_the_level(level: PadesLevel) -> None:
    own = world()
    known = own.hierarchy.validation.for_seal(own.certificate)
    trust = TrustMaterial(
        anchors=(own.root.public_bytes(Encoding.DER),),
        certificates=known.certificates,
        ocsps=known.ocsps,
        crls=known.crls,
    )
    document = sealed(level)
    at = own.ca.clock.now() + timedelta(seconds=5)
    report = validate_pdf(document.pdf, trust, at)
    seal = report.signatures[0]
    assert seal.level == level
    assert seal.indication is Indication.TOTAL_PASSED
    archived = level is PadesLevel.B_LTA
    expected = LaterChanges.VALIDATION_DATA if archived else LaterChanges.NONE
    assert seal.later_changes is expected
    assert report.notes == ()
    assert set(document.revisions) <= set(report.revision_ends)


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_what_may_follow_the_seal(level: PadesLevel) -> None:
    (seal,) = read(sealed(level).pdf).embedded_regular_signatures
    archived = level is PadesLevel.B_LTA
    assert seal.docmdp_level is (MDPPerm.FILL_FORMS if archived else MDPPerm.NO_CHANGES)


def test_the_dss_holds_everything_below_the_root() -> None:
    own = world()
    h = own.hierarchy
    expected = {c.public_bytes(Encoding.DER) for c in (h.root, h.issuing, h.ocsp, h.tsa)}
    data = dss_of(sealed(PadesLevel.B_LT).pdf)
    assert set(data.certificates) == {own.certificate, *expected}
    assert len(data.ocsps) == 2
    assert len(data.crls) == 1


def test_the_archive_adds_an_answer_made_after_the_seal() -> None:
    first, _ = sealed(PadesLevel.B_LTA).revisions
    pdf = sealed(PadesLevel.B_LTA).pdf
    before, after = dss_of(pdf[:first]), dss_of(pdf)
    assert len(set(after.ocsps) - set(before.ocsps)) == 1
    assert set(before.ocsps) < set(after.ocsps)
    assert before.certificates == after.certificates
    assert before.crls == after.crls


def signer_info(level: PadesLevel) -> cms.SignerInfo:
    _, info = contents(sealed(level).pdf)
    (signer,) = info["content"]["signer_infos"]
    return signer


def test_signed_attributes_are_those_of_pades() -> None:
    attributes = signer_info(PadesLevel.B_LT)["signed_attrs"]
    kinds = {attribute["type"].native for attribute in attributes}
    assert kinds == {"content_type", "message_digest", "signing_certificate_v2"}


def test_the_cms_holds_the_path_without_its_root() -> None:
    own = world()
    _, info = contents(sealed(PadesLevel.B_LT).pdf)
    held = {choice.chosen.dump() for choice in info["content"]["certificates"]}
    assert held == {own.certificate, own.hierarchy.issuing.public_bytes(Encoding.DER)}


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_only_stamped_levels_hold_a_timestamp(level: PadesLevel) -> None:
    attributes = signer_info(level)["unsigned_attrs"]
    kinds = [attribute["type"].native for attribute in attributes]
    assert kinds == (["signature_time_stamp_token"] if level in STAMPED else [])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_space_reserved_is_tight_and_enough(algorithm: KeyAlgorithm) -> None:
    """Signatures vary in length; none of many may overflow, and little is left over."""
    own = world(algorithm)
    for _ in range(4 if algorithm is KeyAlgorithm.RSA_3072 else 24):
        pdf = own.seal(PadesLevel.B_T).pdf
        (seal,) = read(pdf).embedded_regular_signatures
        assert 0 <= len(seal.pkcs7_content) - encoded_length(seal.pkcs7_content) < 64


@pytest.mark.parametrize("algorithm", POST_QUANTUM)
def test_a_post_quantum_seal_is_intact(algorithm: KeyAlgorithm) -> None:
    """The CA's profile for seals does not take these keys yet, so that no path is judged."""
    own = world()
    certificate, signer = own.certify_outside_the_profile(algorithm)
    sealer = own.make_sealer(signer=signer, certificate=certificate)
    pdf = sealer.seal(request(PadesLevel.B_T)).pdf
    (seal,) = read(pdf).embedded_regular_signatures
    context = ValidationContext(trust_roots=[], moment=own.ca.clock.now())
    status = validate_pdf_signature(seal, context)
    assert status.intact
    assert status.valid
    assert status.md_algorithm == "sha512"


class GrownTimestamps:
    """A timestamping unit whose chain grows after the sealer has asked for a sample."""

    def __init__(self, unit: TimestampUnit) -> None:
        self._unit = unit
        self.grown = False

    def token(self, imprint: bytes, hash_name: str) -> bytes:
        token = self._unit.token(imprint, hash_name)
        if not self.grown:
            return token
        info = cms.ContentInfo.load(token)
        info["content"]["certificates"].append(info["content"]["certificates"][0])
        grown: bytes = info.dump(force=True)
        return grown


@pytest.mark.parametrize("level", [PadesLevel.B_T, PadesLevel.B_LT])
def test_a_signature_that_does_not_fit_is_refused(level: PadesLevel) -> None:
    own = world()
    timestamps = GrownTimestamps(own.hierarchy.timestamps)
    sealer = own.make_sealer(timestamper=timestamps)
    timestamps.grown = True
    with pytest.raises(SealTooLargeError) as caught:
        sealer.seal(request(level))
    octets, reserved = (int(caught.value.details[key]) for key in ("octets", "reserved"))
    assert octets > reserved


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_asn1crypto_has_no_part_in_sealing(
    level: PadesLevel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a length ending in 0x80 for an indefinite one: a seal of a hundred took 24 s."""

    def refuse(self: core.Asn1Value, *_: object, **__: object) -> None:
        raise AssertionError(f"asn1crypto encodes {type(self).__name__}")

    own = world()
    for kind in (core.Asn1Value, core.Sequence, core.SequenceOf, core.ObjectIdentifier):
        monkeypatch.setattr(kind, "dump", refuse)
    own.seal(level)


def test_a_key_for_another_purpose_is_refused() -> None:
    own = SealingWorld()
    key_id = KeyId("officer-1")
    own.ca.keys.generate(key_id, KeyPurpose.OFFICER, KeyAlgorithm.ECDSA_P256)
    with pytest.raises(WrongSealKeyError):
        own.make_sealer(signer=own.ca.keys.open(key_id, KeyPurpose.OFFICER))


def test_another_seals_key_is_refused() -> None:
    own = world()
    with pytest.raises(WrongSealKeyError):
        own.make_sealer(signer=SealingWorld().signer)


def test_keys_are_opened_once() -> None:
    own = SealingWorld()
    opened = len(own.ca.keys.opened)
    for _ in range(3):
        own.seal(PadesLevel.B_LTA)
    # The OCSP and TSA keys were opened by the first seal at the latest, the seal's before.
    assert len(own.ca.keys.opened) <= opened + 2


def test_the_timestamp_imprint_is_of_the_signature_value() -> None:
    signer = signer_info(PadesLevel.B_LT)
    token = signer["unsigned_attrs"][0]["values"][0]
    info: tsp.TSTInfo = token["content"]["encap_content_info"]["content"].parsed
    imprint = info["message_imprint"]["hashed_message"].native
    assert imprint == hashlib.sha256(signer["signature"].native).digest()
