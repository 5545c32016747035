"""Runs one ASGI application with uvicorn, on limits that a public server needs.

uvicorn with httptools bounds neither the size nor the time of a request's headers, so that one
connection could fill memory or be held open for ever; `LimitedProtocol` does.
"""

import asyncio
import ipaddress
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import NoReturn

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.errors import ConfigurationError, XinyinError
from core.metrics_share import Siblings
from core.problems import problem_of
from core.workers import run_workers

MAX_HEADER_BYTES = 32 * 1024
"""Request line and headers together; browsers send 2 KiB, proxies allow 8 to 32."""
HEADER_SECONDS = 15.0
"""From the first byte of a connection, or of the next request on it, to the end of its headers."""
KEEP_ALIVE_SECONDS = 15
CONNECTIONS = 1024
"""Open at once; beyond it uvicorn answers 503."""
BACKLOG = 512
GRACE_SECONDS = 30
"""For answers under way when the process is asked to end."""


class LimitedProtocol(HttpToolsProtocol):
    """Closes connections whose headers are too long or too slow.

    Counted where bytes arrive, because the parser collects a header's value for as long as it
    lasts. The limit is exceeded by one read (256 KiB) at most.
    """

    _in_headers = False
    _header_bytes = 0
    _header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock of the first request."""
        super().connection_made(transport)
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._headers_done()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what arrives while headers are open."""
        super().data_received(data)
        if self._in_headers:
            self._header_bytes += len(data)
            if self._header_bytes > MAX_HEADER_BYTES and not self.transport.is_closing():
                self.send_400_response("Request header fields too large.")

    def on_message_begin(self) -> None:
        """Start the clock of the next request on the connection."""
        self._expect_headers()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop the clock; the application has its own for bodies."""
        self._headers_done()
        super().on_headers_complete()

    def _expect_headers(self) -> None:
        self._headers_done()
        self._in_headers = True
        self._header_bytes = 0
        self._header_timer = self.loop.call_later(HEADER_SECONDS, self._too_slow)

    def _headers_done(self) -> None:
        self._in_headers = False
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


def bind(host: str, port: int) -> socket.socket:
    """Return a listening address; port 0 takes a free one.

    Raises `ConfigurationError` when the address is taken or is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"无法监听 {host} 的端口 {port}:{error.strerror}。请换一个端口或停止占用它的程序。",
            f"Could not listen on {host}, port {port}: {error.strerror}. "
            "Choose another port, or stop the program that has it.",
        ) from error
    return listener


def base_url(listener: socket.socket) -> str:
    """Return the address under which `listener` answers; loopback where it answers everywhere."""
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        address = ipaddress.ip_address("::1" if address.version == 6 else "127.0.0.1")  # noqa: PLR2004 - IP versions
    return f"http://[{address}]:{port}" if address.version == 6 else f"http://{address}:{port}"  # noqa: PLR2004 - IP versions


class AnnouncingServer(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Announce once connections are accepted."""
        await super().startup(sockets)
        self._announce()


def print_address(url: str) -> None:
    """Print the base URL as a line of stdout at once, also into a pipe."""
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


def configuration(app: ASGIApp, trusted_proxies: tuple[str, ...] = ()) -> uvicorn.Config:
    """Return uvicorn's settings with our limits.

    `trusted_proxies` are the addresses or networks whose X-Forwarded-For names the client; from
    anyone else it is ignored, also from this machine, which uvicorn by itself would trust.
    """
    return uvicorn.Config(
        app,
        http=LimitedProtocol,
        ws="none",
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        limit_concurrency=CONNECTIONS,
        backlog=BACKLOG,
    )


@dataclass(frozen=True, slots=True)
class Worker:
    """What an application is opened for."""

    number: int = 0
    count: int = 1
    siblings: Siblings | None = None

    def share(self, exposition: Callable[[], str]) -> Callable[[], str]:
        """Return what `/metrics` says: the sum over all workers of the service."""
        return exposition if self.siblings is None else self.siblings.share(exposition)


OpenApp = Callable[[Worker], AbstractContextManager[ASGIApp]]
"""Opens all that the application works with, and closes it in the end."""


def serve(
    open_app: OpenApp,
    host: str,
    port: int,
    *,
    workers: int = 1,
    trusted_proxies: tuple[str, ...] = (),
    announce: Callable[[str], None] = print_address,
) -> int:
    """Serve until SIGINT or SIGTERM; call `announce` with the base URL once it answers.

    With several `workers`, each is a process of its own, which opens its own application; nothing
    may be open before. Logging is the caller's to set up. Returns the exit code. Raises
    `ConfigurationError` when the address is taken, and what `open_app` raises with one worker.
    """
    with bind(host, port) as listener:
        url = base_url(listener)

        def run(worker: Worker, ready: Callable[[], None]) -> None:
            with stopping_quietly(), open_app(worker) as app:
                config = configuration(app, trusted_proxies)
                AnnouncingServer(config, ready).run(sockets=[listener])

        if workers == 1:
            run(Worker(), lambda: announce(url))
            return 0
        listener.listen(BACKLOG)
        with TemporaryDirectory(prefix="xinyin-") as directory:

            def work(number: int, ready: Callable[[], None]) -> int:
                try:
                    run(Worker(number, workers, Siblings(Path(directory), number)), ready)
                except XinyinError as error:
                    sys.stderr.write(f"{error.text.zh} {error.text.en}\n")
                    return problem_of(error.code).exit_code
                return 0

            return run_workers(workers, work, lambda: announce(url))


class _Stopped(BaseException):
    """SIGTERM, on its way out through what is to be closed."""


@contextmanager
def stopping_quietly() -> Iterator[None]:
    """Let SIGTERM close what is open, and end the block."""

    def stop(_signum: int, _frame: FrameType | None) -> NoReturn:
        raise _Stopped

    before = signal.signal(signal.SIGTERM, stop)
    with suppress(_Stopped):
        yield
    signal.signal(signal.SIGTERM, before)
