"""Pages on which whoever has a licence's own link asks for its correction, without an account.

Having the link proves that the licence was shown to somebody, and nothing of who they are: the
pages give nothing back of what the licence says, and whoever decides sees that nobody was checked.
Files are not taken from strangers: an office that sees the evidence attaches it.
"""

import functools
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.errors import XinyinError
from core.text import Text
from core.web.limits.bodies import Pace, read_form
from core.web.problem_answers import edge_problem_of, public_text
from core.web.routing import add_page
from issuing_api.calls import request_key_of
from issuing_api.pages.asking import KEY
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import Visit, page_language
from registry.desk.corrections import CorrectionDesk
from registry.licences.corrections.rows import Correction, CorrectionSource, NewCorrection

PUBLIC: Final = "/issuing/correction"
_FIELDS: Final = ("field", "wanted", "reason", "contact")
_MAX_FORM: Final = 32 * 1024
_PACE: Final = Pace(seconds=10)
_LONGEST: Final = 500
_WORKING: Final = 2
_INTERNAL: Final = 500
_WITHDRAWN: Final = "凭查询码撤回 withdrawn by its code"
Work = Callable[[Request, dict[str, str]], Response]


@dataclass(frozen=True, slots=True)
class PublicCorrectionPages:
    """Renders these pages."""

    desk: CorrectionDesk
    rendering: Rendering

    def add_to(self, router: APIRouter) -> None:
        """Add the routes."""
        limiter = CapacityLimiter(_WORKING)
        add_page(router, PUBLIC, self._handler(self.state_form, limiter))
        add_page(router, PUBLIC, self._handler(self.state, limiter), "POST")
        one = f"{PUBLIC}/{{token}}"
        add_page(router, one, self._handler(self.form, limiter))
        add_page(router, one, self._handler(self.ask, limiter), "POST")

    def form(self, request: Request, _: dict[str, str]) -> Response:
        """Show the form of a link. Raises `NoSuchLicenceError`."""
        self.desk.licence_of_link(_token(request))
        return self._form(request, {}, None, 200)

    def ask(self, request: Request, form: dict[str, str]) -> Response:
        """Take a request, and show its code: nothing else of it, and nothing of the licence."""
        typed = {name: form.get(name, "")[:_LONGEST] for name in _FIELDS}
        try:
            key = request_key_of(form.get(KEY, ""))
            new = NewCorrection(
                CorrectionSource.PUBLIC,
                typed["field"],
                typed["wanted"],
                typed["reason"],
                typed["contact"],
                request_key=key,
            )
            made, receipt = self.desk.ask_publicly(_token(request), new)
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status in (404, _INTERNAL):
                raise
            return self._form(request, typed, public_text(error), status)
        return self._page(request, "correction_sent.html", made=made, receipt=receipt)

    def state_form(self, request: Request, _: dict[str, str]) -> Response:
        """Ask for a code: in a form, since addresses are logged on the way."""
        return self._state(request, None, None, 200)

    def state(self, request: Request, form: dict[str, str]) -> Response:
        """Show how a request stands, or withdraw it."""
        receipt = form.get("receipt", "")[:100].strip()
        try:
            if form.get("do") == "withdraw":
                found = self.desk.withdraw_publicly(receipt, _WITHDRAWN)
            else:
                found = self.desk.of_receipt(receipt)
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status == _INTERNAL:
                raise
            return self._state(request, None, public_text(error), status)
        return self._state(request, found, None, 200, receipt)

    def _handler(self, work: Work, limiter: CapacityLimiter) -> Callable[..., Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            sends = request.method == "POST"
            form = await read_form(request, _MAX_FORM, _PACE) if sends else {}
            return await to_thread.run_sync(functools.partial(work, request, form), limiter=limiter)

        return answer

    def _form(
        self, request: Request, typed: dict[str, str], alert: Text | None, status: int
    ) -> Response:
        return self._page(
            request,
            "public_correction.html",
            status=status,
            typed=dict.fromkeys(_FIELDS, "") | typed,
            alert=alert,
            request_key=secrets.token_urlsafe(24),
        )

    def _state(
        self,
        request: Request,
        found: Correction | None,
        alert: Text | None,
        status: int,
        receipt: str = "",
    ) -> Response:
        return self._page(
            request,
            "public_correction_state.html",
            status=status,
            found=found,
            alert=alert,
            receipt=receipt,
        )

    def _page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> Response:
        visit = Visit(request, page_language(request))
        return self.rendering.page(visit, template, status=status, **values)


def _token(request: Request) -> str:
    return str(request.path_params["token"])[:100]
