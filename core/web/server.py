"""Runs one ASGI application with uvicorn, on limits that a public server needs."""

import ipaddress
import logging
import resource
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import NoReturn

import uvicorn
from starlette.types import ASGIApp

from core.client_networks import ConnectionLimits
from core.errors import ConfigurationError, XinyinError
from core.os_errors import cause_zh
from core.web import messages
from core.web.access_log import AccessLog
from core.web.limits.connections import Connections
from core.web.limits.levels import Levels, SharedLevels
from core.web.metrics_share import Siblings
from core.web.problems import problem_of
from core.web.protocol import LimitedConfig, limited_config
from core.web.workers import run_workers

_log = logging.getLogger(__name__)
KEEP_ALIVE_SECONDS = 15
DEFAULT_LIMITS = ConnectionLimits()
DESCRIPTORS_BESIDE = 256
"""Database, journal, sandbox, siblings and files, beside the connections."""
BACKLOG = 512
GRACE_SECONDS = 30
"""For answers under way when the process is asked to end."""


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
            messages.port_unavailable(
                host=host, port=port, cause_zh=cause_zh(error), strerror=error.strerror
            ),
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
    """Server that signals when it answers."""

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


def log_failed_start(error: XinyinError) -> None:
    """Log why a service cannot start, in both languages: often a person stands by."""
    _log.critical("%s %s", error.text.zh, error.text.en, extra={"code": error.code})


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """TLS that this service terminates itself; else a proxy does."""

    certificate: Path
    key: Path
    client_ca: Path | None = None
    """Roots of client certificates: a client may then show one (RFC 8705)."""

    def options(self) -> dict[str, object]:
        """Return uvicorn's settings."""
        wanted = ssl.CERT_NONE if self.client_ca is None else ssl.CERT_OPTIONAL
        return {
            "ssl_certfile": self.certificate,
            "ssl_keyfile": self.key,
            "ssl_ca_certs": self.client_ca,
            "ssl_cert_reqs": wanted,
        }

    def check(self) -> None:
        """See that the files can be used. Raises `ConfigurationError`."""
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            # An encrypted key would ask for its passphrase at a terminal.
            context.load_cert_chain(self.certificate, self.key, password="")
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
        except (OSError, ValueError) as error:  # SSLError is an OSError
            raise ConfigurationError(messages.TLS_FILES_UNUSABLE) from error


def configuration(
    app: ASGIApp, limits: ConnectionLimits = DEFAULT_LIMITS, tls: TlsFiles | None = None
) -> LimitedConfig:
    """Return uvicorn's settings with our limits, and with the access log around `app`.

    `limits.proxies` are the addresses or networks whose X-Forwarded-For names the client; from
    anyone else it is ignored, also from this machine, which uvicorn by itself would trust.
    """
    return limited_config(
        AccessLog(app),
        Connections(limits),
        ws="none",
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(limits.proxies),
        forwarded_allow_ips=list(limits.proxies),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=BACKLOG,
        **({} if tls is None else tls.options()),
    )


def within_descriptors(limits: ConnectionLimits) -> ConnectionLimits:
    """Raise this process's bound on descriptors (often 1,024) to what `limits` need.

    Return the limits with a lower total where the system allows less: a connection that cannot be
    accepted would wait in the kernel behind those that are held open.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.total + DESCRIPTORS_BESIDE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return replace(limits, total=max(1, min(limits.total, soft - DESCRIPTORS_BESIDE)))
    return limits


@dataclass(frozen=True, slots=True)
class Worker:
    """Worker process for which an application is opened."""

    number: int = 0
    count: int = 1
    siblings: Siblings | None = None
    levels: Levels | None = None
    """What clients have used up, one memory of all workers; None where there is one worker."""

    def share(self, exposition: Callable[[], str]) -> Callable[[], str]:
        """Return the text of `/metrics`: the sum over all workers of the service."""
        return exposition if self.siblings is None else self.siblings.share(exposition)


OpenApp = Callable[[Worker], AbstractContextManager[ASGIApp]]
"""Opens all that the application works with, and closes it in the end."""


def serve(
    open_app: OpenApp,
    host: str,
    port: int,
    *,
    workers: int = 1,
    limits: ConnectionLimits = DEFAULT_LIMITS,
    tls: TlsFiles | None = None,
    announce: Callable[[str], None] = print_address,
) -> int:
    """Serve until SIGINT or SIGTERM; call `announce` with the base URL once it answers.

    With several `workers`, each is a process of its own, which opens its own application; nothing
    may be open before; `limits` are each worker's. Logging is the caller's to set up. Returns the
    exit code. Raises `ConfigurationError` when the address is taken, and what `open_app` raises
    with one worker.
    """
    limits = within_descriptors(limits)
    if tls is not None:
        tls.check()
    with bind(host, port) as listener:
        url = base_url(listener)
        if tls is not None:
            url = url.replace("http:", "https:", 1)

        def tell() -> None:
            announce(url)
            _log.info("serving at %s, workers: %d", url, workers)

        def run(worker: Worker, ready: Callable[[], None]) -> None:
            with stopping_quietly(), open_app(worker) as app:
                config = configuration(app, limits, tls)
                AnnouncingServer(config, ready).run(sockets=[listener])

        if workers == 1:
            run(Worker(), tell)
            return 0
        listener.listen(BACKLOG)
        levels = SharedLevels()
        with TemporaryDirectory(prefix="xinyin-") as directory:

            def work(number: int, ready: Callable[[], None]) -> int:
                try:
                    siblings = Siblings(Path(directory), number)
                    run(Worker(number, workers, siblings, levels), ready)
                except XinyinError as error:
                    log_failed_start(error)
                    return problem_of(error.code).exit_code
                return 0

            return run_workers(workers, work, tell)


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
