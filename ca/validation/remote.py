"""OCSP answers and timestamps that another process makes, or an outside CA: asked for over HTTP.

They take the places of `ca.ocsp.responder.OcspResponder` and `ca.timestamps.tsa.TimestampUnit`
where sealing happens without those keys. Nothing that arrives is taken on trust: who signed it, for
what question, and whether it is of now, is checked before it goes into a document.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.errors import CaError
from ca.ocsp.responder import OcspAnswer, OcspStatus
from ca.profiles.public_keys import verify_signature
from ca.validation import messages
from ca.validation.tokens import (
    Token,
    TokenFaultError,
    is_for_stamping_alone,
    read_token,
    verify_token,
)
from core.clock import Clock
from core.ids import Random
from core.web.client import post

FRESHNESS = timedelta(minutes=5)
"""How far an answer's time may be from ours; the answers are made for the asking (with a nonce)."""
_NONCE_OCTETS = 32
"""RFC 9654 2.1: at least 32 should be sent."""
_TIMESTAMP_NONCE_OCTETS = 8

_EXTENSIONS = (x509.ExtensionNotFound, x509.DuplicateExtension)
"""Errors of `cryptography`, beside ValueError, on reading a certificate's extensions."""


class BadAnswerError(CaError):
    """A service answered something that cannot be used."""

    code = "bad_answer"


class UnitChangedError(BadAnswerError):
    """A time-stamping unit has another certificate than before: what was collected to validate its
    timestamps is of the earlier one.
    """


class RemoteResponder:
    """Asks the OCSP responder of one issuer. May be used by several threads."""

    def __init__(self, issuer: x509.Certificate, url: str, *, clock: Clock, random: Random) -> None:
        self._issuer = issuer
        self._url = url
        self._clock = clock
        self._random = random
        self._certificate: x509.Certificate | None = None

    @property
    def certificate(self) -> x509.Certificate:
        """The responder's certificate, as its answers carry it. Raises as `answer_about`."""
        if self._certificate is None:
            self.answer_about(self._issuer.serial_number)
        assert self._certificate is not None
        return self._certificate

    def response_for(self, serial: int) -> bytes:
        """Return an OCSPResponse (DER) about one of the issuer's certificates, made now."""
        return self.answer_about(serial).der

    def is_good(self, serial: int) -> bool:
        """Tell whether the responder says good now. Raises as `answer_about`."""
        return self.answer_about(serial).good

    def answer_about(self, serial: int) -> OcspAnswer:
        """Ask about one of the issuer's certificates.

        Raises `BadAnswerError` for an answer that is not to this question, not of now, or not by
        a responder of the issuer (RFC 6960 3.2, 4.2.2.2), `UnreachableError`.
        """
        nonce = self._random(_NONCE_OCTETS)
        request = (
            ocsp.OCSPRequestBuilder()
            .add_certificate_by_hash(*self._cert_id(), serial, hashes.SHA1())  # noqa: S303  # RFC 5019
            .add_extension(x509.OCSPNonce(nonce), critical=False)
            .build()
        )
        body = request.public_bytes(Encoding.DER)
        der = post(self._url, body, "application/ocsp-request").body
        try:
            answer = ocsp.load_der_ocsp_response(der)
            self._check(answer, serial, nonce)
            good = answer.certificate_status is ocsp.OCSPCertStatus.GOOD
        except (ValueError, *_EXTENSIONS) as error:
            raise _bad("OCSP") from error
        return OcspAnswer(
            der,
            OcspStatus.SUCCESSFUL,
            this_update=answer.this_update_utc,
            next_update=answer.next_update_utc,
            good=good,
        )

    def _cert_id(self) -> tuple[bytes, bytes]:
        name = hashlib.sha1(self._issuer.subject.public_bytes(), usedforsecurity=False).digest()
        key = x509.SubjectKeyIdentifier.from_public_key(self._issuer.public_key())
        return name, key.digest

    def _check(self, answer: ocsp.OCSPResponse, serial: int, nonce: bytes) -> None:
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise _bad(f"OCSP {answer.response_status.name}")
        named = answer.issuer_name_hash, answer.issuer_key_hash
        if answer.serial_number != serial or named != self._cert_id():
            raise _bad("OCSP certID")
        told = answer.extensions.get_extension_for_class(x509.OCSPNonce)
        if told.value.nonce != nonce:
            raise _bad("OCSP nonce")
        _check_fresh(answer.this_update_utc, self._clock.now(), "OCSP thisUpdate")
        signer = self._responder_of(answer)
        _check_signature(
            signer, answer.signature, answer.tbs_response_bytes, answer.signature_hash_algorithm
        )
        self._certificate = signer

    def _responder_of(self, answer: ocsp.OCSPResponse) -> x509.Certificate:
        """The issuer itself, or whom it delegated (RFC 6960 4.2.2.2)."""
        for certificate in (*answer.certificates, self._issuer):
            identifier = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
            named = answer.responder_key_hash == identifier.digest or (
                answer.responder_name == certificate.subject
            )
            if named and (
                certificate == self._issuer
                or _may(certificate, self._issuer, ExtendedKeyUsageOID.OCSP_SIGNING)
            ):
                _check_validity(certificate, self._clock.now(), "OCSP responder")
                return certificate
        raise _bad("OCSP responder")


class RemoteUnit:
    """Asks a time-stamping unit (RFC 3161), one and the same. May be used by several threads."""

    def __init__(
        self,
        issuers: Sequence[x509.Certificate],
        url: str,
        *,
        clock: Clock,
        random: Random,
        policy: str | None = None,
    ) -> None:
        """`issuers` are the CAs whose units are trusted; `policy`: what tokens must state."""
        self._issuers = tuple(issuers)
        self._url = url
        self._clock = clock
        self._random = random
        self._policy = policy
        self._certificate: x509.Certificate | None = None

    @property
    def certificate(self) -> x509.Certificate:
        """The unit's certificate, as its first token carries it. Raises as `token`."""
        if self._certificate is None:
            self.token(hashlib.sha256().digest(), "sha256")
        assert self._certificate is not None
        return self._certificate

    def token(self, imprint: bytes, hash_name: str, nonce: int | None = None) -> bytes:
        """Return a TimeStampToken (ContentInfo, DER) over a digest, with the chain in it.

        Raises `BadAnswerError` for a token that is not over this digest, not of now, or not by a
        unit of ours (RFC 3161 2.4.2), `UnitChangedError` where that was renewed since the first
        token, `UnreachableError`.
        """
        asked = nonce or int.from_bytes(self._random(_TIMESTAMP_NONCE_OCTETS)) | 1
        request = tsp.TimeStampReq(
            {
                "version": 1,
                "message_imprint": {
                    "hash_algorithm": {"algorithm": hash_name},
                    "hashed_message": imprint,
                },
                "nonce": asked,
                "cert_req": True,
            }
        )
        der = post(self._url, request.dump(), "application/timestamp-query").body
        try:
            token = read_token(der)
            self._check(token, imprint, hash_name, asked)
        except TokenFaultError as error:
            raise _bad(f"TSA {error}") from error
        except (ValueError, TypeError, KeyError, *_EXTENSIONS) as error:
            raise _bad("TSA") from error
        return token.encoded

    def _check(self, token: Token, imprint: bytes, hash_name: str, nonce: int) -> None:
        if token.imprint != (hash_name, imprint):
            raise TokenFaultError("messageImprint")
        if token.info["nonce"].native != nonce:
            raise TokenFaultError("nonce")
        if self._policy not in (None, token.info["policy"].dotted):
            raise TokenFaultError("policy")
        _check_fresh(token.info["gen_time"].native, self._clock.now(), "TSA genTime")
        certificate = self._unit_of(token)
        verify_token(token, certificate)
        if self._certificate not in (None, certificate):
            raise UnitChangedError(messages.TSA_CERTIFICATE_CHANGED)
        self._certificate = certificate

    def _unit_of(self, token: Token) -> x509.Certificate:
        """The one certificate that is not a CA's that we know, certified by one of those."""
        others = [one for one in token.certificates if one not in self._issuers]
        if len(others) != 1 or not self._is_unit(others[0], token.signer["sid"].chosen):
            raise TokenFaultError("certificate")
        _check_validity(others[0], self._clock.now(), "TSA certificate")
        return others[0]

    def _is_unit(self, certificate: x509.Certificate, named: cms.IssuerAndSerialNumber) -> bool:
        return (
            named["serial_number"].native == certificate.serial_number
            and named["issuer"].dump() == certificate.issuer.public_bytes()
            and is_for_stamping_alone(certificate)
            and any(_certified(certificate, issuer) for issuer in self._issuers)
        )


def _may(
    certificate: x509.Certificate, issuer: x509.Certificate, usage: x509.ObjectIdentifier
) -> bool:
    """Tell whether an issuer certified a key for one usage alone."""
    try:
        told = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (ValueError, *_EXTENSIONS):
        return False
    return list(told.value) == [usage] and _certified(certificate, issuer)


def _certified(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _check_signature(
    signer: x509.Certificate, signature: bytes, data: bytes, digest: hashes.HashAlgorithm | None
) -> None:
    key = signer.public_key()
    try:
        verify_signature(key, signature, data, digest)
    except InvalidSignature as error:
        raise _bad("signature") from error


def _check_validity(certificate: x509.Certificate, now: datetime, what: str) -> None:
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise _bad(what)


def _check_fresh(told: datetime, now: datetime, what: str) -> None:
    if abs(now - told) > FRESHNESS:
        raise _bad(what)


def _bad(what: str) -> BadAnswerError:
    return BadAnswerError(messages.service_answer_unusable(what))
