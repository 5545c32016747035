"""What a register, a CRL, an OCSP answer and a PDF say, read by nothing of ours."""

import base64
import hashlib
import hmac
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

Row = dict[str, Any]
_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


class Register:
    """The database, by plain SQL on a connection of its own."""

    def __init__(self, directory: Path, url: str | None) -> None:
        self._sqlite = url is None
        self._connection: Any
        if url is None:
            address = f"file:{directory / 'registry.db'}?mode=ro"
            self._connection = sqlite3.connect(address, uri=True)
        else:
            self._connection = psycopg.connect(url, autocommit=True)

    def rows(self, query: str, *values: object) -> list[Row]:
        """Return what a query finds."""
        found = self._connection.execute(
            query if self._sqlite else query.replace("?", "%s"), values
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def register(directory: Path, url: str | None) -> Iterator[Register]:
    """Open a register to look at it."""
    opened = Register(directory, url)
    try:
        yield opened
    finally:
        opened.close()


def holder_token(directory: Path, uscc: str) -> str:
    """Return what stands in a register in the place of a holder's code (ADR 50)."""
    key = bytes.fromhex((directory / "privacy" / "index.key").read_text("ascii"))
    digest = hmac.digest(key, f"001\0{uscc}".encode(), "sha256")
    return "~" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def instant(value: object) -> datetime | None:
    """Return a time as either engine hands it out."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def day(value: object) -> date | None:
    """Return a date as either engine hands it out."""
    if isinstance(value, str):
        return date.fromisoformat(value)
    return value if isinstance(value, date) else None


@dataclass(frozen=True, slots=True)
class Listed:
    """What a CRL or an OCSP answer says of a revoked certificate."""

    revoked_at: datetime
    reason: str
    invalid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Crl:
    """A CRL as a relying party understands it."""

    url: str
    """Of its issuingDistributionPoint; of a root, that its issuer's only list has."""
    number: int
    this_update: datetime
    next_update: datetime
    entries: dict[int, Listed]


def read_crl(encoded: bytes, issuer: x509.Certificate, default_url: str) -> Crl:
    """Read a CRL (DER) and check its signature."""
    crl = x509.load_der_x509_crl(encoded)
    key = issuer.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert crl.issuer == issuer.subject
    assert crl.is_signature_valid(key), "the signature on a CRL does not hold"
    url = default_url
    for extension in crl.extensions:
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            names = list(extension.value.full_name or ())
            assert len(names) == 1
            url = str(names[0].value)
    number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert crl.next_update_utc is not None
    entries = {one.serial_number: _listed(one) for one in crl}
    assert len(entries) == len(crl), "a certificate is listed twice"
    return Crl(url, number, crl.last_update_utc, crl.next_update_utc, entries)


def _listed(entry: x509.RevokedCertificate) -> Listed:
    reason, invalid_at = "unspecified", None
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            reason = extension.value.reason.value
        elif isinstance(extension.value, x509.InvalidityDate):
            invalid_at = extension.value.invalidity_date_utc
    return Listed(entry.revocation_date_utc, reason, invalid_at)


def crl_url(certificate: x509.Certificate) -> str:
    """Return where a certificate says that its CRL is."""
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    names = list(points[0].full_name or ())
    assert len(names) == 1
    return str(names[0].value)


def ocsp_request(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """Return a request (DER) about one certificate."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())
    return builder.build().public_bytes(Encoding.DER)


def read_ocsp(answer: bytes, issuer: x509.Certificate, now: datetime) -> Listed | str:
    """Return what an OCSP answer (DER) says; its status where it is not “revoked”."""
    response = ocsp.load_der_ocsp_response(answer)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return str(response.response_status.name)
    (responder,) = response.certificates
    responder.verify_directly_issued_by(issuer)
    assert responder.not_valid_before_utc <= now <= responder.not_valid_after_utc
    key, algorithm = responder.public_key(), response.signature_hash_algorithm
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert algorithm is not None
    key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
    if response.certificate_status is not ocsp.OCSPCertStatus.REVOKED:
        return str(response.certificate_status.name)
    reason = response.revocation_reason
    assert response.revocation_time_utc is not None
    told = "unspecified" if reason is None else reason.value
    return Listed(response.revocation_time_utc, told, None)


def check_sealed(pdf: bytes) -> x509.Certificate:
    """Check the seal's digest and signature over a PDF; return the certificate that it names."""
    start = pdf.index(b"/ByteRange")
    span = pdf[pdf.index(b"[", start) + 1 : pdf.index(b"]", start)]
    first, length, second, rest = (int(one) for one in span.split())
    contents = bytes.fromhex(pdf[first + length + 1 : second - 1].decode())
    signed = cms.ContentInfo.load(contents)["content"]
    (signer,) = signed["signer_infos"]
    algorithm = signer["digest_algorithm"]["algorithm"].native
    covered = pdf[first : first + length] + pdf[second : second + rest]
    attributes = {one["type"].native: one["values"][0] for one in signer["signed_attrs"]}
    digest = hashlib.new(algorithm, covered).digest()
    assert attributes["message_digest"].native == digest, "the seal is over other bytes"
    serial = signer["sid"].chosen["serial_number"].native
    certificate = next(
        x509.load_der_x509_certificate(one.dump())
        for one in signed["certificates"]
        if one.chosen.serial_number == serial
    )
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    tbs = signer["signed_attrs"].untag().dump()
    key.verify(signer["signature"].native, tbs, ec.ECDSA(_HASHES[algorithm]))
    return certificate
