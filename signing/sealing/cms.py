"""The CMS of a seal (RFC 5652), signed with a key that is held open, encoded from the inside out.

pyHanko places it in the file; its own assembly is not used, because asn1crypto takes a length whose
last octet is 0x80 (128, 384, …) for an indefinite one, and then encodes everything within anew at
every level: by the luck of an ECDSA value's length one seal of a hundred took 24 s.
"""

import hashlib
from collections.abc import Sequence
from typing import Protocol

from cryptography import x509

from ca.encoding import der
from ca.encoding.algorithms import cms_digest, signature_algorithm
from ca.encoding.tsa_request import DIGEST_OIDS
from keys.model import KeyAlgorithm, Signer

_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_DATA = der.oid("1.2.840.113549.1.7.1")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = der.oid("1.2.840.113549.1.9.16.2.47")
_SIGNATURE_TIMESTAMP = der.oid("1.2.840.113549.1.9.16.2.14")

_SIGNATURE_OCTETS: dict[KeyAlgorithm, int] = {
    KeyAlgorithm.ECDSA_P256: 72,
    KeyAlgorithm.ECDSA_P384: 104,
    KeyAlgorithm.RSA_3072: 384,
    KeyAlgorithm.ML_DSA_44: 2420,
    KeyAlgorithm.ML_DSA_65: 3309,
    KeyAlgorithm.ML_DSA_87: 4627,
}
"""At most: an ECDSA-Sig-Value is two INTEGERs of the curve's size, each with a leading zero."""

_TOKEN_SLACK = 32
"""How much longer than a sample a token of the same unit can be: the DER of an ECDSA value varies
by a few octets up to its maximum, fractions of a second take 0 to 4, serial numbers a few."""


class TimestampSource(Protocol):
    """Source of timestamp tokens; `ca.timestamps.tsa.TimestampUnit` is one."""

    def token(self, imprint: bytes, hash_name: str) -> bytes:
        """Return a TimeStampToken (RFC 3161 2.4.2; ContentInfo, DER) over a digest."""
        ...


class CmsForm:
    """The CMS of PAdES signatures (EN 319 142-1 6.3) by one certificate, whoever has its key.

    Whatever is the same for all signatures by it is encoded once.
    """

    def __init__(
        self, algorithm: KeyAlgorithm, certificate: bytes, chain: Sequence[bytes] = ()
    ) -> None:
        """Take the certificate and the CA certificates above it (DER), root last or left out."""
        parsed = x509.load_der_x509_certificate(certificate)
        self.digest_name = cms_digest(algorithm)
        self._algorithm = algorithm
        self._content_type = der.sequence(_CONTENT_TYPE, der.set_of([_DATA]))
        self._signing_certificate = _signing_certificate(certificate)
        digest_algorithm = der.sequence(DIGEST_OIDS[self.digest_name])
        self._head = der.integer(1) + der.set_of([digest_algorithm]) + der.sequence(_DATA)
        self._certificates = der.context(0, *sorted((certificate, *_without_roots(chain))))
        sid = der.sequence(parsed.issuer.public_bytes(), der.integer(parsed.serial_number))
        self._signer_head = der.integer(1) + sid + digest_algorithm
        self._signature_algorithm = signature_algorithm(algorithm)

    def attributes(self, digest: bytes) -> bytes:
        """Return content type, digest and ESSCertIDv2, in the order of a SET OF (X.690 11.6).

        No signing time: in PAdES /M has it (EN 319 142-1 6.3, requirement h).
        """
        message_digest = der.sequence(_MESSAGE_DIGEST, der.set_of([der.octets(digest)]))
        return b"".join(sorted((self._content_type, message_digest, self._signing_certificate)))

    def to_be_signed(self, digest: bytes) -> bytes:
        """Return the octets that the key signs for a document of that digest.

        They are the SET OF; in the CMS it stands as [0] IMPLICIT (RFC 5652 5.4).
        """
        return der.tlv(der.SET, self.attributes(digest))

    def enclose(self, digest: bytes, signature: bytes, token: bytes | None) -> bytes:
        """Return the ContentInfo (RFC 5652 5.1), with a signature timestamp or without."""
        unsigned = b""
        if token is not None:
            unsigned = der.context(1, der.sequence(_SIGNATURE_TIMESTAMP, der.set_of([token])))
        signer_info = der.sequence(
            self._signer_head,
            der.context(0, self.attributes(digest)),
            self._signature_algorithm,
            der.octets(signature),
            unsigned,
        )
        signed_data = der.sequence(self._head, self._certificates, der.set_of([signer_info]))
        return der.sequence(_SIGNED_DATA, der.context(0, signed_data))

    def reserved(self, timestamps: TimestampSource | None) -> int:
        """Return how many octets the longest CMS can take, with a timestamp of that source."""
        digest = bytes(hashlib.new(self.digest_name).digest_size)
        longest = bytes(_SIGNATURE_OCTETS[self._algorithm])
        if timestamps is None:
            return len(self.enclose(digest, longest, None))
        token = timestamp_of(timestamps, longest, self.digest_name)
        return len(self.enclose(digest, longest, token)) + _TOKEN_SLACK


class SealCms:
    """Makes the CMS of a seal's signatures with one open key."""

    def __init__(
        self,
        signer: Signer,
        certificate: bytes,
        chain: Sequence[bytes],
        timestamps: TimestampSource,
    ) -> None:
        """Take the certificate and the CA certificates above it (DER), root last or left out."""
        self._form = CmsForm(signer.info.algorithm, certificate, chain)
        self.digest_name = self._form.digest_name
        self._signer = signer
        self._timestamps = timestamps

    def sign_digest(self, digest: bytes, *, timestamp: bool) -> bytes:
        """Return the CMS (DER) over a document's digest, with a signature timestamp or without."""
        signature = self._signer.sign(self._form.to_be_signed(digest))
        token = timestamp_of(self._timestamps, signature, self.digest_name) if timestamp else None
        return self._form.enclose(digest, signature, token)

    def reserved(self, *, timestamp: bool) -> int:
        """Return how many octets the longest CMS by this seal can take."""
        return self._form.reserved(self._timestamps if timestamp else None)


def timestamp_of(source: TimestampSource, data: bytes, hash_name: str) -> bytes:
    """Return a timestamp token over the digest of `data`."""
    return source.token(hashlib.new(hash_name, data).digest(), hash_name)


def reserved_for(token: bytes) -> int:
    """Return how many octets the longest token of the same source can take, by one of them."""
    return len(token) + _TOKEN_SLACK


def _without_roots(chain: Sequence[bytes]) -> list[bytes]:
    """Leave out what is self-signed: who verifies has the root already (CAdES 5.1.1)."""
    parsed = [(one, x509.load_der_x509_certificate(one)) for one in chain]
    return [encoded for encoded, one in parsed if one.subject != one.issuer]


def _signing_certificate(certificate: bytes) -> bytes:
    """Return the attribute signing-certificate-v2 with SHA-256, its default (RFC 5035 3, 4)."""
    cert_id = der.sequence(der.octets(hashlib.sha256(certificate).digest()))
    value = der.sequence(der.sequence(cert_id))
    return der.sequence(_SIGNING_CERTIFICATE_V2, der.set_of([value]))
