"""Certification requests: only a proven, strong, unused public key comes out of one."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.errors import BadRequestError, UsedKeyError, WeakKeyError
from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING
from ca.issuing.csr import MAX_REQUEST_OCTETS, requested_key
from ca.issuing.revocation import reasons_for
from ca.ledger import RevocationReason
from ca.profiles.names import NaturalSubject
from ca.profiles.profiles import ProfileKind
from ca.profiles.public_keys import has_roca_fingerprint
from tests.ca.world import OFFICER, World, openssl
from tests.permits import CHANGE_CERTIFICATE, to_certify

SPKI = PublicFormat.SubjectPublicKeyInfo
KEY = ec.generate_private_key(ec.SECP256R1())
WISHES = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "省长")])


def csr(
    key: CertificateIssuerPrivateKeyTypes = KEY,
    digest: hashes.HashAlgorithm | None = hashes.SHA256(),  # noqa: B008
) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(WISHES)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    request = builder.sign(key, digest)  # type: ignore[arg-type]
    return request.public_bytes(Encoding.DER)


DER = csr()
PEM = x509.load_der_x509_csr(DER).public_bytes(Encoding.PEM)


@pytest.mark.parametrize("request_", [DER, PEM, b"note\n" + PEM], ids=["der", "pem", "text"])
def test_the_key_is_taken_whatever_the_encoding(request_: bytes) -> None:
    assert requested_key(request_) == KEY.public_key()


def test_what_openssl_makes_is_read(tmp_path: Path) -> None:
    pem = tmp_path / "csr"
    new = ("-newkey", "rsa:3072", "-nodes", "-keyout", tmp_path / "key", "-subj", "/CN=x")
    openssl("req", "-new", *new, "-out", pem)
    key = requested_key(pem.read_bytes())
    assert isinstance(key, rsa.RSAPublicKey)


def test_an_ml_dsa_key_can_prove_itself_too() -> None:
    key = mldsa.MLDSA87PrivateKey.generate()
    assert requested_key(csr(key, None)) == key.public_key()


def test_nothing_else_of_a_request_gets_into_the_certificate(
    world: World, hierarchy: Hierarchy
) -> None:
    certificate = world.certify(hierarchy, ProfileKind.OFFICER, requested_key(DER))
    assert certificate.subject == OFFICER.to_name()
    assert ExtensionOID.BASIC_CONSTRAINTS not in {e.oid for e in certificate.extensions}


def test_without_proof_of_possession_a_key_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    own, others = (k.public_bytes(Encoding.DER, SPKI) for k in (KEY.public_key(), other))
    stolen = DER.replace(own, others)
    assert x509.load_der_x509_csr(stolen).public_key() == other
    with pytest.raises(BadRequestError, match="possession"):
        requested_key(stolen)


def test_a_proof_under_sha_1_is_none(tmp_path: Path) -> None:
    pem = tmp_path / "csr"
    new = ("-newkey", "rsa:3072", "-nodes", "-keyout", tmp_path / "key", "-subj", "/CN=x")
    openssl("req", "-new", "-sha1", *new, "-out", pem)
    with pytest.raises(BadRequestError, match="digest weak"):
        requested_key(pem.read_bytes())


@pytest.mark.parametrize(
    "hostile",
    [b"", b"\x30\x80", b"-----BEGIN CERTIFICATE REQUEST-----", b"\0" * 100, DER[:-1], DER + b"\0"],
)
def test_what_cannot_be_read_is_refused(hostile: bytes) -> None:
    with pytest.raises(BadRequestError):
        requested_key(hostile)


def test_a_long_request_is_not_even_parsed() -> None:
    with pytest.raises(BadRequestError, match="octets"):
        requested_key(DER + bytes(MAX_REQUEST_OCTETS))


@given(st.integers(0, len(DER) - 1), st.integers(1, 255))
@settings(max_examples=200)
def test_any_changed_octet_is_noticed(position: int, change: int) -> None:
    altered = bytearray(DER)
    altered[position] ^= change
    with pytest.raises(BadRequestError):
        requested_key(bytes(altered))


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()],
    ids=["rsa-2048", "ed25519"],
)
def test_a_weak_key_may_ask_and_is_not_certified(
    world: World, hierarchy: Hierarchy, key: CertificateIssuerPrivateKeyTypes
) -> None:
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    with pytest.raises(WeakKeyError):
        world.certify(hierarchy, ProfileKind.OFFICER, requested_key(csr(key, digest)))


def test_keys_of_the_faulty_generator_are_known_by_their_modulus() -> None:
    """k·M + 65537^a mod M, as the faulty generator makes primes; need not be prime here."""
    primorial = 1
    for prime in [n for n in range(2, 702) if all(n % d for d in range(2, n))]:
        primorial *= prime
    p, q = (k * primorial + pow(65537, a, primorial) for k, a in ((3**300, 1234), (5**200, 99)))
    assert has_roca_fingerprint(p * q)
    assert not any(has_roca_fingerprint(p * q + 2 * n) for n in range(1, 50))
    sound = rsa.generate_private_key(65537, 3072).public_key()
    assert not has_roca_fingerprint(sound.public_numbers().n)


def key() -> ec.EllipticCurvePublicKey:
    return ec.generate_private_key(ec.SECP256R1()).public_key()


def test_a_key_is_certified_again_for_the_same_subject(world: World, hierarchy: Hierarchy) -> None:
    own = key()
    for kind in (ProfileKind.OFFICER, ProfileKind.OFFICER, ProfileKind.OFFICER_SHORT):
        world.certify(hierarchy, kind, own)


def test_a_key_has_one_subject(world: World, hierarchy: Hierarchy) -> None:
    own = key()
    world.certify(hierarchy, ProfileKind.OFFICER, own)
    other = NaturalSubject("李四", "PI:CN-370100-0043", surname="李", given_name="四").to_name()
    with pytest.raises(UsedKeyError, match="another subject"):
        world.certify(hierarchy, ProfileKind.OFFICER, own, other)


@pytest.mark.parametrize("kind", [ProfileKind.OFFICER, ProfileKind.RECEIPT])
def test_a_key_has_one_purpose(world: World, hierarchy: Hierarchy, kind: ProfileKind) -> None:
    own = key()
    world.certify(hierarchy, ProfileKind.SEAL, own)
    with pytest.raises(UsedKeyError, match="another purpose"):
        world.certify(hierarchy, kind, own)


@pytest.mark.parametrize("reason", sorted(reasons_for(ProfileKind.OFFICER)))
def test_a_compromised_key_is_never_certified_again(
    world: World, hierarchy: Hierarchy, reason: RevocationReason
) -> None:
    own = key()
    serial = world.certify(hierarchy, ProfileKind.OFFICER, own).serial_number
    world.ledger.revoke(FIRST_ISSUING, serial, reason, world.clock.now(), permit=CHANGE_CERTIFICATE)
    if "compromise" in reason.lower():
        with pytest.raises(UsedKeyError, match="compromise"):
            world.certify(hierarchy, ProfileKind.OFFICER, own)
    else:
        world.certify(hierarchy, ProfileKind.OFFICER, own)


def test_what_was_only_intended_binds_nobody(world: World, hierarchy: Hierarchy) -> None:
    own = key()
    other = NaturalSubject("李四", "PI:CN-370100-0043", surname="李", given_name="四").to_name()
    profile = world.parts.profiles[ProfileKind.OFFICER]
    token = hierarchy.authority.prepare(profile, other, own, permit=to_certify(profile))
    world.ledger.record_intent(
        token.intent, world.clock.now(), permit=to_certify(token.intent.profile)
    )
    world.certify(hierarchy, ProfileKind.OFFICER, own)
