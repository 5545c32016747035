"""CMS SignedData (RFC 5652) read strictly, and its signature value verified, without a framework.

For what this service makes and what its timestampers make: one signer, named by issuer and serial,
signed attributes in DER. Whatever else there is raises, and is judged elsewhere.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ca.encoding import der
from ca.encoding.tsa_request import DIGEST_OIDS

_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
DATA = der.oid("1.2.840.113549.1.7.1")
TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = der.oid("1.2.840.113549.1.9.16.2.47")
SIGNATURE_TIMESTAMP = der.oid("1.2.840.113549.1.9.16.2.14")
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
_CONTEXT_0, _CONTEXT_1 = 0xA0, 0xA1
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
    """What a TSTInfo (RFC 3161 2.4.2) says."""

    digest_name: str
    imprint: bytes
    at: datetime


def read_cms(encoded: bytes, content_type: bytes) -> Cms:
    """Read a ContentInfo that zeros may follow; `content_type` is what it must enclose.

    Raises `DerError` for what is malformed, `UnsupportedCmsError` for what is not judged here.
    """
    reader = der.Reader(encoded)
    info = reader.next(der.SEQUENCE).members()
    rest = encoded[reader.position :]
    if rest.count(0) != len(rest):
        raise der.DerError("something follows the CMS")
    _expect(info.next(der.OBJECT_IDENTIFIER), _SIGNED_DATA)
    explicit = info.next(_CONTEXT_0).members()
    info.finish()
    signed = explicit.next(der.SEQUENCE).members()
    explicit.finish()
    der.read_integer(signed.next(der.INTEGER))
    signed.next(der.SET)
    content = _content(signed.next(der.SEQUENCE).members(), content_type)
    certificates = _certificates(signed.optional(_CONTEXT_0))
    signed.optional(_CONTEXT_1)
    signers = signed.next(der.SET).members()
    signed.finish()
    signer = signers.next(der.SEQUENCE).members()
    if not signers.at_end:
        raise UnsupportedCmsError("several signers")
    return _signer(signer, content, content_type, certificates)


def _content(encapsulated: der.Reader, content_type: bytes) -> bytes | None:
    _expect(encapsulated.next(der.OBJECT_IDENTIFIER), content_type)
    explicit = encapsulated.optional(_CONTEXT_0)
    encapsulated.finish()
    return None if explicit is None else der.read_one(explicit.content, der.OCTET_STRING).content


def _certificates(found: der.Element | None) -> tuple[bytes, ...]:
    if found is None:
        return ()
    reader, certificates = found.members(), []
    while not reader.at_end:
        certificates.append(reader.next(der.SEQUENCE).encoded)
        if len(certificates) > MAX_CERTIFICATES:
            raise UnsupportedCmsError("too many certificates")
    return tuple(certificates)


def _signer(
    signer: der.Reader, content: bytes | None, content_type: bytes, certificates: tuple[bytes, ...]
) -> Cms:
    der.read_integer(signer.next(der.INTEGER))
    if signer.optional(der.SEQUENCE) is None:
        raise UnsupportedCmsError("the signer is not named by issuer and serial")
    digest_name = _digest_name(signer.next(der.SEQUENCE))
    attributes = signer.next(_CONTEXT_0).content
    algorithm = signer.next(der.SEQUENCE).members()
    algorithm_oid = algorithm.next(der.OBJECT_IDENTIFIER).encoded
    der.read_null(algorithm)
    signature = signer.next(der.OCTET_STRING).content
    unsigned = signer.optional(_CONTEXT_1)
    signer.finish()
    values = _attributes(attributes)
    _expect(der.read_one(_one(values, _CONTENT_TYPE), der.OBJECT_IDENTIFIER), content_type)
    digest = der.read_one(_one(values, _MESSAGE_DIGEST), der.OCTET_STRING).content
    return Cms(
        content=content,
        certificates=certificates,
        digest_name=digest_name,
        signed_attributes=der.tlv(der.SET, attributes),
        message_digest=digest,
        certificate=_named(_one(values, _SIGNING_CERTIFICATE_V2), certificates),
        algorithm=algorithm_oid,
        signature=signature,
        timestamp=None if unsigned is None else _timestamp(unsigned),
    )


def _attributes(encoded: bytes) -> dict[bytes, list[bytes]]:
    """Return the values by type; in the order of a SET OF (X.690 11.6), each type once."""
    reader, members, values = der.Reader(encoded), [], dict[bytes, list[bytes]]()
    while not reader.at_end:
        element = reader.next(der.SEQUENCE)
        members.append(element.encoded)
        attribute = element.members()
        kind = attribute.next(der.OBJECT_IDENTIFIER).encoded
        value = attribute.next(der.SET).content
        attribute.finish()
        if kind in values:
            raise der.DerError("an attribute stands twice")
        values[kind] = [value]
    if members != sorted(members):
        raise der.DerError("attributes are not in the order of a SET OF")
    return values


def _one(values: dict[bytes, list[bytes]], kind: bytes) -> bytes:
    """Return the content of an attribute's SET, which must be there."""
    if kind not in values:
        raise UnsupportedCmsError("a signed attribute is missing")
    return values[kind][0]


def _named(attribute: bytes, certificates: tuple[bytes, ...]) -> bytes:
    """Return the certificate that the first ESSCertIDv2 names (RFC 5035 4)."""
    signing = der.read_one(attribute, der.SEQUENCE).members()
    first = signing.next(der.SEQUENCE).members().next(der.SEQUENCE).members()
    algorithm = first.optional(der.SEQUENCE)
    name = "sha256" if algorithm is None else _digest_name(algorithm)
    digest = first.next(der.OCTET_STRING).content
    for certificate in certificates:
        if hashlib.new(name, certificate).digest() == digest:
            return certificate
    raise UnsupportedCmsError("the signer's certificate is not enclosed")


def _timestamp(unsigned: der.Element) -> bytes | None:
    reader = unsigned.members()
    while not reader.at_end:
        attribute = reader.next(der.SEQUENCE).members()
        kind = attribute.next(der.OBJECT_IDENTIFIER).encoded
        if kind == SIGNATURE_TIMESTAMP:
            return attribute.next(der.SET).members().next(der.SEQUENCE).encoded
    return None


def _digest_name(algorithm: der.Element) -> str:
    members = algorithm.members()
    name = _DIGESTS.get(members.next(der.OBJECT_IDENTIFIER).encoded)
    der.read_null(members)
    if name is None:
        raise UnsupportedCmsError("a digest that is not judged here")
    return name


def _expect(element: der.Element, encoded: bytes) -> None:
    if element.encoded != encoded:
        raise der.DerError("another type than expected")


def read_stamp(content: bytes) -> Stamp:
    """Read a TSTInfo. Raises as `read_cms`."""
    info = der.read_one(content, der.SEQUENCE).members()
    der.read_integer(info.next(der.INTEGER))
    info.next(der.OBJECT_IDENTIFIER)
    imprint = info.next(der.SEQUENCE).members()
    name = _digest_name(imprint.next(der.SEQUENCE))
    digest = imprint.next(der.OCTET_STRING).content
    imprint.finish()
    info.next(der.INTEGER)
    return Stamp(name, digest, _instant(info.next(der.GENERALIZED_TIME).content))


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
        raise der.DerError("not an instant in UTC")
    try:
        at = instant_of(whole)
    except ValueError as error:
        raise der.DerError("not an instant in UTC") from error
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
