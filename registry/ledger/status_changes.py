"""Revoking, holding and releasing certificates: each change is published in a CRL at once.

The key that signs the CRL is opened before anything changes: what is revoked must be published.
Each call is idempotent: repeated after it was cut off, it signs the CRL that is missing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509

from ca.issuing.crl import CrlIssuer
from ca.issuing.revocation import Revocation, is_held, states
from ca.ledger import CertificateState, Ledger, LedgerEntry
from ca.profiles.rights import REVOKERS
from core.clock import Clock
from core.ids import IssuerId
from core.permits import Action, Permit


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Status change of a certificate."""

    entry: LedgerEntry
    repeated: bool = False
    """It stood so before; at most its CRL was signed now."""


class StatusChanges:
    """Changes of certificates' status. Every method raises what the key store raises."""

    def __init__(
        self, ledger: Ledger, open_crls: Callable[[IssuerId], CrlIssuer], clock: Clock
    ) -> None:
        """`open_crls` opens the key of a CA."""
        self._ledger = ledger
        self._open_crls = open_crls
        self._clock = clock

    def revoke(
        self, entry: LedgerEntry, asked: Revocation, basis: str, permit: Permit
    ) -> StatusChange:
        """Revoke a certificate. Raises `LedgerError`, `RevocationRefusedError`."""
        permit.require(*REVOKERS)
        crls = self._open_crls(entry.intent.issuer)
        if states(entry, asked):
            crls.current(entry.intent.shard)
            return StatusChange(entry, repeated=True)
        after = self._ledger.revoke(
            entry.intent.issuer,
            entry.intent.serial,
            asked.reason,
            self._clock.now(),
            permit,
            invalidity_at=asked.invalidity_at,
            basis=basis,
        )
        crls.publish(after.intent.shard)
        return StatusChange(after)

    def hold(self, entry: LedgerEntry, basis: str, permit: Permit) -> StatusChange:
        """Put a certificate on hold. Raises `LedgerError`, `RevocationRefusedError`."""
        permit.require(Action.CHANGE_CERTIFICATE)
        crls, intent = self._open_crls(entry.intent.issuer), entry.intent
        if is_held(entry):
            crls.current(intent.shard)
            return StatusChange(entry, repeated=True)
        now = self._clock.now()
        after = self._ledger.hold(intent.issuer, intent.serial, now, permit, basis=basis)
        crls.publish(intent.shard)
        return StatusChange(after)

    def release(self, entry: LedgerEntry, basis: str, permit: Permit) -> StatusChange:
        """Lift a hold. Raises `LedgerError`, `RevocationRefusedError`."""
        permit.require(Action.CHANGE_CERTIFICATE)
        crls, intent = self._open_crls(entry.intent.issuer), entry.intent
        if entry.state is CertificateState.ISSUED and self._is_listed(entry):
            crls.current(intent.shard)
            return StatusChange(entry, repeated=True)
        now = self._clock.now()
        after = self._ledger.release(intent.issuer, intent.serial, now, permit, basis=basis)
        crls.publish(intent.shard)
        return StatusChange(after)

    def publish(self, issuer: IssuerId, permit: Permit, *, last: bool = False) -> None:
        """Sign new CRLs of all shards of a CA; `last`: those that hold for ever.

        Raises `NotFoundedError`, and `RevocationRefusedError` where the last would be too early.
        """
        permit.require(Action.CHANGE_CERTIFICATE, Action.MANAGE_CA)
        crls = self._open_crls(issuer)
        if last:
            crls.publish_last()
        else:
            crls.publish_all()

    def _is_listed(self, entry: LedgerEntry) -> bool:
        """Tell whether the published CRL speaks of a certificate."""
        latest = self._ledger.latest_crl(entry.intent.issuer, entry.intent.shard)
        if latest is None:
            return False
        listed = x509.load_der_x509_crl(latest)
        return listed.get_revoked_certificate_by_serial_number(entry.intent.serial) is not None
