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
    need. One whose issuer is not at hand cannot be judged and is left alone.
    """
    known_bytes = {certificate.dump() for certificate in known}
    unknown = [certificate for certificate in embedded if certificate.dump() not in known_bytes]
    if not all(_parses(certificate) for certificate in unknown):
        return True
    everything = [(other.subject.dump(), other) for other in (*known, *unknown)]
    for certificate in unknown:
        name = certificate.issuer.dump()
        issuers = [other for subject, other in everything if subject == name]
        verdicts = [issued(certificate, issuer) for issuer in issuers]
        if False in verdicts and True not in verdicts:
            return True
    return False


def _parses(certificate: asn1_x509.Certificate) -> bool:
    try:
        loaded = x509.load_der_x509_certificate(certificate.dump())
        _ = loaded.subject, loaded.issuer, loaded.not_valid_before_utc, loaded.extensions
        _ = certificate.subject.dump(), certificate.issuer.dump(), certificate.key_identifier
    except (ValueError, TypeError, x509.DuplicateExtension):
        return False
    return True
