"""OCSP answers and timestamps that another process makes, or an outside CA: asked for over HTTP.

They take the places of `ca.ocsp.responder.OcspResponder` and `ca.timestamps.tsa.TimestampUnit`
where sealing happens without those keys. Nothing that arrives is taken on trust: who signed it, for
what question, and whether it is of now, is checked before it goes into a document.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.errors import CaError
from ca.ocsp.responder import OcspAnswer, OcspStatus
from ca.profiles.public_keys import verify_signature
from core.clock import Clock
from core.ids import Random
from core.web.client import post

FRESHNESS = timedelta(minutes=5)
"""How far an answer's time may be from ours; the answers are made for the asking (with a nonce)."""
_NONCE_OCTETS = 32
"""RFC 9654 2.1: at least 32 should be sent."""
_TIMESTAMP_NONCE_OCTETS = 8
_ML_DSA = (mldsa.MLDSA44PublicKey, mldsa.MLDSA65PublicKey, mldsa.MLDSA87PublicKey)
_SIGNATURES: dict[str, tuple[hashes.HashAlgorithm | None, type | tuple[type, ...]]] = {
    "1.2.840.10045.4.3.2": (hashes.SHA256(), ec.EllipticCurvePublicKey),
    "1.2.840.10045.4.3.3": (hashes.SHA384(), ec.EllipticCurvePublicKey),
    "1.2.840.10045.4.3.4": (hashes.SHA512(), ec.EllipticCurvePublicKey),
    "1.2.840.113549.1.1.11": (hashes.SHA256(), rsa.RSAPublicKey),
    "1.2.840.113549.1.1.12": (hashes.SHA384(), rsa.RSAPublicKey),
    "1.2.840.113549.1.1.13": (hashes.SHA512(), rsa.RSAPublicKey),
    "2.16.840.1.101.3.4.3.17": (None, _ML_DSA),
    "2.16.840.1.101.3.4.3.18": (None, _ML_DSA),
    "2.16.840.1.101.3.4.3.19": (None, _ML_DSA),
}
"""signatureAlgorithm of a token → digest and kind of key (RFC 5758 3.2, RFC 4055 5, RFC 9882)."""


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
        except (ValueError, x509.ExtensionNotFound) as error:
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


@dataclass(frozen=True, slots=True)
class _Token:
    """A timestamp token, taken apart."""

    info: tsp.TSTInfo
    signer: cms.SignerInfo
    certificates: tuple[x509.Certificate, ...]


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
            token = self._read(der)
            self._check(token, imprint, hash_name, asked)
            encoded: bytes = tsp.TimeStampResp.load(der)["time_stamp_token"].dump()
        except (ValueError, TypeError, KeyError, x509.ExtensionNotFound) as error:
            raise _bad("TSA") from error
        return encoded

    def _read(self, der: bytes) -> _Token:
        response = tsp.TimeStampResp.load(der, strict=True)
        status = response["status"]["status"].native
        if status != "granted":
            raise _bad(f"TSA {status}")
        signed = response["time_stamp_token"]["content"]
        certificates = tuple(
            x509.load_der_x509_certificate(one.chosen.dump()) for one in signed["certificates"]
        )
        content = signed["encap_content_info"]
        info = tsp.TSTInfo.load(content["content"].contents, strict=True)
        (signer,) = signed["signer_infos"]
        # What no signature covers must be as RFC 3161 2.4.2 and RFC 5652 5.1 want it, so that
        # other validators take the token.
        algorithms = [one["algorithm"].native for one in signed["digest_algorithms"]]
        holds = (
            (signed["version"].native, signer["version"].native) == ("v3", "v1")
            and response["time_stamp_token"]["content_type"].native == "signed_data"
            and content["content_type"].native == "tst_info"
            and algorithms == [signer["digest_algorithm"]["algorithm"].native]
        )
        if not holds:
            raise _bad("TSA SignedData")
        return _Token(info, signer, certificates)

    def _check(self, token: _Token, imprint: bytes, hash_name: str, nonce: int) -> None:
        stamped = token.info["message_imprint"]
        algorithm = stamped["hash_algorithm"]["algorithm"].native
        if (algorithm, stamped["hashed_message"].native) != (hash_name, imprint):
            raise _bad("TSA messageImprint")
        if token.info["nonce"].native != nonce:
            raise _bad("TSA nonce")
        if self._policy not in (None, token.info["policy"].dotted):
            raise _bad("TSA policy")
        _check_fresh(token.info["gen_time"].native, self._clock.now(), "TSA genTime")
        certificate = self._unit_of(token)
        attributes = token.signer["signed_attrs"]
        told = {one["type"].native: one["values"][0] for one in attributes}
        digest_name = token.signer["digest_algorithm"]["algorithm"].native
        if told["message_digest"].native != hashlib.new(digest_name, token.info.dump()).digest():
            raise _bad("TSA messageDigest")
        named = told["signing_certificate_v2"]["certs"][0]["cert_hash"].native
        if named != certificate.fingerprint(hashes.SHA256()):
            raise _bad("TSA ESSCertIDv2")
        signed = b"\x31" + attributes.dump()[1:]  # the SET OF, not [0] IMPLICIT (RFC 5652 5.4)
        oid = token.signer["signature_algorithm"]["algorithm"].dotted
        wanted, by = _SIGNATURES.get(oid, (None, None))
        if by is None or not isinstance(certificate.public_key(), by):
            raise _bad("TSA signatureAlgorithm")
        if wanted is not None and wanted.name != digest_name:
            raise _bad("TSA signatureAlgorithm")
        _check_signature(certificate, token.signer["signature"].native, signed, wanted)
        if self._certificate not in (None, certificate):
            raise UnitChangedError(
                "时间戳服务更换了证书，没有签章。请重试。",
                "The time-stamping unit has another certificate now; nothing was sealed. Try "
                "again.",
            )
        self._certificate = certificate

    def _unit_of(self, token: _Token) -> x509.Certificate:
        """The one certificate that is not a CA's that we know, certified by one of those."""
        others = [one for one in token.certificates if one not in self._issuers]
        if len(others) != 1 or not self._is_unit(others[0], token.signer["sid"].chosen):
            raise _bad("TSA certificate")
        _check_validity(others[0], self._clock.now(), "TSA certificate")
        return others[0]

    def _is_unit(self, certificate: x509.Certificate, named: cms.IssuerAndSerialNumber) -> bool:
        return (
            named["serial_number"].native == certificate.serial_number
            and named["issuer"].dump() == certificate.issuer.public_bytes()
            and any(
                _may(certificate, issuer, ExtendedKeyUsageOID.TIME_STAMPING)
                for issuer in self._issuers
            )
        )


def _may(
    certificate: x509.Certificate, issuer: x509.Certificate, usage: x509.ObjectIdentifier
) -> bool:
    """Whether an issuer certified a key for one usage alone."""
    try:
        certificate.verify_directly_issued_by(issuer)
        told = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return list(told.value) == [usage]


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
    return BadAnswerError(
        f"服务的应答不可用（{what}），没有签章。请检查该服务和本机时间。",
        f"A service's answer cannot be used ({what}); nothing was sealed. Check that service and "
        "this machine's clock.",
    )
