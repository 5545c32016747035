"""Certificates issued: linted before, compared and recorded after."""

from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bench.home import BenchHome
from bench.measure import Baseline, Row
from bench.token import new_token
from ca.hierarchy.hierarchy import ISSUING_KEY
from ca.profiles.profiles import ProfileKind, validate_profile
from keys.algorithms import generate_private_key
from keys.model import KeyAlgorithm, KeyPurpose
from tests.ca.world import SEAL
from tests.permits import to_certify
from tests.softhsm import have_softhsm

_DATA = bytes(1024)


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `issue.certificate`, and the same with the CA's key on SoftHSM2, where there is one."""
    yield _row("issue.certificate", home)
    if have_softhsm():
        with new_token() as token:
            yield _row("issue.certificate.softhsm", BenchHome(keys=token.store()))


def _row(name: str, home: BenchHome) -> Row:
    floor = Baseline("crypto-floor", issuing_floor(home), calls=5)
    return Row(name, issuing(home), (floor,), calls=5)


def issuing(home: BenchHome) -> Callable[[], object]:
    """Return the issue of a seal's certificate: prepared, linted, recorded, signed, compared."""
    authority, profile = home.hierarchy.authority, validate_profile(ProfileKind.SEAL)
    key, subject = ec.generate_private_key(ec.SECP256R1()).public_key(), SEAL.to_name()
    return lambda: authority.issue(
        authority.prepare(profile, subject, key, permit=to_certify(profile))
    )


def issuing_floor(home: BenchHome) -> Callable[[], object]:
    """Return the cryptography of one: a throw-away key, two signatures, one checked."""
    signer = home.keys.open(ISSUING_KEY, KeyPurpose.ISSUING_CA)
    key = signer.public_key
    assert isinstance(key, ec.EllipticCurvePublicKey)

    def work() -> None:
        throw_away = generate_private_key(KeyAlgorithm.ECDSA_P384)
        assert isinstance(throw_away, ec.EllipticCurvePrivateKey)
        throw_away.sign(_DATA, ec.ECDSA(hashes.SHA384()))
        key.verify(signer.sign(_DATA), _DATA, ec.ECDSA(hashes.SHA384()))

    return work
