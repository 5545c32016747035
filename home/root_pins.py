"""Pinning roots as files where the operator vouches for them, with the commands that found them."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.issuers import IssuerRole
from ca.profiles.describe import fingerprint
from ca.validation.anchors import read_anchors
from home.wiring import Home
from keys.model import KeyNotFoundError


def pin_own_roots(home: Home) -> None:
    """Pin the roots whose keys are in this home: their keys vouch for them, not the database.

    Raises `StorageError`.
    """
    for record in home.ledger.list_issuers():
        if record.role is not IssuerRole.ROOT or record.certificate is None:
            continue
        try:
            spki = home.root_keys.find(record.key_id).spki
        except KeyNotFoundError:
            continue  # kept elsewhere; pinned when its certificate is taken in
        if _spki(record.x509) == spki:
            home.root_files.pin(record.certificate)


def pin_named_root(home: Home, sha256: str) -> None:
    """Pin the root on record that the operator named by SHA-256. Raises `StorageError`."""
    for root in read_anchors(home.ledger).roots:
        if fingerprint(root) == sha256:
            home.root_files.pin(root)


def _spki(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
