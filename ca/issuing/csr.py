"""Certification requests (PKCS#10, RFC 2986): the public key is taken, after its proof.

Names, extensions and attributes of a request are what the requester wishes; none of them is read.
What stands in a certificate comes from verified records and the profile.
"""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from ca.errors import BadRequestError
from ca.issuing import messages
from core.text import Text

MAX_REQUEST_OCTETS = 32 * 1024
"""The longest that we certify, ML-DSA-87, comes to some 10 KiB in PEM."""
_PEM_MARK = b"-----BEGIN"
_PROOF_DIGESTS = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
"""A proof under a digest with known collisions proves nothing (NIST SP 800-131A)."""


def requested_key(request: bytes) -> CertificatePublicKeyTypes:
    """Return the public key of a request (PEM or DER), whose holder has shown to hold its key.

    Whether the key is strong enough is the profile's to say. Raises `BadRequestError`.
    """
    if len(request) > MAX_REQUEST_OCTETS:
        raise _refused(messages.csr_too_large(MAX_REQUEST_OCTETS))
    try:
        parsed = _load(request)
        key = parsed.public_key()
        proven = _is_proof_strong(parsed) and parsed.is_signature_valid
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise _refused(messages.CSR_UNREADABLE) from error
    if not proven:
        raise _refused(messages.POSSESSION_NOT_PROVEN)
    return key


def _load(request: bytes) -> x509.CertificateSigningRequest:
    if _PEM_MARK in request:
        return x509.load_pem_x509_csr(request)
    return x509.load_der_x509_csr(request)


def _is_proof_strong(request: x509.CertificateSigningRequest) -> bool:
    digest = request.signature_hash_algorithm  # None: the algorithm signs the data itself
    return digest is None or isinstance(digest, _PROOF_DIGESTS)


def _refused(text: Text) -> BadRequestError:
    return BadRequestError(messages.csr_rejected(text))
