"""`xinyin serve`: the services, all in one process or one role of them."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from starlette.types import ASGIApp

from ca.addresses import find_crl_name
from ca.service import TrustApp, TrustParts, TrustRates
from ca.trust_gauges import TrustGauges
from ca.trust_metrics import TrustMetrics
from cli.audit_duties import audit_duties
from cli.crl_duty import crl_duty
from cli.options import command_options, key_options
from cli.output import Output
from cli.outside import fetch_crls
from cli.renewing import renew
from cli.wiring import Home
from core.http_server import Worker, print_address, serve
from core.schedule import Duty, Schedule
from core.text import Text
from core.workers import MAX_WORKERS
from registry.gauges import Expiry
from signing.steady import settle

RENEWAL_EVERY = timedelta(minutes=10)


@click.command("serve")
@click.option(
    "--role",
    type=click.Choice(["all", "verify"]),
    default="all",
    show_default=True,
    help="all: verification page and API, and /pki/; verify: the former alone, without any key.",
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
@key_options
@command_options
def serve_(
    home: Home, output: Output, *, role: str, host: str, port: int, workers: int
) -> int | None:
    """Serve the verification page and API and the PKI. 启动服务。

    The first line on stdout is the base URL, printed once it answers; --port 0 takes a free port.

    \b
    Examples:
      xinyin serve --port 8440
      xinyin serve --role verify --host 0.0.0.0 --port 8080
    """
    if role == "verify":
        exec_verify_role(home, host, port, workers)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")

    def announce(url: str) -> None:
        print_address(url)
        expected = home.settings.service.public_url
        if url != expected:
            output.say(
                Text(
                    f"注意：二维码指向 {expected}，而服务运行在 {url}。",
                    f"Note: QR codes point to {expected}, while this answers at {url}.",
                )
            )

    if workers > 1:
        home.keys.unlock()  # a descriptor or terminal can be read once, by the parent
    return serve(
        lambda worker: full_app(home, worker),
        host,
        port,
        workers=workers,
        trusted_proxies=home.settings.verify.trusted_proxies,
        announce=announce,
    )


def exec_verify_role(home: Home, host: str, port: int, workers: int) -> None:
    """Become the verifier's own process: nothing that signs stays loaded. Does not return."""
    directory = str(home.directory)
    home.database  # noqa: B018  # bring the schema to the newest version while it may be written
    home.close()
    arguments = ["-m", "verify_api", directory, host, str(port), "--workers", str(workers)]
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606  # our own, no shell


@contextmanager
def full_app(home: Home, worker: Worker) -> Iterator[ASGIApp]:
    """Open verification and trust in one application, with the OCSP, TSA and CA keys."""
    verify = home.verify_role
    gauges = TrustGauges(home.hierarchy, home.ledger, home.clock, home.clock_guard).all()
    expiry = Expiry(home.database, home.clock).gauges()
    metrics = TrustMetrics(verify.metrics.requests, (*gauges, *expiry))
    verify.metrics.parts += metrics.own
    app = TrustApp(trust_parts(home, metrics), verify.app(worker))
    duties = audit_duties(home, worker.number)
    # One worker of several looks after what is due; the others notice what it did.
    if worker.number == 0:
        duties.append(crl_duty(home))
        duties.append(Duty("renewal", RENEWAL_EVERY, lambda: _renew(home)))
        duties.append(Duty("outside-crls", RENEWAL_EVERY, lambda: _fetch_crls(home)))
    settle()
    with Schedule(duties, on_end=metrics.duty_ended):
        yield app
    home.audit.record_answers()


def trust_parts(home: Home, metrics: TrustMetrics) -> TrustParts:
    """Return what /pki/ publishes."""
    hierarchy, limits = home.hierarchy, home.settings.trust

    def crl(name: str) -> bytes | None:
        shards = {record.issuer: record.crl_shards for record in hierarchy.records.values()}
        named = find_crl_name(name, shards)
        if named is None:
            return None
        issuer, shard = named
        found = next((one for one in hierarchy.issuing_cas if one.record.issuer == issuer), None)
        if found is None:
            return home.ledger.latest_crl(issuer, shard)
        return found.crls.current(shard)

    return TrustParts(
        certificates=lambda: {
            record.issuer: record.certificate
            for record in hierarchy.records.values()
            if record.certificate is not None
        },
        crl=crl,
        ocsp=hierarchy.ocsp_service,
        revocation_epoch=home.ledger.revocation_epoch,
        timestamps=hierarchy.current_timestamps,
        clock=home.clock,
        rates=TrustRates.per_minute(limits.ocsp_per_minute, limits.timestamps_per_minute),
        metrics=metrics,
    )


def _fetch_crls(home: Home) -> None:
    """Fetch what is due of CRLs of CAs outside."""
    fetch_crls(home)


def _renew(home: Home) -> None:
    """Renew what is due of responders and unit."""
    renew(home)


COMMANDS = (serve_,)
