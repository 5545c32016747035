"""Vouching of a service's key in use for its next one, so that the desk need not be believed.

Whoever can write to the register can put a request there, with a key of their own. So a request
carries a signature by a key that the CA has certified for such a service and that still counts. It
stands within the PKCS#10, in its unstructuredName (RFC 2985 5.4.2), and is covered by the proof of
the new key; it in turn names the service and the new key.
"""

import base64
from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AttributeOID, ExtendedKeyUsageOID

from ca.profiles.profiles import ProfileKind
from ca.profiles.public_keys import verify_signature
from core.ids import IssuerId
from keys.algorithms import UnsupportedKeyError, algorithm_of, digest_of
from keys.model import Signer

_ABOUT = b"xinyin service key succession 1"
"""Begins no DER, so that no answer of a responder and no token has the same octets."""

_USES = {
    ProfileKind.OCSP_RESPONDER: ExtendedKeyUsageOID.OCSP_SIGNING,
    ProfileKind.TSA: ExtendedKeyUsageOID.TIME_STAMPING,
}


def vouch(
    builder: x509.CertificateSigningRequestBuilder,
    by: Signer,
    service: tuple[IssuerId, ProfileKind],
    spki: bytes,
) -> x509.CertificateSigningRequestBuilder:
    """Return the request to be, vouched for by the key `by`."""
    signature = base64.b64encode(by.sign(_statement(service, spki)))
    return builder.add_attribute(AttributeOID.UNSTRUCTURED_NAME, signature)


def may_vouch(
    certificate: x509.Certificate, kind: ProfileKind, issuer: x509.Certificate, now: datetime
) -> bool:
    """Tell whether a certificate that the ledger has as such a service's is one, and valid.

    The ledger's row is no proof: it may hold what nobody issued, or what was issued as a seal's.
    """
    try:
        certificate.verify_directly_issued_by(issuer)
        use = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    is_within = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc
    return _USES.get(kind) in use and is_within


def is_vouched(
    request: bytes, service: tuple[IssuerId, ProfileKind], by: Iterable[x509.Certificate]
) -> bool:
    """Tell whether the key of one of these certificates vouches for the one in a request (DER)."""
    try:
        parsed = x509.load_der_x509_csr(request)
        named = parsed.attributes.get_attribute_for_oid(AttributeOID.UNSTRUCTURED_NAME)
        signature = base64.b64decode(named.value, validate=True)
    except (ValueError, x509.AttributeNotFound):
        return False
    spki = parsed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return any(_has_signed(one, signature, _statement(service, spki)) for one in by)


def _has_signed(certificate: x509.Certificate, signature: bytes, data: bytes) -> bool:
    key = certificate.public_key()
    try:
        verify_signature(key, signature, data, digest_of(algorithm_of(key)))
    except (InvalidSignature, UnsupportedKeyError):
        return False
    return True


def _statement(service: tuple[IssuerId, ProfileKind], spki: bytes) -> bytes:
    return b"\0".join([_ABOUT, *(one.encode() for one in service), spki])
