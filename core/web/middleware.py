"""Around every answer: headers, counting, and the boundary that nothing passes.

Plain ASGI, so that bodies stream through untouched but where `TakeBody` stands. Order, from
outside: `Observe`, `Harden`, `Admit`, `TakeBody`, `Boundary`; around them is the server's
`core.web.access_log.AccessLog`.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.clock import Monotonic
from core.errors import XinyinError
from core.metrics import Counter, Histogram
from core.web.access_log import CLIENT_CLOSED, method_of, route_of
from core.web.limits.bodies import UNPARSED, MemberCount, Pace, media_type, read_ends, read_small
from core.web.limits.form_parts import CUT
from core.web.limits.memory_budget import MemoryBudget
from core.web.limits.throttling import TooManyRequestsError
from core.web.request_errors import RequestError, TooLargeError

log = logging.getLogger(__name__)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Strict-Transport-Security is the proxy's, which terminates TLS and knows all host names."""
SANDBOXED = "sandbox; default-src 'none'"
"""Policy of files that others made: whoever opens one runs and loads nothing. It stays as set."""
_POLICY = "Content-Security-Policy"
SMALL_BODY = 64 * 1024
"""Octets that anybody may send: a form, an event, an enrolment."""
MOST_READ_ON = 64 * 1024 * 1024
"""Octets that are read, and not kept, for a page to show again what was typed beside a file."""
FREE = frozenset({"/healthz", "/readyz"})
"""Probes, which are always let in."""


class Harden:
    """Adds the security headers, and `no-store` where an answer says nothing of caching."""

    def __init__(self, app: ASGIApp, *, referrer: str | None = None) -> None:
        """`referrer`: another Referrer-Policy than none at all."""
        self._app = app
        self._headers = SECURITY_HEADERS | ({"Referrer-Policy": referrer} if referrer else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = headers.get(_POLICY)
                headers.update(self._headers)
                if own == SANDBOXED:
                    headers[_POLICY] = own
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, hardened)


class Admit:
    """Refuses who asks too much of anything, before it costs anything; probes are always let in."""

    def __init__(
        self,
        app: ASGIApp,
        admit: Callable[[Request], None],
        refused: Callable[[Request, Exception], Response],
    ) -> None:
        """`admit` raises `TooManyRequestsError`, which `refused` answers."""
        self._app = app
        self._admit = admit
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        app = self._app
        if scope["type"] == "http" and scope["path"] not in FREE:
            request = Request(scope)
            try:
                self._admit(request)
            except TooManyRequestsError as error:
                app = self._refused(request, error)
        await app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Larger:
    """Larger bodies, at a few addresses: their memory has a bound of its own."""

    paths: frozenset[str]
    limit: int
    budget: MemoryBudget
    network: Callable[[str | None], str]
    """Client network of a peer's address, which the budget goes by."""


class TakeBody:
    """Takes a request's body whole before anything else looks at it, within limits of size and
    pace: what reads it afterwards has none of its own.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit: int,
        pace: Pace,
        refused: Callable[[Request, Exception], Response],
        *,
        larger: Larger | None = None,
        known: Callable[[Request], object] | None = None,
        forms: Callable[[Request], bool] = lambda _: False,
    ) -> None:
        """`limit` in octets; `refused` answers `TooLargeError`, `RequestTimeoutError`, and
        `TooManyRequestsError` where memory for `larger` ones is short.

        `known` raises, in a thread, for who is not known: they send small bodies alone, since
        parsing a large one holds up everybody.

        `forms`: requests whose page shows again what was typed beside a file that is not taken;
        it finds the error in the scope, under `CUT`, and the ends of the body.
        """
        self._app = app
        self._limit = limit
        self._pace = pace
        self._refused = refused
        self._larger = larger
        self._known = known
        self._forms = forms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        request, larger = Request(scope, receive), self._larger
        try:
            most = await self._most_of(request)
        except XinyinError as error:
            await self._refuse(scope, receive, send, error)
            return
        if larger is None or scope["path"] not in larger.paths:
            limit = self._limit if most is None else min(most, self._limit)
            await self._take(scope, receive, send, limit, lambda _: None)
            return
        client = larger.network(request.client.host if request.client else None)
        try:
            with larger.budget.share(client) as share:
                limit = larger.limit if most is None else most
                await self._take(scope, receive, send, limit, share.take)
        except TooManyRequestsError as error:
            await self._refused(request, error)(scope, receive, send)

    async def _most_of(self, request: Request) -> int | None:
        """Return the most that a body may have; None: as much as anybody's.

        A length that is not told may turn out small. Raises as `known` where it is told, and large.
        """
        declared = request.headers.get("content-length", "")
        is_told = declared.isdecimal()
        if self._known is None or (is_told and int(declared[:20]) <= SMALL_BODY):
            return None
        try:
            await to_thread.run_sync(self._known, request)
        except XinyinError:
            if is_told:
                raise
            return SMALL_BODY
        return None

    async def _take(  # ASGI's three, and two
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        limit: int,
        count: Callable[[int], None],
    ) -> None:
        request = Request(scope, receive)
        members = None if media_type(request) in UNPARSED else MemberCount()

        def look(chunk: bytes) -> None:
            count(len(chunk))
            if members is not None:
                members.look(chunk)

        try:
            body = await read_small(request, limit, self._pace, look)
        except TooLargeError as error:
            await self._refuse(scope, receive, send, error)
        except RequestError as error:
            await self._refused(request, error)(scope, receive, send)
        else:
            await self._pass_on(scope, receive, send, body)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, error: XinyinError) -> None:
        """Refuse a body before any of it was read, or pass on a form without its file.

        A length that is not told has been read from, so that no form is left of it.
        """
        request = Request(scope, receive)
        if "content-length" in request.headers and self._forms(request):
            try:
                ends = await read_ends(request, SMALL_BODY, MOST_READ_ON, self._pace)
            except RequestError as worse:
                error = worse
            else:
                await self._pass_on({**scope, CUT: error}, receive, send, ends)
                return
        await self._refused(request, error)(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
        given = False

        async def replayed() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replayed, send)


class Boundary:
    """Handler of unforeseen faults: recorded with a trace, answered with nothing of it."""

    def __init__(self, app: ASGIApp, unforeseen: Callable[[Request], Response]) -> None:
        self._app = app
        self._unforeseen = unforeseen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            return  # nobody waits for an answer; the access log says 499
        except Exception:
            if scope["type"] != "http" or started:
                raise
            log.exception("unforeseen fault")
            await self._unforeseen(Request(scope))(scope, receive, send)


class Observe:
    """Counts by route template, method and status, and measures time."""

    def __init__(
        self, app: ASGIApp, requests: Counter, seconds: Histogram, monotonic: Monotonic
    ) -> None:
        self._app = app
        self._requests = requests
        self._seconds = seconds
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = CLIENT_CLOSED
        begun = self._monotonic()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._record(scope, status, self._monotonic() - begun)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        self._requests.add(route=route, method=method_of(scope), status=str(status))
        self._seconds.observe(seconds, route)
