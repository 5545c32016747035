"""A key's life, and what the registry keeps of it.

A key is INTENDED before it is made, GENERATED once it is there, ACTIVE from the first certificate
on, RETIRED when it signs nothing new, DESTROYED before it is deleted. It never goes back.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.ids import AuthorityId, KeyId
from core.permits import Permit
from keys.model import KeyAlgorithm, KeyInfo, KeyPurpose, KeysError


class KeyDomain(StrEnum):
    """Key domain: the security context that may reach a key."""

    ROOT = "root"
    CA = "ca"
    TRUST = "trust"
    ISSUING = "issuing"
    AUDIT = "audit"
    VERIFY = "verify"


DOMAIN_OF = {
    KeyPurpose.ROOT_CA: KeyDomain.ROOT,
    KeyPurpose.ISSUING_CA: KeyDomain.CA,
    KeyPurpose.TRUST_LIST: KeyDomain.CA,
    KeyPurpose.OCSP: KeyDomain.TRUST,
    KeyPurpose.TSA: KeyDomain.TRUST,
    KeyPurpose.SEAL: KeyDomain.ISSUING,
    KeyPurpose.OFFICER: KeyDomain.ISSUING,
    KeyPurpose.AUDIT: KeyDomain.AUDIT,
    KeyPurpose.RECEIPT: KeyDomain.VERIFY,
    KeyPurpose.CLIENT: KeyDomain.ISSUING,
    KeyPurpose.ARCHIVE: KeyDomain.ISSUING,
}

SIGNS_WHEN_RETIRED = frozenset({KeyPurpose.ROOT_CA, KeyPurpose.ISSUING_CA})
"""A CA that issues nothing any more goes on signing CRLs (RFC 5280 5)."""

ACTIVE_ONCE_OPENED = frozenset(
    {
        KeyPurpose.AUDIT,
        KeyPurpose.RECEIPT,
        KeyPurpose.TRUST_LIST,
        KeyPurpose.CLIENT,
        KeyPurpose.ARCHIVE,
    }
)
"""No certificate says when these came into use."""


class KeyState(StrEnum):
    """State of a key."""

    INTENDED = "INTENDED"
    """Recorded before it is made: whether it is there must be looked up."""
    GENERATED = "GENERATED"
    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"
    DESTROYED = "DESTROYED"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """Record of a key in the register."""

    key_id: KeyId
    purpose: KeyPurpose
    algorithm: KeyAlgorithm
    location: str
    """`software`, or the token's label and serial number."""
    state: KeyState
    owner: str | None
    """An authority's id, `ca` for the hierarchy's own; None until a seal or officer is recorded."""
    spki_sha256: str | None
    """SHA-256 of the SubjectPublicKeyInfo, hexadecimal; None while INTENDED."""
    intended_at: datetime
    generated_at: datetime | None = None
    activated_at: datetime | None = None
    retired_at: datetime | None = None
    destroyed_at: datetime | None = None

    @property
    def domain(self) -> KeyDomain:
        """Domain of such keys."""
        return DOMAIN_OF[self.purpose]


class KeyRegister(Protocol):
    """Store of key records; each method is durable when it returns."""

    def check_open(self) -> None:
        """Raise a `XinyinError` while no key may be used, whichever it is."""
        ...

    def making(self) -> AbstractContextManager[None]:
        """Hold the turn of making keys, of which one process has it, on whatever machine."""
        ...

    def find(self, key_id: KeyId) -> KeyRecord | None:
        """Return a key's record."""
        ...

    def epoch(self) -> int:
        """Return how many keys have left use: it only grows."""
        ...

    def list_records(self) -> list[KeyRecord]:
        """Return all records, by key id."""
        ...

    def intend(
        self, key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm, location: str
    ) -> None:
        """Record that a key is about to be made; one INTENDED before is left as it is.

        Raises `KeyExistsError` if it was made before.
        """
        ...

    def record_generated(self, info: KeyInfo, location: str) -> None:
        """Record a key that is there, whether it was INTENDED or is found unrecorded.

        It is ACTIVE at once if a certificate was issued for it. What was recorded before stays.
        """
        ...

    def assign(self, key_id: KeyId, owner: AuthorityId, permit: Permit) -> None:
        """Record that a key, certified by now, is an authority's."""
        ...

    def activate(self, key_id: KeyId) -> None:
        """Record that a key is used, if it was not before; for keys without a certificate.

        Raises `KeyLifeError` for one that left use.
        """
        ...

    def retire(self, key_id: KeyId, basis: str, permit: Permit) -> None:
        """Record that a key signs nothing new. Raises `KeyLifeError`."""
        ...

    def destroy(self, key_id: KeyId, basis: str, permit: Permit) -> None:
        """Record that a key is to be deleted, before it is. Raises `KeyLifeError`."""
        ...


class KeyLifeError(KeysError):
    """The state that a key is in does not allow that."""

    code = "key_life"


class KeyRetiredError(KeysError):
    """The key is retired or destroyed and signs nothing new."""

    code = "key_retired"


class OutsideDomainError(KeysError):
    """This process has no access to keys of that kind."""

    code = "key_outside_domains"
