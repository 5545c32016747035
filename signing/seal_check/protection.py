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

from ca.profiles.extensions import NO_REVOCATION
from signing.algorithm_ends import AlgorithmSuite, suite_of
from signing.errors import UnprotectedFileError
from signing.report import SignatureKind
from signing.seal_check import messages
from signing.seal_check.check import SealCheck
from signing.structure import find_byte_ranges

_TST_INFO = "tst_info"
_TIMESTAMP = "signature_time_stamp_token"


@dataclass(frozen=True, slots=True)
class Protection:
    """Validity of the newest proof of a file."""

    certificate: bytes
    """Of the TSA; of the seal itself where it has no timestamp. DER."""
    certificate_until: datetime
    """The certificate's notAfter; before the first document timestamp the seal's or a person's, if
    that is earlier: nothing shows yet that its validation data are older than its end."""
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
    signatures = _signatures(pdf)
    if not signatures:
        raise _unprotected()
    *below, last = signatures
    found = _protection_of_signed(last)
    if _is_stamp(last):
        return found
    # A person's validation data stand in the same store as the seal's, and are as old.
    ends = [
        x509.load_der_x509_certificate(one).not_valid_after_utc.astimezone(UTC)
        for one in map(_signer_certificate, below)
        if _revocable(one)
    ]
    return replace(found, certificate_until=min([found.certificate_until, *ends]))


def protection_found(check: SealCheck) -> Protection | None:
    """Return the protection of a file with one seal that was checked as a whole, without reading it
    again; None for any other.
    """
    if not check.complete:
        return None
    seal, *stamps = check.signatures
    alone = all(one.kind is SignatureKind.TIMESTAMP for one in stamps)
    if seal.kind is not SignatureKind.SEAL or not alone:
        return None
    if stamps:
        tsa = stamps[-1].path.links[0]
        return Protection(tsa.encoded, tsa.not_after, stamps[-1].suite)
    own = seal.path.links[0]
    if seal.stamp is None:
        return Protection(own.encoded, own.not_after, seal.own_suite)
    tsa = seal.stamp.links[0]
    return Protection(tsa.encoded, min(tsa.not_after, own.not_after), seal.suite)


def protection_of_cms(encoded: bytes) -> Protection:
    """Return the protection by a CMS (DER, zeros may follow): a timestamp token, or a signature."""
    return _protection_of_signed(cms.ContentInfo.load(encoded)["content"])


def _protection_of_signed(signed: cms.SignedData) -> Protection:
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


def signer_certificates_of(pdf: bytes) -> tuple[bytes, ...]:
    """Return the certificates (DER) of those who signed: a person, if one did, then the seal's."""
    signed = [one for one in _signatures(pdf) if not _is_stamp(one)]
    if not signed:
        raise _unprotected()
    return tuple(map(_signer_certificate, signed))


def _signatures(pdf: bytes) -> list[cms.SignedData]:
    """Return each signature's and document timestamp's SignedData, in the order of the file."""
    found = []
    for one in sorted(find_byte_ranges(pdf), key=lambda one: one.end):
        start, end = one.gap
        content = bytes.fromhex(pdf[start + 1 : end - 1].decode("ascii"))
        found.append(cms.ContentInfo.load(content)["content"])
    return found


def _is_stamp(signed: cms.SignedData) -> bool:
    return bool(signed["encap_content_info"]["content_type"].native == _TST_INFO)


def _revocable(certificate: bytes) -> bool:
    """Tell whether data on a certificate's revocation are needed, and so must prove their age."""
    parsed = x509.load_der_x509_certificate(certificate)
    return not any(one.oid == NO_REVOCATION for one in parsed.extensions)


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
