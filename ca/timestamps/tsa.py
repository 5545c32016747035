"""Timestamp tokens (RFC 3161 with RFC 5816, profiled by EN 319 422), signed as CMS (RFC 5652).

Everything that does not change is encoded when the unit is opened; a token is put together from the
inside out, so that nothing is decoded or encoded twice.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.encoding import der
from ca.encoding.algorithms import cms_digest, signature_algorithm
from ca.encoding.tsa_request import (
    DIGEST_OIDS,
    Failure,
    TimestampRefused,
    TimestampRequest,
    parse_request,
)
from ca.errors import ClockUntrustedError, ForeignCertificateError, RequestRefusedError
from ca.recorder import AuditUnavailableError, Recorder, SigningEvent
from ca.timestamps import messages
from ca.timestamps.clock_guard import ACCURACY
from core.clock import Clock
from core.ids import Random
from keys.model import KeyAlgorithm, KeyUnavailableError, Signer

_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
_TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = der.oid("1.2.840.113549.1.9.16.2.47")
_MADE = "timestamp.made"
"""Action of a token's event."""
_SERIAL_OCTETS = 16
_SERIAL_MARK = 1 << (8 * _SERIAL_OCTETS)
"""Above 128 random bits: unique over restarts and workers without a counter (RFC 3161 2.4.2)."""
_GRANTED = der.sequence(der.integer(0))


@dataclass(frozen=True, slots=True)
class TimestampAnswer:
    """A TimeStampResp with what came of the request."""

    der: bytes
    outcome: str
    """`granted`, or the failure's name in lower case: from a closed set."""


class TimestampUnit:
    """A time-stamping unit with its opened key."""

    def __init__(  # noqa: PLR0917 (each of another type)
        self,
        signer: Signer,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],
        policy_oid: str,
        clock: Clock,
        random: Random,
        recorder: Recorder,
        check_clock: Callable[[datetime], None] = lambda _now: None,
    ) -> None:
        """Take the unit's key and certificate, and the CA certificates above it to send along.

        Each token is an event in `recorder` before the key signs it; `check_clock` raises
        `ClockUntrustedError` where the time just read may not be stated.
        """
        if certificate.public_key() != signer.public_key:
            raise ForeignCertificateError(messages.TSA_KEY_MISMATCH)
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
            raise ForeignCertificateError(messages.CERTIFICATE_NOT_FOR_TIMESTAMPING)
        self.certificate = certificate
        self._signer = signer
        self._clock = clock
        self._random = random
        self._recorder = recorder
        self._check_clock = check_clock
        self._policy = der.oid(policy_oid)
        self._not_before = certificate.not_valid_before_utc
        self._not_after = certificate.not_valid_after_utc
        self._frame = _Frame(signer.info.algorithm, certificate, chain)
        self._accuracy = der.sequence(der.integer(int(ACCURACY.total_seconds())))

    def token(self, imprint: bytes, hash_name: str, nonce: int | None = None) -> bytes:
        """Return a TimeStampToken (ContentInfo, DER) over a digest, with the chain in it.

        `hash_name` is sha256, sha384 or sha512. Raises `RequestRefusedError`,
        `ClockUntrustedError`, `AuditUnavailableError`.
        """
        algorithm = DIGEST_OIDS.get(hash_name)
        if algorithm is None or len(imprint) != hashlib.new(hash_name).digest_size:
            raise RequestRefusedError(messages.TIMESTAMP_DIGEST_UNSUPPORTED)
        message_imprint = der.sequence(der.sequence(algorithm), der.octets(imprint))
        request = TimestampRequest(message_imprint, None, nonce, certificates=True)
        try:
            return self._token(request)
        except TimestampRefused as error:
            raise RequestRefusedError(messages.TSA_CERTIFICATE_OUT_OF_VALIDITY) from error

    def respond(self, request: bytes) -> bytes:
        """Answer a TimeStampReq (DER), whatever it is, with a TimeStampResp (RFC 3161 2.4.2)."""
        return self.answer(request).der

    def answer(self, request: bytes) -> TimestampAnswer:
        """Return the same with what came of it."""
        try:
            token = self._token(parse_request(request))
        except TimestampRefused as error:
            return _rejection(error.failure)
        except ClockUntrustedError:
            return _rejection(Failure.TIME_NOT_AVAILABLE)
        except (KeyUnavailableError, AuditUnavailableError):
            return _rejection(Failure.SYSTEM_FAILURE)
        return TimestampAnswer(der.sequence(_GRANTED, token), "granted")

    def _token(self, request: TimestampRequest) -> bytes:
        if request.policy not in (None, self._policy):
            raise TimestampRefused(Failure.UNACCEPTED_POLICY)
        now = self._clock.now().astimezone(UTC)
        self._check_clock(now)
        if not self._not_before <= now <= self._not_after:
            raise TimestampRefused(Failure.TIME_NOT_AVAILABLE)
        serial = _SERIAL_MARK | int.from_bytes(self._random(_SERIAL_OCTETS))
        info = self._info(request, serial, now)
        self._record(request, serial, info, now)
        digest = self._frame.digest(info)
        attributes = self._frame.attributes(digest)
        # What is signed is the SET OF; in the token it stands as [0] IMPLICIT (RFC 5652 5.4).
        signature = self._signer.sign(der.tlv(der.SET, attributes))
        return self._frame.enclose(info, attributes, signature, chain=request.certificates)

    def _record(self, request: TimestampRequest, serial: int, info: bytes, now: datetime) -> None:
        facts = {
            "imprint": request.message_imprint.hex(),  # DER: algorithm, then the digest
            "tst_info_sha256": hashlib.sha256(info).hexdigest(),
        }
        self._recorder.record(SigningEvent(now, _MADE, f"tsa/{serial:x}", facts))

    def _info(self, request: TimestampRequest, serial: int, now: datetime) -> bytes:
        """Return TSTInfo; ordering is left FALSE and there are no extensions (EN 319 422 5.2)."""
        return der.sequence(
            der.integer(1),
            self._policy,
            request.message_imprint,
            der.integer(serial),
            der.generalized_time(now, milliseconds=True),
            self._accuracy,
            b"" if request.nonce is None else der.integer(request.nonce),
        )


class _Frame:
    """The parts of SignedData that are the same in every token, encoded once."""

    def __init__(
        self,
        algorithm: KeyAlgorithm,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],
    ) -> None:
        self._hash_name = cms_digest(algorithm)
        digest_algorithm = der.sequence(DIGEST_OIDS[self._hash_name])
        encoded = certificate.public_bytes(Encoding.DER)
        self._head = der.integer(3) + der.set_of([digest_algorithm])
        members = [encoded, *(c.public_bytes(Encoding.DER) for c in chain)]
        self._certificates = der.context(0, *sorted(members))
        self._content_type = der.sequence(_CONTENT_TYPE, der.set_of([_TST_INFO]))
        # ESSCertIDv2 with its default, SHA-256, and no issuerSerial (RFC 5035 4, RFC 5816 2.2.1).
        cert_id = der.sequence(der.octets(hashlib.sha256(encoded).digest()))
        signing = der.sequence(der.sequence(cert_id))
        self._signing_certificate = der.sequence(_SIGNING_CERTIFICATE_V2, der.set_of([signing]))
        sid = der.sequence(
            certificate.issuer.public_bytes(), der.integer(certificate.serial_number)
        )
        self._signer_head = der.integer(1) + sid + digest_algorithm
        self._signature_algorithm = signature_algorithm(algorithm)

    def digest(self, info: bytes) -> bytes:
        return hashlib.new(self._hash_name, info).digest()

    def attributes(self, digest: bytes) -> bytes:
        """Return the members of SignedAttributes in the order of a SET OF (X.690 11.6)."""
        message_digest = der.sequence(_MESSAGE_DIGEST, der.set_of([der.octets(digest)]))
        return b"".join(sorted((self._content_type, message_digest, self._signing_certificate)))

    def enclose(self, info: bytes, attributes: bytes, signature: bytes, *, chain: bool) -> bytes:
        """Return the ContentInfo (RFC 5652 5.1)."""
        signer_info = der.sequence(
            self._signer_head,
            der.context(0, attributes),
            self._signature_algorithm,
            der.octets(signature),
        )
        signed_data = der.sequence(
            self._head,
            der.sequence(_TST_INFO, der.context(0, der.octets(info))),
            self._certificates if chain else b"",
            der.tlv(der.SET, signer_info),
        )
        return der.sequence(_SIGNED_DATA, der.context(0, signed_data))


def _rejection(failure: Failure) -> TimestampAnswer:
    """Return a TimeStampResp with status `rejection` and one PKIFailureInfo bit."""
    octet, bit = divmod(failure, 8)
    # A BIT STRING with named bits ends with the last bit set (X.690 11.2.2).
    content = bytes((7 - bit,)) + bytes(octet) + bytes((0x80 >> bit,))
    refused = der.sequence(der.sequence(der.integer(2), der.tlv(der.BIT_STRING, content)))
    return TimestampAnswer(refused, failure.name.lower())


NO_UNIT = _rejection(Failure.SYSTEM_FAILURE)
"""What is answered where no unit can be opened."""
