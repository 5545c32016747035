"""What trust publishes over HTTP: certificates, CRLs, OCSP, timestamps. Reaches no CA key.

Whatever arrives, the answer is a protocol message or a problem (RFC 9457), never a 5xx for bad
input. Work that may block (ledger, tokens) runs outside the event loop.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus

from cryptography import x509
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ca import ocsp_request, tsa_request
from ca.ocsp import OcspAnswer, OcspService
from ca.tsa import TimestampUnit
from core.clock import Clock
from core.errors import XinyinError
from core.ids import IssuerId

OCSP_MAX_AGE = 60
"""Seconds that an answer may be cached: how late a revocation may be seen (RFC 5019 6.2)."""
OCSP_FRESHNESS = timedelta(seconds=OCSP_MAX_AGE)
CRL_MAX_AGE = 300
CERTIFICATE_MAX_AGE = 86400
_CACHE = "public, no-transform, must-revalidate"
_NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}
_MAX_GET_CHARACTERS = 4 * (ocsp_request.MAX_REQUEST_BYTES + 2) // 3 + 4


@dataclass(frozen=True, slots=True)
class TrustParts:
    """What the app publishes."""

    certificates: Mapping[IssuerId, bytes]
    """By issuer: CA certificates, DER."""
    crl: Callable[[str], bytes | None]
    """The latest CRL (DER) of that name (`ca.addresses.crl_name`), or None; may renew it where the
    CA key is at hand."""
    ocsp: OcspService
    timestamps: TimestampUnit
    clock: Clock


class _RefusedError(Exception):
    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail

    def response(self) -> Response:
        """Return the problem (RFC 9457)."""
        problem = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        return JSONResponse(
            problem, self.status, media_type="application/problem+json", headers=_NO_STORE
        )


def create_trust_app(parts: TrustParts) -> Starlette:
    """Return an ASGI app of its own."""
    return Starlette(routes=trust_routes(parts))


def trust_routes(parts: TrustParts) -> list[Route]:
    """Return the routes under /pki/, for an app that serves more; refusals are answered here."""
    endpoints = _Endpoints(parts)
    return [
        Route("/pki/ocsp", endpoints.ocsp_post, methods=["POST"]),
        Route("/pki/ocsp/{request:path}", endpoints.ocsp_get, methods=["GET"]),
        Route("/pki/tsa", endpoints.tsa, methods=["POST"]),
        Route("/pki/{issuer}.cer", endpoints.certificate),
        Route("/pki/{name}.crl", endpoints.crl),
    ]


class _Endpoints:
    def __init__(self, parts: TrustParts) -> None:
        self._parts = parts

    async def certificate(self, request: Request) -> Response:
        certificate = self._parts.certificates.get(request.path_params["issuer"])
        if certificate is None:
            return _NOT_FOUND.response()
        return _published(request, certificate, "application/pkix-cert", CERTIFICATE_MAX_AGE)

    async def crl(self, request: Request) -> Response:
        try:
            crl = await run_in_threadpool(self._parts.crl, request.path_params["name"])
        except XinyinError:  # the ledger is away; the reason is the operator's to know
            return _AWAY.response()
        if crl is None:
            return _NOT_FOUND.response()
        parsed = x509.load_der_x509_crl(crl)
        response = _published(request, crl, "application/pkix-crl", self._crl_age(parsed))
        response.headers["Last-Modified"] = _http_date(parsed.last_update_utc)
        return response

    async def ocsp_post(self, request: Request) -> Response:
        try:
            body = await _body(request, "application/ocsp-request", ocsp_request.MAX_REQUEST_BYTES)
        except _RefusedError as refused:
            return refused.response()
        answer = await run_in_threadpool(self._parts.ocsp.respond, body)
        return self._ocsp_response(answer)

    async def ocsp_get(self, request: Request) -> Response:
        """RFC 6960 A.1: the request in base64, percent-encoded, as the rest of the path."""
        answer = await run_in_threadpool(
            self._parts.ocsp.respond, _from_path(request.path_params["request"])
        )
        return self._ocsp_response(answer)

    async def tsa(self, request: Request) -> Response:
        try:
            body = await _body(
                request, "application/timestamp-query", tsa_request.MAX_REQUEST_BYTES
            )
        except _RefusedError as refused:
            return refused.response()
        token = await run_in_threadpool(self._parts.timestamps.respond, body)
        return Response(token, media_type="application/timestamp-reply", headers=_NO_STORE)

    def _crl_age(self, crl: x509.CertificateRevocationList) -> int:
        """A CRL is not cached beyond its nextUpdate."""
        assert crl.next_update_utc is not None  # ours always have it
        left = (crl.next_update_utc - self._parts.clock.now()).total_seconds()
        return max(0, min(CRL_MAX_AGE, int(left)))

    def _ocsp_response(self, answer: OcspAnswer) -> Response:
        """Errors are HTTP 200 too (RFC 6960 A.1); only answers without a nonce are cached."""
        response = Response(answer.der, media_type="application/ocsp-response")
        if answer.this_update is None or answer.next_update is None or not answer.cacheable:
            response.headers.update(_NO_STORE)
            return response
        # RFC 5019 6.2; `Expires` is for caches that know nothing newer.
        expires = min(answer.this_update + OCSP_FRESHNESS, answer.next_update)
        response.headers["Cache-Control"] = f"max-age={OCSP_MAX_AGE}, {_CACHE}"
        response.headers["Last-Modified"] = _http_date(answer.this_update)
        response.headers["Expires"] = _http_date(expires)
        response.headers["ETag"] = _etag(answer.der)
        return response


async def _body(request: Request, content_type: str, limit: int) -> bytes:
    """Read a body of the right type, no further than the limit, whatever its length claims."""
    got = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if got != content_type:
        raise _RefusedError(415, "unsupported_media_type", f"Send {content_type}.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _RefusedError(413, "too_large", f"At most {limit} bytes.")
    return bytes(body)


def _from_path(text: str) -> bytes:
    """Decode a GET's request; what is not base64 becomes an empty, thus malformed, request."""
    if len(text) > _MAX_GET_CHARACTERS:
        return b""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _published(request: Request, body: bytes, media_type: str, max_age: int) -> Response:
    """Return what changes rarely, with an ETag; 304 to who has it (RFC 9110 13.1.2)."""
    headers = {"Cache-Control": f"max-age={max_age}, {_CACHE}", "ETag": _etag(body)}
    known = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _http_date(instant: datetime) -> str:
    return format_datetime(instant.astimezone(UTC), usegmt=True)


_AWAY = _RefusedError(503, "unreachable", "Not reachable just now. Try again in a minute.")
_NOT_FOUND = _RefusedError(404, "not_found", "No such issuer, or nothing published yet.")
