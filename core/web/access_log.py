"""The access log, the same in every role, and the last boundary around every application.

A line tells method, route template, status, time, bytes and what came of it. Neither path nor
query (they hold numbers and tokens) nor headers, and of the client's address only what thousands
share: an IPv4 /24; an IPv6 /32, since a /48 may be one household (RFC 6177 2).
"""

import ipaddress
import logging
import time
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.clock import Monotonic
from core.log import current_request_id, name_request
from core.web.request_ids import HEADER, request_id_of

CLIENT_CLOSED = 499
"""Status that is logged where the client left before the answer; never sent."""
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST"})
"""The others are logged and counted as one."""
ROUTE, CODE = "xinyin.route", "xinyin.code"
"""Keys of the scope: the route where no framework finds it, and what came of the request."""
_IPV4_PREFIX, _IPV6_PREFIX = 24, 32
_HEADER = HEADER.lower().encode()
_FAULT = 500

_access = logging.getLogger("access")
_probes = logging.getLogger("access.probes")
_log = logging.getLogger(__name__)


def note(scope: Scope, code: str) -> None:
    """Have the request's line tell what came of it: a problem's code, an answer's outcome."""
    scope[CODE] = code


def route_of(scope: Scope) -> str:
    """Return the template of the route that answered, `-` where none did."""
    route: str = scope.get(ROUTE) or getattr(scope.get("route"), "path", None) or "-"
    return route


def method_of(scope: Scope) -> str:
    """Return the method, of a closed set."""
    return scope["method"] if scope["method"] in METHODS else "other"


def log_access(
    method: str,
    route: str,
    status: int,
    *,
    seconds: float,
    sent: int,
    host: str | None,
    code: str | None,
    request_id: str | None = None,
) -> None:
    """Log a request that was answered; with 5xx as a warning."""
    logger = _probes if route in PROBES else _access
    logger.log(
        logging.WARNING if status >= _FAULT else logging.INFO,
        "%s %s %d",
        method,
        route,
        status,
        extra={
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
            "bytes": sent,
            "network": truncated(host),
            "code": code,
            **({} if request_id is None else {"request_id": request_id}),
        },
    )


class AccessLog:
    """Names each request (`X-Request-ID`), logs it, and answers what nobody foresaw."""

    def __init__(self, app: ASGIApp, monotonic: Monotonic = time.monotonic) -> None:
        self._app = app
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope["headers"])
        name_request(request_id)  # of this task, which is the request's own
        status, sent = CLIENT_CLOSED, 0
        begun = self._monotonic()

        async def watched(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], (_HEADER, request_id.encode())]
                message = {**message, "headers": headers}
            else:
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if status != CLIENT_CLOSED:
                raise  # the server logs it, and closes the connection
            _log.exception("unforeseen fault")
            await unforeseen(Request(scope), error)(scope, receive, watched)
        finally:
            log_access(
                method_of(scope),
                route_of(scope),
                status,
                seconds=self._monotonic() - begun,
                sent=sent,
                host=scope["client"][0] if scope.get("client") else None,
                code=scope.get(CODE),
            )


@lru_cache(maxsize=4096)  # the same few proxies and offices, over and over
def truncated(host: str | None) -> str | None:
    """Return the network of a peer address, as wide as thousands of people's; None if none."""
    try:
        address = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    prefix = _IPV4_PREFIX if isinstance(address, ipaddress.IPv4Address) else _IPV6_PREFIX
    return str(ipaddress.ip_network((address, prefix), strict=False))


def unforeseen(request: Request, _: Exception) -> Response:
    """Answer a fault that nobody foresaw with a problem (RFC 9457) that reveals nothing."""
    note(request.scope, "internal")
    return JSONResponse(
        {
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": _FAULT,
            "code": "internal",
            "detail": "Something went wrong on our side and was recorded.",
            "request_id": current_request_id(),
        },
        _FAULT,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )
