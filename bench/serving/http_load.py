"""A bounded load over HTTP on loopback, and what it costs the server's process in CPU time."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Self

CONNECTIONS = 8
"""Kept alive; each has one request under way."""
BATCH = 400
"""Requests of one call: long enough for the clock, short enough for many turns."""
_LENGTH = b"content-length: "


class Server:
    """A child process that serves, and its CPU clock."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline())
        self._loads: list[Load] = []
        self.port: int = told["port"]
        self.requests = {
            name: [one.encode("latin-1") for one in many] for name, many in told["requests"].items()
        }

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it by ending its stdin."""
        for load in self._loads:
            load.close()
        self.process.communicate(timeout=30)

    def cpu(self) -> float:
        """Return the seconds of CPU that the process has used, all threads (Linux)."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def load(self, requests: Sequence[bytes], answer: bytes = b"") -> Callable[[], object]:
        """Return work that sends a batch; each answer must be a 200 and hold `answer`."""
        load = Load(self.port, requests, answer)
        self._loads.append(load)
        return load


class Load:
    """Requests in turns on connections that stay open."""

    def __init__(self, port: int, requests: Sequence[bytes], answer: bytes) -> None:
        self._requests = cycle(requests)
        self._answer = answer
        self._connections = [
            socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)
        ]
        for connection in self._connections:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(30)

    def __call__(self) -> None:
        """Send a batch and read its answers."""
        for _ in range(BATCH // CONNECTIONS):
            for connection in self._connections:
                connection.sendall(next(self._requests))
            for connection in self._connections:
                body = read_response(connection)
                if self._answer not in body:
                    raise AssertionError(body)

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections:
            connection.close()


def read_response(connection: socket.socket) -> bytes:
    """Read one response; raise `AssertionError` unless it is a 200."""
    data = bytearray()
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _some(connection)
    if data[:5] != b"HTTP/" or data[8:13] != b" 200 ":
        raise AssertionError(bytes(data))
    at = data.lower().index(_LENGTH) + len(_LENGTH)
    length = int(data[at : data.index(b"\r", at)])
    while len(data) < end + 4 + length:
        data += _some(connection)
    return bytes(data[end + 4 :])


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise AssertionError("the server closed the connection")
    return data
