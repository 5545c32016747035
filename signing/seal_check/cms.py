"""CMS SignedData (RFC 5652) read strictly, and its signature value verified, without a framework.

For what this service makes and what its timestampers make: one signer, named by issuer and serial,
signed attributes in DER. Whatever else there is raises, and is judged elsewhere.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509 import ObjectIdentifier

from ca.encoding import der
from ca.encoding.reading import DerError, Digest, first_of, read
from ca.encoding.tsa_request import DIGEST_OIDS
from signing.seal_check.shapes import (
    Attribute,
    ContentInfo,
    SignerShape,
    SigningCertificate,
    TstInfo,
)

_SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
DATA = ObjectIdentifier("1.2.840.113549.1.7.1")
TST_INFO = ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
SIGNATURE_TIMESTAMP = ObjectIdentifier("1.2.840.113549.1.9.16.2.14")
_DIGESTS = {encoded: name for name, encoded in DIGEST_OIDS.items()}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_ECDSA = {
    der.oid("1.2.840.10045.4.3.2"): "sha256",
    der.oid("1.2.840.10045.4.3.3"): "sha384",
    der.oid("1.2.840.10045.4.3.4"): "sha512",
}
_RSA = {
    der.oid("1.2.840.113549.1.1.11"): "sha256",
    der.oid("1.2.840.113549.1.1.12"): "sha384",
    der.oid("1.2.840.113549.1.1.13"): "sha512",
}
_RSA_ENCRYPTION = der.oid("1.2.840.113549.1.1.1")
"""RFC 3370 3.2: the digest is then that of the SignerInfo."""
_MlDsaKey = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
_ML_DSA: dict[bytes, type[PublicKeyTypes]] = {
    der.oid("2.16.840.1.101.3.4.3.17"): mldsa.MLDSA44PublicKey,
    der.oid("2.16.840.1.101.3.4.3.18"): mldsa.MLDSA65PublicKey,
    der.oid("2.16.840.1.101.3.4.3.19"): mldsa.MLDSA87PublicKey,
}
MAX_CMS_BYTES = 256 * 1024
"""Each value becomes an object, 2 octets of it some 100. Ours with ML-DSA-65 take 34 KiB."""
MAX_CERTIFICATES = 16
"""In one CMS; a signer's path takes three or four."""
SECONDS_LENGTH = 14
_MAX_FRACTION = 6


class UnsupportedCmsError(Exception):
    """Well-formed perhaps, but not what this reader judges."""


@dataclass(frozen=True, slots=True)
class Cms:
    """One SignedData with its one signer."""

    content: bytes | None
    """The encapsulated content, where there is one."""
    certificates: tuple[bytes, ...]
    digest_name: str
    signed_attributes: bytes
    """As they are signed: a SET OF (RFC 5652 5.4)."""
    message_digest: bytes
    certificate: bytes
    """The one that signing-certificate-v2 names by its digest (RFC 5035)."""
    algorithm: bytes
    """OBJECT IDENTIFIER of the signature's algorithm, DER."""
    signature: bytes
    timestamp: bytes | None
    """The first signature timestamp (ContentInfo, DER)."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Parsed TSTInfo (RFC 3161 2.4.2)."""

    digest_name: str
    imprint: bytes
    at: datetime


def read_cms(encoded: bytes, content_type: ObjectIdentifier) -> Cms:
    """Read a ContentInfo that zeros may follow; `content_type` is what it must enclose.

    Raises `DerError` for what is malformed, `UnsupportedCmsError` for what is not judged here.
    """
    own, rest = first_of(encoded)
    if rest.count(0) != len(rest):
        raise DerError("something follows the CMS")
    if len(own) > MAX_CMS_BYTES:
        raise UnsupportedCmsError("too large")
    info = read(ContentInfo, own)
    signed = info.content
    if (info.kind, signed.encapsulated.kind) != (_SIGNED_DATA, content_type):
        raise DerError("another type than expected")
    signers = signed.signers.as_list()
    if len(signers) > 1:
        raise UnsupportedCmsError("several signers")
    if not signers:
        raise DerError("no signer")
    certificates = signed.certificates or []
    if len(certificates) > MAX_CERTIFICATES:
        raise UnsupportedCmsError("too many certificates")
    signer = read(SignerShape, asn1.encode_der(signers[0]))
    return _cms(signer, signed.encapsulated.content, content_type, _sequences(certificates))


def _sequences(found: list[asn1.TLV]) -> tuple[bytes, ...]:
    if any(one.tag_bytes[0] != der.SEQUENCE for one in found):
        raise DerError("another type than expected")
    return tuple(asn1.encode_der(one) for one in found)


def _cms(
    signer: SignerShape,
    content: bytes | None,
    content_type: ObjectIdentifier,
    certificates: tuple[bytes, ...],
) -> Cms:
    if signer.named.tag_bytes[0] != der.SEQUENCE:
        raise UnsupportedCmsError("the signer is not named by issuer and serial")
    attributes = signer.attributes.as_list()
    values = _values(attributes)
    if read(ObjectIdentifier, _one(values, _CONTENT_TYPE)) != content_type:
        raise DerError("another type than expected")
    return Cms(
        content=content,
        certificates=certificates,
        digest_name=_digest_name(signer.digest),
        signed_attributes=der.set_of(asn1.encode_der(one) for one in attributes),
        message_digest=read(bytes, _one(values, _MESSAGE_DIGEST)),
        certificate=_named(_one(values, _SIGNING_CERTIFICATE_V2), certificates),
        algorithm=signer.algorithm.oid,
        signature=signer.signature,
        timestamp=_timestamp(signer.unsigned or []),
    )


def _values(attributes: list[Attribute]) -> dict[ObjectIdentifier, list[asn1.TLV]]:
    values = {one.kind: one.values.as_list() for one in attributes}
    if len(values) != len(attributes):
        raise DerError("an attribute stands twice")
    return values


def _one(values: dict[ObjectIdentifier, list[asn1.TLV]], kind: ObjectIdentifier) -> bytes:
    """Return the value of an attribute, which must be there and have one."""
    if kind not in values:
        raise UnsupportedCmsError("a signed attribute is missing")
    if len(values[kind]) != 1:
        raise DerError("an attribute has not one value")
    return asn1.encode_der(values[kind][0])


def _named(attribute: bytes, certificates: tuple[bytes, ...]) -> bytes:
    """Return the certificate that the first ESSCertIDv2 names (RFC 5035 4)."""
    named = read(SigningCertificate, attribute).certificates
    if not named:
        raise DerError("no certificate is named")
    name = "sha256" if named[0].digest is None else _digest_name(named[0].digest)
    for certificate in certificates:
        if hashlib.new(name, certificate).digest() == named[0].value:
            return certificate
    raise UnsupportedCmsError("the signer's certificate is not enclosed")


def _timestamp(unsigned: list[Attribute]) -> bytes | None:
    for attribute in unsigned:
        if attribute.kind == SIGNATURE_TIMESTAMP:
            tokens = _sequences(attribute.values.as_list())
            if not tokens:
                raise DerError("no token")
            return tokens[0]
    return None


def _digest_name(digest: Digest) -> str:
    name = _DIGESTS.get(digest.oid)
    if name is None:
        raise UnsupportedCmsError("a digest that is not judged here")
    return name


def read_stamp(content: bytes) -> Stamp:
    """Read a TSTInfo. Raises as `read_cms`."""
    info = read(TstInfo, content)
    if info.at.tag_bytes[0] != der.GENERALIZED_TIME:
        raise DerError("another type than expected")
    name = _digest_name(info.imprint.hash)
    return Stamp(name, info.imprint.digest, _instant(bytes(info.at.data)))


def instant_of(digits: bytes) -> datetime:
    """Return YYYYMMDDhhmmss as an instant in UTC. Raises `ValueError`."""
    parts = (int(digits[at : at + 2]) for at in range(4, SECONDS_LENGTH, 2))
    month, day, hour, minute, second = parts
    return datetime(int(digits[:4]), month, day, hour, minute, second, tzinfo=UTC)


def _instant(content: bytes) -> datetime:
    """Return a GeneralizedTime in UTC, with a fraction or without (X.690 11.7)."""
    whole, _, fraction = content[:-1].partition(b".")
    digits = whole.isdigit() and (not fraction or fraction.isdigit())
    if content[-1:] != b"Z" or len(whole) != SECONDS_LENGTH or not digits:
        raise DerError("not an instant in UTC")
    try:
        at = instant_of(whole)
    except ValueError as error:
        raise DerError("not an instant in UTC") from error
    return at + timedelta(microseconds=int(fraction[:_MAX_FRACTION].ljust(_MAX_FRACTION, b"0")))


def verify(cms: Cms, key: PublicKeyTypes) -> bool:
    """Tell whether the signature value is by `key` over the signed attributes.

    Raises `UnsupportedCmsError` where key and algorithm are not judged here.
    """
    try:
        _verify(cms, key)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError, TypeError) as error:
        raise UnsupportedCmsError(type(error).__name__) from error
    return True


def _verify(cms: Cms, key: PublicKeyTypes) -> None:
    signed, algorithm = cms.signed_attributes, cms.algorithm
    rsa_digest = cms.digest_name if algorithm == _RSA_ENCRYPTION else _RSA.get(algorithm)
    if isinstance(key, ec.EllipticCurvePublicKey) and algorithm in _ECDSA:
        key.verify(cms.signature, signed, ec.ECDSA(_HASHES[_ECDSA[algorithm]]))
    elif isinstance(key, rsa.RSAPublicKey) and rsa_digest is not None:
        key.verify(cms.signature, signed, padding.PKCS1v15(), _HASHES[rsa_digest])
    elif isinstance(key, _MlDsaKey) and isinstance(key, _ML_DSA.get(algorithm, ())):
        key.verify(cms.signature, signed)
    else:
        raise UnsupportedCmsError("key and algorithm do not fit, or are not judged here")
