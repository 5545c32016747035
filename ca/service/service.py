"""ASGI app of the role `trust`: certificates, CRLs, OCSP, timestamps. Reaches no CA key.

Whatever arrives, the answer is a protocol message or a problem (RFC 9457), never a 5xx for bad
input. Work that may block (ledger, tokens) runs outside the event loop.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ca.encoding import tsa_request
from ca.ocsp.ahead import SignedAhead
from ca.ocsp.epoch import EpochWatch
from ca.ocsp.responder import OcspService
from ca.service import ocsp_http
from ca.service.crl_published import PublishedCrls
from ca.service.http import (
    NO_STORE,
    Refused,
    check_content_type,
    client_host,
    header,
    matches,
    read_body,
)
from ca.service.ocsp_http import OcspEndpoint
from ca.service.trust_metrics import TrustMetrics
from ca.timestamps.tsa import NO_UNIT, TimestampAnswer, TimestampUnit
from core.client_networks import client_network
from core.clock import Clock, Monotonic
from core.errors import XinyinError
from core.metrics import exposition
from core.web.access_log import ROUTE, note, route_of, unforeseen
from core.web.limits.levels import Levels
from core.web.limits.throttling import Rate, Slots, TokenBuckets, TooManyRequestsError
from core.web.probes import probe_app

T = TypeVar("T")

CRL_MAX_AGE = 300
CERTIFICATE_MAX_AGE = 86400
_OCSP_END = len(ocsp_http.PATH)
_CACHE = "public, no-transform, must-revalidate"
_TSA_WORKING, _TSA_WAITING = 4, 256
"""Threads that make tokens, and requests that may wait for one: a fraction of a second's worth."""

_TSA_PATIENCE_SECONDS = 3.0
"""Longest time that a request stands in line; whoever seals asks elsewhere or again instead."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrustRates:
    """Limits of one client's network; a proxy in front counts as what it forwards for."""

    ocsp: Rate = field(default_factory=lambda: Rate(burst=1_000, per_minute=6_000))
    """A validator with a batch of documents asks once a certificate; ample for an office."""
    timestamps: Rate = field(default_factory=lambda: Rate(burst=120, per_minute=600))
    """Each is a signature and an event on record."""
    published: Rate = field(default_factory=lambda: Rate(burst=120, per_minute=600))
    """Certificates and CRLs, which may be large."""

    @classmethod
    def per_minute(cls, ocsp: int, timestamps: int) -> "TrustRates":
        """Return rates as configured, with a sixth or a fifth of a minute's at once."""
        return cls(
            Rate(burst=max(1, ocsp // 6), per_minute=ocsp),
            Rate(burst=max(1, timestamps // 5), per_minute=timestamps),
        )


@dataclass(frozen=True, slots=True)
class TrustParts:
    """Parts that the app publishes."""

    certificate: Callable[[str], bytes | None]
    """A CA's certificate (DER) by its name in addresses, or None; may block."""
    crl: Callable[[str], bytes | None]
    """The latest CRL (DER) of that name (`ca.addresses.crl_name`), or None; may block. Signing is
    a duty of whoever holds the CA's key, never a client's to cause."""
    ocsp: OcspService
    revocation_epoch: Callable[[], int]
    """Grows with every revocation; may block."""
    timestamps: Callable[[], TimestampUnit]
    """The unit of now; may block."""
    clock: Clock
    rates: TrustRates = field(default_factory=TrustRates)
    metrics: TrustMetrics = field(default_factory=TrustMetrics)
    monotonic: Monotonic = time.monotonic
    levels: Levels | None = None
    """Memory of what clients used up, where several processes share it."""

    def buckets(self, name: str, rate: Rate) -> TokenBuckets:
        """Return the counter of one kind of request."""
        return TokenBuckets(rate, self.monotonic, levels=self.levels, name=f"pki {name} ")


class TrustApp:
    """ASGI application of everything below /pki/; anything else is handed to `others`."""

    def __init__(self, parts: TrustParts, others: ASGIApp) -> None:
        self._metrics = parts.metrics
        self._others = others
        self._ocsp = _ocsp_endpoint(parts)
        self._rest = Starlette(routes=_Published(parts).routes(), exception_handlers=_HANDLERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is below /pki/, refusals too."""
        path: str = scope.get("path", "")
        if path.startswith(ocsp_http.PATH) and path[_OCSP_END : _OCSP_END + 1] in ("", "/"):
            scope[ROUTE] = ocsp_http.PATH
            try:
                await self._ocsp(scope, receive, send)
            except (Refused, TooManyRequestsError) as error:
                note(scope, error.code)
                self._metrics.answered(ocsp_http.PATH, scope["method"], _refused(error).status)
                await _refused(error).response()(scope, receive, send)
        elif path.startswith("/pki/"):
            await self._rest(scope, receive, self._counting(scope, send))
        else:
            await self._others(scope, receive, send)

    def _counting(self, scope: Scope, send: Send) -> Send:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.answered(route_of(scope), scope["method"], message["status"])
            await send(message)

        return counted


def _ocsp_endpoint(parts: TrustParts) -> OcspEndpoint:
    def state() -> tuple[int, int]:
        """In this order: who answers is settled before what was revoked is looked at."""
        parts.ocsp.refresh()
        return parts.ocsp.generation, parts.revocation_epoch()

    ahead = SignedAhead(parts.ocsp, EpochWatch(state, parts.monotonic), parts.monotonic)
    rate = parts.buckets("ocsp", parts.rates.ocsp)
    return OcspEndpoint(ahead, rate, parts.clock, parts.monotonic, parts.metrics.ocsp_answered)


Exposition = Callable[[], str]


def create_trust_app(
    parts: TrustParts,
    ready: Callable[[], bool],
    share: Callable[[Exposition], Exposition] = lambda own: own,
) -> TrustApp:
    """Return an application of its own, with probes and metrics. `ready` may block.

    `share` makes one exposition of several workers' (`core.web.server.Worker.share`).
    """
    shared = share(lambda: exposition([parts.metrics.requests, *parts.metrics.own]))
    return TrustApp(parts, probe_app(ready, shared))


class _Published:
    """All but OCSP."""

    def __init__(self, parts: TrustParts) -> None:
        self._parts = parts
        self._rate = parts.buckets("published", parts.rates.published)
        self._tsa_rate = parts.buckets("timestamps", parts.rates.timestamps)
        self._tsa_slots = Slots(_TSA_WORKING, _TSA_WAITING)
        self._crls = PublishedCrls(self._read_crl, parts.monotonic)

    def routes(self) -> list[Route]:
        return [
            Route("/pki/tsa", self.tsa, methods=["POST"]),
            Route("/pki/{issuer}.cer", self.certificate),
            Route("/pki/{name}.crl", self.crl),
        ]

    async def certificate(self, request: Request) -> Response:
        self._rate.take(client_network(client_host(request.scope)))
        name = request.path_params["issuer"]
        certificate = await self._read(lambda: self._parts.certificate(name))
        if certificate is None:
            raise _NOT_FOUND
        etag = f'"{hashlib.sha256(certificate).hexdigest()[:32]}"'
        return _published(request, certificate, "application/pkix-cert", CERTIFICATE_MAX_AGE, etag)

    async def crl(self, request: Request) -> Response:
        self._rate.take(client_network(client_host(request.scope)))
        name = request.path_params["name"]
        crl = await self._crls.get(name)
        if crl is None:
            raise _NOT_FOUND
        # Not cached beyond its nextUpdate.
        left = int((crl.next_update - self._parts.clock.now()).total_seconds())
        age = max(0, min(CRL_MAX_AGE, left))
        response = _published(request, crl.der, "application/pkix-crl", age, crl.etag)
        response.headers["Last-Modified"] = crl.last_modified
        return response

    async def _read_crl(self, name: str) -> bytes | None:
        return await self._read(lambda: self._parts.crl(name))

    async def tsa(self, request: Request) -> Response:
        self._tsa_rate.take(client_network(client_host(request.scope)))
        check_content_type(request.scope, "application/timestamp-query")
        body = await read_body(request.receive, tsa_request.MAX_REQUEST_BYTES)
        try:
            answer = await self._tsa_slots.run(lambda: self._stamp(body), _TSA_PATIENCE_SECONDS)
        except TimeoutError:
            _log.error("timestamps: the audit or the key is slow; a request was given up")
            answer = NO_UNIT
        note(request.scope, answer.outcome)
        self._parts.metrics.tokens.add(outcome=answer.outcome)
        return Response(answer.der, media_type="application/timestamp-reply", headers=NO_STORE)

    def _stamp(self, request: bytes) -> TimestampAnswer:
        try:
            return self._parts.timestamps().answer(request)
        except XinyinError as error:  # the key or the ledger is away
            _log.error("timestamps: %s", error.text.en, extra={"code": error.code})
            return NO_UNIT

    async def _read(self, work: Callable[[], T]) -> T:
        try:
            return await anyio.to_thread.run_sync(work)
        except XinyinError as error:  # the ledger is away; the reason is the operator's to know
            _log.error("published: %s", error.text.en, extra={"code": error.code})
            raise _AWAY from error


def _published(request: Request, body: bytes, media_type: str, max_age: int, etag: str) -> Response:
    """Return a rarely changing body with an ETag; 304 to who has it (RFC 9110 13.1.2)."""
    headers = {"Cache-Control": f"max-age={max_age}, {_CACHE}", "ETag": etag, **_SNIFF}
    if matches(header(request.scope, b"if-none-match"), etag.encode()):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _refused(error: Exception) -> Refused:
    if isinstance(error, TooManyRequestsError):
        return Refused(429, error.code, str(error), Retry_After=str(error.retry_after))
    assert isinstance(error, Refused)
    return error


def _refusal(request: Request, error: Exception) -> Response:
    refused = _refused(error)
    note(request.scope, refused.code)
    return refused.response()


_HANDLERS = {Refused: _refusal, TooManyRequestsError: _refusal, Exception: unforeseen}
_SNIFF = {"X-Content-Type-Options": "nosniff"}
_AWAY = Refused(503, "unreachable", "Not reachable just now. Try again in a minute.")
_NOT_FOUND = Refused(404, "not_found", "No such issuer, or nothing published yet.")
