"""Addresses of the pages, and what happens around each: who is there, the form, errors."""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.clock import Clock
from core.errors import XinyinError
from core.text import Text
from core.web.assets import StaticFiles
from core.web.limits.bodies import Pace
from core.web.limits.form_parts import FormParts, is_multipart, read_form_parts
from core.web.problem_answers import wants_page
from core.web.problems import Problem
from core.web.routing import add_page
from identity.people.rights_check import StepUpRequiredError
from issuing_api.addresses import better_address
from issuing_api.callers import Callers
from issuing_api.errors import StaleFormError
from issuing_api.pages.asking import NEW, AskingPages
from issuing_api.pages.awaiting import count_awaiting, count_seals
from issuing_api.pages.batches import NEW_BATCH, TEMPLATE, TEMPLATE_WORKBOOK, BatchPages
from issuing_api.pages.bodies import BodyPages
from issuing_api.pages.corrections.listing import LIST as CORRECTIONS
from issuing_api.pages.corrections.listing import NEW_CORRECTION, CorrectionPages
from issuing_api.pages.corrections.public import PublicCorrectionPages
from issuing_api.pages.counting import PICTURE, CountingPages
from issuing_api.pages.events import EventPages
from issuing_api.pages.jobs import JobPages
from issuing_api.pages.licences import LicencePages
from issuing_api.pages.own import NEW_SEAL, OwnPages
from issuing_api.pages.papers.countersigning import SIGNED_ELSEWHERE, RoundPages
from issuing_api.pages.papers.documents import DOCUMENTS, NEW_DOCUMENT, DocumentPages
from issuing_api.pages.papers.drafts import DraftPages
from issuing_api.pages.records.exports import EXPORTS, ExportPages
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.requests import RequestPages
from issuing_api.pages.shown import COUNTERSIGNING
from issuing_api.pages.start import StartPages
from issuing_api.pages.visits import HOME, PageUse, Visit, Visitors, page_language
from issuing_api.ports import SignInParts
from issuing_api.routes.batch_wire import MAX_BATCH_BODY
from registry.licences.corrections.rows import CorrectionTerms

MAX_FORM = 4 * 1024 * 1024
"""Octets: a photo of 2 MiB, in base64 once it was sent before, and a record."""
_PACE = Pace(seconds=60)
_WORKING = 8
"""Pages at a time: each burns CPU, so that more would only make all of them slower."""
_SHEETS = 2
"""Sheets that are judged at a time by a process, each with 250 MB where it has 20,000 rows; others
wait, and hold up no page."""
Handler = Callable[[Request], Awaitable[Response]]
Work = Callable[[Visit], Response]
Again = Callable[[Visit, XinyinError], Response]
"""Shows a form again with what was typed, says why nothing was done, and does nothing."""


@dataclass(frozen=True, slots=True)
class PageSettings:
    """Settings of the pages."""

    zone: ZoneInfo
    verify_url: str
    """Where anybody verifies a licence."""
    corrections: CorrectionTerms = field(default_factory=CorrectionTerms)
    """Clock of requests for a correction."""
    public_corrections: bool = False
    """Whether whoever has a licence's link may ask for one."""


class DeskPages:
    """All pages of the desk."""

    def __init__(
        self,
        parts: SignInParts,
        callers: Callers,
        use: PageUse,
        clock: Clock,
        settings: PageSettings,
    ) -> None:
        self._assets = StaticFiles(
            "issuing_api.pages", ("desk.css", "icon.svg", "passkeys.js", "documents.js"), "/issuing"
        )
        self._public_url = parts.public_url
        self.visitors = Visitors(callers, use.desk)
        self.rendering = Rendering(self._assets, clock, settings.zone, settings.verify_url)
        self.rendering.count_awaiting = functools.partial(count_awaiting, use)
        self.rendering.count_seals = functools.partial(count_seals, use)
        self._limiter = CapacityLimiter(_WORKING)
        self._sheets = CapacityLimiter(_SHEETS)
        self._start = StartPages(parts, use, self.rendering)
        self._asking = AskingPages(use, self.rendering)
        self._requests = RequestPages(use, self.rendering)
        self._licences = LicencePages(use, self.rendering)
        self._bodies = BodyPages(use, self.rendering)
        self._counting = CountingPages(use, self.rendering)
        self._batches = BatchPages(use, self.rendering)
        self._jobs = JobPages(use, self.rendering)
        self._own = OwnPages(use, self.rendering)
        self._events = EventPages(use, self.rendering)
        self._documents = DocumentPages(use, self.rendering)
        self._drafts = DraftPages(use, self.rendering)
        self._rounds = RoundPages(use, self.rendering)
        self._corrections = CorrectionPages(use, self.rendering)
        self._exports = ExportPages(use, self.rendering)
        self._public = (
            PublicCorrectionPages(use.corrections, self.rendering)
            if settings.public_corrections
            else None
        )

    def add_to(self, router: APIRouter) -> None:
        """Add the pages' routes."""
        self._assets.add_to(router)
        add_page(router, "/issuing", self._to_start)
        add_page(router, HOME, self._open_page(self._start.start))
        typed = f"{NEW}/{{slug}}/{{body}}"
        one_request = "/issuing/requests/{request_id}"
        one_job = "/issuing/jobs/{job_id}"
        one_licence = "/issuing/licences/{identifier}"
        one_draft = f"{DOCUMENTS}/drafts/{{draft_id}}"
        one_round = f"{COUNTERSIGNING}/{{identifier}}"
        one_correction = f"{CORRECTIONS}/{{correction_id}}"
        one_export = f"{EXPORTS}/{{export_id}}"
        for path, work in (
            (NEW, self._asking.choose),
            (typed, self._asking.form),
            ("/issuing/requests", self._requests.list_all),
            (one_request, self._requests.show),
            (f"{one_request}/photo", self._requests.photo),
            (f"{one_request}/preview.pdf", self._requests.preview),
            ("/issuing/licences", self._licences.search),
            ("/issuing/licences/expiring", self._licences.expiring),
            (one_licence, self._licences.show),
            (f"{one_licence}/document", self._licences.document),
            (f"{one_licence}/photo", self._licences.photo),
            (NEW_CORRECTION, self._corrections.form),
            (CORRECTIONS, self._corrections.listed),
            (one_correction, self._corrections.show),
            (f"{one_correction}/evidence/{{number}}", self._corrections.evidence),
            (f"{one_licence}/archive-package", self._licences.package),
            ("/issuing/seals", self._bodies.seals),
            (NEW_SEAL, self._own.seal_form),
            ("/issuing/seals/{seal_id}", self._bodies.seal),
            ("/issuing/statistics", self._counting.statistics),
            (PICTURE, self._counting.picture),
            ("/issuing/people", self._bodies.people),
            ("/issuing/events", self._events.show),
            ("/issuing/me", self._own.me),
            (NEW_BATCH, self._batches.form),
            (TEMPLATE, self._batches.template),
            (TEMPLATE_WORKBOOK, self._batches.template),
            (one_job, self._jobs.show),
            (f"{one_job}/documents", self._jobs.documents),
            (f"{one_job}/failed", self._jobs.failed),
            (f"{one_job}/results.csv", self._jobs.results),
            (f"{one_job}/results.xlsx", self._jobs.results),
            (DOCUMENTS, self._documents.search),
            (NEW_DOCUMENT, self._documents.form),
            (one_draft, self._drafts.show),
            (f"{one_draft}/page.png", self._drafts.picture),
            (f"{one_request}/page.png", self._drafts.requested_picture),
            (f"{DOCUMENTS}/{{identifier}}/file", self._documents.file),
            (EXPORTS, self._exports.listed),
            (one_export, self._exports.show),
            (f"{one_export}/file", self._exports.file),
            (COUNTERSIGNING, self._rounds.listing),
            (one_round, self._rounds.show),
            (f"{one_round}/page.png", self._rounds.picture),
            (f"{one_round}/file", self._rounds.file),
        ):
            add_page(router, path, self._page(work))
        signed = self._form(self._rounds.upload, self._rounds.again, MAX_BATCH_BODY)
        add_page(router, SIGNED_ELSEWHERE, signed, "POST")
        for path, work, again in (
            (typed, self._asking.send, self._asking.again),
            (one_request, self._requests.step, self._requests.again),
            (one_licence, self._licences.change, self._licences.again),
            (NEW_CORRECTION, self._corrections.ask, self._corrections.ask_again),
            (one_correction, self._corrections.step, self._corrections.again),
            (NEW_SEAL, self._own.ask_seal, self._own.again),
            (one_job, self._jobs.step, self._jobs.again),
            (one_draft, self._drafts.step, self._drafts.again),
            (EXPORTS, self._exports.ask, self._exports.ask_again),
            (one_export, self._exports.step, self._exports.again),
            (one_round, self._rounds.step, self._rounds.again),
        ):
            add_page(router, path, self._form(work, again), "POST")
        batch = self._form(self._batches.send, self._batches.again, MAX_BATCH_BODY, self._sheets)
        add_page(router, NEW_BATCH, batch, "POST")
        files = self._form(self._documents.send, self._documents.again, MAX_BATCH_BODY)
        add_page(router, NEW_DOCUMENT, files, "POST")
        if self._public is not None:
            self._public.add_to(router)

    def problem(self, request: Request, problem: Problem, detail: Text) -> Response:
        """Show an error to a person; whether they are signed in does not matter for that."""
        visit = Visit(request, page_language(request))
        return self.rendering.problem(visit, problem, detail)

    def leave(self, request: Request, leading: Response) -> Response:
        """Lead who signed out on to their provider, by a page.

        A form whose answer leads to another host is against `form-action` of the CSP.
        """
        address = leading.headers["location"]
        if address.startswith("/") or not wants_page(request):
            return leading
        visit = Visit(request, page_language(request))
        page = self.rendering.page(visit, "leaving.html", address=address)
        for cookie in leading.headers.getlist("set-cookie"):
            page.headers.append("set-cookie", cookie)
        return page

    async def _to_start(self, _: Request) -> Response:
        return self.rendering.redirect(HOME)

    def _open_page(self, work: Work) -> Handler:
        """Return the handler of a page that anybody may see."""

        async def answer(request: Request) -> Response:
            if (better := better_address(request, self._public_url)) is not None:
                return self.rendering.redirect(better)
            return await self._run(lambda: work(self.visitors.visit(request)))

        return answer

    def _page(self, work: Work) -> Handler:
        async def answer(request: Request) -> Response:
            return await self._run(functools.partial(self._answer, work, request))

        return answer

    def _form(
        self,
        work: Work,
        again: Again,
        most: int = MAX_FORM,
        limiter: CapacityLimiter | None = None,
    ) -> Handler:
        async def answer(request: Request) -> Response:
            form = await read_form_parts(request, most, _PACE)
            taken = functools.partial(self._take, work, again, request, form)
            return await self._run(taken, limiter)

        return answer

    def _take(self, work: Work, again: Again, request: Request, form: FormParts) -> Response:
        """Do what a form asks for; a form of another session is shown again, and nothing done."""
        try:
            visit = self.visitors.visit(request, form)
        except StaleFormError as error:
            return again(replace(self.visitors.visit(request), form=form), error)
        if visit.known is None:
            # What another site's page sends is not put into a page of ours.
            kept = form if self.visitors.is_ours(request) else FormParts()
            return self._start.ended(replace(visit, form=kept))
        if form.cut is not None:
            return again(visit, form.cut)
        return self._done(work, visit)

    def _answer(self, work: Work, request: Request) -> Response:
        visit = self.visitors.visit(request)
        if visit.known is None:
            return self._start.elsewhere(visit)
        return self._done(work, visit)

    def _done(self, work: Work, visit: Visit) -> Response:
        try:
            return work(visit)
        except StepUpRequiredError as error:
            return self._start.step_up(visit, error)

    async def _run(
        self, work: Callable[[], Response], limiter: CapacityLimiter | None = None
    ) -> Response:
        return await to_thread.run_sync(work, limiter=limiter or self._limiter)


def keeps_typed(request: Request) -> bool:
    """Tell whether a request is of a form with files, which is shown again without them."""
    path = request.url.path
    return (
        request.method == "POST"
        and (path.startswith(f"{NEW}/") or path in (NEW_BATCH, NEW_DOCUMENT, SIGNED_ELSEWHERE))
        and is_multipart(request)
    )
