"""Certification paths from a signer to roots that are given, checked signature by signature.

A small part of RFC 5280 6.1, for paths as our CA and those above it make them: names, signatures,
validity at one instant, CA flags, path lengths, key usages. A critical extension beyond those is
not judged here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from ca.encoding.identity_issuer import IDENTITY_ISSUER, identity_issuer_of

_T = TypeVar("_T", bound=x509.ExtensionType)
_MAX_DEPTH = 6
"""CA certificates between a signer and its root: ours has one, a government's two or three."""
_MAX_LINKS = 24
"""Signatures verified for one path at most, so that same-named certificates cost nothing."""
_ORGANIZATION_IDENTIFIER = x509.ObjectIdentifier("2.5.4.97")
_PERSONAL = frozenset({NameOID.GIVEN_NAME, NameOID.SURNAME, NameOID.PSEUDONYM})
_SERVICES = frozenset(
    {
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
        x509.ObjectIdentifier("1.3.6.1.5.5.7.3.37"),  # JWS, of receipts (RFC 9509 3.1)
    }
)
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
    }
)


class UnreadableCertificateError(Exception):
    """A certificate that is not judged here."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Facts of a certificate that a path needs."""

    encoded: bytes
    sha256: str
    subject: bytes
    issuer: bytes
    serial_number: int
    common_name: str
    key: PublicKeyTypes
    not_before: datetime
    not_after: datetime
    is_ca: bool
    path_length: int | None
    signs_certificates: bool
    stamps_time: bool
    """Its only purpose is timestamping, and the extension is critical (RFC 3161 2.3)."""
    seals: bool
    """A body's, for signatures: neither a CA's, a service's nor a person's."""
    signs: bool
    """A person's, for signatures."""
    organization: str
    """Name of the body for which a person acts, or of the body itself; empty where none stands."""
    identity_issuer: str | None
    """Who vouched for the person, where the certificate says so."""

    def valid_at(self, at: datetime) -> bool:
        """Tell whether the instant is within its validity."""
        return self.not_before <= at <= self.not_after


@dataclass(frozen=True, slots=True)
class Path:
    """A way from a certificate to a root."""

    links: tuple[Certificate, ...]
    """The signer's first; without the root."""
    root_sha256: str


@lru_cache(maxsize=512)
def read_certificate(encoded: bytes) -> Certificate:
    """Read a certificate (DER). Raises `UnreadableCertificateError`."""
    try:
        parsed = x509.load_der_x509_certificate(encoded)
        return _read(encoded, parsed)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise UnreadableCertificateError(type(error).__name__) from error


def _read(encoded: bytes, parsed: x509.Certificate) -> Certificate:
    extensions = parsed.extensions
    unknown = [one for one in extensions if one.critical and one.oid not in _UNDERSTOOD]
    if unknown:
        raise UnreadableCertificateError("a critical extension that is not judged here")
    constraints = _value(extensions, x509.BasicConstraints)
    usage = _value(extensions, x509.KeyUsage)
    purposes = _value(extensions, x509.ExtendedKeyUsage)
    is_ca = constraints is not None and constraints.ca
    names = {attribute.oid for attribute in parsed.subject}
    for_signing = usage is None or usage.digital_signature or usage.content_commitment
    for_commitment = for_signing and not is_ca and _SERVICES.isdisjoint(purposes or ())
    return Certificate(
        encoded=encoded,
        sha256=sha256(encoded).hexdigest(),
        subject=parsed.subject.public_bytes(),
        issuer=parsed.issuer.public_bytes(),
        serial_number=parsed.serial_number,
        common_name=_first(parsed.subject, NameOID.COMMON_NAME) or parsed.subject.rfc4514_string(),
        key=parsed.public_key(),
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        is_ca=is_ca,
        path_length=None if constraints is None else constraints.path_length,
        signs_certificates=usage is None or usage.key_cert_sign,
        stamps_time=_stamps_time(extensions) and for_signing,
        seals=for_commitment and _ORGANIZATION_IDENTIFIER in names and _PERSONAL.isdisjoint(names),
        signs=for_commitment and not _PERSONAL.isdisjoint(names),
        organization=_first(parsed.subject, NameOID.ORGANIZATION_NAME),
        identity_issuer=_identity_issuer(extensions),
    )


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


def _identity_issuer(extensions: x509.Extensions) -> str | None:
    values = [one.value for one in extensions if one.oid == IDENTITY_ISSUER]
    value = values[0] if values else None
    return (
        identity_issuer_of(value.value) if isinstance(value, x509.UnrecognizedExtension) else None
    )


def _value(extensions: x509.Extensions, kind: type[_T]) -> _T | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _stamps_time(extensions: x509.Extensions) -> bool:
    try:
        found = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return found.critical and list(found.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


@lru_cache(maxsize=2048)
def _issued(child: bytes, parent: bytes) -> bool:
    """Tell whether `parent`'s key signed `child` (both DER); verified once a pair and process."""
    try:
        x509.load_der_x509_certificate(child).verify_directly_issued_by(
            x509.load_der_x509_certificate(parent)
        )
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def find_path(
    signer: Certificate, embedded: Iterable[bytes], roots: Iterable[bytes], at: datetime
) -> Path | None:
    """Return a path to one of `roots` (DER) through certificates that came along, if there is one.

    Each certificate below the root is valid at `at`. A root is trusted as it is (RFC 5280 6.1.1 d).
    Raises `UnreadableCertificateError` where one that is not judged here may have led there.
    """
    came, anchors = list(embedded), list(_readable(roots))
    readable = list(_readable(came))
    between, budget = [one for one in readable if one.is_ca], [_MAX_LINKS]

    def climb(links: tuple[Certificate, ...]) -> Path | None:
        last = links[-1]
        if not last.valid_at(at):
            return None
        for root in anchors:
            if _fits(root, links) and _links(last, root, budget):
                return Path(links, root.sha256)
        if len(links) > _MAX_DEPTH:
            return None
        for one in between:
            if one not in links and _fits(one, links) and _links(last, one, budget):
                found = climb((*links, one))
                if found is not None:
                    return found
        return None

    path = climb((signer,))
    if path is None and len(readable) < len(came):
        raise UnreadableCertificateError("no path without a certificate that is not judged here")
    return path


def _readable(encoded: Iterable[bytes]) -> Iterator[Certificate]:
    for one in encoded:
        try:
            yield read_certificate(one)
        except UnreadableCertificateError:
            continue  # a path that needs it is not found


def _fits(issuer: Certificate, links: tuple[Certificate, ...]) -> bool:
    """Tell whether `issuer` may stand above (RFC 5280 6.1.4 k, l, n; self-issued ones count)."""
    if issuer.subject != links[-1].issuer or not (issuer.is_ca and issuer.signs_certificates):
        return False
    return issuer.path_length is None or len(links) - 1 <= issuer.path_length


def _links(child: Certificate, parent: Certificate, budget: list[int]) -> bool:
    budget[0] -= 1
    return budget[0] >= 0 and _issued(child.encoded, parent.encoded)
