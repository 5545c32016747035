"""Certificates issued, linted before and recorded after; and a CRL with 100,000 entries."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bench.home import BenchHome
from bench.measure import Baseline, Row
from ca.hierarchy import ISSUING_KEY
from ca.issuers import FIRST_ISSUING
from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from ca.profiles import ProfileKind, validate_profile
from keys.algorithms import generate_private_key
from keys.model import KeyAlgorithm, KeyPurpose
from tests.ca.world import SEAL

ENTRIES = 100_000
_DATA = bytes(1024)


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `issue.certificate` and `crl.100k`."""
    yield Row(
        "issue.certificate",
        issuing(home),
        (Baseline("crypto-floor", issuing_floor(home), calls=5),),
        calls=5,
    )
    revoke(home, ENTRIES)
    signer = home.keys.open(ISSUING_KEY, KeyPurpose.ISSUING_CA)
    library = partial(library_crl, home, signer.builder_key(), home.clock.now())
    yield Row(
        "crl.100k",
        home.hierarchy.crls.publish,
        (Baseline("cryptography", library, calls=1),),
        calls=1,
        rounds=5,
    )


def issuing(home: BenchHome) -> Callable[[], object]:
    """Return the issue of a seal's certificate: prepared, linted, recorded, signed, compared."""
    authority, profile = home.hierarchy.authority, validate_profile(ProfileKind.SEAL)
    key, subject = ec.generate_private_key(ec.SECP256R1()).public_key(), SEAL.to_name()
    return lambda: authority.issue(authority.prepare(profile, subject, key))


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


def revoke(home: BenchHome, count: int) -> None:
    """Put that many revoked certificates on record."""
    now = home.clock.now()
    for number in range(count):
        serial = (1 << 128) | number * 2**64
        digest = f"{number:064x}"
        end = now + timedelta(days=365)
        intent = Intent(FIRST_ISSUING, serial, ProfileKind.SEAL, "", digest, digest, now, end)
        home.ledger.entries[FIRST_ISSUING, serial] = LedgerEntry(
            intent, CertificateState.REVOKED, None, now, RevocationReason.SUPERSEDED
        )


def library_crl(home: BenchHome, key: object, now: datetime) -> None:
    """Build the same list as `cryptography` has it, all entries handed over at once."""
    reason = x509.CRLReason(x509.ReasonFlags.superseded)
    entries = [
        x509.RevokedCertificateBuilder(one.serial, one.revoked_at, [])
        .add_extension(reason, critical=False)
        .build()
        for one in home.ledger.list_revoked(FIRST_ISSUING)
    ]
    x509.CertificateRevocationListBuilder(
        home.hierarchy.issuing.subject, now, now + timedelta(days=7), [], entries
    ).sign(key, hashes.SHA384())  # type: ignore[arg-type]
