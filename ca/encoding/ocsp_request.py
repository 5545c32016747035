"""Reading OCSP requests (RFC 6960 4.1): hostile bytes in, a small frozen value out."""

from dataclasses import dataclass
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import OCSPExtensionOID

from ca.encoding.reading import DerError, Digest, read

MAX_REQUEST_BYTES = 4096
"""Sixteen CertIDs with SHA-256, a nonce and a signature's certificate stay below it."""
MAX_CERTIFICATES = 16
"""Each costs a look-up. RFC 5019 2.1.1 clients ask for one, `openssl ocsp` for what it is given."""
MAX_NONCE = 128
"""Octets; RFC 9654 2.1: none or more than 128 is malformed."""


@asn1.sequence
class _CertId:
    hash: Digest
    name_hash: bytes
    key_hash: bytes
    serial: int


@asn1.sequence
class _Extension:
    oid: ObjectIdentifier
    critical: bool | None  # FALSE is taken where it is written out, against X.690 11.5
    value: bytes


_Extensions = list[_Extension]


@asn1.sequence
class _Single:
    cert_id: _CertId
    extensions: Annotated[_Extensions | None, asn1.Explicit(0)]


@asn1.sequence
class _Asked:
    version: Annotated[int | None, asn1.Explicit(0)]
    requestor: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]
    requests: list[_Single]
    extensions: Annotated[_Extensions | None, asn1.Explicit(2)]


@asn1.sequence
class _Request:
    asked: _Asked
    signature: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]


@dataclass(frozen=True, slots=True)
class CertId:
    """CertID of the certificate asked about (RFC 6960 4.1.1)."""

    algorithm: ObjectIdentifier
    """Of the hash."""
    name_hash: bytes
    key_hash: bytes
    serial: int
    encoded: bytes
    """As the client wrote it; the answer carries the same."""


@dataclass(frozen=True, slots=True)
class OcspRequest:
    """Parsed OCSP request."""

    cert_ids: tuple[CertId, ...]
    nonce: bytes | None
    """The extension's value as it came, to be echoed; None if there was none."""


class TooManyCertificatesError(DerError):
    """More certificates in one request than are answered."""


def parse_request(data: bytes) -> OcspRequest:
    """Read an OCSPRequest. Raises `DerError` for whatever is not one.

    A signature on the request is left aside: the answers are public.
    """
    if len(data) > MAX_REQUEST_BYTES:
        raise DerError("request too large")
    asked = read(_Request, data).asked
    if asked.version:
        raise DerError("unknown version")
    if len(asked.requests) > MAX_CERTIFICATES:
        raise TooManyCertificatesError("too many certificates")
    if not asked.requests:
        raise DerError("no certificate asked about")
    if any(one.critical for single in asked.requests for one in single.extensions or ()):
        raise DerError("unknown critical extension")  # none is known here (RFC 6960 4.4)
    cert_ids = tuple(_cert_id(single.cert_id) for single in asked.requests)
    return OcspRequest(cert_ids, _nonce(asked.extensions or []))


def _cert_id(one: _CertId) -> CertId:
    # Strict DER has one encoding: this one is the client's.
    encoded = asn1.encode_der(one)
    return CertId(one.hash.algorithm, one.name_hash, one.key_hash, one.serial, encoded)


def _nonce(extensions: _Extensions) -> bytes | None:
    """Return the nonce's extnValue content; refuse critical extensions that we do not know."""
    nonce = None
    for one in extensions:
        if one.oid == OCSPExtensionOID.NONCE:
            if nonce is not None:
                raise DerError("two nonces")
            nonce = _checked_nonce(one.value)
        elif one.critical:
            raise DerError("unknown critical extension")  # RFC 6960 4.4
    return nonce


def _checked_nonce(value: bytes) -> bytes:
    """Return a nonce as it came; widely used clients leave its inner OCTET STRING out."""
    try:
        octets = read(bytes, value)
    except DerError:
        octets = value
    if not 1 <= len(octets) <= MAX_NONCE:
        raise DerError("nonce of a length that is not allowed")
    return value
