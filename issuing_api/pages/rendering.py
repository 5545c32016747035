"""Rendering of the pages: templates, headers, the chosen language."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from core.clock import Clock, civil_date
from core.errors import XinyinError
from core.log import current_request_id
from core.text import Text
from core.web.assets import StaticFiles
from core.web.problems import Problem
from identity.sessions.browser import write_cookie
from issuing_api.callers import FORM_TOKEN
from issuing_api.pages import messages
from issuing_api.pages.awaiting import MOST_COUNTED
from issuing_api.pages.view import OfficerView
from issuing_api.pages.visits import LANGUAGE_COOKIE, Visit

_A_YEAR = 365 * 24 * 3600
_SEE_OTHER = 303
_NOT_FOUND = 404
_COMMAND = "xinyin "
"""In a message: it names a command of the operator's."""
_VARY = "Accept-Language, Accept, Cookie"


def environment() -> Environment:
    """Return the templates' environment: everything escaped, unknown names refused."""
    return Environment(
        loader=ChoiceLoader(
            [PackageLoader("issuing_api.pages"), PackageLoader("issuing_api.local")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Rendering:
    """Renders pages."""

    def __init__(self, assets: StaticFiles, clock: Clock, zone: ZoneInfo, verify_url: str) -> None:
        self.count_awaiting: Callable[[Visit], int] = lambda _: 0
        """For the navigation; set by whoever has the desk."""
        self.count_seals: Callable[[Visit], int] = lambda _: 0
        """Of documents that await a seal; as above."""
        self._assets = assets
        self._clock = clock
        self._zone = zone
        self._verify_url = verify_url
        self._environment = environment()

    def page(
        self,
        visit: Visit,
        template: str,
        *,
        names: Mapping[str, str] | None = None,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """Return a page; `names` are those of the people whom it shows."""
        view = self.view(visit, names or {})
        reads = visit.request.method in ("GET", "HEAD")
        mark = "&" if "?" in visit.here else "?"
        text = self._environment.get_template(template).render(
            view=view,
            t=view.word,
            asset=self._assets.url,
            verify_url=self._verify_url,
            path=visit.request.url.path,
            switch=f"{visit.here}{mark}lang={view.other}" if reads else None,
            signed_in=visit.known,
            unanswered=visit.unanswered,
            awaiting=self._counted(self.count_awaiting, visit),
            seals_awaited=self._counted(self.count_seals, visit),
            most_counted=MOST_COUNTED,
            form_name=FORM_TOKEN,
            form_token="" if visit.session is None else visit.session.form_token,
            **values,
        )
        headers = {"Content-Language": visit.language, "Vary": _VARY}
        response = HTMLResponse(text, status, headers=headers)
        self._keep_language(visit, response)
        return response

    @staticmethod
    def _counted(count: Callable[[Visit], int], visit: Visit) -> int:
        """Return how much awaits who signed in; a page that tells of a fault is shown without."""
        try:
            return count(visit)
        except XinyinError:
            return 0

    def view(self, visit: Visit, names: Mapping[str, str]) -> OfficerView:
        """Return the words for a visit."""
        today = civil_date(self._clock.now(), self._zone)
        return OfficerView(visit.language, self._zone, today, names)

    def redirect(self, address: str) -> Response:
        """Lead on after something was done, so that a reload does not do it again."""
        return RedirectResponse(address, _SEE_OTHER)

    def problem(self, visit: Visit, problem: Problem, detail: Text) -> Response:
        """Show an error to a person."""
        return self.page(
            visit,
            "notice.html",
            status=problem.status,
            title=problem.title,
            detail=in_words(problem, detail),
            request_id=current_request_id(),
        )

    def _keep_language(self, visit: Visit, response: Response) -> None:
        if visit.request.query_params.get("lang") == visit.language:
            kept = write_cookie(LANGUAGE_COOKIE, visit.language, seconds=_A_YEAR)
            response.headers.append("set-cookie", kept)


def in_words(problem: Problem, detail: Text) -> Text:
    """Return the words of an error for a page: departments have no commands."""
    if _COMMAND not in detail.en:
        return detail
    return messages.NOT_FOUND if problem.status == _NOT_FOUND else messages.ASK_OPERATOR
