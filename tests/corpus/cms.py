"""CMS signatures and timestamp tokens (RFC 5652, 3161) put together by hand."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.corpus import der
from tests.corpus.certificates import Algorithm, Issued, digest_identifier, signer, stamper

DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
TIMESTAMP_TOKEN = "1.2.840.113549.1.9.16.2.14"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
REVOCATION = "1.2.840.113583.1.1.8"
SIGNED_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def attribute(kind: str, *values: bytes) -> bytes:
    return der.sequence(der.oid(kind), der.set_of(values))


def signing_certificate_v2(certificate: bytes) -> bytes:
    """ESSCertIDv2 with SHA-256, the default hash (RFC 5035 4)."""
    digest = der.octets(hashlib.sha256(certificate).digest())
    return attribute(SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(der.sequence(digest))))


def signing_certificate(certificate: bytes) -> bytes:
    """ESSCertID with SHA-1 (RFC 2634 5.4)."""
    digest = der.octets(hashlib.sha1(certificate, usedforsecurity=False).digest())
    return attribute(SIGNING_CERTIFICATE, der.sequence(der.sequence(der.sequence(digest))))


def signing_time(at: datetime = SIGNED_AT) -> bytes:
    return attribute(SIGNING_TIME, der.utc_time(at))


@dataclass(frozen=True, slots=True)
class Style:
    """How a CMS is written; by default as PAdES asks (EN 319 142-1)."""

    digest: str | None = None
    """Hash of the content; by default that of the signature's algorithm."""
    algorithm: Algorithm | None = None
    stated: bytes | None = None
    """The signatureAlgorithm that is written, whatever signed."""
    content_type: str = DATA
    stated_type: str | None = None
    """The value of the contentType attribute."""
    attributes: bool = True
    certificate_attribute: Callable[[bytes], bytes] | None = signing_certificate_v2
    more: tuple[bytes, ...] = ()
    """Further signed attributes."""
    order: Callable[[Iterable[bytes]], Iterable[bytes]] = sorted
    certificates: tuple[bytes, ...] | None = None
    crls: bytes = b""
    token: Callable[[bytes], bytes] | None = None
    """Makes a timestamp token over the signature's value."""
    unsigned: tuple[bytes, ...] = ()
    enclosed: bytes | None = None
    """The content, where it stands inside."""
    null: bool = False
    """NULL as the parameters of the hash."""
    version: int = 1
    sid: bytes | None = None
    signer_version: int = 1
    signed_digest: bytes | None = None
    """The messageDigest, where it is not the content's."""
    after_sign: Callable[[bytes], bytes] = bytes
    """What becomes of the signature's value."""
    element: Callable[..., bytes] = der.tlv
    """Writes the outer frames: DER or, with `der.indefinite`, BER."""
    digest_algorithms: bytes | None = None
    more_infos: tuple[bytes, ...] = ()


PADES = Style()
ADOBE = Style(certificate_attribute=None, more=(signing_time(),))
"""adbe.pkcs7.detached as many write it: a signing time, no signing certificate."""


def signer_info(content: bytes, who: Issued, style: Style) -> bytes:
    """Return the SignerInfo over a content (RFC 5652 5.3)."""
    algorithm = style.algorithm or who.algorithm
    digest = style.digest or algorithm.digest
    hashed = style.signed_digest or hashlib.new(digest, content).digest()
    attributes = b""
    signed = content
    if style.attributes:
        kind = style.stated_type or style.content_type
        found = [
            attribute(CONTENT_TYPE, der.oid(kind)),
            attribute(MESSAGE_DIGEST, der.octets(hashed)),
        ]
        if style.certificate_attribute is not None:
            found.append(style.certificate_attribute(who.certificate))
        body = b"".join(style.order([*found, *style.more]))
        attributes, signed = der.tlv(0xA0, body), der.tlv(0x31, body)
    value = style.after_sign(algorithm.sign(who.key, signed))
    unsigned = [*style.unsigned]
    if style.token is not None:
        unsigned.append(attribute(TIMESTAMP_TOKEN, style.token(value)))
    return der.sequence(
        der.integer(style.signer_version),
        style.sid or who.sid,
        digest_identifier(digest, null=style.null),
        attributes,
        style.stated or algorithm.identifier,
        der.octets(value),
        der.tlv(0xA1, *sorted(unsigned)) if unsigned else b"",
    )


def signed_data(content: bytes, who: Issued | None = None, style: Style = PADES) -> bytes:
    """Return a ContentInfo with SignedData over a content (RFC 5652 3, 5.1)."""
    who = who or signer()
    algorithm = style.algorithm or who.algorithm
    certificates = style.certificates
    if certificates is None:
        certificates = (who.certificate, *who.chain)
    digest = digest_identifier(style.digest or algorithm.digest, null=style.null)
    enclosed = b""
    if style.enclosed is not None:
        enclosed = style.element(0xA0, der.octets(style.enclosed))
    info = style.element(
        0x30,
        der.integer(style.version),
        style.digest_algorithms or der.tlv(0x31, digest),
        style.element(0x30, der.oid(style.content_type), enclosed),
        style.element(0xA0, *sorted(certificates)) if certificates else b"",
        style.crls,
        der.tlv(0x31, signer_info(content, who, style), *style.more_infos),
    )
    return style.element(0x30, der.oid(SIGNED_DATA), style.element(0xA0, info))


def token(
    over: bytes,
    *,
    who: Issued | None = None,
    certificates: bool = True,
    at: datetime = SIGNED_AT,
    digest: str = "sha256",
    order: Callable[[Iterable[bytes]], Iterable[bytes]] = sorted,
    after_sign: Callable[[bytes], bytes] = bytes,
) -> bytes:
    """Return a timestamp token over data (RFC 3161 2.4.2)."""
    who = who or stamper()
    info = der.sequence(
        der.integer(1),
        der.oid("1.3.6.1.4.1.99999.1"),
        der.sequence(
            digest_identifier(digest, null=True), der.octets(hashlib.new(digest, over).digest())
        ),
        der.integer(42),
        der.general_time(at),
    )
    style = Style(
        content_type=TST_INFO,
        enclosed=info,
        version=3,
        certificates=None if certificates else (),
        more=(signing_time(at),),
        order=order,
        after_sign=after_sign,
    )
    return signed_data(info, who, style)
