"""A provider's own services on loopback, that a test can bend: events to be fetched, people to be
listed. Its tokens are the real provider's.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Mapping[str, str], bytes]
JSON = {"Content-Type": "application/json"}


@dataclass
class Transmitter:
    """What it answers, and what it was asked."""

    address: str = ""
    waiting: dict[str, str] = field(default_factory=dict)
    """Tokens that were not acknowledged, by id."""
    acknowledged: list[str] = field(default_factory=list)
    faults: dict[str, Mapping[str, str]] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Paths, with the header Authorization."""
    bend: Callable[[str], Answer | None] = lambda _: None
    """May answer in its place."""
    drips: bool = False

    def poll(self, asked: Mapping[str, Any]) -> Mapping[str, object]:
        """Take what is acknowledged, and hand out what waits (RFC 8936 2)."""
        for one in asked.get("ack", []):
            self.acknowledged.append(one)
            self.waiting.pop(one, None)
        for one, fault in asked.get("setErrs", {}).items():
            self.faults[one] = fault
            self.waiting.pop(one, None)
        sets = dict(list(self.waiting.items())[: asked.get("maxEvents", 100)])
        return {"sets": sets, "moreAvailable": len(sets) < len(self.waiting)}

    def list(self, query: Mapping[str, list[str]]) -> Mapping[str, object]:
        """Hand out a page of people (RFC 7644 3.4.2)."""
        start, count = int(query["startIndex"][0]) - 1, min(int(query["count"][0]), 3)
        return {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": len(self.people),
            "Resources": self.people[start : start + count],
        }


@contextmanager
def transmitting() -> Iterator[Transmitter]:
    """Run one."""
    told = Transmitter()
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(lambda: told.poll(json.loads(body)))

        def do_GET(self) -> None:
            self._answer(lambda: told.list(parse_qs(urlsplit(self.path).query)))

        def _answer(self, make: Callable[[], Mapping[str, object]]) -> None:
            told.asked.append((self.path, self.headers.get("Authorization")))
            bent = told.bend(self.path)
            status, headers, body = bent or (200, JSON, json.dumps(make()).encode())
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                if not told.drips:
                    self.wfile.write(body)
                    return
                for octet in body:
                    self.wfile.write(bytes([octet]))
                    if stopped.wait(0.05):
                        return

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        told.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield told
        finally:
            stopped.set()
            server.shutdown()
            thread.join(10)
