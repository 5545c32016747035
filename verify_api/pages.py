"""The pages for people: plain HTML that works without scripts."""

import re
from urllib.parse import urlencode

from fastapi import APIRouter
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from core.log import current_request_id
from core.sanitize import has_controls
from core.text import Text
from core.web.language import language_of
from core.web.limits.bodies import read_form
from core.web.problem_answers import edge_problem_of
from core.web.problems import Problem
from core.web.request_errors import AddressNotFoundError, UnusableRequestError
from core.web.routing import add_page
from registry.answers.answers import Outcome, VerificationAnswer
from verify_api import messages
from verify_api.assets import Assets
from verify_api.checks import Checks
from verify_api.openapi import PUBLIC_CODES
from verify_api.readers import Readers, ReaderTrust
from verify_api.settings import MIB, VerifyApiSettings
from verify_api.verdicts import verdict_of
from verify_api.view import PageView
from verify_api.wire import MAX_CODE

TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")
"""128 random bits or more in base64url (CONTRACT.md)."""
ATTACHED = {
    "Content-Disposition": 'attachment; filename="registered.pdf"',
    "Cache-Control": "no-store",
}
"""Never shown in place: the origin of these pages shows nothing that somebody uploaded."""
ROBOTS = "User-agent: *\nDisallow: /v/\n"


_IN_APP = "MicroMessenger"
"""In the User-Agent of WeChat's own browser, which shows no address and may not upload files."""


def environment() -> Environment:
    """Return the templates' environment: everything escaped, unknown names refused."""
    return Environment(
        loader=PackageLoader("verify_api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Pages:
    """Renders and serves the pages."""

    def __init__(
        self,
        checks: Checks,
        settings: VerifyApiSettings,
        assets: Assets,
        trust: ReaderTrust | None = None,
    ) -> None:
        self._readers = Readers(trust, settings.public_url, self._render)
        self._checks = checks
        self._settings = settings
        self._assets = assets
        self._environment = environment()

    def add_to(self, router: APIRouter) -> None:
        """Add the pages' routes."""
        add_page(router, "/", self.home)
        add_page(router, "/verify", self.verify, "POST")
        add_page(router, "/verify", self.to_home)
        add_page(router, "/registered-part", self.registered_part, "POST")
        add_page(router, "/registered-part", self.to_home)
        add_page(router, "/lookup", self.lookup, "POST")
        add_page(router, "/lookup", self.to_home)
        add_page(router, "/v/{token}", self.link)
        add_page(router, "/problems", self.problems)
        add_page(router, "/robots.txt", self.robots)
        self._readers.add_to(router)

    async def home(self, request: Request) -> Response:
        """Show the three ways."""
        return self._render(request, "home.html")

    async def to_home(self, request: Request) -> Response:
        """Lead who reloads a result's address back to the start; results are not kept."""
        query = urlencode({"lang": language_of(request)})
        return RedirectResponse(f"/?{query}", 303)

    async def verify(self, request: Request) -> Response:
        """Show what the uploaded file is worth."""
        return self._result(request, await self._checks.file(request))

    async def registered_part(self, request: Request) -> Response:
        """Hand back the registered licence that the uploaded file begins with.

        The file is sent a second time, since nothing of the first is kept.
        """
        part = await self._checks.registered_part(request)
        if part is None:
            raise UnusableRequestError(messages.NO_REGISTERED_PART)
        return Response(part, media_type="application/pdf", headers=ATTACHED)

    async def lookup(self, request: Request) -> Response:
        """Show the record of what was typed."""
        self._checks.admit_lookup(request)
        form = await read_form(request, self._settings.max_json_bytes, self._settings.small_pace)
        code = form.get("code", "").strip()
        if not code or len(code) > MAX_CODE or has_controls(code):
            raise UnusableRequestError(messages.LICENCE_QUERY_EMPTY)
        return self._result(request, await self._checks.code(request, code), code=code)

    async def link(self, request: Request) -> Response:
        """Show the record behind a licence's own QR code."""
        token = request.path_params["token"]
        if not TOKEN.fullmatch(token):
            raise _unknown_link()
        self._checks.admit_lookup(request)
        answer = await self._checks.token(request, token)
        if answer.licence is None and answer.outcome is Outcome.NOT_ISSUED_HERE:
            raise _unknown_link()
        response = self._result(request, answer, link=True)
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    async def problems(self, request: Request) -> Response:
        """Explain the error codes that a problem's `type` points to."""
        table = [(code, edge_problem_of(code)) for code in PUBLIC_CODES]
        return self._render(request, "problems.html", problems=table)

    async def robots(self, _: Request) -> Response:
        """Keep licences' own pages out of search engines."""
        return PlainTextResponse(ROBOTS)

    def problem(self, request: Request, problem: Problem, detail: Text) -> Response:
        """Show an error to a person."""
        return self._render(
            request,
            "notice.html",
            status=problem.status,
            problem=problem,
            detail=detail,
            request_id=current_request_id(),
        )

    def _result(
        self,
        request: Request,
        answer: VerificationAnswer,
        *,
        code: str | None = None,
        link: bool = False,
    ) -> Response:
        return self._render(
            request,
            "result.html",
            answer=answer,
            verdict=verdict_of(answer),
            code=code,
            link=link,
        )

    def _render(
        self, request: Request, template: str, *, status: int = 200, **values: object
    ) -> Response:
        language = language_of(request)
        view = PageView(language, self._settings.zone)
        page = self._environment.get_template(template).render(
            view=view,
            t=view.word,
            asset=self._assets.url,
            service_name=self._settings.service_name,
            operator=self._settings.operator,
            public_url=self._settings.public_url,
            max_bytes=self._settings.max_file_bytes,
            max_mib=self._settings.max_file_bytes // MIB,
            in_app=_IN_APP in request.headers.get("user-agent", ""),
            path=request.url.path if request.method in ("GET", "HEAD") else "/",
            **values,
        )
        headers = {"Content-Language": language, "Vary": "Accept-Language, Accept, User-Agent"}
        return HTMLResponse(page, status, headers=headers)


def _unknown_link() -> AddressNotFoundError:
    return AddressNotFoundError(messages.NO_LICENCE_FOR_LINK)
