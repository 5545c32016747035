"""A certificate's status as the journal keeps it: enough to list it as revoked in a CRL again, even
where the database that is restored has never heard of it.

No subject: a journal holds no names.
"""

from datetime import datetime

from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from core.ids import IssuerId
from registry.journal.journal import Facts


def status_entry(entry: LedgerEntry) -> Facts:
    """Return the journal's entry of a certificate whose status changed."""
    intent = entry.intent
    return {
        "issuer": intent.issuer,
        "serial": f"{intent.serial:x}",
        "profile": intent.profile,
        "spki_sha256": intent.spki_sha256,
        "tbs_sha256": intent.tbs_sha256,
        "not_before": intent.not_before.isoformat(),
        "not_after": intent.not_after.isoformat(),
        "shard": intent.shard,
        "state": entry.state,
        "reason": entry.reason,
        "revoked_at": _text(entry.revoked_at),
        "invalidity_at": _text(entry.invalidity_at),
    }


def parse_status(facts: Facts) -> LedgerEntry:
    """Return the certificate's entry as the journal has it, without certificate and subject.

    Raises `KeyError`, `ValueError` for facts that `status_entry` did not make.
    """
    reason = facts["reason"]
    return LedgerEntry(
        Intent(
            issuer=IssuerId(str(facts["issuer"])),
            serial=int(str(facts["serial"]), 16),
            profile=str(facts["profile"]),
            subject="",
            spki_sha256=str(facts["spki_sha256"]),
            tbs_sha256=str(facts["tbs_sha256"]),
            not_before=datetime.fromisoformat(str(facts["not_before"])),
            not_after=datetime.fromisoformat(str(facts["not_after"])),
            shard=int(facts["shard"] or 0),
        ),
        CertificateState(str(facts["state"])),
        None,
        _instant(facts["revoked_at"]),
        None if reason is None else RevocationReason(str(reason)),
        _instant(facts["invalidity_at"]),
    )


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _instant(text: str | int | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(str(text))
