"""Choice of the certificate that a command means, and of the signer of its CRL."""

import hashlib
import re

from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.ledger import LedgerEntry
from cli.ca import messages
from core.errors import UsageError
from core.ids import IssuerId, SealId
from home.wiring import Home
from registry.bodies.authorities import find_seal
from registry.ledger.certificates import CertificateQuery, search_certificates
from registry.model import NotFoundError

_FINGERPRINT = re.compile("[0-9a-f]{64}")
_SERIAL = re.compile("[0-9a-f]{1,40}")


def find_target(home: Home, target: str, issuer: str | None = None) -> LedgerEntry:
    """Return the certificate of a seal's id, a SHA-256 fingerprint or a serial, in this order.

    Raises `UsageError` if there is none, or several of that serial.
    """
    certificate = _seal_certificate(home, target)
    if certificate is not None:
        return find_seal_entry(home, certificate)
    text = target.lower().replace(":", "").removeprefix("0x")
    if _FINGERPRINT.fullmatch(text):
        return find_fingerprint(home, text)
    found = [
        entry
        for record in home.ledger.list_issuers()
        if issuer in (None, record.issuer) and _SERIAL.fullmatch(text)
        if (entry := home.ledger.find(record.issuer, int(text, 16))) is not None
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(messages.SERIAL_AMBIGUOUS)
    raise _unknown(target)


def find_fingerprint(home: Home, sha256: str) -> LedgerEntry:
    """Return the certificate of a SHA-256 fingerprint. Raises `UsageError`."""
    query = CertificateQuery(at=home.clock.now(), search=sha256)
    with home.database.reading() as connection:
        for entry in search_certificates(connection, query):
            if entry.certificate and hashlib.sha256(entry.certificate).hexdigest() == sha256:
                return entry
    raise _unknown(sha256)


def find_seal_entry(home: Home, certificate: bytes) -> LedgerEntry:
    """Return the ledger's record of a seal's certificate (DER). Raises `UsageError`."""
    try:
        return find_fingerprint(home, hashlib.sha256(certificate).hexdigest())
    except UsageError as error:
        raise UsageError(messages.SEAL_CERTIFICATE_FROM_OUTSIDE_CA) from error


def active_issuer(home: Home) -> IssuerId:
    """Return the CA that issues now. Raises `UsageError`."""
    for record in reversed(home.ledger.list_issuers()):
        if record.role is IssuerRole.ISSUING and record.state is IssuerState.ACTIVE:
            return record.issuer
    raise UsageError(messages.NO_ACTIVE_ISSUING_CA)


def find_issuer(home: Home, issuer: str) -> IssuerRecord:
    """Return a CA on record. Raises `UsageError`."""
    records = home.ledger.list_issuers()
    for record in records:
        if record.issuer == issuer:
            return record
    listed = ", ".join(record.issuer for record in records)
    raise UsageError(messages.no_such_ca(issuer=issuer, known_cas=listed))


def _seal_certificate(home: Home, target: str) -> bytes | None:
    with home.database.reading() as connection:
        try:
            return find_seal(connection, SealId(target)).certificate
        except NotFoundError:
            return None


def _unknown(target: str) -> UsageError:
    return UsageError(messages.no_such_certificate(target))
