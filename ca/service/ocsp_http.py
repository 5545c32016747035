"""OCSP over HTTP (RFC 6960 A, RFC 9919 5 and 6), as a raw ASGI application.

Answers out of memory go past every framework, so that what they cost is HTTP itself. Every answer,
a refusal included, is HTTP 200 (RFC 6960 A.1).
"""

import binascii
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from starlette.types import Receive, Scope, Send

from ca.encoding import ocsp_request
from ca.ocsp.ahead import SignedAhead
from ca.ocsp.published import MAX_AGE, Published, http_date, not_modified
from ca.service.http import Refused, check_content_type, client_host, header, matches, read_body
from core.client_networks import client_network
from core.clock import Clock, Monotonic
from core.web.access_log import note
from core.web.limits.throttling import TokenBuckets

PATH = "/pki/ocsp"
_GET = f"{PATH}/"
_MEDIA_TYPE = "application/ocsp-request"
_MAX_GET_CHARACTERS = 4 * (ocsp_request.MAX_REQUEST_BYTES + 2) // 3 + 4

_VARIANTS = str.maketrans(" -_", "++/")

OnAnswer = Callable[[str, Published, bool], None]
"""Told of each answer: the method, the answer, and whether it came out of memory."""


class OcspEndpoint:
    """GET and POST. Belongs to one event loop: no locks."""

    def __init__(
        self,
        ahead: SignedAhead,
        rate: TokenBuckets,
        clock: Clock,
        monotonic: Monotonic,
        on_answer: OnAnswer,
    ) -> None:
        self._ahead = ahead
        self._rate = rate
        self._clock = clock
        self._monotonic = monotonic
        self._on_answer = on_answer
        self._expires = (b"expires", b"")
        self._expires_until = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises `Refused`, `TooManyRequestsError` before anything is sent."""
        self._rate.take(client_network(client_host(scope)))
        method: str = scope["method"]
        if method == "POST" and scope["path"] in (PATH, _GET):
            check_content_type(scope, _MEDIA_TYPE)
            request = await read_body(receive, ocsp_request.MAX_REQUEST_BYTES)
        else:
            request = _from_path(method, scope["path"])
        published = self._ahead.ready(request)
        from_memory = published is not None
        if published is None:
            published = await self._ahead.answer(request)
        note(scope, published.kind)
        self._on_answer(method, published, from_memory)
        status, headers, body = 200, published.headers, published.answer.der
        if published.etag is not None:
            headers = [*headers, self._expiry()]
            if method != "POST" and _is_known(scope, published):
                status, headers, body = 304, [*not_modified(published), self._expiry()], b""
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _expiry(self) -> tuple[bytes, bytes]:
        """Return `Expires`, the same within a second, for caches that know nothing newer.

        Sooner than nextUpdate, which RFC 9919 6.2 names: a revocation must be seen in time.
        """
        if self._monotonic() >= self._expires_until:
            until = self._clock.now() + timedelta(seconds=MAX_AGE)
            self._expires = (b"expires", http_date(until))
            self._expires_until = self._monotonic() + 1.0
        return self._expires


def _from_path(method: str, path: str) -> bytes:
    """Decode a GET's request (RFC 6960 A.1: base64, percent-encoded, as the rest of the path).

    Understood as well, since clients and proxies send it: an address joined with `//`, a `+` that
    became a space, a path that was escaped twice, and base64url (RFC 4648 5). What is not base64
    becomes an empty, thus malformed, request. Raises `Refused` for any other method.
    """
    if path == PATH or method not in ("GET", "HEAD"):
        detail = "GET with the request in the path, or POST."
        raise Refused(405, "method_not_allowed", detail, Allow="GET, HEAD, POST")
    text = path[len(_GET) :].lstrip("/")  # a request is a SEQUENCE: its base64 begins with M
    if len(text) > 3 * _MAX_GET_CHARACTERS:  # each character may be escaped once more
        return b""
    if "%" in text:
        text = unquote(text)
    text = text.translate(_VARIANTS).rstrip("=")
    if len(text) > _MAX_GET_CHARACTERS:
        return b""
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except ValueError:
        return b""


def _is_known(scope: Scope, published: Published) -> bool:
    """Tell whether the client has this answer (RFC 9110 13.2.2: the ETag decides where there is
    one).
    """
    if tags := header(scope, b"if-none-match"):
        return published.etag is not None and matches(tags, published.etag)
    since = header(scope, b"if-modified-since")
    if not since or published.last_modified is None:
        return False
    try:
        known = published.last_modified <= parsedate_to_datetime(since.decode("ascii"))
    except (ValueError, TypeError):  # no date, or one without a zone
        return False
    return known
