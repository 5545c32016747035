"""A server of keys on loopback that a test can bend: it rotates, redirects, drips, hangs."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class IssuerServer:
    """What it serves, and what it was asked."""

    address: str = ""
    status: int = 200
    body: bytes = b'{"keys":[]}'
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    held: threading.Event | None = None
    """Answers are held back until it is set."""
    begun: threading.Event = field(default_factory=threading.Event)
    """Set when a request came."""
    drips: bool = False

    def publish(self, *keys: Mapping[str, object]) -> None:
        """Serve these keys."""
        self.status, self.body = 200, json.dumps({"keys": keys}).encode()


@contextmanager
def serving() -> Iterator[IssuerServer]:
    """Run a server of keys."""
    told = IssuerServer()
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            told.begun.set()
            if told.held is not None:
                told.held.wait(30)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            try:
                if told.drips:
                    for octet in told.body:
                        self.wfile.write(bytes([octet]))
                        if stopped.wait(0.02):
                            return
                else:
                    self.wfile.write(told.body)
            except OSError:
                pass  # it was not waited for

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        told.address = f"http://127.0.0.1:{server.server_port}/jwks"
        try:
            yield told
        finally:
            stopped.set()
            if told.held is not None:
                told.held.set()
            server.shutdown()
            thread.join(10)
