"""A profile's extensions, made for one certificate (RFC 5280 4.2)."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import AuthorityInformationAccessOID as AiaOID

from ca.addresses import PkiAddresses
from ca.encoding.identity_issuer import identity_issuer_extension
from ca.profiles.profiles import Profile, ProfileKind
from core.ids import IssuerId

NO_REVOCATION = x509.ObjectIdentifier("2.5.29.56")
"""id-ce-noRevAvail (RFC 9608 2)."""
ASSURED_SHORT_TERM = x509.ObjectIdentifier("0.4.0.194121.2.1")
"""ext-etsi-valassured-ST-certs (EN 319 412-1 5.2)."""
_NULL = b"\x05\x00"
KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class ExtensionContext:
    """Values for the extensions of one certificate."""

    profile: Profile
    issuer: IssuerId
    public_key: CertificatePublicKeyTypes
    authority_key_identifier: bytes
    """Of the issuer; a root's own."""
    addresses: PkiAddresses
    shard: int = 0
    """Which of the issuer's CRLs will speak of it."""
    identity_issuer: str | None = None
    """Who vouched for a person: `iss` of the token in which they were enrolled."""


Extensions = list[tuple[x509.ExtensionType, bool]]
"""Each with its criticality."""


def build_extensions(context: ExtensionContext) -> Extensions:
    """Return the extensions in the order in which they will stand."""
    rules = context.profile.rules
    extensions: Extensions = []
    if rules.ca:
        extensions.append((x509.BasicConstraints(ca=True, path_length=rules.path_length), True))
    extensions.append((_key_usage(rules.key_usage), True))
    if rules.extended_key_usage is not None:
        eku = x509.ExtendedKeyUsage([rules.extended_key_usage])
        extensions.append((eku, rules.extended_key_usage_critical))
    if rules.no_check:
        extensions.append((x509.OCSPNoCheck(), False))
    if rules.short_lived:
        marks = (NO_REVOCATION, ASSURED_SHORT_TERM)
        extensions += [(x509.UnrecognizedExtension(oid, _NULL), False) for oid in marks]
    extensions.append((x509.SubjectKeyIdentifier.from_public_key(context.public_key), False))
    key_identifier = context.authority_key_identifier
    extensions.append((x509.AuthorityKeyIdentifier(key_identifier, None, None), False))
    if context.profile.kind is not ProfileKind.ROOT:
        extensions += _issuer_extensions(context)
    if context.profile.policies:
        policies = [x509.PolicyInformation(oid, None) for oid in context.profile.policies]
        # Not critical: EN 319 412-2 4.3.3.
        extensions.append((x509.CertificatePolicies(policies), False))
    if context.identity_issuer is not None:
        extensions.append((identity_issuer_extension(context.identity_issuer), False))
    return extensions


def _issuer_extensions(context: ExtensionContext) -> Extensions:
    """Return the extensions that lead to the issuer and its revocation data."""
    rules, addresses = context.profile.rules, context.addresses
    access = [_access(AiaOID.CA_ISSUERS, addresses.certificate(context.issuer))]
    if rules.ocsp_address:
        access.insert(0, _access(AiaOID.OCSP, addresses.ocsp))
    extensions: Extensions = [(x509.AuthorityInformationAccess(access), False)]
    if rules.crl_address:
        address = addresses.crl(context.issuer, context.shard)
        point = x509.DistributionPoint([_uri(address)], None, None, None)
        extensions.append((x509.CRLDistributionPoints([point]), False))
    return extensions


def _key_usage(names: frozenset[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in names for name in KEY_USAGES})


def _access(method: x509.ObjectIdentifier, address: str) -> x509.AccessDescription:
    return x509.AccessDescription(method, _uri(address))


def _uri(address: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(address)
