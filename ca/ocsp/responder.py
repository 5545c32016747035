"""OCSP answers (RFC 6960, RFC 9919), signed by a delegated responder.

A request for certificates of several issuers gets one answer, signed by the responder of the first
that is ours: about the others it says `unknown`, since it may speak for its own CA only (RFC 6960
4.2.2.2), and the client asks again about those. Which responder may answer, none whose certificate
is revoked or on hold, is decided in `ca.hierarchy.service_keys`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.encoding import der
from ca.encoding.algorithms import signature_algorithm
from ca.encoding.ocsp_request import CertId, OcspRequest, TooManyCertificatesError, parse_request
from ca.encoding.reading import DerError, read
from ca.errors import ForeignCertificateError, StaleValidationDataError
from ca.ledger import REASON_CODES, CertificateState, Ledger, LedgerEntry
from ca.ocsp import messages
from ca.ocsp.answer_counts import AnswerCounts
from core.clock import Clock
from core.errors import XinyinError
from core.ids import IssuerId
from keys.model import Signer

ANSWER_LIFETIME = timedelta(hours=8)
"""thisUpdate to nextUpdate: how long a `good` can be replayed after a revocation. Eight hours is
the shortest that the CA/Browser Forum's BR 4.9.10 allows."""
_MAX_SERIAL_BITS = 160
"""RFC 5280 4.1.2.2; nothing longer was ever issued, so the ledger is not asked."""
_SHA1 = x509.ObjectIdentifier("1.3.14.3.2.26")
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_HASHES = {_SHA1: "sha1", _SHA256: "sha256"}
_Hashes = dict[x509.ObjectIdentifier, tuple[bytes, bytes]]
"""Of an issuer's name and key, by the algorithm's OID."""
_BASIC = der.oid("1.3.6.1.5.5.7.48.1.1")
_NONCE = der.oid("1.3.6.1.5.5.7.48.1.2")
_ARCHIVE_CUTOFF = der.oid("1.3.6.1.5.5.7.48.1.6")
_GOOD = b"\x80\x00"
_UNKNOWN = b"\x82\x00"
_SAYS = {_GOOD: "good", _UNKNOWN: "unknown"}


class OcspStatus(IntEnum):
    """OCSPResponseStatus (RFC 6960 4.2.1)."""

    SUCCESSFUL = 0
    MALFORMED_REQUEST = 1
    TRY_LATER = 3
    UNAUTHORIZED = 6


@dataclass(frozen=True, slots=True)
class OcspAnswer:
    """An OCSPResponse with what HTTP caches want to know of it (RFC 5019 6)."""

    der: bytes
    status: OcspStatus
    this_update: datetime | None = None
    next_update: datetime | None = None
    cacheable: bool = False
    """A successful answer without a nonce, about certificates that are all known: what is unknown
    now may be issued the next second."""
    good: bool = False
    """Every certificate asked about is good."""
    statuses: tuple[bytes, ...] = ()
    """CertStatus of each certificate asked about, DER."""


@dataclass(frozen=True, slots=True)
class RoutedRequest:
    """A request that was understood, with who answers it."""

    request: OcspRequest
    responder: "OcspResponder"


class OcspResponder:
    """Answers for the certificates of one issuer."""

    def __init__(
        self,
        issuer: IssuerId,
        issuer_certificate: x509.Certificate,
        certificate: x509.Certificate,
        signer: Signer,
        *,
        ledger: Ledger,
        clock: Clock,
        answers: AnswerCounts,
    ) -> None:
        if certificate.public_key() != signer.public_key:
            raise ForeignCertificateError(messages.OCSP_KEY_MISMATCH)
        certificate.verify_directly_issued_by(issuer_certificate)
        self.certificate = certificate
        self._issuer = issuer
        self._signer = signer
        self._ledger = ledger
        self._clock = clock
        self._answers = answers
        self._hashes = _hashes_of(issuer_certificate)
        # Everything that is the same in every answer, encoded once.
        responder_key = hashlib.sha1(_key_bits(certificate.public_key()), usedforsecurity=False)
        self._responder_id = der.context(2, der.octets(responder_key.digest()))
        self._algorithm = signature_algorithm(signer.info.algorithm)
        self._certificates = der.context(0, der.sequence(certificate.public_bytes(Encoding.DER)))
        self._not_before = certificate.not_valid_before_utc
        self._not_after = certificate.not_valid_after_utc
        # Revocations outlive certificates: all that this CA ever issued stays on record, hence
        # its own beginning (RFC 6960 4.4.4; EN 319 411-2 CSS-6.3.10-08).
        cutoff = der.octets(der.generalized_time(issuer_certificate.not_valid_before_utc))
        self._archive = der.context(1, der.sequence(der.sequence(_ARCHIVE_CUTOFF, cutoff)))

    @property
    def issuer(self) -> IssuerId:
        """Issuer of the certificates that this answers for."""
        return self._issuer

    def response_for(self, serial: int) -> bytes:
        """Return an OCSPResponse (DER) about one of the issuer's certificates, made now."""
        return self.answer_about(serial).der

    def answer_about(self, serial: int) -> OcspAnswer:
        """Answer about one of the issuer's certificates.

        Its CertID is in SHA-1, which every client computes (RFC 5019 2.1.1).
        """
        return self.answer(OcspRequest((self._cert_id(serial),), None))

    def is_good(self, serial: int) -> bool:
        """Tell whether an answer about a certificate would say good; signs none.

        Raises `StaleValidationDataError`, and what the ledger raises.
        """
        self._check_life(self._clock.now())
        return self.judge(self._cert_id(serial)) == _GOOD

    def _cert_id(self, serial: int) -> CertId:
        name_hash, key_hash = self._hashes[_SHA1]
        algorithm = der.sequence(asn1.encode_der(_SHA1), der.NULL)
        encoded = der.sequence(
            algorithm, der.octets(name_hash), der.octets(key_hash), der.integer(serial)
        )
        return CertId(_SHA1, name_hash, key_hash, serial, encoded)

    def _check_life(self, now: datetime) -> None:
        if not self._not_before <= now < self._not_after:
            raise StaleValidationDataError(messages.OCSP_CERTIFICATE_OUT_OF_VALIDITY)

    def serves(self, cert_id: CertId) -> bool:
        """Tell whether a CertID names this issuer."""
        return _names(cert_id, self._hashes)

    def judge(self, cert_id: CertId) -> bytes:
        """Return the CertStatus (DER) of what the ledger knows now (RFC 6960 4.2.1)."""
        if not self.serves(cert_id):
            return _UNKNOWN
        if cert_id.serial < 0 or cert_id.serial.bit_length() > _MAX_SERIAL_BITS:
            return _UNKNOWN
        entry = self._ledger.find(self._issuer, cert_id.serial)
        # What was intended and never recorded as issued is not vouched for.
        if entry is None or entry.state is CertificateState.INTENDED:
            return _UNKNOWN
        return _revoked(entry) if entry.state is CertificateState.REVOKED else _GOOD

    def answer(self, request: OcspRequest, statuses: tuple[bytes, ...] | None = None) -> OcspAnswer:
        """Answer for every certificate asked about; `unknown` for other issuers' (RFC 6960 2.2).

        `statuses` is what `judge` says of each, where it is known already.
        Raises `StaleValidationDataError`, `AuditUnavailableError` and what ledger and key raise.
        """
        now = self._clock.now().astimezone(UTC).replace(microsecond=0)
        self._check_life(now)
        if statuses is None:
            statuses = tuple(self.judge(cert_id) for cert_id in request.cert_ids)
        # Nobody could check the answer once the responder's certificate has ended.
        until = min(now + ANSWER_LIFETIME, self._not_after)
        times = der.generalized_time(now), der.context(0, der.generalized_time(until))
        singles = [
            der.sequence(
                cert_id.encoded, status, *times, b"" if status == _UNKNOWN else self._archive
            )
            for cert_id, status in zip(request.cert_ids, statuses, strict=True)
        ]
        members = [self._responder_id, times[0], der.sequence(*singles)]
        if request.nonce is not None:
            nonce = der.sequence(_NONCE, der.octets(request.nonce))
            members.append(der.context(1, der.sequence(nonce)))
        for status in statuses:
            self._answers.count(self._issuer, _SAYS.get(status, "revoked"))
        response = self._signed(der.sequence(*members))
        return OcspAnswer(
            response,
            OcspStatus.SUCCESSFUL,
            this_update=now,
            next_update=until,
            cacheable=request.nonce is None and _UNKNOWN not in statuses,
            good=all(status == _GOOD for status in statuses),
            statuses=statuses,
        )

    def _signed(self, tbs: bytes) -> bytes:
        signature = der.bits(self._signer.sign(tbs))
        basic = der.sequence(tbs, self._algorithm, signature, self._certificates)
        response_bytes = der.sequence(_BASIC, der.octets(basic))
        return der.sequence(
            der.tlv(der.ENUMERATED, bytes((OcspStatus.SUCCESSFUL,))), der.context(0, response_bytes)
        )


class OcspService:
    """Takes requests for all issuers and chooses the responder by CertID."""

    def __init__(
        self,
        responders: Callable[[], Sequence[OcspResponder]],
        silent: Callable[[], Sequence[x509.Certificate]] = tuple,
    ) -> None:
        """`responders` may block; it is asked again by `refresh`, as certificates are renewed.

        `silent` returns, after that, the certificates of issuers of ours that have none just now.
        """
        self._find_responders = responders
        self._find_silent = silent
        self._responders = tuple(responders())
        self._silent = [_hashes_of(one) for one in silent()]
        self.generation = 0
        """Grows when other responders answer than before."""

    def refresh(self) -> None:
        """Look whether other responders answer now; may block."""
        found = tuple(self._find_responders())
        self._silent = [_hashes_of(one) for one in self._find_silent()]
        if found != self._responders:
            self._responders = found
            self.generation += 1

    @property
    def responders(self) -> tuple[OcspResponder, ...]:
        """Responders, one for each issuer."""
        return self._responders

    def read(self, request: bytes) -> RoutedRequest | OcspAnswer:
        """Understand an OCSPRequest (DER), or refuse it; never blocks.

        `malformedRequest` for what is not one; `unauthorized` where no issuer of ours is meant or
        too many certificates are asked about (RFC 9919 2.2.3, before it RFC 5019 2.2.3);
        `tryLater` where the issuer's responder cannot answer just now.
        """
        try:
            parsed = parse_request(request)
        except TooManyCertificatesError:
            return refusal(OcspStatus.UNAUTHORIZED)
        except DerError:
            return refusal(OcspStatus.MALFORMED_REQUEST)
        responder = self._choose(parsed)
        if responder is not None:
            return RoutedRequest(parsed, responder)
        waits = any(_names(one, hashes) for one in parsed.cert_ids for hashes in self._silent)
        return refusal(OcspStatus.TRY_LATER if waits else OcspStatus.UNAUTHORIZED)

    def respond(self, request: bytes) -> OcspAnswer:
        """Answer an OCSPRequest (DER) now, whatever it is.

        `tryLater` if ledger or key is away, else as `read` and `OcspResponder.answer` say.
        """
        asked = self.read(request)
        return asked if isinstance(asked, OcspAnswer) else answer_or_try_later(asked)

    def _choose(self, request: OcspRequest) -> OcspResponder | None:
        """The first certificate that is ours decides: an answer has one signer."""
        for cert_id in request.cert_ids:
            for responder in self._responders:
                if responder.serves(cert_id):
                    return responder
        return None


def _hashes_of(issuer: x509.Certificate) -> _Hashes:
    name, key = issuer.subject.public_bytes(), _key_bits(issuer.public_key())
    return {
        oid: (hashlib.new(n, name).digest(), hashlib.new(n, key).digest())
        for oid, n in _HASHES.items()
    }


def _names(cert_id: CertId, hashes: _Hashes) -> bool:
    """Tell whether a CertID names the issuer of these hashes (RFC 6960 4.1.1)."""
    return hashes.get(cert_id.algorithm) == (cert_id.name_hash, cert_id.key_hash)


def answer_or_try_later(
    asked: RoutedRequest, statuses: tuple[bytes, ...] | None = None
) -> OcspAnswer:
    """Answer; `tryLater` if ledger or key is away, which is not the client's fault."""
    try:
        return asked.responder.answer(asked.request, statuses)
    except XinyinError:
        return refusal(OcspStatus.TRY_LATER)


def refusal(status: OcspStatus) -> OcspAnswer:
    """Return an OCSPResponse that says nothing but why (RFC 6960 2.3)."""
    return OcspAnswer(der.sequence(der.tlv(der.ENUMERATED, bytes((status,)))), status)


def _revoked(entry: LedgerEntry) -> bytes:
    assert entry.revoked_at is not None
    time = der.generalized_time(entry.revoked_at)
    code = REASON_CODES.get(entry.reason) if entry.reason is not None else None
    if code is None:
        return der.context(1, time)
    return der.context(1, time, der.context(0, der.tlv(der.ENUMERATED, bytes((code,)))))


@asn1.sequence
class _Spki:
    algorithm: asn1.TLV
    bits: asn1.BitString


def _key_bits(key: CertificatePublicKeyTypes) -> bytes:
    """Return the subjectPublicKey without tag, length and unused bits (RFC 6960 4.1.1)."""
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return read(_Spki, spki).bits.as_bytes()
