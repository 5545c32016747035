"""The custody of private keys that software files and PKCS#11 tokens share.

A key has one purpose for its whole life and signs nothing else. A `Signer` is opened once per
process and held; it never hands out private key material.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
    CertificatePublicKeyTypes,
)

from core.errors import XinyinError
from core.ids import KeyId


class KeyPurpose(StrEnum):
    """Purpose of a key: it signs nothing else."""

    ROOT_CA = "root-ca"
    ISSUING_CA = "issuing-ca"
    SEAL = "seal"
    OFFICER = "officer"
    OCSP = "ocsp"
    TSA = "tsa"
    RECEIPT = "receipt"
    AUDIT = "audit"
    TRUST_LIST = "trust-list"
    ARCHIVE = "archive"
    """Closes archive packages (`registry.archive.packing`)."""
    CLIENT = "client"
    """Proves this service to identity providers (`private_key_jwt`, RFC 7523)."""


class KeyAlgorithm(StrEnum):
    """Algorithm and size; the digest follows from it (P-384 takes SHA-384, the others SHA-256)."""

    ECDSA_P256 = "ecdsa-p256"
    ECDSA_P384 = "ecdsa-p384"
    RSA_3072 = "rsa-3072"
    ML_DSA_44 = "ml-dsa-44"
    ML_DSA_65 = "ml-dsa-65"
    ML_DSA_87 = "ml-dsa-87"


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """Public facts of a key, known without opening it."""

    key_id: KeyId
    purpose: KeyPurpose
    algorithm: KeyAlgorithm
    spki: bytes
    """SubjectPublicKeyInfo, DER (RFC 5280 4.1.2.7)."""
    created_at: datetime


class Signer(Protocol):
    """An opened key."""

    @property
    def info(self) -> KeyInfo:
        """Public facts of the key."""
        ...

    @property
    def public_key(self) -> CertificatePublicKeyTypes:
        """The public key."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign `data`; the digest is the one that belongs to the key's algorithm.

        ECDSA signatures are DER `ECDSA-Sig-Value` (RFC 3279 2.2.3), RSA is PKCS#1 v1.5
        (RFC 8017 8.2), ML-DSA is pure with an empty context (FIPS 204).
        Raises `KeyUnavailableError`.
        """
        ...

    def builder_key(self) -> CertificateIssuerPrivateKeyTypes:
        """Return the object that `cryptography`'s certificate, CRL and OCSP builders sign with.

        On a token it is a facade that signs there; no private bytes can be had from it.
        """
        ...


class KeyStore(Protocol):
    """Store in which keys are generated and opened."""

    def generate(self, key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm) -> KeyInfo:
        """Make a key, durable when this returns. Raises `KeyExistsError`."""
        ...

    def find(self, key_id: KeyId) -> KeyInfo:
        """Return the facts of a key. Raises `KeyNotFoundError`."""
        ...

    def list_keys(self) -> list[KeyInfo]:
        """Return all keys, by id."""
        ...

    def open(self, key_id: KeyId, purpose: KeyPurpose) -> Signer:
        """Open a key for its purpose; the same `Signer` for the same key in one process.

        Raises `KeyNotFoundError`, `WrongPurposeError`, `WrongPassphraseError`.
        """
        ...

    def may_open(self, key_id: KeyId, purpose: KeyPurpose) -> bool:
        """Tell whether a key's life still allows that it signs."""
        ...

    def life_epoch(self) -> int:
        """Return a number that changes when a key leaves use; a second old at most."""
        ...


class KeysError(XinyinError):
    """Base of this package's errors."""

    code: ClassVar[str] = "keys"


class KeyExistsError(KeysError):
    """A key of that id is there already."""

    code = "key_exists"


class KeyNotFoundError(KeysError):
    """No key of that id."""

    code = "key_not_found"


class WrongPurposeError(KeysError):
    """The key exists for another purpose."""

    code = "key_wrong_purpose"


class WrongPassphraseError(KeysError):
    """The passphrase does not open the key."""

    code = "wrong_passphrase"


class KeyUnavailableError(KeysError):
    """The key cannot be used just now."""

    code = "key_unavailable"


NO_ANSWER: Final = "NoAnswer"
"""Reason of a `KeyUnavailableError`: this process cannot use the token until it answers a call that
it left unanswered; another may.
"""


def is_stuck(error: XinyinError) -> bool:
    """Tell whether an error says so."""
    return error.details.get("reason") == NO_ANSWER
