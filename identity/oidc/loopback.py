"""Sign-in for a command line: a browser that comes back to this machine (RFC 8252 7.3)."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

from identity.oidc import messages
from identity.oidc.errors import SignInFailedError
from identity.oidc.sign_in import TIME_TO_SIGN_IN

PATH: Final = "/callback"
_MAX_QUERY: Final = 8 * 1024
_READ_SECONDS: Final = 10
_PAGE: Final = (
    "<!doctype html><html lang=zh><meta charset=utf-8><title>信印 Xinyin</title>"
    "<p>可以关闭此页，回到命令行。</p><p lang=en>You may close this page and go back to the "
    "command line.</p>"
).encode()


class LoopbackReceiver:
    """Listener on 127.0.0.1 for the one answer of a sign-in.

    Anybody on this machine can send something here; only what carries the `state` of the sign-in
    that was begun is taken, and `SignInClient.finish` judges it.
    """

    def __init__(self) -> None:
        self._state: str | None = None
        self._answer: dict[str, str] = {}
        self._heard = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _READ_SECONDS

            def do_GET(self) -> None:
                receiver._take(self)  # a class of this class's own

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing: the query holds the code."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def redirect_uri(self) -> str:
        """Address to which the provider sends the browser."""
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_READ_SECONDS)

    def expect(self, state: str) -> None:
        """Take the answer that carries this `state`, from now on."""
        self._state = state

    def wait(self, seconds: float = TIME_TO_SIGN_IN.total_seconds()) -> dict[str, str]:
        """Return the query of the expected answer.

        Raises `SignInFailedError` when it has not come within `seconds`.
        """
        if not self._heard.wait(seconds):
            raise SignInFailedError(messages.SIGN_IN_TOO_LATE)
        return self._answer

    def _take(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        told = dict(parse_qsl(parts.query)) if len(parts.query) <= _MAX_QUERY else {}
        expected = self._state is not None and told.get("state") == self._state
        ours = parts.path == PATH and expected
        body = _PAGE if ours else b""
        request.send_response(HTTPStatus.OK if ours else HTTPStatus.NOT_FOUND)
        request.send_header("Content-Type", "text/html; charset=utf-8")
        request.send_header("Cache-Control", "no-store")
        request.send_header("Content-Security-Policy", "default-src 'none'")
        request.send_header("Referrer-Policy", "no-referrer")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
        if ours and not self._heard.is_set():
            self._answer = told
            self._heard.set()
