"""What happened after a backup, taken from the journal and from published CRLs.

It only ever makes things stricter: certificates become revoked or held, never good again; counters
go up, never down.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from sqlalchemy import Connection, insert, select, update

from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from core.ids import IssuerId
from registry.counters import raise_to
from registry.dump import BadBackupError
from registry.journal import Journal, JournalKind
from registry.ledger_journal import parse_status
from registry.tables import certificates, issuers

_UNKNOWN_PROFILE = "unknown"
"""Of a certificate that a CRL names and nothing else tells of."""


@dataclass(slots=True)
class Merged:
    """What was found to have happened after the backup."""

    journal_complete: bool
    """The live journal was there, so that nothing is lost that it mirrors."""
    revoked: list[str] = field(default_factory=list)
    """Certificates (issuer/serial) that became revoked or held."""
    released: list[str] = field(default_factory=list)
    """Holds that were lifted after the backup and stand again: they are to be lifted again."""
    counters: int = 0
    """Counters that go on above the backup's."""


def merge_journal(connection: Connection, journal: Journal, merged: Merged) -> None:
    """Bring counters up to their marks, and certificates to their last status."""
    marks: dict[str, int] = {}
    statuses: dict[tuple[str, int], LedgerEntry] = {}
    for entry in journal.read():
        if entry.kind is JournalKind.MARK:
            scope, value = str(entry.facts["scope"]), int(entry.facts["value"] or 0)
            marks[scope] = max(value, marks.get(scope, 0))
        elif entry.kind is JournalKind.STATUS:
            told = parse_status(entry.facts)
            statuses[told.intent.issuer, told.intent.serial] = told
    for scope, value in marks.items():
        merged.counters += raise_to(connection, scope, value)
    for told in statuses.values():
        _merge_status(connection, told, merged)


def merge_crl(connection: Connection, encoded: bytes, merged: Merged) -> None:
    """Bring certificates to what a published CRL (DER) says, and the CRL number above its own.

    Raises `BadBackupError` unless one of our CAs signed it.
    """
    crl, issuer, certificate = _identify(connection, encoded)
    number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    merged.counters += raise_to(connection, f"crl:{issuer}", number)
    for revoked in crl:
        intent = Intent(
            issuer=issuer,
            serial=revoked.serial_number,
            profile=_UNKNOWN_PROFILE,
            subject="",
            spki_sha256="",
            tbs_sha256="",
            not_before=revoked.revocation_date_utc,
            not_after=certificate.not_valid_after_utc,
        )
        told = LedgerEntry(
            intent,
            CertificateState.REVOKED,
            None,
            revoked.revocation_date_utc,
            _reason(revoked),
            _invalidity(revoked),
        )
        _merge_status(connection, told, merged)


def _merge_status(connection: Connection, told: LedgerEntry, merged: Merged) -> None:
    """Make a certificate as strict as it was said to be; leave what is as strict already."""
    issuer, serial = told.intent.issuer, f"{told.intent.serial:x}"
    this = certificates.c.issuer == issuer, certificates.c.serial == serial
    row = connection.execute(
        select(certificates.c.state, certificates.c.reason).where(*this)
    ).one_or_none()
    is_revoked = row is not None and row.state == CertificateState.REVOKED
    if told.state is not CertificateState.REVOKED:
        if is_revoked:
            merged.released.append(f"{issuer}/{serial}")
        return
    hold = RevocationReason.CERTIFICATE_HOLD
    if row is not None and is_revoked and (row.reason != hold or told.reason is hold):
        return
    status = {
        "state": told.state,
        "reason": told.reason,
        "revoked_at": told.revoked_at,
        "invalidity_at": told.invalidity_at,
    }
    if row is None:
        connection.execute(insert(certificates).values(_unknown(told.intent) | status))
    else:
        connection.execute(update(certificates).where(*this).values(status))
    merged.revoked.append(f"{issuer}/{serial}")


def _unknown(intent: Intent) -> dict[str, object]:
    """A certificate issued after the backup: enough of it to list it as revoked."""
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


def _identify(
    connection: Connection, encoded: bytes
) -> tuple[x509.CertificateRevocationList, IssuerId, x509.Certificate]:
    try:
        crl = x509.load_der_x509_crl(encoded)
    except ValueError as error:
        raise _foreign() from error
    for row in connection.execute(select(issuers.c.issuer, issuers.c.certificate)):
        if row.certificate is None:
            continue
        certificate = x509.load_der_x509_certificate(row.certificate)
        key = certificate.public_key()
        if certificate.subject == crl.issuer and crl.is_signature_valid(key):  # type: ignore[arg-type]  # a CA's
            return crl, IssuerId(row.issuer), certificate
    raise _foreign()


def _reason(revoked: x509.RevokedCertificate) -> RevocationReason:
    try:
        told = revoked.extensions.get_extension_for_class(x509.CRLReason)
    except x509.ExtensionNotFound:
        return RevocationReason.UNSPECIFIED
    return RevocationReason(told.value.reason.value)


def _invalidity(revoked: x509.RevokedCertificate) -> datetime | None:
    try:
        told = revoked.extensions.get_extension_for_class(x509.InvalidityDate)
    except x509.ExtensionNotFound:
        return None
    return told.value.invalidity_date.replace(tzinfo=UTC)


def _foreign() -> BadBackupError:
    return BadBackupError(
        "此吊销列表不是本登记库的签发机构签发的。",
        "This CRL was not signed by a CA of this register.",
    )
