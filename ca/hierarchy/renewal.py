"""Renewing what OCSP responders and time-stamping units work with, before it ends.

Two sides, in one process or in two. The side of trust, which holds the services' keys: generates
the next key and asks for a certificate, with proof that it holds the key. The side of the CA:
certifies what was asked for, if by its own record it is time. What stands between them is a desk of
requests in the register. Services find the new certificate by its key
(`ca.hierarchy.service_keys`); the one before stays valid for a while, so that there is no gap.

Every step can be repeated: the key is the first one without a certificate, the request's id follows
from the key, and a key that is certified already is not certified again.

The desk is not believed: the key in use vouches for the next (`ca.hierarchy.vouching`). Where none
could, the CA certifies only a key that its own process holds, or at an operator's word.
"""

import hashlib
import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import BadRequestError, CaError, NotFoundedError
from ca.hierarchy import messages
from ca.hierarchy.hierarchy import Hierarchy
from ca.hierarchy.issuing_ca import IssuingCa
from ca.hierarchy.requests import CertificateRequest, RequestDesk, RequestState, subject_of
from ca.hierarchy.service_keys import (
    PURPOSES,
    ServiceKey,
    find_service_key,
    free_service_key,
    issued_certificates,
)
from ca.hierarchy.vouching import is_vouched, may_vouch, vouch
from ca.issuing.csr import requested_key
from ca.issuing.parts import CaParts
from ca.ledger import CertificateState
from ca.profiles.profiles import ProfileKind
from ca.profiles.public_keys import spki_fingerprint
from ca.profiles.words import kind_zh
from core.ids import IssuerId
from core.permits import Permit
from keys.algorithms import digest_of
from keys.model import KeyExistsError, KeyStore, Signer

TSA_KEY_PERIOD = timedelta(days=365)
"""A unit stamps for a year, so that each token can be verified by its certificate for years more
(EN 319 421 7.6: the key's use ends before the certificate does)."""

_log = logging.getLogger(__name__)


def is_due(
    kind: ProfileKind, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> bool:
    """True when the next one is due: at two thirds of its life, a unit after its year.

    One that lasts as long as its issuer is not renewed: the next would end at the same time.
    """
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if end >= issuer.not_valid_after_utc:
        return False
    due = begin + (end - begin) * 2 / 3
    return now >= (min(due, begin + TSA_KEY_PERIOD) if kind is ProfileKind.TSA else due)


class Requester:
    """The side that holds the services' keys."""

    def __init__(
        self, hierarchy: Hierarchy, keys: KeyStore, parts: CaParts, desk: RequestDesk
    ) -> None:
        self._hierarchy = hierarchy
        self._keys = keys
        self._parts = parts
        self._desk = desk

    def request_due(self, *, force: bool = False) -> list[CertificateRequest]:
        """Ask for what is due, or with `force` for all; return what was asked for."""
        now = self._parts.clock.now()
        return [
            self._request(ca, kind, now)
            for ca, kind in self._services(now)
            if force or self._is_due(ca, kind, now)
        ]

    def _services(self, now: datetime) -> list[tuple[IssuingCa, ProfileKind]]:
        """Every CA that has not ended has a responder; the active one has the unit."""
        living = [
            ca for ca in self._hierarchy.issuing_cas if ca.certificate.not_valid_after_utc > now
        ]
        responders = [(ca, ProfileKind.OCSP_RESPONDER) for ca in living]
        return [*responders, (self._hierarchy.active, ProfileKind.TSA)]

    def _is_due(self, ca: IssuingCa, kind: ProfileKind, now: datetime) -> bool:
        service = self._in_use(ca, kind, now)
        if service is None or service.key is None or not service.is_valid(now):
            return True
        issuer = self._hierarchy.issuing_ca(service.issuer)
        return is_due(kind, service.certificate, issuer.certificate, now)

    def _in_use(self, ca: IssuingCa, kind: ProfileKind, now: datetime) -> ServiceKey | None:
        if kind is ProfileKind.TSA:
            return self._hierarchy.find_tsa_service_key()
        ledger = self._parts.ledger
        return find_service_key(ledger, ca.record.issuer, kind, self._keys, now)

    def _vouching(self, ca: IssuingCa, kind: ProfileKind, now: datetime) -> Signer | None:
        """Open a key in use: this CA's responder's, else another's, as after a roll-over."""
        for one in (ca, *self._hierarchy.issuing_cas):
            service = self._in_use(one, kind, now)
            if service is not None and service.key is not None and service.is_valid(now):
                return self._keys.open(service.key.key_id, PURPOSES[kind])
        return None

    def _request(self, ca: IssuingCa, kind: ProfileKind, now: datetime) -> CertificateRequest:
        purpose, algorithm = PURPOSES[kind], self._parts.profiles[kind].algorithm
        key_id = free_service_key(self._parts.ledger, self._keys, ca.record.issuer, kind)
        try:
            self._keys.generate(key_id, purpose, algorithm)
        except KeyExistsError:  # left by a run that was cut off, or made by another this moment
            self._keys.find(key_id)
        signer = self._keys.open(key_id, purpose)
        subject = subject_of(self._hierarchy, self._parts, ca, kind)
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        in_use = self._vouching(ca, kind, now)
        if in_use is not None:
            builder = vouch(builder, in_use, (ca.record.issuer, kind), signer.info.spki)
        csr = builder.sign(signer.builder_key(), digest_of(signer.info.algorithm))  # type: ignore[arg-type]
        request = CertificateRequest(
            hashlib.sha256(signer.info.spki).hexdigest(),
            ca.record.issuer,
            kind,
            key_id,
            csr.public_bytes(Encoding.DER),
            RequestState.REQUESTED,
            now,
        )
        self._desk.submit(request)
        return request


class RequestIssuer:
    """The side that holds the CAs' keys."""

    def __init__(self, hierarchy: Hierarchy, parts: CaParts, desk: RequestDesk) -> None:
        self._hierarchy = hierarchy
        self._parts = parts
        self._desk = desk

    def issue_due(
        self,
        permit: Permit,
        *,
        force: bool = False,
        held_here: Collection[CertificateRequest] = (),
    ) -> list[x509.Certificate]:
        """Certify what is asked for and due by the ledger; what is asked for early waits.

        So whoever holds the services' keys cannot have certificates at will. With `force`, which
        is an operator's word, nothing waits. `held_here` are requests whose keys this very
        process holds: nobody need vouch for these.
        """
        here = {_service_of(request) for request in held_here}
        issued: list[x509.Certificate] = []
        for request in self._desk.list_open():
            try:
                if not force and not self._is_due(request):
                    continue
                key = _key_of(request)
                known = self._find_issued(request, key)
                certain = known is not None or _service_of(request) in here
                if not certain and not self._is_vouched(request, force=force):
                    continue
                certificate = known or self._certify(request, key, permit)
            except CaError as error:
                _log.error(
                    "request of %s: %s", request.key_id, error.text.en, extra={"code": error.code}
                )
                self._settle(request, RequestState.REFUSED, error.code)
                continue
            self._settle(request, RequestState.ISSUED, f"{certificate.serial_number:x}")
            issued.append(certificate)
        return issued

    def _is_due(self, request: CertificateRequest) -> bool:
        now = self._parts.clock.now()
        known = [
            (certificate, ca)
            for ca in self._hierarchy.issuing_cas
            if request.kind is ProfileKind.TSA or ca.record.issuer == request.issuer
            for certificate in issued_certificates(
                self._parts.ledger, ca.record.issuer, request.kind
            )
        ]
        if not known:
            return True
        newest, issuer = max(known, key=lambda one: one[0].not_valid_before_utc)
        certified = spki_fingerprint(newest.public_key()) == request.request_id
        return certified or is_due(request.kind, newest, issuer.certificate, now)

    def _is_vouched(self, request: CertificateRequest, *, force: bool) -> bool:
        """True if a key in use vouches for this one, or, where none could, an operator does.

        No row is believed: who vouches was certified by a CA whose key is here. What nobody could
        vouch for waits for the operator. Raises `BadRequestError` where somebody could.
        """
        now = self._parts.clock.now()
        valid = [
            certificate
            for ca in self._hierarchy.issuing_cas
            if ca.is_key_here
            for certificate in issued_certificates(
                self._parts.ledger, ca.record.issuer, request.kind
            )
            if may_vouch(certificate, request.kind, ca.certificate, now)
        ]
        if is_vouched(request.csr, (request.issuer, request.kind), valid):
            return True
        if valid:
            raise BadRequestError(
                messages.request_key_not_vouched(
                    service_zh=kind_zh(request.kind), service=request.kind
                ),
            )
        if not force:
            _log.warning(
                "request of %s: nothing valid vouches for it; it waits for xinyin ca renew "
                "--force-renewal",
                request.key_id,
            )
        return force

    def _find_issued(
        self, request: CertificateRequest, key: CertificatePublicKeyTypes
    ) -> x509.Certificate | None:
        for entry in self._parts.ledger.find_by_key(spki_fingerprint(key)):
            fits = (entry.intent.issuer, entry.intent.profile) == (request.issuer, request.kind)
            if fits and entry.state is CertificateState.ISSUED and entry.certificate is not None:
                return x509.load_der_x509_certificate(entry.certificate)
        return None

    def _certify(
        self, request: CertificateRequest, key: CertificatePublicKeyTypes, permit: Permit
    ) -> x509.Certificate:
        ca = self._hierarchy.issuing_ca(request.issuer)
        responder = request.kind is ProfileKind.OCSP_RESPONDER
        authority = ca.service_authority if responder else ca.authority
        subject = subject_of(self._hierarchy, self._parts, ca, request.kind)
        profile = self._parts.profiles[request.kind]
        return x509.load_der_x509_certificate(
            authority.issue(authority.prepare(profile, subject, key, permit))
        )

    def _settle(self, request: CertificateRequest, state: RequestState, detail: str) -> None:
        self._desk.settle(request.request_id, state, detail, self._parts.clock.now())


class CertificateRenewal:
    """Both sides, as far as this process has their keys."""

    def __init__(self, requester: Requester | None, issuer: RequestIssuer | None) -> None:
        self._requester = requester
        self._issuer = issuer

    def run(self, permit: Permit, *, force: bool = False) -> list[x509.Certificate]:
        """Ask for what is due and certify what is asked for; return what was issued."""
        asked = [] if self._requester is None else self._requester.request_due(force=force)
        if self._issuer is None:
            return []
        return self._issuer.issue_due(permit, force=force, held_here=asked)


def _service_of(request: CertificateRequest) -> tuple[str, IssuerId, ProfileKind]:
    return request.request_id, request.issuer, request.kind


def _key_of(request: CertificateRequest) -> CertificatePublicKeyTypes:
    """Return the key to certify. Raises `CaError` unless the request's id is of that key."""
    if request.kind not in PURPOSES:
        raise NotFoundedError(messages.NO_SUCH_SERVICE_CERTIFICATE)
    key = requested_key(request.csr)
    if spki_fingerprint(key) != request.request_id:
        raise BadRequestError(messages.REQUEST_ID_MISMATCH)
    return key
