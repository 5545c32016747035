"""Renewing what OCSP responders and time-stamping units work with, before it ends.

Two sides, in one process or in two. The side of trust, which holds the services' keys: generates
the next key and asks for a certificate, with proof that it holds the key. The side of the CA:
certifies what was asked for, if by its own record it is time. What stands between them is a desk of
requests in the register. Services find the new certificate by its key
(`ca.hierarchy.service_keys`); the one before stays valid for a while, so that there is no gap.

Every step can be repeated: the key is the first one without a certificate, the request's id follows
from the key, and a key that is certified already is not certified again.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import CaError, NotFoundedError
from ca.hierarchy.hierarchy import Hierarchy
from ca.hierarchy.issuing_ca import IssuingCa
from ca.hierarchy.service_keys import (
    PURPOSES,
    ServiceKey,
    certified_before,
    find_service_key,
    free_service_key,
    issued_certificates,
)
from ca.issuing.csr import requested_key
from ca.issuing.parts import CaParts
from ca.ledger import CertificateState
from ca.profiles.profiles import ProfileKind
from ca.profiles.public_keys import spki_fingerprint
from core.ids import IssuerId, KeyId
from keys.algorithms import digest_of
from keys.model import KeyExistsError, KeyStore

TSA_KEY_PERIOD = timedelta(days=365)
"""A unit stamps for a year, so that each token can be verified by its certificate for years more
(EN 319 421 7.6: the key's use ends before the certificate does)."""

_log = logging.getLogger(__name__)


class RequestState(StrEnum):
    """Where a request stands."""

    REQUESTED = "REQUESTED"
    ISSUED = "ISSUED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A service asks for a certificate."""

    request_id: str
    """SHA-256 of the public key, hexadecimal: one request a key."""
    issuer: IssuerId
    kind: ProfileKind
    key_id: KeyId
    csr: bytes
    """PKCS#10 (RFC 2986), DER; of it only the public key and its proof count."""
    state: RequestState
    requested_at: datetime
    settled_at: datetime | None = None
    detail: str | None = None
    """Serial of what was issued, or the code of why not."""


class RequestDesk(Protocol):
    """Requests on record. Every method is durable when it returns."""

    def submit(self, request: CertificateRequest) -> None:
        """Record a request, or ask again for what was refused; one that is open or issued stays."""
        ...

    def list_open(self) -> list[CertificateRequest]:
        """Return what is to be decided, oldest first."""
        ...

    def settle(self, request_id: str, state: RequestState, detail: str, at: datetime) -> None:
        """Record what became of an open request; of any other, nothing."""
        ...


def is_due(
    kind: ProfileKind, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> bool:
    """Whether it is time for the next one: at two thirds of its life, a unit after its year.

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

    def _request(self, ca: IssuingCa, kind: ProfileKind, now: datetime) -> CertificateRequest:
        purpose, algorithm = PURPOSES[kind], self._parts.profiles[kind].algorithm
        key_id = free_service_key(self._parts.ledger, self._keys, ca.record.issuer, kind)
        try:
            self._keys.generate(key_id, purpose, algorithm)
        except KeyExistsError:  # left by a run that was cut off, or made by another this moment
            self._keys.find(key_id)
        signer = self._keys.open(key_id, purpose)
        subject = _subject(self._hierarchy, self._parts, ca, kind)
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
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

    def issue_due(self, *, force: bool = False) -> list[x509.Certificate]:
        """Certify what is asked for and due by the ledger; what is asked for early waits.

        So whoever holds the services' keys cannot have certificates at will. With `force`, which
        is an operator's word, nothing waits.
        """
        issued: list[x509.Certificate] = []
        for request in self._desk.list_open():
            if not force and not self._is_due(request):
                continue
            try:
                certificate = self._certify(request)
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

    def _certify(self, request: CertificateRequest) -> x509.Certificate:
        if request.kind not in PURPOSES:
            raise NotFoundedError("申请的证书类型有误。", "No service has such a certificate.")
        key = requested_key(request.csr)
        ca = self._hierarchy.issuing_ca(request.issuer)
        for entry in self._parts.ledger.find_by_key(spki_fingerprint(key)):
            fits = (entry.intent.issuer, entry.intent.profile) == (request.issuer, request.kind)
            if fits and entry.state is CertificateState.ISSUED and entry.certificate is not None:
                return x509.load_der_x509_certificate(entry.certificate)
        responder = request.kind is ProfileKind.OCSP_RESPONDER
        authority = ca.service_authority if responder else ca.authority
        subject = _subject(self._hierarchy, self._parts, ca, request.kind)
        profile = self._parts.profiles[request.kind]
        return x509.load_der_x509_certificate(
            authority.issue(authority.prepare(profile, subject, key))
        )

    def _settle(self, request: CertificateRequest, state: RequestState, detail: str) -> None:
        self._desk.settle(request.request_id, state, detail, self._parts.clock.now())


class Renewal:
    """Both sides, as far as this process has their keys."""

    def __init__(self, requester: Requester | None, issuer: RequestIssuer | None) -> None:
        self._requester = requester
        self._issuer = issuer

    def run(self, *, force: bool = False) -> list[x509.Certificate]:
        """Ask for what is due and certify what is asked for; return what was issued."""
        if self._requester is not None:
            self._requester.request_due(force=force)
        return [] if self._issuer is None else self._issuer.issue_due(force=force)


def _subject(hierarchy: Hierarchy, parts: CaParts, ca: IssuingCa, kind: ProfileKind) -> x509.Name:
    """Return the name that the service has had so far, from the ledger: never from a request."""
    issuers = [ca, *(one for one in hierarchy.issuing_cas if one is not ca)]
    for one in issuers:
        known = certified_before(parts.ledger, one.record.issuer, kind)
        if known:
            return known[-1].subject
    raise NotFoundedError(
        f"“{kind}”服务从未有过证书，无从得知其名称。请执行 xinyin init。",
        f"The service “{kind}” never had a certificate, so its name is not known. Run xinyin init.",
    )
