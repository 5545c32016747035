"""An ML-DSA hierarchy: whatever it signs is linted, and verified by somebody else's ML-DSA."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import BadProfileError, LintError, WeakKeyError
from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING, ROOT
from ca.profiles.lint import Linter
from ca.profiles.profiles import ProfileConfig, ProfileKind, Suite, validate_profile
from core.ids import IssuerId
from keys.model import KeyAlgorithm
from tests.ca.world import World
from tests.ml_dsa_witness import is_valid

STRICT = Linter(demo=False)
END_ENTITIES = [
    ProfileKind.SEAL,
    ProfileKind.OFFICER,
    ProfileKind.OFFICER_SHORT,
    ProfileKind.RECEIPT,
]


@pytest.fixture(scope="module")
def world() -> World:
    return World(suite=Suite.ML_DSA)


@pytest.fixture(scope="module")
def hierarchy(world: World) -> Hierarchy:
    return world.found()


@pytest.fixture
def issuers(hierarchy: Hierarchy, tmp_path: Path) -> dict[IssuerId, Path]:
    """The CA certificates in files."""
    paths = {}
    for issuer, certificate in ((ROOT, hierarchy.root), (FIRST_ISSUING, hierarchy.issuing)):
        paths[issuer] = tmp_path / f"{issuer}.cer"
        paths[issuer].write_bytes(certificate.public_bytes(Encoding.DER))
    return paths


def test_every_key_is_of_its_algorithm(world: World, hierarchy: Hierarchy) -> None:
    assert hierarchy.root is not None
    keys = [*world.root_keys.list_keys(), *world.keys.list_keys()]
    assert {key.key_id: key.algorithm for key in keys} == {
        "root": KeyAlgorithm.ML_DSA_87,
        "issuing-1": KeyAlgorithm.ML_DSA_65,
        "ocsp-issuing-1": KeyAlgorithm.ML_DSA_65,
        "tsa-1": KeyAlgorithm.ML_DSA_65,
    }


def test_the_witness_confirms_the_ca_certificates(issuers: dict[IssuerId, Path]) -> None:
    assert is_valid("signed", issuers[ROOT], issuers[ROOT]) == "ML-DSA-87"
    assert is_valid("signed", issuers[FIRST_ISSUING], issuers[ROOT]) == "ML-DSA-87"
    assert is_valid("signed", issuers[ROOT], issuers[FIRST_ISSUING]) is None


@pytest.mark.parametrize("kind", END_ENTITIES)
def test_end_entities_are_linted_and_confirmed(
    world: World,
    hierarchy: Hierarchy,
    issuers: dict[IssuerId, Path],
    tmp_path: Path,
    kind: ProfileKind,
) -> None:
    der = world.certify(hierarchy, kind).public_bytes(Encoding.DER)
    STRICT.check_certificate(kind, der)
    made = tmp_path / "made"
    made.write_bytes(der)
    assert is_valid("signed", made, issuers[FIRST_ISSUING]) == "ML-DSA-65"
    altered = bytearray(der)
    altered[60] ^= 1
    made.write_bytes(altered)
    assert is_valid("signed", made, issuers[FIRST_ISSUING]) is None


@pytest.mark.parametrize("issuer", [ROOT, FIRST_ISSUING])
def test_crls_are_linted_and_confirmed(
    world: World, issuers: dict[IssuerId, Path], tmp_path: Path, issuer: IssuerId
) -> None:
    crl = world.ledger.latest_crl(issuer)
    assert crl is not None
    STRICT.check_crl(crl)
    made = tmp_path / "crl"
    made.write_bytes(crl)
    assert is_valid("signed", made, issuers[issuer]) is not None


def test_answers_and_tokens_are_confirmed(
    world: World, hierarchy: Hierarchy, tmp_path: Path
) -> None:
    seal = world.certify(hierarchy, ProfileKind.SEAL)
    answer = hierarchy.responder.response_for(seal.serial_number)
    STRICT.check_ocsp(answer)
    for kind, made in (
        ("ocsp", answer),
        ("token", hierarchy.timestamps.token(bytes(64), "sha512")),
    ):
        path = tmp_path / kind
        path.write_bytes(made)
        assert is_valid(kind, path) == "ML-DSA-65"
        path.write_bytes(made[:99] + bytes((made[99] ^ 1,)) + made[100:])
        assert is_valid(kind, path) is None


def test_a_suite_certifies_no_key_of_the_other(world: World, hierarchy: Hierarchy) -> None:
    p256 = ec.generate_private_key(ec.SECP256R1()).public_key()
    weak = mldsa.MLDSA44PrivateKey.generate().public_key()
    for key in (p256, weak):
        with pytest.raises(WeakKeyError, match="ml-dsa-65, ml-dsa-87"):
            world.certify(hierarchy, ProfileKind.SEAL, key)
    config = ProfileConfig(algorithms=("ecdsa-p256",))
    with pytest.raises(BadProfileError, match="algorithms"):
        validate_profile(ProfileKind.SEAL, config, suite=Suite.ML_DSA)


def test_parameters_beside_ml_dsa_are_noticed(world: World, hierarchy: Hierarchy) -> None:
    """RFC 9881 2: absent. A NULL is put in, every length around it grown by two."""
    certificate = world.certify(hierarchy, ProfileKind.RECEIPT)
    plain = bytes.fromhex("300b0609608648016503040312")
    with_null = bytes.fromhex("300d06096086480165030403120500")
    tbs = certificate.tbs_certificate_bytes
    head, _, rest = tbs.partition(plain)
    grown = head[:2] + (int.from_bytes(head[2:4]) + 2).to_bytes(2) + head[4:] + with_null + rest
    signature = certificate.public_bytes(Encoding.DER)[4 + len(tbs) :]
    body = grown + signature.replace(plain, with_null, 1)
    der = b"\x30\x82" + len(body).to_bytes(2) + body
    with pytest.raises(LintError, match=r"own\.unreadable"):
        STRICT.check_certificate(ProfileKind.RECEIPT, der)
