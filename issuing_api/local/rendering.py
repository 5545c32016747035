"""Templates and assets of these pages; each answer in the reader's language."""

import hashlib
from datetime import datetime
from importlib.resources import files

from fastapi import APIRouter
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from core.errors import XinyinError
from core.text import Text
from core.web.access_log import note
from core.web.language import language_of
from core.web.problems import problem_of
from core.web.routing import Page, add_page
from issuing_api.local.labels import PAGE

_FOLDER = "issuing_api.local"
_TYPES = {
    "local.css": "text/css; charset=utf-8",
    "passkeys.js": "text/javascript; charset=utf-8",
}
_FOREVER = "public, max-age=31536000, immutable"


class Rendering:
    """Renders pages; its assets are read once and named by their content."""

    def __init__(self) -> None:
        folder = files(_FOLDER) / "static"
        self._data = {name: (folder / name).read_bytes() for name in _TYPES}
        self._environment = Environment(
            loader=PackageLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def add_to(self, router: APIRouter) -> None:
        """Add one route for each asset."""
        for name in _TYPES:
            add_page(router, self._address(name), self._serve(name))

    def page(
        self,
        request: Request,
        template: str,
        *,
        error: XinyinError | None = None,
        emergency: bool = False,
        **values: object,
    ) -> Response:
        """Return a page; with an error its status is that of the error's problem."""
        language = language_of(request)
        other = "en" if language == "zh" else "zh"
        tags = {"zh": "zh-CN", "en": "en"}

        def word(key: str) -> str:
            return PAGE[key].to(language)

        def say(text: Text) -> str:
            return text.to(language)

        text = self._environment.get_template(template).render(
            t=word,
            say=say,
            day=_day,
            asset=self._address,
            language=language,
            tag=tags[language],
            other=other,
            other_tag=tags[other],
            path=request.url.path,
            error=None if error is None else error.text,
            emergency=emergency,
            **values,
        )
        headers = {"Content-Language": tags[language], "Vary": "Accept-Language"}
        status = 200
        if error is not None:
            note(request.scope, error.code)
            status = problem_of(error.code).status
            if "retry_after" in error.details:
                headers["Retry-After"] = str(error.details["retry_after"])
        return HTMLResponse(text, status, headers=headers)

    def _address(self, name: str) -> str:
        return f"/issuing/account/static/{hashlib.sha256(self._data[name]).hexdigest()[:12]}/{name}"

    def _serve(self, name: str) -> Page:
        async def serve(_: Request) -> Response:
            headers = {"Content-Type": _TYPES[name], "Cache-Control": _FOREVER}
            return Response(self._data[name], headers=headers)

        return serve


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
