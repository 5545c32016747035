"""Style, script and icons: a fixed set, read once, named by their content so that caches hold."""

import hashlib
from importlib.resources import files

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.web.routing import Page, add_page

_TYPES = {
    "app.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "favicon.ico": "image/vnd.microsoft.icon",
}
FOREVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


class Assets:
    """The files under static/, in memory. No path of a request ever reaches a file system."""

    def __init__(self) -> None:
        folder = files("verify_api") / "static"
        self._data = {name: (folder / name).read_bytes() for name in _TYPES}

    def url(self, name: str) -> str:
        """Return the address of `name`; it changes when the content does."""
        return f"/static/{hashlib.sha256(self._data[name]).hexdigest()[:12]}/{name}"

    def add_to(self, router: APIRouter) -> None:
        """Add one route for each file, and the address where browsers look for an icon."""
        for name in _TYPES:
            add_page(router, self.url(name), self._serve(name, FOREVER))
        add_page(router, "/favicon.ico", self._serve("favicon.ico", A_DAY))

    def _serve(self, name: str, cache: str) -> Page:
        async def serve(_: Request) -> Response:
            headers = {"Content-Type": _TYPES[name], "Cache-Control": cache}
            return Response(self._data[name], headers=headers)

        return serve
