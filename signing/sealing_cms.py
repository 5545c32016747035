"""pyHanko's signer over a key that is held open, its CMS (RFC 5652) encoded from the inside out.

Whatever is the same for all signatures of a seal is encoded once. asn1crypto gets values only as
bytes to load: what it nests before encoding it encodes over and over, and pyHanko's own assembly of
a CMS with a timestamp took 1 ms or 24 s, by the order in which a set happened to come.
"""

import hashlib
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from asn1crypto import algos, cms, x509
from pyhanko.sign import signers

from ca import der
from ca.algorithms import signature_algorithm
from ca.tsa_request import DIGEST_OIDS
from keys.model import KeyAlgorithm, Signer

_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_DATA = der.oid("1.2.840.113549.1.7.1")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = der.oid("1.2.840.113549.1.9.16.2.47")
_SIGNATURE_TIMESTAMP = der.oid("1.2.840.113549.1.9.16.2.14")

_DIGESTS: dict[KeyAlgorithm, str] = {
    KeyAlgorithm.ECDSA_P256: "sha256",
    KeyAlgorithm.ECDSA_P384: "sha384",
    KeyAlgorithm.RSA_3072: "sha256",
    KeyAlgorithm.ML_DSA_44: "sha512",
    KeyAlgorithm.ML_DSA_65: "sha512",
    KeyAlgorithm.ML_DSA_87: "sha512",
}
"""Of the document and of what is timestamped; ML-DSA with SHA-512 as RFC 9882 3.3 recommends."""

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
    """Where timestamp tokens come from; `ca.tsa.TimestampUnit` is one."""

    def token(self, imprint: bytes, hash_name: str) -> bytes:
        """Return a TimeStampToken (RFC 3161 2.4.2; ContentInfo, DER) over a digest."""
        ...


def digest_name(algorithm: KeyAlgorithm) -> str:
    """Return the name of the digest that seals by such keys take of the document."""
    return _DIGESTS[algorithm]


class HeldSigner(signers.Signer):
    """Makes PAdES signatures (EN 319 142-1 6.3) with one open key."""

    def __init__(
        self,
        signer: Signer,
        certificate: bytes,
        chain: Sequence[bytes],
        timestamps: TimestampSource,
    ) -> None:
        """Take the certificate and the CA certificates above it (DER), root last or left out."""
        algorithm = signer.info.algorithm
        parsed = x509.Certificate.load(certificate)
        super().__init__(
            signing_cert=parsed,
            signature_mechanism=algos.SignedDigestAlgorithm.load(signature_algorithm(algorithm)),
        )
        self.digest_name = _DIGESTS[algorithm]
        self._signer = signer
        self._timestamps = timestamps
        self._content_type = der.sequence(_CONTENT_TYPE, der.set_of([_DATA]))
        self._signing_certificate = _signing_certificate(certificate)
        digest_algorithm = der.sequence(DIGEST_OIDS[self.digest_name])
        self._head = der.integer(1) + der.set_of([digest_algorithm]) + der.sequence(_DATA)
        self._certificates = der.context(0, *sorted((certificate, *_without_roots(chain))))
        issuer_and_serial = der.sequence(parsed.issuer.dump(), der.integer(parsed.serial_number))
        self._signer_head = der.integer(1) + issuer_and_serial + digest_algorithm
        self._signature_algorithm = signature_algorithm(algorithm)

    def sign_digest(self, digest: bytes, *, timestamp: bool) -> bytes:
        """Return the CMS (DER) over a document's digest, with a signature timestamp or without."""
        source = self._timestamps if timestamp else None
        return self._cms(digest, source)

    def reserved(self, *, timestamp: bool) -> int:
        """Return how many octets the longest CMS by this seal can take."""
        digest = bytes(hashlib.new(self.digest_name).digest_size)
        source = self._timestamps if timestamp else None
        return len(self._cms(digest, source, dry_run=True)) + (_TOKEN_SLACK if timestamp else 0)

    def _cms(
        self, digest: bytes, source: TimestampSource | None, *, dry_run: bool = False
    ) -> bytes:
        sign: Any = self.async_sign
        made = sign(digest, self.digest_name, dry_run=dry_run, use_pades=True, timestamper=source)
        encoded: bytes = _finish(made).dump()
        return encoded

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,  # noqa: ARG002 (the key's own)
        dry_run: bool = False,  # noqa: FBT001, FBT002 (as pyHanko's)
    ) -> bytes:
        """Sign; in a dry run return as many octets as a signature can have."""
        if dry_run:
            return bytes(_SIGNATURE_OCTETS[self._signer.info.algorithm])
        return self._signer.sign(data)

    async def async_sign_prescribed_attributes(  # type: ignore[override]  # takes the rest by name
        self,
        digest_algorithm: str,
        signed_attrs: cms.CMSAttributes,
        timestamper: TimestampSource | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002
        **_settings: object,
    ) -> cms.ContentInfo:
        """Sign the attributes and return the CMS, loaded from bytes."""
        signature = await self.async_sign_raw(signed_attrs.dump(), digest_algorithm, dry_run)
        unsigned = await self.unsigned_attrs(
            digest_algorithm, signature, signed_attrs, timestamper, dry_run
        )
        signer_info = der.sequence(
            self._signer_head,
            # What was signed as a SET OF stands here as [0] IMPLICIT (RFC 5652 5.4).
            der.context(0, signed_attrs.contents),
            self._signature_algorithm,
            der.octets(signature),
            b"" if unsigned is None else der.context(1, unsigned.contents),
        )
        signed_data = der.sequence(self._head, self._certificates, der.set_of([signer_info]))
        return cms.ContentInfo.load(der.sequence(_SIGNED_DATA, der.context(0, signed_data)))

    async def signed_attrs(  # type: ignore[override]  # takes the rest by name
        self,
        data_digest: bytes,
        digest_algorithm: str,  # noqa: ARG002
        **_settings: object,
    ) -> cms.CMSAttributes:
        """Return content type, digest and ESSCertIDv2, and no signing time: /M has it (6.3 h)."""
        digest = der.sequence(_MESSAGE_DIGEST, der.set_of([der.octets(data_digest)]))
        return cms.CMSAttributes.load(
            der.set_of([self._content_type, digest, self._signing_certificate])
        )

    async def unsigned_attrs(
        self,
        digest_algorithm: str,
        signature: bytes,
        signed_attrs: cms.CMSAttributes,  # noqa: ARG002
        timestamper: TimestampSource | None = None,
        dry_run: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> cms.CMSAttributes | None:
        """Return the signature timestamp, if one is wanted."""
        if timestamper is None:
            return None
        token = timestamp_of(timestamper, signature, digest_algorithm)
        return cms.CMSAttributes.load(
            der.set_of([der.sequence(_SIGNATURE_TIMESTAMP, der.set_of([token]))])
        )


def timestamp_of(source: TimestampSource, data: bytes, hash_name: str) -> bytes:
    """Return a timestamp token over the digest of `data`."""
    return source.token(hashlib.new(hash_name, data).digest(), hash_name)


def reserved_for_token(source: TimestampSource, hash_name: str) -> int:
    """Return how many octets the longest token of this source can take."""
    return len(timestamp_of(source, b"", hash_name)) + _TOKEN_SLACK


def _without_roots(chain: Sequence[bytes]) -> list[bytes]:
    """Leave out what is self-signed: who verifies has the root already (CAdES 5.1.1)."""
    return [one for one in chain if x509.Certificate.load(one).self_signed == "no"]


def _signing_certificate(certificate: bytes) -> bytes:
    """Return the attribute signing-certificate-v2 with SHA-256, its default (RFC 5035 3, 4)."""
    cert_id = der.sequence(der.octets(hashlib.sha256(certificate).digest()))
    value = der.sequence(der.sequence(cert_id))
    return der.sequence(_SIGNING_CERTIFICATE_V2, der.set_of([value]))


def _finish(coroutine: Coroutine[object, object, cms.ContentInfo]) -> cms.ContentInfo:
    """Run one of pyHanko's coroutines that waits for nothing, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("a signature waited for something")
