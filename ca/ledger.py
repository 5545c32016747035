"""Ledger of the CA, as a Protocol; `registry` implements it in SQL.

Every method is durable when it returns: the intent of a certificate stands in the ledger before
the key is used (so that a signature that escaped a crash can be accounted for). What cannot be
recorded raises, and then nothing is signed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ca.issuers import IssuerRecord, OutsideCa
from core.ids import IssuerId
from core.permits import Permit


class CertificateState(StrEnum):
    """State of a certificate in the ledger."""

    INTENDED = "INTENDED"
    ISSUED = "ISSUED"
    REVOKED = "REVOKED"


class RevocationReason(StrEnum):
    """CRLReason (RFC 5280 5.3.1), the ones that we use; names as `cryptography` has them."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    CA_COMPROMISE = "cACompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    CERTIFICATE_HOLD = "certificateHold"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn"


REASON_CODES: dict[RevocationReason, int] = {
    RevocationReason.KEY_COMPROMISE: 1,
    RevocationReason.CA_COMPROMISE: 2,
    RevocationReason.AFFILIATION_CHANGED: 3,
    RevocationReason.SUPERSEDED: 4,
    RevocationReason.CESSATION_OF_OPERATION: 5,
    RevocationReason.CERTIFICATE_HOLD: 6,
    RevocationReason.PRIVILEGE_WITHDRAWN: 9,
}
"""CRLReason (RFC 5280 5.3.1); `unspecified` is left out."""


UNKNOWN_PROFILE = "unknown"
"""Of a certificate that only a CRL tells of, after a restore that lost its issuance."""


@dataclass(frozen=True, slots=True)
class Intent:
    """Intent to sign, stored before the key is used."""

    issuer: IssuerId
    serial: int
    profile: str
    subject: str
    """RFC 4514."""
    spki_sha256: str
    tbs_sha256: str
    not_before: datetime
    not_after: datetime
    shard: int = 0
    """Which of its issuer's CRLs speaks of it; fixed at issuance."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One certificate that was intended, and what became of it."""

    intent: Intent
    state: CertificateState
    certificate: bytes | None
    """DER, once issued."""
    revoked_at: datetime | None
    reason: RevocationReason | None
    invalidity_at: datetime | None = None
    """Since when the key is known or suspected to be in other hands (RFC 5280 5.3.2)."""


@dataclass(frozen=True, slots=True)
class RevokedCertificate:
    """Entry of a CRL about one certificate."""

    serial: int
    revoked_at: datetime
    reason: RevocationReason
    invalidity_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignedCrl:
    """A CRL as the ledger keeps it."""

    issuer: IssuerId
    shard: int
    number: int
    """CRLNumber, one sequence for all shards of an issuer."""
    crl: bytes
    """DER."""
    changes: int
    """`Ledger.revocation_changes` of its shard as they were when its entries were read: where
    these have grown since, it no longer says all."""


class Ledger(Protocol):
    """Certificates, revocations and CRLs of all our issuers, and the issuers themselves.

    What takes a permit raises `NotAllowedError` where it is for something else.
    """

    def save_issuer(self, record: IssuerRecord, at: datetime, permit: Permit) -> None:
        """Record a CA, or what has become of it; the same record twice is recorded once."""
        ...

    def list_issuers(self) -> list[IssuerRecord]:
        """Return all CAs, in the order in which they were made."""
        ...

    def save_outside_ca(self, ca: OutsideCa, at: datetime, permit: Permit) -> None:
        """Record a CA that is not ours, or what has become of it."""
        ...

    def list_outside_cas(self) -> list[OutsideCa]:
        """Return all CAs that are not ours, in the order in which they were recorded."""
        ...

    def record_intent(self, intent: Intent, at: datetime, permit: Permit) -> None:
        """Record what is about to be signed. Raises `LedgerError` if the serial is taken."""
        ...

    def record_issued(
        self, issuer: IssuerId, serial: int, certificate: bytes, at: datetime, permit: Permit
    ) -> None:
        """Record the signed certificate (DER). Raises `LedgerError` without an open intent."""
        ...

    def find(self, issuer: IssuerId, serial: int) -> LedgerEntry | None:
        """Return an entry, or None if that serial was never intended."""
        ...

    def find_by_key(self, spki_sha256: str) -> list[LedgerEntry]:
        """Return every issuer's entries for one public key (SHA-256 of its SPKI, hexadecimal), by
        not_before.
        """
        ...

    def list_entries(self, issuer: IssuerId, *, profile: str | None = None) -> list[LedgerEntry]:
        """Return entries by not_before."""
        ...

    def revoke(
        self,
        issuer: IssuerId,
        serial: int,
        reason: RevocationReason,
        at: datetime,
        permit: Permit,
        *,
        invalidity_at: datetime | None = None,
        basis: str | None = None,
    ) -> LedgerEntry:
        """Revoke a certificate as `ca.issuing.revocation.revoked` rules.

        Raises `LedgerError` if it is unknown, and what the rule raises.
        """
        ...

    def hold(
        self,
        issuer: IssuerId,
        serial: int,
        at: datetime,
        permit: Permit,
        *,
        basis: str | None = None,
    ) -> LedgerEntry:
        """Put a certificate on hold as `ca.issuing.revocation.held` rules; raises as `revoke`
        does.
        """
        ...

    def release(
        self,
        issuer: IssuerId,
        serial: int,
        at: datetime,
        permit: Permit,
        *,
        basis: str | None = None,
    ) -> LedgerEntry:
        """Lift a hold as `ca.issuing.revocation.released` rules; raises as `revoke` does."""
        ...

    def list_revoked(self, issuer: IssuerId, shard: int = 0) -> list[RevokedCertificate]:
        """Return the entries for the CRL of a shard, in any order; expired certificates stay."""
        ...

    def revocation_changes(self, issuer: IssuerId, shard: int = 0) -> int:
        """Return a number that grows with every revocation, hold and release in a shard."""
        ...

    def revocation_epoch(self) -> int:
        """Return a number that grows with every revocation, hold and release, of any issuer."""
        ...

    def take_crl_number(self, issuer: IssuerId, at: datetime) -> int:
        """Return the next CRL number, greater than every one before (RFC 5280 5.2.3).

        It says that a CRL of that number is about to be signed.
        """
        ...

    def record_crl(self, signed: SignedCrl, at: datetime) -> None:
        """Record a signed CRL; the same number of a CA that is not ours twice is recorded once.

        Raises `ca.issuing.crl_guard.StaleCrlError` where one of ours may not follow the last one.
        """
        ...

    def find_crl(self, issuer: IssuerId, shard: int = 0) -> SignedCrl | None:
        """Return the newest CRL of a shard, if there is one."""
        ...

    def latest_crl(self, issuer: IssuerId, shard: int = 0) -> bytes | None:
        """Return the newest CRL (DER) of a shard, if there is one."""
        ...
