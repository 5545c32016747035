"""These pages, shown as the desk's are: one look, one choice of the language."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from core.errors import XinyinError
from core.web.access_log import note
from core.web.problem_answers import public_text
from core.web.problems import problem_of
from issuing_api.local.labels import PAGE
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import Visit, page_language


@dataclass(frozen=True, slots=True)
class LocalShowing:
    """Shows pages by the desk's rendering, with words of their own beside the desk's."""

    rendering: Rendering

    def page(
        self,
        request: Request,
        template: str,
        *,
        error: XinyinError | None = None,
        visit: Visit | None = None,
        **values: Any,
    ) -> Response:
        """Return a page; with an error its status is that of the error's problem.

        `visit`: of who is signed in; without it the page says nothing of anybody.
        """
        visit = visit or Visit(request, page_language(request))
        status = 200 if error is None else problem_of(error.code).status
        response = self.rendering.page(
            visit,
            template,
            status=status,
            error=None if error is None else public_text(error),
            w=lambda key: PAGE[key].to(visit.language),
            **values,
        )
        if error is not None:
            note(request.scope, error.code)
            if "retry_after" in error.details:
                response.headers["Retry-After"] = str(error.details["retry_after"])
        return response
