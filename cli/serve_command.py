"""`xinyin serve`: the services, all in one process or one role of them."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import click
from starlette.types import ASGIApp

from cli import messages
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core import log
from core.errors import UsageError
from core.web.server import TlsFiles, Worker, print_address, serve
from core.web.workers import MAX_WORKERS
from home.identity.file import read_identity_file
from home.jobs.process import JobProcess
from home.jobs.working import carry_out_jobs
from home.keys import SEALING
from home.role_names import DOMAINS, RoleName
from home.wiring import Home
from identity.addresses import leads_elsewhere, public_address
from registry.facts.loss import refuse_with_loss

_log = logging.getLogger(__name__)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("serve")
@click.option(
    "--role",
    type=click.Choice([name.value for name in RoleName]),
    default=RoleName.ALL.value,
    show_default=True,
    help="What this process is for, and so which keys it can reach; all: everything.",
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8440, show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(1, MAX_WORKERS),
    default=1,
    show_default=True,
    help="Processes that answer.",
)
@click.option("--tls-certificate", type=_FILE, help="Terminate TLS here: the chain (PEM).")
@click.option("--tls-key", type=_FILE, help="Its private key (PEM, unencrypted, 0600).")
@click.option(
    "--client-ca",
    type=_FILE,
    help="Roots (PEM) of certificates that clients may show, to which tokens are bound (RFC 8705).",
)
@key_options
@command_options
def serve_(
    home: Home,
    output: Output,
    *,
    role: str,
    host: str,
    port: int,
    workers: int,
    tls_certificate: Path | None,
    tls_key: Path | None,
    client_ca: Path | None,
) -> int | None:
    """Serve the verification page and API and the PKI. 启动服务。

    The first line on stdout is the base URL, printed once it answers; --port 0 takes a free port.

    With an identity.toml the next line says where people sign in.

    \b
    Roles, with the keys that each can reach:
      all      everything in one process             all but the root's
      verify   the public page and API               none
      trust    /pki/: CRLs, OCSP, timestamps         OCSP, TSA
      issuing  finishes grants, renews archives      seals
      ca       signs CRLs, certifies OCSP and TSA    issuing CAs, audit
    issuing and ca answer probes only (/healthz, /readyz, /metrics).

    \b
    Examples:
      xinyin serve --port 8440
      xinyin serve --role verify --host 0.0.0.0 --port 8080 --workers 4
      xinyin serve --role ca --port 8450
    """
    del output  # a service speaks through its log
    tls = _tls(role, tls_certificate, tls_key, client_ca)
    refuse_with_loss(home.database)
    home.close()
    if role == RoleName.VERIFY:
        exec_verify_role(home, host, port, workers)
    domains = DOMAINS[RoleName(role)]
    # Another, of which nothing is open yet: processes must not share a connection or a session.
    confined = None if role == RoleName.ALL else f"role:{role}"
    home = home.confined_to(domains, confined)
    log.configure(home.settings.log, role=role)
    if workers > 1:
        # A descriptor or terminal can be read once, by the parent.
        home.home_keys.unlock(domains)
    if role in (RoleName.ALL, RoleName.ISSUING):
        _begin_jobs(home)
    from home.roles import ROLES  # noqa: PLC0415  # takes a while, and the verifier uses none of it

    chosen = ROLES[RoleName(role)]

    def announce(url: str) -> None:
        print_address(url)
        if role in (RoleName.ALL, RoleName.ISSUING):
            _log_sign_in(home, url)
        expected = home.settings.service.public_url
        if role == RoleName.ALL and url != expected:
            _log.warning(
                "二维码指向 %s，而服务运行在 %s。 QR codes point to %s, while this answers at %s.",
                expected,
                url,
                expected,
                url,
                extra={"code": "other_address"},
            )

    @contextmanager
    def open_app(worker: Worker) -> Iterator[ASGIApp]:
        # Closed however it ends: it still has to record how many answers were signed.
        with closing(home), chosen.open_app(home, worker) as app:
            yield app

    return serve(
        open_app,
        host,
        port,
        workers=workers,
        limits=home.settings.verify.connection_limits(),
        tls=tls,
        announce=announce,
    )


def _begin_jobs(home: Home) -> None:
    """Make ready for processes that carry officers' jobs out, where there are officers: while this
    process has one thread, and neither keys nor most modules, which would be held twice.
    """
    if read_identity_file(home.directory) is None:
        return
    home.home_keys.unlock(frozenset(one for one in SEALING if home.reaches(one)))
    home.jobs = JobProcess(partial(carry_out_jobs, home))


def _log_sign_in(home: Home, url: str) -> None:
    """Log where people sign in: at no other address does a browser send their forms.

    `url` is where this answers. An address at which it does not is not announced as if it did.
    """
    desk = read_identity_file(home.directory)
    if desk is None:
        return
    address = public_address(desk.public_url, "/issuing/")
    if leads_elsewhere(desk.public_url, url):
        _log.warning(
            "identity.toml 的 public_url 是 %s，而服务运行在 %s：没有代理转发，就无法登录。请改 "
            "public_url 或 --port。 public_url in identity.toml is %s, while this answers at %s: "
            "without a proxy between them nobody can sign in. Change public_url or --port.",
            desk.public_url,
            url,
            desk.public_url,
            url,
            extra={"code": "other_sign_in_address"},
        )
    else:
        _log.info("登录页面 %s 。 People sign in at %s", address, address)


def _tls(
    role: str, certificate: Path | None, key: Path | None, client_ca: Path | None
) -> TlsFiles | None:
    if certificate is None and key is None and client_ca is None:
        return None
    if certificate is None or key is None or role in (RoleName.VERIFY, RoleName.TRUST):
        raise UsageError(messages.TLS_OPTIONS)
    return TlsFiles(certificate, key, client_ca)


def exec_verify_role(home: Home, host: str, port: int, workers: int) -> None:
    """Become the verifier's own process: nothing that signs stays loaded. Does not return."""
    directory = str(home.directory)
    arguments = ["-m", "verify_api", directory, host, str(port), "--workers", str(workers)]
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606  # our own, no shell


COMMANDS = (serve_,)
