"""OCSP and timestamps over HTTP, each server a process of its own whose CPU time is what counts.

`asgi-floor` is the same server with an application that returns one OCSP answer, headers and all,
as constant bytes. `openssl-ocsp` is Debian's responder, which signs each answer and takes a
connection for each.
"""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from bench.home import BenchHome
from bench.measure import Baseline, Row
from bench.serving.http_load import BATCH, Server, read_response
from bench.serving.trust_server import issued, requests_about, timestamp_query
from bench.token import new_token
from ca.hierarchy.hierarchy import OCSP_KEY, TSA_KEY
from keys.model import KeyPurpose
from tests.ca.world import pem
from tests.softhsm import have_softhsm

_DATA = bytes(256)
_ALONE = 50
"""Requests of one call where each takes a connection."""


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `ocsp.cached`, `ocsp.cached.post`, `ocsp.nonce`, `tsa.http`, `tsa.token`, and all but
    the second on SoftHSM2 too, where it is installed.
    """
    with Server("bench.serving.trust_server", "floor") as floor:
        yield from _served(home, floor, "trust", "")
        if have_softhsm():
            yield from _served(home, floor, "softhsm", ".softhsm")
        else:
            print("*.softhsm: SoftHSM2 is not installed", file=sys.stderr)
    yield _token_row("tsa.token", home)
    if have_softhsm():
        with new_token() as token:
            yield _token_row("tsa.token.softhsm", BenchHome(keys=token.store()))


def _token_row(name: str, home: BenchHome) -> Row:
    tsa = home.keys.open(TSA_KEY, KeyPurpose.TSA)
    unit, query = home.hierarchy.timestamps, timestamp_query()
    raw = Baseline("crypto-floor", lambda: tsa.sign(_DATA), calls=50)
    return Row(name, lambda: unit.respond(query), (raw,), calls=50)


def _served(home: BenchHome, floor: Server, kind: str, mark: str) -> Iterator[Row]:
    with Server("bench.serving.trust_server", kind) as ours, openssl_responder(home) as theirs:
        yield _row(f"ocsp.cached{mark}", ours, floor, "get")
        if not mark:
            yield _row("ocsp.cached.post", ours, floor, "post")
        yield _row(f"ocsp.nonce{mark}", ours, floor, "nonce", theirs)
        yield _row(f"tsa.http{mark}", ours, floor, "tsa")


def _row(name: str, ours: Server, floor: Server, kind: str, *more: Baseline) -> Row:
    constant = Baseline(
        "asgi-floor", floor.load(floor.requests[kind]), calls=1, clock=floor.cpu, batch=BATCH
    )
    work = ours.load(ours.requests[kind])
    return Row(name, work, (constant, *more), calls=1, clock=ours.cpu, batch=BATCH)


@contextmanager
def openssl_responder(home: BenchHome) -> Iterator[Baseline]:
    """Run `openssl ocsp` for the same certificates, as a baseline for live answers."""
    certificates = issued(home)
    with tempfile.TemporaryDirectory(prefix="xinyin-bench-") as name:
        directory = Path(name)
        port = _free_port()
        arguments = _responder_files(home, certificates, directory)
        process = subprocess.Popen(
            ["openssl", "ocsp", "-port", str(port), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert process.stdout is not None
            process.stdout.readline()  # “ACCEPT”: it listens
            asked = requests_about(home, certificates)["nonce"]
            yield Baseline(
                "openssl-ocsp",
                _one_by_one(port, asked),
                calls=1,
                clock=lambda: time.clock_gettime((~process.pid << 3) | 2),
                batch=_ALONE,
            )
        finally:
            process.terminate()
            process.communicate()


def _responder_files(
    home: BenchHome, certificates: Sequence[x509.Certificate], directory: Path
) -> list[str]:
    key = home.keys.open(OCSP_KEY, KeyPurpose.OCSP).builder_key()
    (directory / "key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    lines = [
        f"V\t991231235959Z\t\t{one.serial_number:034X}\tunknown\t/CN=x\n" for one in certificates
    ]
    (directory / "index").write_text("".join(lines))
    (directory / "index.attr").write_text("unique_subject = no\n")
    signer = pem(directory / "signer", home.hierarchy.ocsp)
    ca = pem(directory / "ca", home.hierarchy.issuing)
    return [
        "-index", str(directory / "index"), "-CA", str(ca), "-rsigner", str(signer),
        "-rkey", str(directory / "key"), "-nmin", "480",
    ]  # fmt: skip


def _one_by_one(port: int, requests: Sequence[bytes]) -> Callable[[], object]:
    following = cycle(requests)

    def work() -> None:
        for _ in range(_ALONE):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                connection.sendall(next(following))
                read_response(connection)

    return work


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
