"""Asking services of ours and of outside CAs over HTTP: small answers, short patience.

The standard library's client, with what it leaves open: one deadline for a whole exchange, however
slowly its bytes drip in, a limit on size, no redirects, no proxies from the environment.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO
from urllib.parse import urlsplit

from core.errors import UnreachableError, UsageError
from core.os_errors import cause_zh
from core.text import Text
from core.web import messages

TIMEOUT_SECONDS = 10.0
"""For connecting, and for each time that something is waited for."""
WHOLE_SECONDS = 30.0
"""For a whole exchange: 32 MiB of CRL at 9 Mbit/s."""
MAX_ANSWER_BYTES = 64 * 1024
"""An OCSP answer or a timestamp token with its chain has 2 to 10 KiB."""
MAX_CRL_BYTES = 32 * 1024 * 1024
DOWNLOAD_SECONDS = 3600.0
"""For a large file: 2 GiB at 5 Mbit/s."""
_OK = 200
_PIECE = 256 * 1024


class LostAnswerError(UnreachableError):
    """A request was sent, and its answer did not come whole: it may have taken effect."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer, whole and within the limit."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case; of several of a name, the first."""
    body: bytes

    @property
    def media_type(self) -> str:
        """Without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def post(url: str, body: bytes, media_type: str, *, limit: int = MAX_ANSWER_BYTES) -> HttpAnswer:
    """Send `body`. Raises `UsageError` for another kind of address, `UnreachableError`."""
    return _successful(url, ask("POST", url, body, {"Content-Type": media_type}, limit=limit))


def get(url: str, *, limit: int = MAX_CRL_BYTES) -> HttpAnswer:
    """Fetch an address. Raises `UsageError` for another kind of address, `UnreachableError`."""
    return _successful(url, ask("GET", url, limit=limit))


def ask(
    method: str,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    limit: int = MAX_ANSWER_BYTES,
    context: ssl.SSLContext | None = None,
) -> HttpAnswer:
    """Ask, and return the answer whatever its status; `context` trusts other CAs than the system's.

    Raises `UsageError` for another kind of address, `UnreachableError`; `LostAnswerError` where
    the request was sent, so that it may have taken effect.
    """
    connection, path = _connect(url, context)
    deadline, sent = _Deadline(WHOLE_SECONDS), False
    try:
        with deadline:
            connection.connect()
            deadline.guard(connection.sock)
            connection.request(method, path, body, {"Connection": "close", **headers})
            sent = True
            response = connection.getresponse()
            answered = response.read(limit + 1)
        told = reversed(response.getheaders())
        if deadline.passed or (len(answered) <= limit and response.length):
            raise http.client.IncompleteRead(answered, response.length)
    except (OSError, http.client.HTTPException) as error:
        kind = LostAnswerError if sent else UnreachableError
        raise kind(_no_answer(url, _cause(error, deadline))) from error
    finally:
        connection.close()
    if len(answered) > limit:
        why = f"> {limit} bytes"
        raise LostAnswerError(_no_answer(url, Text(why, why)))
    return HttpAnswer(response.status, {name.lower(): value for name, value in told}, answered)


def download(url: str, out: BinaryIO, headers: Mapping[str, str], *, limit: int) -> HttpAnswer:
    """Fetch a file of at most so many bytes to `out`, a piece at a time.

    The answer's body is empty, but where the status says that there is no file: then it is what
    was said instead. Raises as `ask`; what was written before is the caller's to remove.
    """
    connection, path = _connect(url)
    deadline, size, body = _Deadline(DOWNLOAD_SECONDS), 0, b""
    try:
        with deadline:
            connection.connect()
            deadline.guard(connection.sock)
            connection.request("GET", path, None, {"Connection": "close", **headers})
            response = connection.getresponse()
            if response.status == _OK:
                while piece := response.read(_PIECE):
                    size += len(piece)
                    if size > limit:
                        break
                    out.write(piece)
            else:
                body = response.read(MAX_ANSWER_BYTES)
        if deadline.passed or (size <= limit and response.length):
            raise http.client.IncompleteRead(body, response.length)
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(_no_answer(url, _cause(error, deadline))) from error
    finally:
        connection.close()
    if size > limit:
        why = f"> {limit} bytes"
        raise UnreachableError(_no_answer(url, Text(why, why)))
    told = {name.lower(): value for name, value in reversed(response.getheaders())}
    return HttpAnswer(response.status, told, body)


def _successful(url: str, answer: HttpAnswer) -> HttpAnswer:
    if answer.status != _OK:
        why = f"HTTP {answer.status}"
        raise UnreachableError(_no_answer(url, Text(why, why)))
    return answer


class _Deadline:
    """Shuts a socket when its time is up: reads and writes then end at once.

    The socket itself: a connection forgets it as soon as the other side says that it will close.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self.passed = False

    def guard(self, connected: socket.socket) -> None:
        """Shut this one; at once where the time was up before."""
        self._socket = connected
        if self.passed:
            self._end()

    def _end(self) -> None:
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):  # closed in the same instant
                self._socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _connect(
    url: str, context: ssl.SSLContext | None = None
) -> tuple[http.client.HTTPConnection, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = urlsplit("")
    plain = url.isascii() and url.isprintable() and not (parts.username or parts.password)
    if parts.scheme not in {"http", "https"} or host is None or not plain:
        raise UsageError(messages.address_not_http(url[:200]))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "https":
        context = context or ssl.create_default_context()
        return http.client.HTTPSConnection(
            host, port, timeout=TIMEOUT_SECONDS, context=context
        ), path
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS), path


def _cause(error: Exception, deadline: _Deadline) -> Text:
    if deadline.passed:
        why = f"> {deadline.seconds:g} s"
        return Text(why, why)
    if isinstance(error, TimeoutError):
        return messages.TIMED_OUT
    if isinstance(error, OSError) and error.strerror:
        return Text(cause_zh(error), error.strerror)
    return messages.ANSWER_BROKE_OFF


def _no_answer(url: str, why: Text) -> Text:
    return messages.no_answer_from_host(host=urlsplit(url).netloc, why=why)
