"""Certificates, CRLs and requests in words, a line a fact, for people who decide or sign."""

import hashlib
import re
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID

from ca.profiles.extensions import KEY_USAGES
from ca.profiles.public_keys import spki_fingerprint
from keys.algorithms import UnsupportedKeyError, algorithm_of

_DOTTED = re.compile(r"(^|(?<!\\)[,+])2\.5\.4\.97=")
"""organizationIdentifier (ETSI EN 319 412-1 5.1.4), as `cryptography` writes it in an RDN."""
Fact = tuple[str, str]
"""Name and value of one line."""
_PLAIN_USAGES = 7
"""encipherOnly and decipherOnly mean something beside keyAgreement alone (RFC 5280 4.2.1.3)."""
_NAMES: dict[type[x509.ExtensionType], str] = {
    x509.BasicConstraints: "basic-constraints",
    x509.KeyUsage: "key-usage",
    x509.SubjectKeyIdentifier: "subject-key-id",
    x509.AuthorityKeyIdentifier: "authority-key-id",
    x509.CertificatePolicies: "policies",
    x509.CRLDistributionPoints: "crl-at",
    x509.AuthorityInformationAccess: "issuer-at",
}


def describe_certificate(certificate: x509.Certificate) -> list[Fact]:
    """Return a certificate's contents, in its own order."""
    facts = [
        ("subject", describe_name(certificate.subject)),
        ("issuer", describe_name(certificate.issuer)),
        ("serial", f"{certificate.serial_number:x}"),
        ("not-before", instant(certificate.not_valid_before_utc)),
        ("not-after", instant(certificate.not_valid_after_utc)),
        ("key", describe_key(certificate.public_key())),
    ]
    for extension in certificate.extensions:
        name = _NAMES.get(type(extension.value))
        if name is not None:
            critical = ", critical" if extension.critical else ""
            facts.append((name, describe_extension(extension.value) + critical))
    return facts


def describe_crl(crl: x509.CertificateRevocationList) -> list[Fact]:
    """Return a CRL's contents."""
    number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    facts = [
        ("issuer", describe_name(crl.issuer)),
        ("crl-number", str(number)),
        ("this-update", instant(crl.last_update_utc)),
        ("next-update", "none" if crl.next_update_utc is None else instant(crl.next_update_utc)),
        ("revoked", str(len(crl))),
    ]
    facts += [
        ("revoked-serial", f"{entry.serial_number:x} at {instant(entry.revocation_date_utc)}")
        for entry in crl
    ]
    return facts


def describe_name(name: x509.Name) -> str:
    """Return a name as text (RFC 4514)."""
    return name.rfc4514_string({NameOID.ORGANIZATION_IDENTIFIER: "organizationIdentifier"})


def describe_subject(recorded: str) -> str:
    """Return a subject as people are shown it; on record it names some attributes by number."""
    return _DOTTED.sub(r"\1organizationIdentifier=", recorded)


def describe_key(key: CertificatePublicKeyTypes) -> str:
    """Return a key's algorithm and fingerprint."""
    try:
        name: str = algorithm_of(key)
    except UnsupportedKeyError:
        name = type(key).__name__
    return f"{name}, SHA-256 of SPKI {spki_fingerprint(key)}"


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def instant(at: datetime) -> str:
    """Return an instant as text, UTC, whole seconds."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def describe_extension(value: x509.ExtensionType) -> str:  # noqa: PLR0911  # a table
    """Return an extension's contents as a short text."""
    match value:
        case x509.BasicConstraints():
            length = "" if value.path_length is None else f", path length {value.path_length}"
            return f"CA{length}" if value.ca else "no CA"
        case x509.KeyUsage():
            return ", ".join(name for name in KEY_USAGES[:_PLAIN_USAGES] if getattr(value, name))
        case x509.ExtendedKeyUsage():
            return ", ".join(oid._name for oid in value)  # noqa: SLF001  # no public accessor
        case x509.SubjectKeyIdentifier():
            return value.digest.hex()
        case x509.AuthorityKeyIdentifier():
            return (value.key_identifier or b"").hex()
        case x509.CertificatePolicies():
            return ", ".join(one.policy_identifier.dotted_string for one in value)
        case x509.CRLDistributionPoints():
            names = [name for point in value for name in point.full_name or ()]
            return ", ".join(str(name.value) for name in names)
        case x509.AuthorityInformationAccess():
            return ", ".join(str(one.access_location.value) for one in value)
        case x509.UnrecognizedExtension():
            return value.value.hex()
        case _:
            return type(value).__name__
