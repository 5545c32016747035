"""CMS SignedData (RFC 5652) and TSTInfo (RFC 3161 2.4.2) as `ca.encoding.reading` reads them.

Lists of certificates and attributes that are not signed are taken in any order, as everybody does.
"""

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from ca.encoding.reading import Digest, Imprint


@asn1.sequence
class Encapsulated:
    kind: ObjectIdentifier
    content: Annotated[bytes | None, asn1.Explicit(0)]


@asn1.sequence
class SignedData:
    version: int
    digests: asn1.SetOf[asn1.TLV]
    encapsulated: Encapsulated
    certificates: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    crls: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]
    signers: asn1.SetOf[asn1.TLV]


@asn1.sequence
class ContentInfo:
    kind: ObjectIdentifier
    content: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class Attribute:
    kind: ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class SignerShape:
    version: int
    named: asn1.TLV
    digest: Digest
    attributes: Annotated[asn1.SetOf[Attribute], asn1.Implicit(0)]
    algorithm: Digest
    signature: bytes
    unsigned: Annotated[list[Attribute] | None, asn1.Implicit(1)]


@asn1.sequence
class EssCertId:
    digest: Digest | None
    value: bytes
    issuer_serial: list[asn1.TLV] | None


@asn1.sequence
class SigningCertificate:
    certificates: list[EssCertId]
    policies: list[asn1.TLV] | None


@asn1.sequence
class TstInfo:
    version: int
    policy: ObjectIdentifier
    imprint: Imprint
    serial: int
    at: asn1.TLV
    accuracy: list[asn1.TLV] | None
    ordering: bool | None
    nonce: int | None
    tsa: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    extensions: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]
