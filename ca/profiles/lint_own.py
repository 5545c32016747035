"""Checks of our own, for what pkilint's PKIX profile leaves open: usage and marks of each kind.

They read the encoded certificate and compare it with the kind's clauses, written out here a second
time on purpose: a mistake in `ca.profiles.profiles` or `ca.profiles.extensions` must not hide
itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from cryptography import x509
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    ExtensionOID,
    NameOID,
    SignatureAlgorithmOID,
)

from ca.profiles.names import subject_of
from ca.profiles.profiles import ProfileKind
from ca.profiles.rules import ID_KP_JWT
from core.resident_ids import holds_resident_id


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing that a linter found."""

    severity: str
    code: str
    message: str


_NON_REPUDIATION = b"\x03\x02\x06\x40"
_DIGITAL_SIGNATURE = b"\x03\x02\x07\x80"
_CERT_AND_CRL_SIGN = b"\x03\x02\x01\x06"
_KEY_USAGE: dict[ProfileKind, bytes] = {
    ProfileKind.ROOT: _CERT_AND_CRL_SIGN,
    ProfileKind.ISSUING: _CERT_AND_CRL_SIGN,
    ProfileKind.CROSS: _CERT_AND_CRL_SIGN,
    ProfileKind.SEAL: _NON_REPUDIATION,
    ProfileKind.OFFICER: _NON_REPUDIATION,
    ProfileKind.OFFICER_SHORT: _NON_REPUDIATION,
    ProfileKind.OCSP_RESPONDER: _DIGITAL_SIGNATURE,
    ProfileKind.TSA: _DIGITAL_SIGNATURE,
    ProfileKind.RECEIPT: _DIGITAL_SIGNATURE,
}
"""The BIT STRING of keyUsage, DER (RFC 5280 4.2.1.3)."""

_EKU = {
    ProfileKind.OCSP_RESPONDER: (ExtendedKeyUsageOID.OCSP_SIGNING, False),
    ProfileKind.TSA: (ExtendedKeyUsageOID.TIME_STAMPING, True),
    ProfileKind.RECEIPT: (ID_KP_JWT, True),
}
_ML_DSA = frozenset(x509.ObjectIdentifier(f"2.16.840.1.101.3.4.3.{n}") for n in (18, 19))
"""id-ml-dsa-65 and -87 (RFC 9881 2)."""
_SIGNATURES = frozenset(
    {
        SignatureAlgorithmOID.ECDSA_WITH_SHA256,
        SignatureAlgorithmOID.ECDSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        *_ML_DSA,
    }
)
_NULL = b"\x05\x00"
_NO_REVOCATION = x509.ObjectIdentifier("2.5.29.56")
_SHORT_TERM = x509.ObjectIdentifier("0.4.0.194121.2.1")
_SHORT_LIVED = frozenset({ProfileKind.OFFICER_SHORT})
_MOST_OF_SHORT_TERM = timedelta(hours=24)
"""EN 319 412-1 3.1: ends before a revocation must have taken effect (EN 319 411-1 6.2.4)."""
_NO_CRL = frozenset({ProfileKind.ROOT, ProfileKind.OFFICER_SHORT})
_NO_OCSP = _NO_CRL | {ProfileKind.ISSUING, ProfileKind.CROSS, ProfileKind.OCSP_RESPONDER}
_PERSONS = frozenset({ProfileKind.OFFICER, ProfileKind.OFFICER_SHORT})
_PATH_LENGTHS: dict[ProfileKind, int | None] = {
    ProfileKind.ROOT: None,
    ProfileKind.ISSUING: 0,
    ProfileKind.CROSS: 1,
}
_MIN_SERIAL_BITS = 64
"""Random bits that a serial must have room for (CA/Browser Forum BR 7.1)."""
_MAX_SERIAL_OCTETS = 20
"""RFC 5280 4.1.2.2."""


def own_findings(kind: ProfileKind, der: bytes) -> Iterator[LintFinding]:
    """Yield the faults of a certificate (DER) of this kind."""
    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError as error:  # its parser is strict: parameters beside ML-DSA (RFC 9881 2), …
        yield LintFinding("FATAL", "own.unreadable", str(error))
        return
    for code, holds in (
        ("own.serial", _serial_holds(certificate)),
        ("own.signature_algorithm", certificate.signature_algorithm_oid in _SIGNATURES),
        ("own.key_usage", _key_usage_holds(kind, certificate)),
        ("own.extended_key_usage", _extended_key_usage_holds(kind, certificate)),
        ("own.ocsp_no_check", _no_check_holds(kind, certificate)),
        ("own.basic_constraints", _basic_constraints_hold(kind, certificate)),
        ("own.no_revocation", _no_revocation_holds(kind, certificate)),
        ("own.addresses", _addresses_hold(kind, certificate)),
        ("own.subject", _subject_holds(kind, certificate)),
        ("own.policies_critical", not _is_critical(certificate, ExtensionOID.CERTIFICATE_POLICIES)),
    ):
        if not holds:
            yield LintFinding("ERROR", code, f"does not hold for the profile “{kind}”")


def _extension(
    certificate: x509.Certificate, oid: x509.ObjectIdentifier
) -> x509.Extension[x509.ExtensionType] | None:
    return next((e for e in certificate.extensions if e.oid == oid), None)


def _is_critical(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> bool:
    found = _extension(certificate, oid)
    return found is not None and found.critical


def _serial_holds(certificate: x509.Certificate) -> bool:
    bits = certificate.serial_number.bit_length()
    # One bit more for the sign keeps a positive INTEGER within its octets.
    return bits >= _MIN_SERIAL_BITS and bits + 1 <= 8 * _MAX_SERIAL_OCTETS


def _key_usage_holds(kind: ProfileKind, certificate: x509.Certificate) -> bool:
    found = _extension(certificate, ExtensionOID.KEY_USAGE)
    return found is not None and found.critical and found.value.public_bytes() == _KEY_USAGE[kind]


def _extended_key_usage_holds(kind: ProfileKind, certificate: x509.Certificate) -> bool:
    found = _extension(certificate, ExtensionOID.EXTENDED_KEY_USAGE)
    if kind not in _EKU:
        return found is None
    usage, critical = _EKU[kind]
    return (
        found is not None
        and found.critical is critical
        and found.value == x509.ExtendedKeyUsage([usage])
    )


def _no_check_holds(kind: ProfileKind, certificate: x509.Certificate) -> bool:
    found = _extension(certificate, ExtensionOID.OCSP_NO_CHECK)
    return (found is not None) == (kind is ProfileKind.OCSP_RESPONDER)


def _no_revocation_holds(kind: ProfileKind, certificate: x509.Certificate) -> bool:
    """Both marks, NULL and not critical (RFC 9608 2, EN 319 412-1 5.2), and a day at most."""
    marks = [_extension(certificate, oid) for oid in (_NO_REVOCATION, _SHORT_TERM)]
    if kind not in _SHORT_LIVED:
        return marks == [None, None]
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return lasts < _MOST_OF_SHORT_TERM and all(
        mark is not None and not mark.critical and mark.value.public_bytes() == _NULL
        for mark in marks
    )


def _addresses_hold(kind: ProfileKind, certificate: x509.Certificate) -> bool:
    """Tell whether revocation data are addressed where there are any (RFC 9608 3, EN 319 412-2
    4.4.1).
    """
    crl = _extension(certificate, ExtensionOID.CRL_DISTRIBUTION_POINTS)
    access = _extension(certificate, ExtensionOID.AUTHORITY_INFORMATION_ACCESS)
    described = (
        [] if access is None else list(cast("x509.AuthorityInformationAccess", access.value))
    )
    methods = {one.access_method for one in described}
    return (
        (crl is None) == (kind in _NO_CRL)
        and (AuthorityInformationAccessOID.OCSP not in methods) == (kind in _NO_OCSP)
        and (AuthorityInformationAccessOID.CA_ISSUERS not in methods) == (kind is ProfileKind.ROOT)
    )


def _subject_holds(kind: ProfileKind, certificate: x509.Certificate) -> bool:
    """A person has an identifier that is no resident identity number; a body has its code."""
    subject = subject_of(certificate)
    numbers = subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    bodies = subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    if kind not in _PERSONS:
        return not numbers and len(bodies) == 1
    texts = [str(attribute.value) for attribute in subject]
    return len(numbers) == 1 and not any(holds_resident_id(text) for text in texts)


def _basic_constraints_hold(kind: ProfileKind, certificate: x509.Certificate) -> bool:
    found = _extension(certificate, ExtensionOID.BASIC_CONSTRAINTS)
    if kind not in _PATH_LENGTHS:
        return found is None
    path_length = _PATH_LENGTHS[kind]
    return (
        found is not None
        and found.critical
        and found.value == x509.BasicConstraints(ca=True, path_length=path_length)
    )
