"""Connections on the real server: who holds them open, and whether others get through."""

import json
import re
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from starlette.types import Receive, Scope, Send

from core.client_networks import ConnectionLimits
from core.web import protocol as http_protocol
from core.web import server as http_server

ASK = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
ANSWER_BYTES = 8 * 1024 * 1024


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `/big` with 8 MiB, `/slow` when the body has come, all else at once."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/slow":
        while (await receive()).get("more_body"):
            pass
    body = b"x" * ANSWER_BYTES if scope["path"] == "/big" else b"here"
    length = str(len(body)).encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]}
    )
    for start in range(0, len(body), 65536):
        more = start + 65536 < len(body)
        await send(
            {"type": "http.response.body", "body": body[start : start + 65536], "more_body": more}
        )


@contextmanager
def running(limits: ConnectionLimits) -> Iterator[tuple[str, int]]:
    """Serve in a thread; yield host and port."""
    listener = http_server.bind("127.0.0.1", 0)
    answering = threading.Event()
    server = http_server.AnnouncingServer(http_server.configuration(app, limits), answering.set)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    assert answering.wait(10)
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def connect(address: tuple[str, int], source: str) -> socket.socket:
    """Connect from one of the addresses of this machine, each a client network of its own."""
    return socket.create_connection(address, timeout=10, source_address=(source, 0))


def ask(address: tuple[str, int], source: str) -> bytes:
    with connect(address, source) as connection:
        connection.sendall(ASK)
        return connection.recv(65536)


def is_closed(connection: socket.socket) -> bool:
    """Wait until the server closes."""
    try:
        return connection.recv(65536) == b""
    except ConnectionResetError:
        return True


def test_a_health_check_gets_in_however_many_connections_are_held_open() -> None:
    """Issue: 1,030 idle connections stopped everything, `/healthz` too."""
    limits = ConnectionLimits(total=300, each=200)
    with running(limits) as address, ExitStack() as held:
        for number in range(1030):
            source = f"127.0.1.{number % 5}" if number % 2 else "127.0.0.66"
            held.enter_context(connect(address, source))
        for _ in range(5):
            assert ask(address, "127.0.0.9").startswith(b"HTTP/1.1 200")
            assert ask(address, "127.0.0.66").startswith(b"HTTP/1.1 200")


def test_a_network_beyond_its_share_is_told_so_and_others_are_not() -> None:
    begun = b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx"
    with running(ConnectionLimits(total=50, each=3)) as address, ExitStack() as held:
        for _ in range(3):
            busy = held.enter_context(connect(address, "127.0.0.66"))
            busy.sendall(begun)
        time.sleep(0.1)
        with connect(address, "127.0.0.66") as refused:
            said = b"".join(iter(lambda: refused.recv(65536), b""))
        head, _, body = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 429 ")
        assert b"\r\nRetry-After: 5\r\n" in head + b"\r\n"
        assert b"\r\nContent-Type: application/problem+json\r\n" in head
        assert re.search(rb"\r\nX-Request-ID: [0-9a-f]{32}\r\n", head + b"\r\n")
        assert json.loads(body)["code"] == "too_many_requests"
        assert ask(address, "127.0.0.9").startswith(b"HTTP/1.1 200")
        busy.sendall(b"y" * 99)  # what is at work is not disturbed
        assert busy.recv(65536).startswith(b"HTTP/1.1 200")


def test_connections_that_end_are_counted_no_longer() -> None:
    with running(ConnectionLimits(total=2, each=2)) as address:
        for _ in range(5):
            assert ask(address, "127.0.0.66").startswith(b"HTTP/1.1 200")
            with connect(address, "127.0.0.66") as left:  # in the middle of a request
                left.sendall(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
                time.sleep(0.05)


def test_line_breaks_between_requests_hold_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """They begin no request, yet stopped the clock of the one before."""
    monkeypatch.setattr(http_protocol, "HEADER_SECONDS", 0.3)
    with running(ConnectionLimits()) as address, connect(address, "127.0.0.1") as connection:
        connection.sendall(ASK)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.settimeout(5)
        connection.sendall(b"\r\n")
        assert is_closed(connection)


def test_the_rest_of_a_body_that_was_answered_holds_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_protocol, "LINGER_SECONDS", 0.3)
    with running(ConnectionLimits()) as address, connect(address, "127.0.0.1") as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        begun = time.monotonic()
        ended = False
        while not ended and time.monotonic() - begun < 5:
            try:
                connection.sendall(b"x")
                time.sleep(0.02)
            except OSError:
                ended = True
        assert ended


def test_a_body_that_ends_after_its_answer_leaves_the_connection_usable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_protocol, "LINGER_SECONDS", 0.3)
    with running(ConnectionLimits()) as address, connect(address, "127.0.0.1") as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nx")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"yyy")
        time.sleep(0.6)
        connection.sendall(ASK)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("next_line", [b"", b"GET / HTTP/1.1\r\nHost:"])
@pytest.mark.parametrize("path", [b"/slow", b"/"])
def test_the_end_of_a_large_body_is_not_counted_as_headers(path: bytes, next_line: bytes) -> None:
    """The read that held it and began the next request was: `400` behind a complete answer."""
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 150000\r\n\r\nx"
    with running(ConnectionLimits()) as address, connect(address, "127.0.0.66") as connection:
        connection.sendall(head % path)
        for _ in range(20):
            if path == b"/":
                assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            connection.sendall(b"y" * 149_999 + next_line)
            if path == b"/slow":
                assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            if next_line:
                connection.sendall(b" x\r\n\r\n")
                assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            connection.sendall(head % path)


CHUNKED = b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"


@pytest.mark.parametrize("path", [b"/slow", b"/"])
@pytest.mark.parametrize("endless", [b"a: b\r\n", b"a" * 60, b"a: " + b"b" * 60])
def test_trailers_without_an_end_are_not_collected(path: bytes, endless: bytes) -> None:
    """100 MB of them on one connection took 2.3 GB of memory."""
    with running(ConnectionLimits()) as address, connect(address, "127.0.0.66") as connection:
        connection.sendall(CHUNKED % path + b"0\r\n")
        with pytest.raises(ConnectionError):  # noqa: PT012 - it is closed at some time in between
            for _ in range(64):
                connection.sendall(endless * (65536 // len(endless)))
                time.sleep(0.02)
        assert ask(address, "127.0.0.9").startswith(b"HTTP/1.1 200")


def test_extensions_of_chunks_without_an_end_are_not_read_for_long() -> None:
    with running(ConnectionLimits()) as address, connect(address, "127.0.0.66") as connection:
        connection.sendall(CHUNKED % b"/slow" + b"1;")
        with pytest.raises(ConnectionError):  # noqa: PT012 - it is closed at some time in between
            for _ in range(64):
                connection.sendall(b"e" * 65536)
                time.sleep(0.02)


def test_a_body_in_very_small_chunks_with_trailers_is_read() -> None:
    with running(ConnectionLimits()) as address, connect(address, "127.0.0.66") as connection:
        connection.sendall(CHUNKED % b"/slow" + b"1\r\nx\r\n" * 40_000)
        connection.sendall(b"0\r\nX-Checksum: 1\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(ASK)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_requests_ahead_of_their_answers_are_few() -> None:
    with running(ConnectionLimits()) as address, connect(address, "127.0.0.1") as connection:
        connection.sendall(ASK * 5)
        answered = b""
        while answered.count(b"HTTP/1.1 200") < 5:
            answered += connection.recv(65536)
        answered = b""
        with suppress(ConnectionError):
            connection.sendall(ASK * 500)
            while answered.count(b"HTTP/1.1 200") < 100 and (chunk := connection.recv(65536)):
                answered += chunk
        assert answered.count(b"HTTP/1.1 200") <= 9


def test_a_peer_that_reads_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "UNREAD_SECONDS", 0.3)
    with running(ConnectionLimits()) as address, connect(address, "127.0.0.1") as connection:
        connection.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1.5)
        received = 0
        try:
            while chunk := connection.recv(1 << 20):
                received += len(chunk)
        except ConnectionResetError:
            pass
        assert received < ANSWER_BYTES


def test_a_peer_that_reads_slowly_gets_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "UNREAD_SECONDS", 2.0)
    with running(ConnectionLimits()) as address, connect(address, "127.0.0.1") as connection:
        connection.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = 0
        while chunk := connection.recv(1 << 20):
            received += len(chunk)
            time.sleep(0.01)
        assert received > ANSWER_BYTES


def test_an_ipv4_peer_of_a_dual_listener_is_an_ipv4_address() -> None:
    assert http_protocol.unmapped("::ffff:192.0.2.7") == "192.0.2.7"
    assert http_protocol.unmapped("2001:db8::7") == "2001:db8::7"
    assert http_protocol.unmapped("192.0.2.7") == "192.0.2.7"


@pytest.fixture
def descriptors() -> Iterator[int]:
    """The bound on descriptors, put back in the end."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_descriptors_are_asked_for_and_else_fewer_connections_kept(descriptors: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (1000, descriptors))
    assert http_server.within_descriptors(ConnectionLimits(total=1200)).total == 1200
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 1456
    limits = http_server.within_descriptors(ConnectionLimits(total=descriptors))
    assert limits.total == descriptors - 256
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == descriptors
