"""One client network at its worst against a running verifier, in bounded doses."""

import re
import socket
import threading
import time
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

import httpx2

ATTACKER, HONEST = "127.0.0.66", "127.0.0.9"
"""Addresses of this machine, each a client network of its own."""
COSTLY_UPLOADS = 14
HELD_UPLOADS = 11
IDLE_CONNECTIONS = 1030
_HELD_BYTES = 20 * 1024 * 1024
_HEAD = (
    "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    "Content-Type: multipart/form-data; boundary=f\r\nContent-Length: {}\r\n\r\n"
    '--f\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
)
_END = b"\r\n--f--\r\n"
_PART_BYTES = len(_HEAD.partition("\r\n\r\n")[2]) + len(_END)


def upload_of(data: bytes) -> bytes:
    """Return a request that uploads `data`."""
    return _HEAD.format(_PART_BYTES + len(data)).encode() + data + _END


def costly_file(pdf: bytes, objects: int = 2000, depth: int = 400) -> bytes:
    """Return a signed PDF with an update of deeply nested arrays: seconds of a worker in 2 MiB."""
    size = int(re.findall(rb"/Size (\d+)", pdf)[-1])
    root = re.findall(rb"/Root (\d+ 0 R)", pdf)[-1]
    previous = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    out = bytearray(pdf) + b"\n"
    offsets = []
    for number in range(size, size + objects):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s%s\nendobj\n" % (number, b"[" * depth, b"]" * depth)
    start = len(out)
    out += b"xref\n%d %d\n" % (size, objects)
    out += b"".join(b"%010d 00000 n\r\n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root %s/Prev %d>>\n" % (size + objects, root, previous)
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


def client_at(host: str, url: str) -> httpx2.Client:
    """Return a client whose requests come from one address of this machine."""
    transport = httpx2.HTTPTransport(local_address=host)
    return httpx2.Client(base_url=url, transport=transport, timeout=60)


class Attack:
    """Costly files again and again, uploads that are held, connections that say nothing."""

    def __init__(self, url: str, costly: bytes) -> None:
        parts = httpx2.URL(url)
        self._address = (parts.host, parts.port or 80)
        self._costly = upload_of(costly)
        self._uploads: dict[int, socket.socket] = {}
        """Under way, by thread."""
        self._ended = threading.Event()
        self._held = ExitStack()
        self._threads = [
            threading.Thread(target=self._upload, daemon=True) for _ in range(COSTLY_UPLOADS)
        ]
        self.statuses: list[int] = []
        """Of the costly files, as they were answered."""

    def __enter__(self) -> Self:
        """Begin, and return once all of it stands."""
        for thread in self._threads:
            thread.start()
        for _ in range(HELD_UPLOADS):
            held = self._held.enter_context(self._connect())
            held.sendall(_HEAD.format(_HELD_BYTES + 1_000_000).encode())
            held.settimeout(5)
            with suppress(OSError):  # refused in the middle
                held.sendall(b"x" * _HELD_BYTES)
        for _ in range(IDLE_CONNECTIONS):
            self._held.enter_context(self._connect())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it."""
        self._ended.set()
        self._held.close()
        for upload in list(self._uploads.values()):
            with suppress(OSError):
                upload.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(60)

    def _connect(self) -> socket.socket:
        return socket.create_connection(self._address, timeout=60, source_address=(ATTACKER, 0))

    def _upload(self) -> None:
        while not self._ended.is_set():
            status = 0
            with suppress(OSError, ValueError), self._connect() as connection:
                self._uploads[threading.get_ident()] = connection
                connection.sendall(self._costly)
                status = int(connection.recv(65536)[9:12])
            self.statuses.append(status)
            time.sleep(0.1)
