"""Certificates, CRLs and requests in words, a line a fact, for people who decide or sign."""

import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID

from ca.public_keys import spki_fingerprint
from ca.transcript import Fact
from keys.algorithms import UnsupportedKeyError, algorithm_of

_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)


def describe_certificate(certificate: x509.Certificate) -> list[Fact]:
    """Return what a certificate says, in the order in which it says it."""
    facts = [
        ("subject", describe_name(certificate.subject)),
        ("issuer", describe_name(certificate.issuer)),
        ("serial", f"{certificate.serial_number:x}"),
        ("not-before", instant(certificate.not_valid_before_utc)),
        ("not-after", instant(certificate.not_valid_after_utc)),
        ("key", describe_key(certificate.public_key())),
    ]
    for extension in certificate.extensions:
        found = _describe_extension(extension.value)
        if found is not None:
            facts.append((found[0], found[1] + (", critical" if extension.critical else "")))
    return facts


def describe_crl(crl: x509.CertificateRevocationList) -> list[Fact]:
    """Return what a CRL says."""
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


def _describe_extension(value: x509.ExtensionType) -> Fact | None:  # noqa: PLR0911 (one a kind)
    if isinstance(value, x509.BasicConstraints):
        length = "" if value.path_length is None else f", path length {value.path_length}"
        return "basic-constraints", f"CA{length}" if value.ca else "no CA"
    if isinstance(value, x509.KeyUsage):
        return "key-usage", ", ".join(name for name in _USAGES if getattr(value, name))
    if isinstance(value, x509.SubjectKeyIdentifier):
        return "subject-key-id", value.digest.hex()
    if isinstance(value, x509.AuthorityKeyIdentifier) and value.key_identifier is not None:
        return "authority-key-id", value.key_identifier.hex()
    if isinstance(value, x509.CertificatePolicies):
        return "policies", ", ".join(one.policy_identifier.dotted_string for one in value)
    if isinstance(value, x509.CRLDistributionPoints):
        return "crl-at", ", ".join(str(n.value) for p in value for n in p.full_name or ())
    if isinstance(value, x509.AuthorityInformationAccess):
        return "issuer-at", ", ".join(str(one.access_location.value) for one in value)
    return None
