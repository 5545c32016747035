"""Who stands behind a signing certificate, and whether certificates bear their issuers' names."""

from collections.abc import Iterable

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from signing.report import SignatureKind

_MOST_CHARACTERS = 256


def signer_words(certificate: asn1_x509.Certificate) -> str:
    """Return the CN, else the whole name, without control characters, at most 256 of them."""
    native = certificate.subject.native
    name = native.get("common_name", certificate.subject.human_friendly)
    if isinstance(name, list):
        name = name[0]
    return "".join(character for character in str(name) if character.isprintable())[
        :_MOST_CHARACTERS
    ]


def kind_of(certificate: asn1_x509.Certificate) -> SignatureKind:
    """Tell a body's seal from a person's signature (ETSI EN 319 412-3 4.2.1, 412-2 4.2.4).

    A legal person's certificate bears organizationIdentifier and no personal name.
    """
    names = certificate.subject.native
    personal = {"given_name", "surname", "pseudonym"} & names.keys()
    if "organization_identifier" in names and not personal:
        return SignatureKind.SEAL
    return SignatureKind.SIGNATURE


def issued(certificate: asn1_x509.Certificate, issuer: asn1_x509.Certificate) -> bool | None:
    """Tell whether `issuer`'s key signed `certificate`; None where the algorithm is unknown."""
    try:
        child = x509.load_der_x509_certificate(certificate.dump())
        parent = x509.load_der_x509_certificate(issuer.dump())
        child.verify_directly_issued_by(parent)
    except (UnsupportedAlgorithm, TypeError):
        return None
    except (ValueError, InvalidSignature):
        return False
    return True


def altered_certificate(
    embedded: Iterable[asn1_x509.Certificate], known: Iterable[asn1_x509.Certificate]
) -> bool:
    """Tell whether an embedded certificate is not what its issuer signed.

    Certificates in a CMS are not covered by its signature; pyHanko ignores one that it does not
    need. One whose issuer's key is not at hand cannot be judged and is left alone; a name alone
    does not tell, since CAs renew their keys and impostors borrow names.
    """
    known_bytes = {certificate.dump() for certificate in known}
    unknown = [certificate for certificate in embedded if certificate.dump() not in known_bytes]
    if not all(_parses(certificate) for certificate in unknown):
        return True
    everything = (*unknown, *known)
    by_key = {(other.subject.dump(), other.key_identifier): other for other in everything}
    for certificate in unknown:
        issuer = by_key.get((certificate.issuer.dump(), certificate.authority_key_identifier))
        if issuer is not None and issued(certificate, issuer) is False:
            return True
        if any(_is_double(certificate, other) for other in everything):
            return True
    return False


def _is_double(one: asn1_x509.Certificate, other: asn1_x509.Certificate) -> bool:
    """Tell whether two certificates pass for the same and are not (RFC 5280 4.1.2.2)."""
    if one.serial_number != other.serial_number or one.dump() == other.dump():
        return False
    same_key = one.key_identifier is not None and one.key_identifier == other.key_identifier
    return same_key or bool(one.subject.dump() == other.subject.dump())


def _parses(certificate: asn1_x509.Certificate) -> bool:
    try:
        loaded = x509.load_der_x509_certificate(certificate.dump())
        _ = loaded.subject, loaded.issuer, loaded.not_valid_before_utc, loaded.extensions
        _ = certificate.subject.dump(), certificate.issuer.dump()
        _ = certificate.key_identifier, certificate.authority_key_identifier
    except (ValueError, TypeError, x509.DuplicateExtension):
        return False
    return True
