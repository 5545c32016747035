"""Rules for a path of certificates that others issued, beyond its signatures (RFC 5280 4.2, 6.1).

A path that is taken in once stands in documents for decades, so what validators may read
differently is refused; and what one of them would refuse is refused here first.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeVar

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.outside import messages
from ca.outside.exchange import refused
from ca.profiles.describe import describe_name

T = TypeVar("T", bound=x509.ExtensionType)

_DOCUMENT_USAGES: Final = frozenset(
    {
        x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # documentSigning, RFC 9336
        x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # Microsoft's
        x509.ObjectIdentifier("1.2.840.113583.1.1.5"),  # Adobe's
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    }
)
"""Purposes under which validators take a signature on a document."""


def find_extension(certificate: x509.Certificate, kind: type[T]) -> T | None:
    """Return the value of an extension, or None."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def check_path(path: Sequence[x509.Certificate]) -> None:
    """Raise `ExchangeError` where a path, the leaf first, breaks one of the rules below."""
    for certificate, issuer in pairwise(path):
        _check_key_identifiers(certificate, issuer)
    for certificate in path[1:]:
        if not list(certificate.subject):  # RFC 5280 4.1.2.6
            raise refused(messages.CHAIN_CA_LACKS_SUBJECT)
    _check_purposes(path)
    _check_names(path)


def suits_documents(certificate: x509.Certificate) -> bool:
    """Tell whether a critical extended key usage lets a certificate sign documents."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return True
    return not usage.critical or not _DOCUMENT_USAGES.isdisjoint(usage.value)


def _check_key_identifiers(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    """The authority key identifier names the issuer's key (RFC 5280 4.2.1.1); OpenSSL insists."""
    authority = find_extension(certificate, x509.AuthorityKeyIdentifier)
    own = find_extension(issuer, x509.SubjectKeyIdentifier)
    if authority is None:
        return
    key = authority.key_identifier
    serial = authority.authority_cert_serial_number
    names = [one.value for one in authority.authority_cert_issuer or () if _is_directory(one)]
    if (
        (key is not None and own is not None and key != own.digest)
        or (serial is not None and serial != issuer.serial_number)
        or (names and issuer.issuer not in names)
    ):
        name, above = describe_name(certificate.subject), describe_name(issuer.subject)
        raise refused(messages.authority_key_id_mismatch(name=name, issuer=above))


def _check_purposes(path: Sequence[x509.Certificate]) -> None:
    """A CA that is restricted to purposes cannot issue for others; no list means every purpose."""
    leaf = find_extension(path[0], x509.ExtendedKeyUsage)
    wanted = set(leaf or ())
    if leaf is None or is_ca(path[0]):
        wanted = {ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    limited = path if is_ca(path[0]) else path[1:]
    for certificate in limited:
        usage = find_extension(certificate, x509.ExtendedKeyUsage)
        if usage is None or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in usage:
            continue
        if not wanted <= set(usage):
            name = describe_name(certificate.subject)
            raise refused(messages.extended_key_usage_excluded(name))


def _check_names(path: Sequence[x509.Certificate]) -> None:
    """Name constraints bind everything below (RFC 5280 4.2.1.10), critical or not.

    Below an issuing CA stand seals of any body, so a constraint on directory names cannot be kept;
    a leaf's own name is compared.
    """
    for depth, certificate in enumerate(path):
        constraints = find_extension(certificate, x509.NameConstraints)
        if constraints is None:
            continue
        below = path[:depth]
        within = _subtrees(constraints.permitted_subtrees)
        outside = _subtrees(constraints.excluded_subtrees)
        kept = all(
            (not within or any(_stands_in(name, one) for one in within))
            and not any(_stands_in(name, one) for one in outside)
            for name in (one.subject for one in below)
        )
        open_ended = is_ca(path[0]) and (within or outside)
        others = find_extension(path[0], x509.SubjectAlternativeName) is not None
        if not kept or open_ended or others:
            name = describe_name(certificate.subject)
            raise refused(messages.name_constraints_violated(name))


def _subtrees(names: Sequence[x509.GeneralName] | None) -> list[x509.Name]:
    return [one.value for one in names or () if isinstance(one, x509.DirectoryName)]


def _stands_in(name: x509.Name, subtree: x509.Name) -> bool:
    """A subtree holds the names that begin with its RDNs."""
    return list(name.rdns[: len(subtree.rdns)]) == list(subtree.rdns)


def _is_directory(name: x509.GeneralName) -> bool:
    return isinstance(name, x509.DirectoryName)


def is_ca(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is a CA's (RFC 5280 4.2.1.9)."""
    constraints = find_extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca
