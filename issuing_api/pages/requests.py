"""Pages of requests: a list, and one with what it asks for, its history and what may follow."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from starlette.responses import Response

from core.errors import XinyinError
from core.text import Text
from core.web.problem_answers import edge_problem_of, public_text
from core.web.request_errors import AddressNotFoundError
from identity.people.rights_check import StepUpRequiredError
from issuing_api.calls import photo_file
from issuing_api.pages import messages
from issuing_api.pages.asking import preview_pdf
from issuing_api.pages.fields import member_of, read_line
from issuing_api.pages.kinds import (
    RequestKind,
    kind_of,
    may_carry_out,
    may_decide,
    may_withdraw,
    signed_first,
)
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.shown import shown_of
from issuing_api.pages.visits import PageUse, Visit
from registry.desk.lists import PageCursor
from registry.officers.model import OPEN, AlreadyDecidedError, DeskRequest, DeskRequestState
from registry.types.licence_type import LicenceType

REASON = "reason"
_INVALID = 422
_MOST_ROW = 7
"""Digits of a row's number."""


class RequestStep(StrEnum):
    """Step that the page of a request offers."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    CARRY_OUT = "carry_out"


@dataclass(frozen=True, slots=True)
class _Told:
    """Something to be said on the page, after a step that was not taken."""

    status: int = 200
    alert: Text | None = None
    reason: str = ""
    reason_error: Text | None = None


@dataclass(frozen=True, slots=True)
class RequestPages:
    """Renders these pages, and takes the steps."""

    use: PageUse
    rendering: Rendering

    def list_all(self, visit: Visit) -> Response:
        """Show the requests in reach, the newest first."""
        query, sight = visit.request.query_params, self.use.sight(visit)
        state = member_of(DeskRequestState, query.get("state"))
        page = sight.requests_by(
            *([] if state is None else [state]), after=PageCursor.read(query.get("before", ""))
        )
        return self.rendering.page(
            visit,
            "requests.html",
            names=sight.names(one.requested_by for one in page.requests),
            progress=self.use.desk.batches.progress_of(page.requests),
            types={one.code: one for one in self.use.abilities.types()},
            bodies=sight.body_names(),
            page=page,
            state=state,
            states=list(DeskRequestState),
            first="before" not in query,
        )

    def show(self, visit: Visit) -> Response:
        """Show a request. Raises `NoSuchRequestError`, also for one out of reach."""
        return self._show(visit, _Told())

    def step(self, visit: Visit) -> Response:
        """Take a step, then show the request as it stands; said in words where it was not taken.

        Raises `NoSuchRequestError`, `StepUpRequiredError`.
        """
        request_id = _id(visit)
        step = member_of(RequestStep, visit.said("do"))
        if step is None:
            raise AddressNotFoundError(messages.PAGE_NOT_FOUND)
        reason, wrong = read_line(visit.form, REASON)
        if wrong is not None and step is not RequestStep.CARRY_OUT:
            return self._show(visit, _Told(_INVALID, None, reason, wrong))
        desk, standing = self.use.desk, visit.standing
        try:
            if step is RequestStep.CARRY_OUT:
                return self._carry_out(visit, self.use.sight(visit).request(request_id))
            steps: dict[RequestStep, Callable[[], DeskRequest]] = {
                RequestStep.APPROVE: lambda: desk.approve(standing, request_id, reason),
                RequestStep.REJECT: lambda: desk.reject(standing, request_id, reason),
                RequestStep.CLOSE: lambda: desk.close(standing, request_id, reason),
                RequestStep.WITHDRAW: lambda: desk.withdraw(standing, request_id, reason),
            }
            steps[step]()
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            problem = edge_problem_of(error.code)
            if problem.status in (404, 500):
                raise
            alert = self._words(visit, error)
            return self._show(visit, _Told(problem.status, alert, reason))
        return self.rendering.redirect(f"/issuing/requests/{request_id}")

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the request again, with the reason that was typed."""
        status = edge_problem_of(error.code).status
        return self._show(visit, _Told(status, error.text, visit.said(REASON)))

    def photo(self, visit: Visit) -> Response:
        """Return the photo that a request asks for, or that of a batch's row."""
        if (number := _row(visit)) is not None:
            found = self.use.desk.batches.photo(visit.standing, _id(visit), number)
        else:
            found = self.use.desk.content(visit.standing, _id(visit)).photo
        if found is None:
            raise AddressNotFoundError(messages.PAGE_NOT_FOUND)
        return photo_file(found)

    def preview(self, visit: Visit) -> Response:
        """Return the page that a request, or a row of one, would lead to, as a file."""
        if (number := _row(visit)) is not None:
            ask = self.use.desk.batches.row_ask(visit.standing, _id(visit), number)
        else:
            ask = self.use.desk.content(visit.standing, _id(visit))
        return preview_pdf(self.use.previews.pdf(self.use.previews.draft(visit.standing, ask)))

    def _show(self, visit: Visit, told: _Told) -> Response:
        request_id, sight = _id(visit), self.use.sight(visit)
        found = sight.request(request_id)
        licence_type = None
        if found.type_code is not None:
            licence_type = self.use.abilities.type_of(found.type_code)
        events = sight.request_events(request_id)
        people = [found.requested_by, found.decided_by or "", *(one.actor for one in events)]
        shown = shown_of(self.use, visit, found, licence_type)
        may = self._may(visit, found, licence_type, own=found.requested_by in sight.behind())
        if shown.unseen is not None:  # nobody approves a page that they are not shown
            may -= {RequestStep.APPROVE}
        return self.rendering.page(
            visit,
            "request.html",
            names=sight.names(people),
            status=told.status,
            told=told,
            request=found,
            progress=self.use.desk.batches.progress_of([found]),
            licence_type=licence_type,
            bodies=sight.body_names(),
            shown=shown,
            events=events,
            licence=sight.licence_of(found),
            signed_first=signed_first(found, licence_type),
            may=may,
        )

    def _may(
        self, visit: Visit, found: DeskRequest, licence_type: LicenceType | None, *, own: bool
    ) -> frozenset[RequestStep]:
        """Return the steps for which who is there has a role, as the request stands."""
        asked = self.use, visit, found, licence_type
        steps = set()
        if found.state is DeskRequestState.WAITING and not own and may_decide(*asked):
            steps |= {RequestStep.APPROVE, RequestStep.REJECT}
        if found.state in OPEN and own and may_withdraw(*asked):
            steps.add(RequestStep.WITHDRAW)
        if may_carry_out(*asked):
            steps.add(RequestStep.CARRY_OUT)
        approved = found.state is DeskRequestState.APPROVED
        closes = RequestStep.CARRY_OUT in steps or (approved and may_decide(*asked))
        if closes and not own and RequestStep.APPROVE not in steps:
            steps.add(RequestStep.CLOSE)
        return frozenset(steps)

    def _carry_out(self, visit: Visit, found: DeskRequest) -> Response:
        """Carry a request out; lead to what came of it."""
        use, standing, request_id = self.use, visit.standing, found.request_id
        match kind_of(found):
            case RequestKind.BATCH:
                job = use.desk.batches.carry_out(standing, request_id)
                return self.rendering.redirect(f"/issuing/jobs/{job.job_id}")
            case RequestKind.CHANGE:
                changed = use.desk.changing.carry_out(standing, request_id)
                return self.rendering.redirect(f"/issuing/licences/{changed.identifier}")
            case RequestKind.SEAL:
                use.keys.make_seal(standing, request_id)
                return self.rendering.redirect(f"/issuing/requests/{request_id}")
            case RequestKind.LICENCE:
                granted = use.desk.carry_out(standing, request_id)
                return self.rendering.redirect(f"/issuing/licences/{granted.licence.identifier}")
        raise AddressNotFoundError(messages.PAGE_NOT_FOUND)

    def _words(self, visit: Visit, error: XinyinError) -> Text:
        if not isinstance(error, AlreadyDecidedError):
            return public_text(error)
        if "by" not in error.details:
            error.say_in(self.use.desk.rights.zone)
            return public_text(error)
        found = self.use.sight(visit).request(_id(visit))
        by = found.decided_by or found.requested_by
        view = self.rendering.view(visit, self.use.sight(visit).names([by]))
        return messages.decided_already(
            state=view.request_words(found.state),
            by=view.person(by),
            at=view.minute(found.changed_at),
        )


def _row(visit: Visit) -> int | None:
    """Return the row that an address names; 0 for one that no sheet has."""
    row = visit.request.query_params.get("row", "")
    if not row:
        return None
    return int(row) if row.isascii() and row.isdecimal() and len(row) <= _MOST_ROW else 0


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["request_id"])[:64]
