"""Taking in a root's CRL that was signed elsewhere, and what it revokes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from ca.errors import CaError
from ca.issuers import IssuerRecord
from ca.issuing.parts import CaParts
from ca.issuing.revocation import Revocation, is_worse
from ca.ledger import CertificateState, RevocationReason, SignedCrl
from ca.outside import messages
from ca.outside.exchange import read_small, refused
from ca.profiles.describe import describe_name, fingerprint
from core.permits import Permit

MAX_CRL_BYTES: Final = 1024 * 1024
"""A root's list holds CAs: a few hundred at most."""
CLOCK_TOLERANCE: Final = timedelta(minutes=10)
"""How far the clock of an offline machine may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """Adopted file."""

    name: str
    """The file's."""
    kind: str
    subject: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PendingCrl:
    adopted: Adopted
    record: Callable[[Permit], None]


def judge_crl(parts: CaParts, path: Path, roots: Iterable[IssuerRecord]) -> PendingCrl | None:
    """Judge a CRL of one of these roots; None if it is known. Raises `ExchangeError`."""
    der = read_small(path, MAX_CRL_BYTES)
    try:
        crl = x509.load_der_x509_crl(der)
        number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except (ValueError, x509.ExtensionNotFound) as error:
        raise refused(messages.file_not_crl(path.name)) from error
    root = _issuer(path.name, crl, roots)
    known = parts.ledger.find_crl(root.issuer)
    if known is not None and known.crl == der:
        return None
    _check_time(parts, path.name, crl, None if known is None else known.crl)
    if known is not None and number <= known.number:
        raise refused(
            messages.crl_number_not_above_known(
                path_name=path.name, number=number, known_number=known.number
            ),
        )
    try:
        parts.linter.check_crl(der)
    except CaError as error:
        raise refused(messages.file_rejected(path_name=path.name, error=error)) from error
    told = Adopted(path.name, f"crl {number}", describe_name(crl.issuer), fingerprint(der))
    signed = SignedCrl(root.issuer, 0, number, der, changes=0)
    return PendingCrl(told, lambda permit: _record(parts, crl, signed, permit))


def _record(
    parts: CaParts, crl: x509.CertificateRevocationList, signed: SignedCrl, permit: Permit
) -> None:
    """Record what the list revokes, or says worse than before, ahead of the list: the CRL never
    knows more.
    """
    ledger, issuer = parts.ledger, signed.issuer
    for entry in crl:
        serial, told = entry.serial_number, Revocation(_reason(entry), _invalidity(entry))
        found = ledger.find(issuer, serial)
        if found is None:
            continue
        since = told.invalidity_at
        if found.state is not CertificateState.REVOKED:
            at = entry.revocation_date_utc
            known = None if since is None or since > at else since  # else with the next list
            ledger.revoke(issuer, serial, told.reason, at, permit, invalidity_at=known)
        elif is_worse(found, told):
            now = parts.clock.now()
            ledger.revoke(issuer, serial, told.reason, now, permit, invalidity_at=since)
    known_here = replace(signed, changes=ledger.revocation_changes(issuer))
    ledger.record_crl(known_here, parts.clock.now())


def _check_time(
    parts: CaParts, name: str, crl: x509.CertificateRevocationList, known: bytes | None
) -> None:
    now = parts.clock.now()
    if crl.last_update_utc > now + CLOCK_TOLERANCE:
        raise refused(messages.crl_dated_in_future(name))
    if crl.next_update_utc is None or crl.next_update_utc <= now:
        raise refused(messages.certificate_expired(name))
    if known is None:
        return
    if crl.last_update_utc < x509.load_der_x509_crl(known).last_update_utc:
        raise refused(messages.crl_older_than_known(name))


def _issuer(
    name: str, crl: x509.CertificateRevocationList, roots: Iterable[IssuerRecord]
) -> IssuerRecord:
    for record in roots:
        if crl.issuer == record.x509.subject and crl.is_signature_valid(
            record.x509.public_key()  # type: ignore[arg-type]
        ):
            return record
    raise refused(messages.not_signed_by_known_root(name))


def _reason(entry: x509.RevokedCertificate) -> RevocationReason:
    try:
        found = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        return RevocationReason(found.value)
    except (x509.ExtensionNotFound, ValueError):
        return RevocationReason.UNSPECIFIED


def _invalidity(entry: x509.RevokedCertificate) -> datetime | None:
    try:
        return entry.extensions.get_extension_for_class(
            x509.InvalidityDate
        ).value.invalidity_date_utc
    except x509.ExtensionNotFound:
        return None
