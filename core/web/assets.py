"""Style, script and icons: a fixed set, read once, named by their content so that caches hold."""

import hashlib
from collections.abc import Iterable
from importlib.resources import files

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.web.routing import Page, add_page

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "ico": "image/vnd.microsoft.icon",
}
FOREVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


class StaticFiles:
    """Files under a package's static/, in memory: no request ever reaches a file system."""

    def __init__(self, package: str, names: Iterable[str], prefix: str = "") -> None:
        folder = files(package) / "static"
        self._prefix = prefix
        self._data = {name: (folder / name).read_bytes() for name in names}

    def url(self, name: str) -> str:
        """Return the address of `name`; it changes when the content does."""
        digest = hashlib.sha256(self._data[name]).hexdigest()[:12]
        return f"{self._prefix}/static/{digest}/{name}"

    def add_to(self, router: APIRouter) -> None:
        """Add one route for each file."""
        for name in self._data:
            add_page(router, self.url(name), self.serve(name, FOREVER))

    def serve(self, name: str, cache: str) -> Page:
        """Return the page that hands out a file."""

        async def serve(_: Request) -> Response:
            kind = _TYPES[name.rpartition(".")[2]]
            headers = {"Content-Type": kind, "Cache-Control": cache}
            return Response(self._data[name], headers=headers)

        return serve
