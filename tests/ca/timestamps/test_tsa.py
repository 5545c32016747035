"""Timestamp tokens, read by asn1crypto, and requests that are refused."""

import hashlib
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from asn1crypto import algos, cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from ca.encoding.tsa_request import MAX_NONCE_BITS
from ca.errors import ForeignCertificateError, RequestRefusedError
from ca.hierarchy.hierarchy import Hierarchy
from ca.profiles.profiles import DEFAULT_TIMESTAMP_POLICY, ProfileKind, validate_profile
from ca.recorder import AuditUnavailableError
from ca.timestamps.tsa import TimestampUnit
from core.ids import KeyId
from core.text import Text
from keys.model import KeyAlgorithm, KeyPurpose, KeyUnavailableError
from keys.software import SoftwareSigner
from tests.ca.world import NAMES, World, openssl, pem
from tests.permits import to_certify

DIGEST = hashlib.sha256(b"a licence").digest()


def query(**fields: object) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST}
    values = {"version": "v1", "message_imprint": imprint} | fields
    return bytes(tsp.TimeStampReq(values).dump())


def test_a_token_is_der_throughout_and_says_what_it_must(
    world: World, hierarchy: Hierarchy
) -> None:
    token = hierarchy.timestamps.token(DIGEST, "sha256", nonce=2**64 - 1)
    content = cms.ContentInfo.load(token, strict=True)
    assert content.native
    assert content.dump(force=True) == token  # asn1crypto writes DER
    data = content["content"]
    info = data["encap_content_info"]["content"].parsed
    assert info["policy"].native == DEFAULT_TIMESTAMP_POLICY
    assert info["message_imprint"]["hashed_message"].native == DIGEST
    assert info["nonce"].native == 2**64 - 1
    assert info["accuracy"].native == {"seconds": 1, "millis": None, "micros": None}
    assert abs(info["gen_time"].native - world.clock.now()) < timedelta(milliseconds=1)
    assert info["ordering"].native is False
    attributes = {a["type"].native: a["values"][0] for a in data["signer_infos"][0]["signed_attrs"]}
    assert set(attributes) == {"content_type", "message_digest", "signing_certificate_v2"}
    ess = attributes["signing_certificate_v2"]["certs"][0]["cert_hash"].native
    assert ess == hierarchy.tsa.fingerprint(hashes.SHA256())
    assert len(data["certificates"]) == 2


def test_the_signature_is_over_the_attributes(hierarchy: Hierarchy) -> None:
    content = cms.ContentInfo.load(hierarchy.timestamps.token(DIGEST, "sha256"))["content"]
    signer = content["signer_infos"][0]
    key = hierarchy.tsa.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    signed = signer["signed_attrs"].untag().dump()
    key.verify(signer["signature"].native, signed, ec.ECDSA(hashes.SHA256()))
    info = content["encap_content_info"]["content"].contents
    attributes = {a["type"].native: a["values"][0] for a in signer["signed_attrs"]}
    assert attributes["message_digest"].native == hashlib.sha256(info).digest()


def test_serials_do_not_repeat(hierarchy: Hierarchy) -> None:
    serials = {
        cms.ContentInfo.load(hierarchy.timestamps.token(DIGEST, "sha256"))["content"][
            "encap_content_info"
        ]["content"]
        .parsed["serial_number"]
        .native
        for _ in range(50)
    }
    assert len(serials) == 50
    assert {serial.bit_length() for serial in serials} == {129}


def rejection(response: bytes) -> set[str]:
    """Read a TimeStampResp without a token, which asn1crypto's own class does not know."""
    members = core.Sequence.load(response, strict=True)
    assert len(members) == 1
    status = tsp.PKIStatusInfo.load(members[0].dump(), strict=True)
    assert status["status"].native == "rejection"
    assert status.dump(force=True) == members[0].dump()
    return set(status["fail_info"].native)


def _imprint(algorithm: str, digest: bytes) -> dict[str, object]:
    return {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}


EXTENSION = {"extn_id": "1.2.3.4", "critical": False, "extn_value": core.OctetString(b"x")}


@pytest.mark.parametrize(
    ("request_der", "failure"),
    [
        (query(message_imprint=_imprint("sha1", bytes(20))), "bad_alg"),
        (query(message_imprint=_imprint("md5", bytes(16))), "bad_alg"),
        (query(message_imprint=_imprint("sha256", bytes(31))), "bad_data_format"),
        (query(req_policy="1.2.3.4"), "unaccepted_policy"),
        (query(extensions=[EXTENSION]), "unaccepted_extensions"),
        (query(nonce=2 ** (MAX_NONCE_BITS + 1)), "bad_request"),
        (query(version=2), "bad_request"),
        (query()[:-1], "bad_data_format"),
        (query() + b"\0", "bad_data_format"),
        (b"", "bad_data_format"),
        (bytes(3000), "bad_data_format"),
    ],
)
def test_each_refusal_says_why(hierarchy: Hierarchy, request_der: bytes, failure: str) -> None:
    assert rejection(hierarchy.timestamps.respond(request_der)) == {failure}


def test_our_policy_may_be_asked_for_and_null_parameters_written(hierarchy: Hierarchy) -> None:
    algorithm = algos.DigestAlgorithm({"algorithm": "sha256", "parameters": core.Null()})
    imprint = {"hash_algorithm": algorithm, "hashed_message": DIGEST}
    asked = query(req_policy=DEFAULT_TIMESTAMP_POLICY, message_imprint=imprint, nonce=-5)
    response = tsp.TimeStampResp.load(hierarchy.timestamps.respond(asked))
    assert response["status"]["status"].native == "granted"
    data = response["time_stamp_token"]["content"]
    info = data["encap_content_info"]["content"].parsed
    assert info["nonce"].native == -5
    assert info["message_imprint"].dump() == tsp.TimeStampReq.load(asked)["message_imprint"].dump()
    assert data["certificates"].native is None


@given(st.data())
def test_flipped_bits_never_raise(hierarchy: Hierarchy, data: st.DataObject) -> None:
    asked = bytearray(query(nonce=77, cert_req=True))
    for _ in range(data.draw(st.integers(1, 4))):
        asked[data.draw(st.integers(0, len(asked) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    response = hierarchy.timestamps.respond(bytes(asked))
    if len(response) < 100:
        assert rejection(response)
    else:
        token = tsp.TimeStampResp.load(response, strict=True)
        assert token["status"]["status"].native == "granted"


@pytest.mark.parametrize("days", [-1, 9 * 365])
def test_no_token_outside_the_certificates_validity(days: int) -> None:
    world = World()
    unit = world.found().timestamps
    world.clock.advance(timedelta(days=days))
    with pytest.raises(RequestRefusedError):
        unit.token(DIGEST, "sha256")
    assert rejection(unit.respond(query())) == {"time_not_available"}


def test_a_key_that_is_away_is_a_system_failure(hierarchy: Hierarchy) -> None:
    away = KeyUnavailableError(Text("密钥不可用。", "The key is away."))
    with patch.object(SoftwareSigner, "sign", side_effect=away):
        assert rejection(hierarchy.timestamps.respond(query())) == {"system_failure"}


def test_each_token_is_on_record_before_it_is_signed() -> None:
    world = World()
    unit = world.found().timestamps
    with patch.object(SoftwareSigner, "sign", side_effect=KeyUnavailableError(Text("无", "away"))):
        unit.respond(query())
    token = unit.token(DIGEST, "sha256")
    info = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
    with world.recorder.handing_over() as (unsigned, made):
        assert unsigned.action == made.action == "timestamp.made"
        assert made.subject == f"tsa/{info['serial_number'].native:x}"
        assert made.at == world.clock.now()
        assert made.facts == {
            "imprint": info["message_imprint"].dump().hex(),
            "tst_info_sha256": hashlib.sha256(info.dump()).hexdigest(),
        }


def test_what_cannot_be_recorded_is_not_stamped(hierarchy: Hierarchy) -> None:
    class Refusing:
        def record(self, _: object) -> None:
            raise AuditUnavailableError(Text("满", "the disk is full"))

    unit = hierarchy.timestamps_recorded_by(Refusing())
    assert isinstance(unit, TimestampUnit)
    with patch.object(SoftwareSigner, "sign") as sign:
        assert rejection(unit.respond(query())) == {"system_failure"}
        with pytest.raises(AuditUnavailableError):
            unit.token(DIGEST, "sha256")
    assert not sign.called


@pytest.mark.parametrize(("name", "length"), [("sha1", 20), ("sha256", 20), ("sm3", 32)])
def test_in_process_only_the_same_digests(hierarchy: Hierarchy, name: str, length: int) -> None:
    with pytest.raises(RequestRefusedError):
        hierarchy.timestamps.token(bytes(length), name)


def test_a_unit_needs_its_own_certificate(world: World, hierarchy: Hierarchy) -> None:
    signer = world.keys.open(KeyId("tsa-1"), KeyPurpose.TSA)
    for certificate in (hierarchy.ocsp, hierarchy.issuing):
        with pytest.raises(ForeignCertificateError):
            TimestampUnit(
                signer, certificate, [], "1.2.3", world.clock, world.parts.random, world.recorder
            )


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ECDSA_P384, KeyAlgorithm.RSA_3072])
def test_openssl_accepts_units_with_other_keys(algorithm: KeyAlgorithm, tmp_path: Path) -> None:
    world = World()
    hierarchy = world.found()
    world.keys.generate(KeyId("tsa-2"), KeyPurpose.TSA, algorithm)
    signer = world.keys.open(KeyId("tsa-2"), KeyPurpose.TSA)
    profile = validate_profile(ProfileKind.TSA)
    authority = hierarchy.authority
    subject = NAMES.subject("时间戳服务 2")
    issued = authority.issue(
        authority.prepare(profile, subject, signer.public_key, permit=to_certify(profile))
    )
    certificate = x509.load_der_x509_certificate(issued)
    chain = [hierarchy.issuing]
    unit = TimestampUnit(
        signer, certificate, chain, "1.2.3", world.clock, world.parts.random, world.recorder
    )
    (tmp_path / "token").write_bytes(unit.token(DIGEST, "sha256"))
    root = pem(tmp_path / "root", hierarchy.root)
    arguments = ("ts", "-verify", "-digest", DIGEST.hex(), "-token_in", "-in", tmp_path / "token")
    assert "Verification: OK" in openssl(*arguments, "-CAfile", root)
