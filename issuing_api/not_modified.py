"""Answers that the caller has already: 304 in their place (RFC 9110 13.1.2)."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_GOOD, _SAME = 200, 304
_OF_THE_BODY = ("content-length", "content-type", "content-disposition", "content-language")


class NotModified:
    """Leaves the body out where the ETag is among those of `If-None-Match`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        known = Headers(scope=scope).get("if-none-match", "") if scope["type"] == "http" else ""
        if not known or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        tags = {one.strip().removeprefix("W/") for one in known.split(",")}
        same = False

        async def shortened(message: Message) -> None:
            nonlocal same
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                tag = headers.get("etag")
                same = message["status"] == _GOOD and tag is not None and bool({tag, "*"} & tags)
                if same:
                    for name in _OF_THE_BODY:
                        del headers[name]
                    message = {**message, "status": _SAME, "headers": headers.raw}
            elif same:
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, shortened)
