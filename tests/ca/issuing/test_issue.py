"""Issuing: linted before the key is used, once per token, never of a weak key."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.errors import IssuanceError, LintError, WeakKeyError
from ca.issuers import FIRST_ISSUING
from ca.issuing.issue import CertificateAuthority, IssuanceToken, Issuer
from ca.ledger import CertificateState
from ca.profiles import extensions
from ca.profiles.lint import ACCEPTED
from ca.profiles.names import LegalSubject
from ca.profiles.profiles import ProfileKind, validate_profile
from core.ids import KeyId
from keys.model import KeyAlgorithm, KeyPurpose
from tests.ca.memory_ledger import Crash
from tests.ca.world import ORGANIZATION, SEAL, USCC, World
from tests.permits import to_certify

PROFILE = validate_profile(ProfileKind.SEAL)
KEY = ec.generate_private_key(ec.SECP256R1()).public_key()


@pytest.fixture
def fresh() -> Iterator[World]:
    world = World()
    world.found()
    yield world
    kinds = {entry.state for entry in world.ledger.entries.values()}
    assert kinds <= {CertificateState.ISSUED, CertificateState.INTENDED}


def authority(world: World) -> CertificateAuthority:
    return world.found().authority


def test_a_token_is_used_once(fresh: World) -> None:
    ca = authority(fresh)
    token = ca.prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))
    ca.issue(token)
    before = len(fresh.ledger.entries)
    with pytest.raises(IssuanceError, match="used already"):
        ca.issue(token)
    assert len(fresh.ledger.entries) == before


def test_a_token_is_for_the_ca_that_prepared_it(fresh: World) -> None:
    token = authority(fresh).prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))
    with pytest.raises(IssuanceError, match="another CA"):
        authority(fresh).issue(token)


@pytest.mark.parametrize("step", [timedelta(minutes=5, seconds=1), timedelta(seconds=-1)])
def test_a_token_is_for_now(fresh: World, step: timedelta) -> None:
    ca = authority(fresh)
    token = ca.prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))
    fresh.clock.advance(step)
    with pytest.raises(IssuanceError, match="stale"):
        ca.issue(token)


@pytest.mark.parametrize("step", [timedelta(0), timedelta(minutes=5)])
def test_a_token_is_good_for_five_minutes(fresh: World, step: timedelta) -> None:
    ca = authority(fresh)
    token = ca.prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))
    fresh.clock.advance(step)
    ca.issue(token)


def test_preparing_touches_neither_key_nor_ledger(fresh: World) -> None:
    ca = authority(fresh)
    before = dict(fresh.ledger.entries)
    signer = fresh.keys.keys[KeyId("issuing-1")]
    with patch.object(type(signer), "builder_key", side_effect=AssertionError("key used")):
        ca.prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))
    assert fresh.ledger.entries == before


def test_the_intent_stands_before_the_key_is_used(fresh: World) -> None:
    ca = authority(fresh)
    token = ca.prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))

    def die(method: str, moment: str) -> None:
        if (method, moment) == ("record_issued", "before"):
            raise Crash

    fresh.ledger.on_write = die
    with pytest.raises(Crash):
        ca.issue(token)
    entry = fresh.ledger.find(FIRST_ISSUING, token.intent.serial)
    assert entry is not None
    assert entry.state is CertificateState.INTENDED
    assert entry.certificate is None


def test_without_an_intent_the_key_is_not_used(fresh: World) -> None:
    ca = authority(fresh)
    token = ca.prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))

    def die(_method: str, _moment: str) -> None:
        raise Crash

    fresh.ledger.on_write = die
    signer = fresh.keys.keys[KeyId("issuing-1")]
    with (
        patch.object(type(signer), "builder_key", side_effect=AssertionError("key used")),
        pytest.raises(Crash),
    ):
        ca.issue(token)


def test_a_key_that_signs_wrongly_is_noticed(fresh: World) -> None:
    ca = authority(fresh)
    token = ca.prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))
    signer = fresh.keys.keys[KeyId("issuing-1")]
    other = ec.generate_private_key(ec.SECP384R1())
    with (
        patch.object(type(signer), "builder_key", return_value=other),
        pytest.raises(LintError, match="signature"),
    ):
        ca.issue(token)
    entry = fresh.ledger.find(FIRST_ISSUING, token.intent.serial)
    assert entry is not None
    assert entry.certificate is None


def test_what_is_signed_must_be_what_was_linted(fresh: World) -> None:
    """A good signature by the CA's own key, over something that no linter saw."""
    ca = authority(fresh)
    token = ca.prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))
    other = ca.prepare(
        PROFILE,
        LegalSubject("别的章", ORGANIZATION, USCC).to_name(),
        KEY,
        permit=to_certify(PROFILE),
    )
    builder, _ = other.spend(ca, fresh.clock.now())
    linted = IssuanceToken.spend

    def swapped(
        self: IssuanceToken, by: CertificateAuthority, now: datetime
    ) -> tuple[x509.CertificateBuilder, bytes]:
        return builder, linted(self, by, now)[1]

    with (
        patch.object(IssuanceToken, "spend", swapped),
        pytest.raises(LintError, match="differs from what was linted"),
    ):
        ca.issue(token)
    entry = fresh.ledger.find(FIRST_ISSUING, token.intent.serial)
    assert entry is not None
    assert entry.certificate is None


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048).public_key(),
        rsa.generate_private_key(3, 3072).public_key(),
        ec.generate_private_key(ec.SECP521R1()).public_key(),
        ec.generate_private_key(ec.SECP256K1()).public_key(),
        mldsa.MLDSA44PrivateKey.generate().public_key(),
    ],
    ids=["rsa-2048", "rsa-e-3", "p-521", "secp256k1", "ml-dsa-44"],
)
def test_weak_and_unknown_keys_are_refused(fresh: World, key: CertificatePublicKeyTypes) -> None:
    with pytest.raises(WeakKeyError):
        authority(fresh).prepare(PROFILE, SEAL.to_name(), key, permit=to_certify(PROFILE))


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ECDSA_P384, KeyAlgorithm.RSA_3072])
def test_strong_keys_are_certified(fresh: World, algorithm: KeyAlgorithm) -> None:
    fresh.keys.generate(KeyId("seal"), KeyPurpose.SEAL, algorithm)
    key = fresh.keys.open(KeyId("seal"), KeyPurpose.SEAL).public_key
    ca = authority(fresh)
    certificate = x509.load_der_x509_certificate(
        ca.issue(ca.prepare(PROFILE, SEAL.to_name(), key, permit=to_certify(PROFILE)))
    )
    assert certificate.public_key() == key


def test_an_issuing_ca_makes_no_root_and_a_root_without_certificate_only_itself(
    fresh: World,
) -> None:
    root = validate_profile(ProfileKind.ROOT)
    p384 = ec.generate_private_key(ec.SECP384R1()).public_key()
    with pytest.raises(IssuanceError, match="cannot issue"):
        authority(fresh).prepare(root, SEAL.to_name(), p384, permit=to_certify(root))
    signer = fresh.root_keys.open(KeyId("root"), KeyPurpose.ROOT_CA)
    issuer = Issuer.founding(FIRST_ISSUING, SEAL.to_name(), signer.public_key)
    founding = CertificateAuthority(issuer, signer, fresh.parts)
    with pytest.raises(IssuanceError, match="cannot issue"):
        founding.prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))
    with pytest.raises(IssuanceError, match="self-signed"):
        founding.prepare(root, SEAL.to_name(), p384, permit=to_certify(root))


def test_nothing_outlives_its_issuer(fresh: World) -> None:
    hierarchy = fresh.found()
    fresh.clock.at = datetime(2026, 3, 1, 8, 0, 0, 999_999, tzinfo=UTC)
    seal = fresh.seal(hierarchy)
    assert seal.not_valid_before_utc == datetime(2026, 3, 1, 8, tzinfo=UTC)
    # Three years; the last second is included (RFC 5280 4.1.2.5).
    assert seal.not_valid_after_utc == datetime(2029, 2, 28, 7, 59, 59, tzinfo=UTC)
    fresh.clock.at = hierarchy.issuing.not_valid_after_utc
    with pytest.raises(IssuanceError, match="ended"):
        fresh.seal(hierarchy)
    fresh.clock.at -= timedelta(days=10)
    assert fresh.seal(hierarchy).not_valid_after_utc == hierarchy.issuing.not_valid_after_utc
    fresh.clock.advance(timedelta(days=11))
    with pytest.raises(IssuanceError, match="ended"):
        fresh.seal(hierarchy)


def test_a_seal_is_a_legal_persons_and_says_where_to_ask(
    seal: x509.Certificate,
) -> None:
    kinds = [attribute.oid.dotted_string for attribute in seal.subject]
    assert kinds == ["2.5.4.6", "2.5.4.10", "2.5.4.97", "2.5.4.3"]
    assert f"NTRCN-{USCC}" in seal.subject.rfc4514_string()
    usage = seal.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.content_commitment
    assert not usage.value.digital_signature
    addresses = seal.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [a.access_location.value for a in addresses] == [
        "http://pki.example.gov.cn/pki/ocsp",
        "http://pki.example.gov.cn/pki/issuing-1.cer",
    ]
    points = seal.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name == [
        x509.UniformResourceIdentifier("http://pki.example.gov.cn/pki/issuing-1.crl")
    ]


def test_a_certificate_names_the_crl_of_its_shard(fresh: World) -> None:
    """The remainder of its serial, as intended before it is signed."""
    hierarchy = fresh.found()
    signer = fresh.keys.keys[KeyId("issuing-1")]
    issuer = Issuer.of_certificate(FIRST_ISSUING, hierarchy.issuing, 8)
    ca = CertificateAuthority(issuer, signer, fresh.parts)
    shards = set()
    for _ in range(6):
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        token = ca.prepare(PROFILE, SEAL.to_name(), key, permit=to_certify(PROFILE))
        certificate = x509.load_der_x509_certificate(ca.issue(token))
        shard = certificate.serial_number % 8
        shards.add(shard)
        assert token.intent.shard == shard
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        name = f"issuing-1-{shard}" if shard else "issuing-1"
        address = f"http://pki.example.gov.cn/pki/{name}.crl"
        assert points[0].full_name == [x509.UniformResourceIdentifier(address)]
    assert shards - {0}


def test_serials_are_of_128_random_bits(fresh: World) -> None:
    hierarchy = fresh.found()
    serials = {fresh.seal(hierarchy).serial_number for _ in range(5)}
    assert len(serials) == 5
    assert {serial.bit_length() for serial in serials} == {129}


WRONG_EXTENSIONS: dict[str, x509.ExtensionType] = {
    "own.extended_key_usage": x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
    "own.ocsp_no_check": x509.OCSPNoCheck(),
    "own.basic_constraints": x509.BasicConstraints(ca=True, path_length=None),
}


@pytest.mark.parametrize("code", WRONG_EXTENSIONS)
def test_a_mistake_in_building_is_stopped_before_the_key(fresh: World, code: str) -> None:
    wrong = (WRONG_EXTENSIONS[code], True)
    build = extensions.build_extensions
    with (
        patch("ca.issuing.issue.build_extensions", lambda context: [*build(context), wrong]),
        pytest.raises(LintError, match=code),
    ):
        authority(fresh).prepare(PROFILE, SEAL.to_name(), KEY, permit=to_certify(PROFILE))


@pytest.mark.parametrize("name", ["key_usage", "policies"])
def test_a_missing_mark_is_stopped_too(fresh: World, name: str) -> None:
    profile = PROFILE
    if name == "policies":
        profile = dataclasses.replace(PROFILE, policies=())
    else:
        rules = dataclasses.replace(PROFILE.rules, key_usage=frozenset({"digital_signature"}))
        profile = dataclasses.replace(PROFILE, rules=rules)
    with pytest.raises(LintError):
        authority(fresh).prepare(profile, SEAL.to_name(), KEY, permit=to_certify(profile))


def test_loopback_addresses_are_for_demos() -> None:
    world = World("http://127.0.0.1:8080")
    hierarchy = world.found()
    with pytest.raises(LintError, match=r"127\.0\.0\.1"):
        world.seal(hierarchy)
    demo = World("http://127.0.0.1:8080", demo=True)
    demo.seal(demo.found())


def test_every_accepted_finding_says_why() -> None:
    assert all(accepted.reason for accepted in ACCEPTED.values())


def test_names_do_not_come_from_outside_the_subject(seal: x509.Certificate) -> None:
    assert seal.issuer.rfc4514_string().count(ORGANIZATION) == 1
    assert LegalSubject(SEAL.name, SEAL.organization, USCC).to_name() == seal.subject
