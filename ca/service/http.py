"""HTTP helpers that the CA's services share: refusals as problems, bounded bodies."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope

from core.log import current_request_id

NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}


class Refused(Exception):  # noqa: N818 (an answer, caught by the app)
    """The request gets a problem (RFC 9457)."""

    def __init__(self, status: int, code: str, detail: str, **headers: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers

    def response(self) -> Response:
        """Return the problem."""
        problem: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if (request_id := current_request_id()) is not None:
            problem["request_id"] = request_id
        named = {name.replace("_", "-"): value for name, value in self.headers.items()}
        return JSONResponse(
            problem,
            self.status,
            media_type="application/problem+json",
            headers={**NO_STORE, "X-Content-Type-Options": "nosniff", **named},
        )


def header(scope: Scope, name: bytes) -> bytes:
    """Return a header field's value; of a repeated one the first."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


def check_content_type(scope: Scope, expected: str) -> None:
    """Raise `Refused` where the body is said to be of another media type.

    Without a Content-Type the body itself tells (RFC 9110 8.3), as old clients need it.
    """
    got = header(scope, b"content-type")
    wanted = expected.encode()
    if got and got != wanted and got.partition(b";")[0].strip().lower() != wanted:
        raise Refused(415, "unsupported_media_type", f"Send {expected}.")


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Compare weakly (RFC 9110 13.1.2): proxies weaken the tag of what they compress."""
    known = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return b"*" in known or etag in known


async def read_body(receive: Receive, limit: int) -> bytes:
    """Read a body no further than the limit, whatever its length claims.

    Raises `Refused`, also where the client leaves midway.
    """
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "usage", "The body was cut off.")
        part: bytes = message.get("body", b"")
        body = body + part if body else part
        if len(body) > limit:
            raise Refused(413, "too_large", f"At most {limit} bytes.")
        if not message.get("more_body"):
            return body


def client_host(scope: Scope) -> str | None:
    """Return the peer's address, as the server knows it."""
    client = scope.get("client")
    return client[0] if client else None
