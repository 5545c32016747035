"""HTTP/1.1 on one connection, within bounds that uvicorn leaves open.

uvicorn with httptools bounds neither the size nor the time of a request's headers, adds trailers
to them for as long as they come (RFC 9112 7.1.2), keeps a
connection whose peer reads no answer or trickles the rest of a refused body, and answers 503 to
all once anyone holds too many connections.
"""

import asyncio
import ipaddress
import json
from http import HTTPStatus

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from core.web.access_log import log_access
from core.web.limits.connections import Connections
from core.web.limits.throttling import BUSY_RETRY_SECONDS
from core.web.peers import PEER, Peer, peer_of
from core.web.request_ids import HEADER, new_request_id

MAX_HEADER_BYTES = 32 * 1024
"""Request line and headers together; browsers send 2 KiB, proxies allow 8 to 32."""
HEADER_SECONDS = 15.0
"""From the first byte of a connection, or of the next request on it, to the end of its headers."""
MAX_PIPELINED = 8
"""Requests sent ahead of their answers; browsers send none. One read could hold thousands."""
UNREAD_SECONDS = 30.0
"""A peer that takes nothing of an answer for so long is gone, or means harm."""
LINGER_SECONDS = 5.0
"""For the rest of a body that was answered before its end: time to read the answer, no more."""
_ENDINGS = {
    400: ("usage", "请求有误。", "The request is malformed."),
    429: (
        "too_many_requests",
        "来自同一网络的连接过多，请稍后再试。",
        "Too many connections from one network. Try again shortly.",
    ),
}


class LimitedConfig(Config):
    """uvicorn's settings, and the connections of this process."""

    connections: Connections


class LimitedProtocol(HttpToolsProtocol):
    """Closes connections that are too many, too slow or too long in what they send.

    Counted where bytes arrive, because the parser collects a header's value for as long as it
    lasts. The limit is exceeded by two reads (256 KiB each) at most. What stands around a body's
    data (lengths of chunks with their extensions, trailers) has the same limit, from data to data.

    Each request carries who is at the other end of the connection itself (`core.web.peers`).
    """

    config: LimitedConfig
    _in_headers = False
    _headers_begun = False
    """Within the read that is being parsed."""
    _in_body = False
    _header_bytes = 0
    _framing_bytes = 0
    _header_timer: asyncio.TimerHandle | None = None
    _linger_timer: asyncio.TimerHandle | None = None
    _unread_timer: asyncio.TimerHandle | None = None
    _peer = Peer()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock of the first request, if there is room for the connection."""
        super().connection_made(transport)
        if self.client is not None:
            self.client = (unmapped(self.client[0]), self.client[1])
        self._peer = peer_of(transport, self.client[0] if self.client else None)
        if self.config.connections.admit(self, self.client[0] if self.client else None):
            self._expect_headers()
        else:
            self._end_with(429)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self.config.connections.forget(self)
        self._headers_done()
        for timer in (self._linger_timer, self._unread_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def is_idle(self) -> bool:
        """True while no request is being answered, however much of the next has arrived."""
        cycle: RequestResponseCycle | None = self.cycle
        return not self.pipeline and (cycle is None or cycle.response_complete)

    def drop(self) -> None:
        """Close at once."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Count what arrives while headers are open."""
        self._framing_bytes += len(data)
        self._headers_begun = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_body:
            if self._framing_bytes > MAX_HEADER_BYTES:
                self._end_body()
        elif self._in_headers:
            if not self._headers_begun:  # else the read holds the end of a body as well
                self._header_bytes += len(data)
            if self._header_bytes > MAX_HEADER_BYTES:
                self._end_with(400)
        elif self.is_idle():
            # Line breaks before a request (RFC 9112 2.2) begin none, yet stopped uvicorn's clock.
            self._expect_headers()

    def on_message_begin(self) -> None:
        """Start the clock of the next request on the connection."""
        self._in_body = False
        self._expect_headers()
        super().on_message_begin()
        self.scope["extensions"] = {PEER: {"peer": self._peer}}

    def on_headers_complete(self) -> None:
        """Stop the clock; the application has its own for bodies.

        Raises `ValueError` for what the parser then calls malformed, and stops.
        """
        self._headers_done()
        self._framing_bytes = 0
        if len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError("too many requests ahead of their answers")
        self._in_body = True
        super().on_headers_complete()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Leave out trailers: nobody here asks for any, and the headers were acted upon."""
        if not self._in_body:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Begin to count anew what stands around the data."""
        self._framing_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Start a clock again where the answer came before the body's end."""
        self._in_body = False
        super().on_message_complete()
        if self.cycle.response_complete:
            self._stop_lingering()
            self._expect_headers()

    def on_response_complete(self) -> None:
        """Leave a body that nobody reads a little time, so that its sender sees the answer."""
        super().on_response_complete()
        if self._in_body and self.is_idle() and not self.transport.is_closing():
            self._linger_timer = self.loop.call_later(LINGER_SECONDS, self._too_slow)

    def pause_writing(self) -> None:
        """Start the clock of a peer that does not read."""
        super().pause_writing()
        self._unread_timer = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that clock."""
        super().resume_writing()
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words, not for outside
        """Answer what is not HTTP."""
        self._end_with(400)

    def _end_body(self) -> None:
        """Close on a body that has no end, with an answer unless one was begun."""
        if self.cycle.response_started:
            self.transport.close()
        else:
            self._end_with(400)

    def _end_with(self, status: int) -> None:
        """Answer with a problem (RFC 9457) without asking the application, and close."""
        code, zh, en = _ENDINGS[status]
        request_id = new_request_id()
        problem = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": code,
            "detail": f"{zh} {en}",
            "request_id": request_id,
        }
        body = json.dumps(problem, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/problem+json",
            "Content-Length": len(body),
            "Cache-Control": "no-store",
            "Connection": "close",
            HEADER: request_id,
        }
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            headers["Retry-After"] = BUSY_RETRY_SECONDS
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self.transport.close()
        log_access(
            "other",
            "-",
            status,
            seconds=0.0,
            sent=len(body),
            host=self.client[0] if self.client else None,
            code=code,
            request_id=request_id,
        )

    def _expect_headers(self) -> None:
        self._headers_done()
        self._in_headers = self._headers_begun = True
        self._header_bytes = 0
        self._header_timer = self.loop.call_later(HEADER_SECONDS, self._too_slow)

    def _headers_done(self) -> None:
        self._in_headers = False
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _stop_lingering(self) -> None:
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


def limited_config(app: ASGIApp, connections: Connections, **options: object) -> LimitedConfig:
    """Return uvicorn's settings for `app` on `LimitedProtocol`."""
    config = LimitedConfig(app, http=LimitedProtocol, **options)  # type: ignore[arg-type]
    config.connections = connections
    return config


def unmapped(host: str) -> str:
    """Return an IPv4 peer of a dual-stack listener as what it is, so that trusted proxies match."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return host if mapped is None else str(mapped)
