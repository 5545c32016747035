"""Bringing a certificate of a restored ledger to what was said of it after the backup."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from ca.issuing.revocation import Revocation, is_held, is_worse
from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from registry.audit.chain import RESTORER, NewEvent
from registry.db.tables import certificates
from registry.ledger.ledger import entry_of
from registry.reconcile.certificates import RESTORED


def merge_certificate(connection: Connection, told: LedgerEntry) -> bool:
    """Make a certificate as strict as it was said to be, or lift its hold; return whether it was
    not so before.

    One that the ledger does not know, issued after the backup, is entered if it was revoked. What
    is said of a certificate only gets worse (`ca.issuing.revocation`, rules 1 to 3): a final
    revocation takes a compromise over another reason and an earlier invalidity date, and nothing
    else.
    """
    issuer, serial = told.intent.issuer, f"{told.intent.serial:x}"
    this = certificates.c.issuer == issuer, certificates.c.serial == serial
    was = find_entry(connection, issuer, serial)
    if was is not None and was.state is CertificateState.REVOKED and not is_held(was):
        asked = None if told.reason is None else Revocation(told.reason, told.invalidity_at)
        if asked is None or not is_worse(was, asked):
            return False
        worse = {"reason": told.reason, "invalidity_at": told.invalidity_at or was.invalidity_at}
        connection.execute(update(certificates).where(*this).values(worse))
        return True
    if _reason(was) == _reason(told) and not _is_held_anew(was, told):
        return False
    status = {
        "state": told.state,
        "reason": told.reason,
        "revoked_at": told.revoked_at,
        "invalidity_at": told.invalidity_at,
    }
    if was is not None:
        connection.execute(update(certificates).where(*this).values(status))
    else:
        connection.execute(insert(certificates).values(_unknown(told.intent) | status))
    return True


def find_entry(connection: Connection, issuer: str, serial: str) -> LedgerEntry | None:
    """Return the ledger's row of a serial (hexadecimal)."""
    this = certificates.c.issuer == issuer, certificates.c.serial == serial
    row = connection.execute(select(certificates).where(*this)).one_or_none()
    return None if row is None else entry_of(row)


def restored_certificate(
    connection: Connection, issuer: str, serial: str, at: datetime
) -> NewEvent:
    """Return the event of a certificate that was brought to what was said of it."""
    entry = find_entry(connection, issuer, serial)
    assert entry is not None
    revoked_at, invalid_at = entry.revoked_at, entry.invalidity_at
    return NewEvent(
        at=at,
        actor=RESTORER,
        action=RESTORED,
        subject=f"{issuer}/{serial}",
        after={
            "state": entry.state,
            "reason": entry.reason,
            "revoked_at": None if revoked_at is None else revoked_at.isoformat(),
            "invalidity_at": None if invalid_at is None else invalid_at.isoformat(),
            "profile": entry.intent.profile,
            "tbs_sha256": entry.intent.tbs_sha256,
            "shard": entry.intent.shard,
        },
    )


def _reason(entry: LedgerEntry | None) -> RevocationReason | None:
    """Return why a certificate is revoked or held; None where it is neither."""
    if entry is None or entry.state is not CertificateState.REVOKED:
        return None
    return entry.reason


def _is_held_anew(was: LedgerEntry | None, told: LedgerEntry) -> bool:
    """Tell whether a hold was lifted and put on again: what was signed in between stands, also if
    the second becomes a revocation, which keeps its date.
    """
    if was is None or was.revoked_at is None or told.revoked_at is None:
        return False
    return is_held(was) and is_held(told) and told.revoked_at > was.revoked_at


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
