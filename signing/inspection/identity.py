"""Identity behind a signing certificate, and the match of names along its path."""

from collections.abc import Iterable
from functools import lru_cache

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from ca.encoding.identity_issuer import IDENTITY_ISSUER, identity_issuer_of
from signing.inspection.objects import READ_ERRORS
from signing.report import SignatureKind

_MOST_CHARACTERS = 256
_MOST_ISSUERS = 16
"""Certificates looked at on a signer's way, and issuers tried for each; a way has some four."""


def signer_words(certificate: asn1_x509.Certificate) -> str:
    """Return the CN, else the whole name, without control characters, at most 256 of them."""
    return _name_words(certificate, "common_name") or _printable(_whole_name(certificate))


def organization_words(certificate: asn1_x509.Certificate) -> str:
    """Return the body that the subject names, in the same way, or nothing."""
    return _name_words(certificate, "organization_name")


def identity_issuer_words(certificate: asn1_x509.Certificate) -> str | None:
    """Return the issuer that vouched for a person, where the certificate says it in our form."""
    try:
        for extension in certificate["tbs_certificate"]["extensions"]:
            if extension["extn_id"].dotted == IDENTITY_ISSUER.dotted_string:
                return identity_issuer_of(extension["extn_value"].contents)
    except READ_ERRORS:
        return None
    return None


def _name_words(certificate: asn1_x509.Certificate, attribute: str) -> str:
    try:
        name = certificate.subject.native.get(attribute)
    except READ_ERRORS:
        return ""
    if isinstance(name, list):
        name = name[0]
    return _printable(str(name)) if name else ""


def _whole_name(certificate: asn1_x509.Certificate) -> str:
    try:
        return str(certificate.subject.human_friendly)
    except READ_ERRORS:
        return ""


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:_MOST_CHARACTERS]


def kind_of(certificate: asn1_x509.Certificate) -> SignatureKind:
    """Tell a body's seal from a person's signature (ETSI EN 319 412-3 4.2.1, 412-2 4.2.4).

    A legal person's certificate bears organizationIdentifier and no personal name.
    """
    try:
        names = certificate.subject.native
    except READ_ERRORS:
        return SignatureKind.SIGNATURE
    personal = {"given_name", "surname", "pseudonym"} & names.keys()
    if "organization_identifier" in names and not personal:
        return SignatureKind.SEAL
    return SignatureKind.SIGNATURE


def issued(certificate: asn1_x509.Certificate, issuer: asn1_x509.Certificate) -> bool | None:
    """Tell whether `issuer`'s key signed `certificate`.

    None where that cannot be told: `cryptography` raises `ValueError` for SHA-1 and MD5, and for
    encodings that it does not take.
    """
    return _issued(certificate.dump(), issuer.dump())


@lru_cache(maxsize=1024)
def _issued(certificate: bytes, issuer: bytes) -> bool | None:
    try:
        child = x509.load_der_x509_certificate(certificate)
        parent = x509.load_der_x509_certificate(issuer)
        child.verify_directly_issued_by(parent)
    except InvalidSignature:
        return False
    except READ_ERRORS:
        return None
    return True


def altered_certificate(
    signer: asn1_x509.Certificate, others: Iterable[asn1_x509.Certificate]
) -> bool:
    """Tell whether a certificate on the signer's way to its root is not what its issuer signed.

    Certificates in a CMS are not covered by its signature. Proof is an invalid signature under a
    key that fits: the issuer's by name and by key identifier (RFC 5280 4.2.1.1). A name alone does
    not tell, since CAs renew their keys and impostors borrow names. A root's own signature proves
    nothing (RFC 5280 6.1.1), and what lies beside the signer's way is nobody's word.
    """
    by_key: dict[tuple[bytes, bytes], list[asn1_x509.Certificate]] = {}
    for other in others:
        if other.key_identifier is not None:
            by_key.setdefault((other.subject.dump(), other.key_identifier), []).append(other)
    waiting, seen = [signer], {signer.dump()}
    while waiting:
        certificate = waiting.pop()
        if certificate.subject.dump() == certificate.issuer.dump():
            continue
        identifier = certificate.authority_key_identifier
        fitting = by_key.get((certificate.issuer.dump(), identifier), [])[:_MOST_ISSUERS]
        signed = [(issuer, issued(certificate, issuer)) for issuer in fitting]
        if signed and all(holds is False for _, holds in signed):
            return True
        for issuer, holds in signed:
            if holds and issuer.dump() not in seen and len(seen) < _MOST_ISSUERS:
                seen.add(issuer.dump())
                waiting.append(issuer)
    return False


def readable(certificate: asn1_x509.Certificate) -> bool:
    """Tell whether all that path building looks at can be read."""
    try:
        _ = certificate.subject.hashable, certificate.issuer.hashable, certificate.issuer_serial
        _ = certificate.key_identifier, certificate.authority_key_identifier
        _ = certificate.authority_issuer_serial, certificate.public_key.sha1, certificate.ca
        _ = certificate.not_valid_before, certificate.not_valid_after
    except READ_ERRORS:
        return False
    return True
