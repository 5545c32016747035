"""Bringing a certificate of a restored ledger to what was said of it after the backup."""

from sqlalchemy import Connection, insert, select, update

from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from registry.tables import certificates

_HOLD = RevocationReason.CERTIFICATE_HOLD


def merge_certificate(connection: Connection, told: LedgerEntry) -> bool:
    """Make a certificate as strict as it was said to be, or lift its hold; return whether it was
    not so before.

    One that the ledger does not know, issued after the backup, is entered if it was revoked. A
    revocation that is no hold stands, whatever is said.
    """
    issuer, serial = told.intent.issuer, f"{told.intent.serial:x}"
    this = certificates.c.issuer == issuer, certificates.c.serial == serial
    row = connection.execute(
        select(certificates.c.state, certificates.c.reason).where(*this)
    ).one_or_none()
    was = None
    if row is not None and row.state == CertificateState.REVOKED:
        was = RevocationReason(row.reason)
    is_revoked = told.state is CertificateState.REVOKED
    if (was not in (None, _HOLD)) or was == (told.reason if is_revoked else None):
        return False
    status = {
        "state": told.state,
        "reason": told.reason,
        "revoked_at": told.revoked_at,
        "invalidity_at": told.invalidity_at,
    }
    if row is not None:
        connection.execute(update(certificates).where(*this).values(status))
    else:
        connection.execute(insert(certificates).values(_unknown(told.intent) | status))
    return True


def _unknown(intent: Intent) -> dict[str, object]:
    return {
        "issuer": intent.issuer,
        "serial": f"{intent.serial:x}",
        "profile": intent.profile,
        "subject": intent.subject,
        "spki_sha256": intent.spki_sha256,
        "tbs_sha256": intent.tbs_sha256,
        "not_before": intent.not_before,
        "not_after": intent.not_after,
        "shard": intent.shard,
        "intended_at": intent.not_before,
    }
