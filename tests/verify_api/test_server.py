"""The real server on loopback: addresses, slow and oversized senders."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx2
import pytest

from core.client_networks import ConnectionLimits
from core.errors import ConfigurationError
from core.web import protocol as http_protocol
from core.web import server
from core.web.limits.bodies import Pace
from core.web.limits.memory_budget import MemoryLimits
from core.web.limits.throttling import Rate
from tests.verify_api import world
from tests.verify_api.world import ScriptedVerifier
from verify_api.app import create_app
from verify_api.metrics import Metrics
from verify_api.settings import VerifyApiSettings

MULTIPART = b"Content-Type: multipart/form-data; boundary=f\r\n"


@contextmanager
def running(
    settings: VerifyApiSettings, verifier: ScriptedVerifier, *trusted_proxies: str
) -> Iterator[tuple[str, int]]:
    """Serve in a thread; yield host and port."""
    listener = server.bind("127.0.0.1", 0)
    app = create_app(verifier, settings, ready=lambda: True, metrics=Metrics())
    config = server.configuration(app, ConnectionLimits(proxies=trusted_proxies))
    answering = threading.Event()
    served = server.AnnouncingServer(config, answering.set)
    thread = threading.Thread(target=served.run, args=([listener],))
    thread.start()
    assert answering.wait(10)
    try:
        yield listener.getsockname()
    finally:
        served.should_exit = True
        thread.join(10)
        listener.close()


def talk(address: tuple[str, int], data: bytes, *, patience: float = 10) -> bytes:
    """Send `data`, then read until the server closes."""
    with socket.create_connection(address, timeout=patience) as connection:
        try:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(65536), b""))
        except (ConnectionResetError, BrokenPipeError):
            return b"reset"


def test_first_line_is_the_address_once_it_answers() -> None:
    program = (
        "from contextlib import nullcontext\n"
        "from starlette.responses import PlainTextResponse\n"
        "from core.web.server import serve\n"
        "serve(lambda _: nullcontext(PlainTextResponse('here')), '127.0.0.1', 0)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            url = process.stdout.readline().strip()
            assert httpx2.get(url).text == "here"
        finally:
            process.terminate()
        assert process.wait(10) in (0, -15)


@pytest.mark.parametrize(
    ("host", "prefix"),
    [
        ("127.0.0.1", "http://127.0.0.1:"),
        ("0.0.0.0", "http://127.0.0.1:"),
        ("::1", "http://[::1]:"),
    ],
)
def test_the_address_is_one_that_can_be_opened(host: str, prefix: str) -> None:
    with server.bind(host, 0) as listener:
        assert server.base_url(listener).startswith(prefix)


def test_a_taken_port_is_said_to_be_taken() -> None:
    with server.bind("127.0.0.1", 0) as listener:
        listener.listen()
        with pytest.raises(ConfigurationError):
            server.bind("127.0.0.1", listener.getsockname()[1])


def test_huge_headers_end_the_connection(settings: VerifyApiSettings) -> None:
    with running(settings, ScriptedVerifier()) as address:
        for header in (b"X: " + b"a" * 2_000_000, b"X: y\r\n" * 300_000, b"a" * 2_000_000):
            answer = talk(address, b"GET / HTTP/1.1\r\nHost: x\r\n" + header)
            assert answer == b"reset" or b"400 Bad Request" in answer
        assert b"200 OK" in talk(address, b"GET /healthz HTTP/1.0\r\n\r\n")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\xff" * 100,
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET \x01 HTTP/1.1\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_not_http_gets_400_and_no_trace(
    settings: VerifyApiSettings, request_bytes: bytes
) -> None:
    with running(settings, ScriptedVerifier()) as address:
        answer = talk(address, request_bytes)
        assert answer == b"reset" or b" 4" in answer.split(b"\r\n")[0]


def test_slow_headers_end_the_connection(
    settings: VerifyApiSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "HEADER_SECONDS", 0.3)
    with running(settings, ScriptedVerifier()) as address:
        for beginning in (
            b"",
            b"GET / HTTP/1.1\r\nHost: x\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET",
        ):
            begun = time.monotonic()
            talk(address, beginning)
            assert time.monotonic() - begun < 5


def test_a_slow_body_is_ended_and_its_memory_given_back(settings: VerifyApiSettings) -> None:
    settings = replace(
        settings, file_pace=Pace(seconds=0.3), memory=MemoryLimits(total=100, each=100)
    )
    request = b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\n" + MULTIPART
    with running(settings, ScriptedVerifier()) as address:
        answer = talk(
            address, request + b"Connection: close\r\nContent-Length: 90\r\n\r\n--f\r\n" + b"x" * 60
        )
        assert b"408 Request Timeout" in answer
        assert b'"request_timeout"' in answer
        url = f"http://{address[0]}:{address[1]}/v1/verifications"
        body = b'--f\r\nContent-Disposition: form-data; name="file"\r\n\r\n%PDF\r\n--f--\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=f"}
        assert httpx2.post(url, content=body, headers=headers).status_code == 200


def test_a_stream_that_never_ends_is_cut_at_the_limit(settings: VerifyApiSettings) -> None:
    settings = replace(settings, max_file_bytes=100_000)
    head = b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\n" + MULTIPART
    part = b'--f\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
    chunk = b"%x\r\n%s\r\n" % (50_000, b"x" * 50_000)
    with (
        running(settings, ScriptedVerifier()) as address,
        socket.create_connection(address, timeout=10) as connection,
    ):
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.sendall(b"%x\r\n%s\r\n" % (len(part), part) + chunk * 4)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


def test_who_leaves_early_leaves_nothing_behind(settings: VerifyApiSettings) -> None:
    settings = replace(settings, memory=MemoryLimits(total=100, each=100))
    with running(settings, ScriptedVerifier()) as address:
        for _ in range(3):
            with socket.create_connection(address) as connection:
                connection.sendall(
                    b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\n"
                    + MULTIPART
                    + b"Content-Length: 90\r\n\r\n--f\r\n"
                    + b"x" * 60
                )
                time.sleep(0.05)
        url = f"http://{address[0]}:{address[1]}/v1/verifications"
        headers = {"Content-Type": "multipart/form-data; boundary=f"}
        assert httpx2.post(url, content=b"--f\r\n", headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [((), [200, 429]), (("127.0.0.1",), [200, 200]), (("192.0.2.9",), [200, 429])],
)
def test_only_a_trusted_proxy_names_the_client(
    settings: VerifyApiSettings, trusted: tuple[str, ...], expected: list[int]
) -> None:
    """Else everyone could have a new address, and a new bucket, for each request."""
    settings = replace(settings, lookup_rate=Rate(1, 1))
    with running(settings, ScriptedVerifier(), *trusted) as address:
        url = f"http://{address[0]}:{address[1]}/v/{world.TOKEN}"
        statuses = [
            httpx2.get(url, headers={"X-Forwarded-For": f"192.0.2.{i}"}).status_code
            for i in range(2)
        ]
        assert statuses == expected
