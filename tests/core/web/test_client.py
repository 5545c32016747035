"""The HTTP client against real servers on loopback: what it takes, what it does not wait for."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from unittest import mock

import pytest

from core.errors import UnreachableError, UsageError
from core.web.client import get, post


@contextmanager
def answering(reply: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that says `reply` to one request, whatever it is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard: list[bytes] = []

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                heard.append(_request(connection))
                connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
        thread.join(5)


def _request(connection: socket.socket) -> bytes:
    """Read a request with its body, however it is cut into packets."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


OK = b"HTTP/1.1 200 OK\r\nContent-Type: Text/Plain; charset=x\r\nContent-Length: 5\r\n\r\nhello"


def test_an_answer_comes_whole() -> None:
    with answering(OK) as (url, heard):
        answer = post(f"{url}/a/b?c=d", b"\x00asked", "application/x")
    assert (answer.body, answer.media_type) == (b"hello", "text/plain")
    assert heard[0].startswith(b"POST /a/b?c=d HTTP/1.1\r\n")
    assert b"\r\nContent-Type: application/x\r\n" in heard[0]
    assert heard[0].endswith(b"\x00asked")


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + bytes(2000),
        b"HTTP/1.1 200 OK\r\n\r\n" + bytes(2000),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        b"nonsense\r\n\r\n",
        b"",
    ],
)
def test_what_is_no_answer_within_the_limits_is_unreachable(reply: bytes) -> None:
    with answering(reply) as (url, _), pytest.raises(UnreachableError):
        get(url, limit=1000)


def test_silence_is_not_waited_for() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        mock.patch("core.web.client.TIMEOUT_SECONDS", 0.2),
        pytest.raises(UnreachableError, match="timed out"),
    ):
        get(f"http://127.0.0.1:{silent.getsockname()[1]}/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://x/",
        "//x/",
        "http:///x",
        "http://user:word@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1/\r\nX: y",
        "http://[::1/",
        "",
    ],
)
def test_only_plain_web_addresses(url: str) -> None:
    with pytest.raises(UsageError):
        get(url)


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\nConnection: close\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_an_answer_that_drips_is_not_waited_for(told: bytes) -> None:
    """Each byte comes in time, the whole never: in the head as well as in the body, also of an
    answer after which the server closes.
    """
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(told)
                while not stop.wait(0.02):
                    connection.sendall(b"x")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with (
            mock.patch("core.web.client.WHOLE_SECONDS", 0.3),
            pytest.raises(UnreachableError, match=r"> 0\.3 s"),
        ):
            get(f"http://127.0.0.1:{listener.getsockname()[1]}")
        stop.set()
        thread.join(5)
