"""Reading OCSP requests (RFC 6960 4.1): hostile bytes in, a small frozen value out."""

from collections.abc import Iterator
from dataclasses import dataclass

from ca.encoding import der

MAX_REQUEST_BYTES = 4096
"""Sixteen CertIDs with SHA-256, a nonce and a signature's certificate stay below it."""
MAX_CERTIFICATES = 16
"""Each costs a look-up. RFC 5019 2.1.1 clients ask for one, `openssl ocsp` for what it is given."""
MAX_NONCE = 128
"""Octets; RFC 9654 2.1: none or more than 128 is malformed."""
_NONCE = der.oid("1.3.6.1.5.5.7.48.1.2")


@dataclass(frozen=True, slots=True)
class CertId:
    """Which certificate is asked about (RFC 6960 4.1.1)."""

    algorithm: bytes
    """OBJECT IDENTIFIER of the hash, DER."""
    name_hash: bytes
    key_hash: bytes
    serial: int
    encoded: bytes
    """As the client wrote it; the answer carries the same."""


@dataclass(frozen=True, slots=True)
class OcspRequest:
    """What a client asks."""

    cert_ids: tuple[CertId, ...]
    nonce: bytes | None
    """The extension's value as it came, to be echoed; None if there was none."""


class TooManyCertificatesError(der.DerError):
    """More certificates in one request than are answered."""


def parse_request(data: bytes) -> OcspRequest:
    """Read an OCSPRequest. Raises `der.DerError` for whatever is not one.

    A signature on the request is left aside: the answers are public.
    """
    if len(data) > MAX_REQUEST_BYTES:
        raise der.DerError("request too large")
    outer = der.read_one(data, der.SEQUENCE).members()
    tbs = outer.next(der.SEQUENCE).members()
    outer.optional(0xA0)  # optionalSignature
    outer.finish()
    _check_version(tbs.optional(0xA0))
    tbs.optional(0xA1)  # requestorName
    cert_ids = _cert_ids(tbs.next(der.SEQUENCE).members())
    extensions = tbs.optional(0xA2)
    tbs.finish()
    return OcspRequest(cert_ids, None if extensions is None else _nonce(extensions))


def _check_version(version: der.Element | None) -> None:
    if version is not None and der.read_integer(der.read_one(version.content, der.INTEGER)) != 0:
        raise der.DerError("unknown version")


def _cert_ids(requests: der.Reader) -> tuple[CertId, ...]:
    found: list[CertId] = []
    while not requests.at_end:
        if len(found) == MAX_CERTIFICATES:
            raise TooManyCertificatesError("too many certificates")
        request = requests.next(der.SEQUENCE).members()
        found.append(_cert_id(request.next(der.SEQUENCE)))
        if (extensions := request.optional(0xA0)) is not None:
            _refuse_critical(extensions)  # none is known here (RFC 6960 4.4)
        request.finish()
    if not found:
        raise der.DerError("no certificate asked about")
    return tuple(found)


def _cert_id(element: der.Element) -> CertId:
    members = element.members()
    algorithm = members.next(der.SEQUENCE).members()
    oid = algorithm.next(der.OBJECT_IDENTIFIER).encoded
    der.read_null(algorithm)
    name_hash = members.next(der.OCTET_STRING).content
    key_hash = members.next(der.OCTET_STRING).content
    serial = der.read_integer(members.next(der.INTEGER))
    members.finish()
    return CertId(oid, name_hash, key_hash, serial, element.encoded)


@dataclass(frozen=True, slots=True)
class _Extension:
    oid: bytes
    critical: bool
    value: bytes


def _extensions(element: der.Element) -> Iterator[_Extension]:
    members = der.read_one(element.content, der.SEQUENCE).members()
    while not members.at_end:
        extension = members.next(der.SEQUENCE).members()
        oid = extension.next(der.OBJECT_IDENTIFIER).encoded
        critical = extension.optional(0x01)
        value = extension.next(der.OCTET_STRING).content
        extension.finish()
        yield _Extension(oid, critical is not None and critical.content != b"\0", value)


def _refuse_critical(extensions: der.Element) -> None:
    if any(one.critical for one in _extensions(extensions)):
        raise der.DerError("unknown critical extension")


def _nonce(extensions: der.Element) -> bytes | None:
    """Return the nonce's extnValue content; refuse critical extensions that we do not know."""
    nonce = None
    for one in _extensions(extensions):
        if one.oid == _NONCE:
            if nonce is not None:
                raise der.DerError("two nonces")
            nonce = _checked_nonce(one.value)
        elif one.critical:
            raise der.DerError("unknown critical extension")  # RFC 6960 4.4
    return nonce


def _checked_nonce(value: bytes) -> bytes:
    """Return a nonce as it came; widely used clients leave its inner OCTET STRING out."""
    try:
        octets = der.read_one(value, der.OCTET_STRING).content
    except der.DerError:
        octets = value
    if not 1 <= len(octets) <= MAX_NONCE:
        raise der.DerError("nonce of a length that is not allowed")
    return value
