"""Output of a certificate on record: as a row, a record, text, PEM, DER, CSV."""

import io
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca.ledger import LedgerEntry
from ca.profiles.describe import describe_extension, describe_subject
from cli.ca import messages
from core.errors import UsageError
from registry.desk.exports.tables import TableFormat, write_table
from registry.ledger.certificates import standing_of
from registry.objects.store import sha256_of
from signing.algorithm_ends import suite_of

_FORMATS = {".pem": "pem", ".der": "der", ".cer": "der", ".csv": "csv"}


def encode(entries: list[LedgerEntry], out: Path, now: datetime) -> bytes:
    """Return certificates in the format that the file's name asks for. Raises `UsageError`."""
    kind = _FORMATS.get(out.suffix.lower())
    if kind == "csv":
        return _csv([record_of(entry, now) | _times(entry) for entry in entries])
    if kind == "pem":
        return b"".join(pem_of(entry) for entry in entries if entry.certificate is not None)
    if kind == "der" and len(entries) == 1:
        return certificate_of(entries[0]).public_bytes(Encoding.DER)
    raise UsageError(messages.EXPORT_FILE_SUFFIX_WRONG)


def _csv(records: list[dict[str, object]]) -> bytes:
    """Return a table that spreadsheets read as UTF-8 and take no cell of as a formula."""
    out = io.BytesIO()
    headings = {key: key for key in records[0]} if records else {}
    write_table(out, TableFormat.CSV, headings, records)
    return out.getvalue()


def record_of(entry: LedgerEntry, now: datetime) -> dict[str, object]:
    """Return a certificate's row in a list."""
    intent = entry.intent
    return {
        "issuer": intent.issuer,
        "serial": f"{intent.serial:x}",
        "profile": intent.profile,
        "state": entry.state,
        "standing": standing_of(entry, now),
        "not_before": intent.not_before.isoformat(),
        "not_after": intent.not_after.isoformat(),
        "subject": describe_subject(intent.subject),
    }


def _times(entry: LedgerEntry) -> dict[str, object]:
    return {
        "revoked_at": None if entry.revoked_at is None else entry.revoked_at.isoformat(),
        "reason": entry.reason,
        "invalidity_at": None if entry.invalidity_at is None else entry.invalidity_at.isoformat(),
        "spki_sha256": entry.intent.spki_sha256,
        "sha256": None if entry.certificate is None else sha256_of(entry.certificate),
    }


def row_of(entry: LedgerEntry, now: datetime) -> list[object]:
    """Return the same for people."""
    intent = entry.intent
    return [
        intent.issuer,
        f"{intent.serial:x}",
        intent.profile,
        standing_of(entry, now),
        f"{intent.not_after:%Y-%m-%d}",
        (intent.not_after - now).days,
        _common_name(intent.subject),
    ]


def _common_name(subject: str) -> str:
    names = x509.Name.from_rfc4514_string(subject).get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else subject


def details_of(entry: LedgerEntry) -> dict[str, object]:
    """Return the details that only its own page shows."""
    found = _times(entry)
    if entry.certificate is None:
        return found
    parsed = certificate_of(entry)
    return found | {
        "key": suite_of(parsed.public_key(), ("sha256",)).key,
    }


def extensions_of(entry: LedgerEntry) -> list[dict[str, object]]:
    """Return the extensions, each with a short text of what it says."""
    return [
        {
            "name": one.oid._name,  # noqa: SLF001  # no public accessor
            "critical": one.critical,
            "value": describe_extension(one.value),
        }
        for one in certificate_of(entry).extensions
    ]


def pem_of(entry: LedgerEntry) -> bytes:
    """Return the certificate, PEM. Raises `UsageError` if it was never recorded."""
    return certificate_of(entry).public_bytes(Encoding.PEM)


def certificate_of(entry: LedgerEntry) -> x509.Certificate:
    """Return the certificate. Raises `UsageError` if it was never recorded."""
    if entry.certificate is None:
        raise UsageError(messages.ONLY_INTENT_ON_RECORD)
    return x509.load_der_x509_certificate(entry.certificate)
