"""Protection of a sealed file: the certificate and algorithms of its newest signature.

A document timestamp protects everything before it (ETSI EN 319 142-1 5.5, 6.3), a seal's signature
timestamp the seal. Once that certificate has ended or its algorithms are no longer relied on,
nothing shows any more that the file is older than that: a further timestamp must come before.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from asn1crypto import cms, tsp
from cryptography import x509

from signing import messages
from signing.algorithm_ends import AlgorithmSuite, suite_of
from signing.errors import UnprotectedFileError
from signing.structure import find_byte_ranges

_TST_INFO = "tst_info"
_TIMESTAMP = "signature_time_stamp_token"


@dataclass(frozen=True, slots=True)
class Protection:
    """Validity of the newest proof of a file."""

    certificate: bytes
    """Of the TSA; of the seal itself where it has no timestamp. DER."""
    certificate_until: datetime
    """The certificate's notAfter; before the first document timestamp the seal's, if that is
    earlier: nothing shows yet that its validation data are older than its end."""
    suite: AlgorithmSuite

    @property
    def until(self) -> datetime:
        """The earlier of the certificate's end and its algorithms'."""
        return min(self.certificate_until, self.suite.until)


def protection_of(pdf: bytes) -> Protection:
    """Return the protection of a file of ours; its bytes are trusted, since their digest was
    checked.

    Raises `UnprotectedFileError` where there is no signature to rest on.
    """
    ranges = find_byte_ranges(pdf)
    if not ranges:
        raise _unprotected()
    start, end = max(ranges, key=lambda one: one.end).gap
    return protection_of_cms(bytes.fromhex(pdf[start + 1 : end - 1].decode("ascii")))


def protection_of_cms(encoded: bytes) -> Protection:
    """Return the protection by a CMS (DER, zeros may follow): a timestamp token, or a signature."""
    signed = cms.ContentInfo.load(encoded)["content"]
    (signer,) = signed["signer_infos"]
    if signed["encap_content_info"]["content_type"].native == _TST_INFO:
        return _protection(signed)
    own = _protection(signed)
    for attribute in signer["unsigned_attrs"] or ():
        if attribute["type"].native == _TIMESTAMP:
            stamp = _protection(attribute["values"][0]["content"])
            ends = min(own.certificate_until, stamp.certificate_until)
            return replace(stamp, certificate_until=ends)
    return own


def offered_by(certificate: bytes, digest: str) -> Protection:
    """Return the protection by future timestamps of this TSA certificate (DER) over that digest."""
    return _cached(certificate, (digest,))


def seal_certificate_of(pdf: bytes) -> bytes:
    """Return the certificate (DER) of the seal: of the signature that covers the least."""
    ranges = find_byte_ranges(pdf)
    if not ranges:
        raise _unprotected()
    start, end = min(ranges, key=lambda one: one.end).gap
    content = bytes.fromhex(pdf[start + 1 : end - 1].decode("ascii"))
    return _signer_certificate(cms.ContentInfo.load(content)["content"])


def _protection(signed: cms.SignedData) -> Protection:
    (signer,) = signed["signer_infos"]
    digests = [signer["digest_algorithm"]["algorithm"].native]
    content = signed["encap_content_info"]
    if content["content_type"].native == _TST_INFO:
        info = tsp.TSTInfo.load(content["content"].contents)
        digests.append(info["message_imprint"]["hash_algorithm"]["algorithm"].native)
    return _cached(_signer_certificate(signed), tuple(digests))


@lru_cache(maxsize=64)
def _cached(certificate: bytes, digests: tuple[str, ...]) -> Protection:
    parsed = x509.load_der_x509_certificate(certificate)
    suite = suite_of(parsed.public_key(), digests)
    return Protection(certificate, parsed.not_valid_after_utc.astimezone(UTC), suite)


def _signer_certificate(signed: cms.SignedData) -> bytes:
    """Return the certificate that the one SignerInfo names by issuer and serial."""
    (signer,) = signed["signer_infos"]
    sid = signer["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if (
            certificate.serial_number == sid["serial_number"].native
            and certificate.issuer.dump() == sid["issuer"].dump()
        ):
            return bytes(certificate.dump())
    raise _unprotected()


def _unprotected() -> UnprotectedFileError:
    return UnprotectedFileError(messages.NOTHING_TO_RENEW)
