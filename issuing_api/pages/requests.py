"""Pages of requests: a list, and one with what it asks for, its history and what may follow."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from starlette.responses import Response

from core.errors import XinyinError
from core.permits import Action
from core.text import Text
from core.web.problem_answers import edge_problem_of
from core.web.request_errors import AddressNotFoundError
from identity.people.deciding import StepUpRequiredError
from identity.people.model import TABLE_ALONE, Terms
from issuing_api.pages import messages
from issuing_api.pages.asking import preview_pdf
from issuing_api.pages.fields import content_rows, read_line
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from registry.desk.contents import ContentGoneError, GrantAsk
from registry.desk.lists import PageCursor
from registry.desk.preview import Draft
from registry.officers.model import OPEN, AlreadyDecidedError, DeskRequest, DeskRequestState
from registry.officers.terms import terms_of
from registry.types.licence_type import LicenceType

_Kind = TypeVar("_Kind", bound=StrEnum)
REASON = "reason"
_PNG = b"\x89PNG"
_INVALID = 422


class RequestStep(StrEnum):
    """Step that the page of a request offers."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
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
                granted = desk.carry_out(standing, request_id)
                return self.rendering.redirect(f"/issuing/licences/{granted.licence.identifier}")
            steps: dict[RequestStep, Callable[[], DeskRequest]] = {
                RequestStep.APPROVE: lambda: desk.approve(standing, request_id, reason),
                RequestStep.REJECT: lambda: desk.reject(standing, request_id, reason),
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

    def photo(self, visit: Visit) -> Response:
        """Return the photo that a request asks for."""
        found = self.use.desk.content(visit.standing, _id(visit)).photo
        if found is None:
            raise AddressNotFoundError(messages.PAGE_NOT_FOUND)
        kind = "image/png" if found.startswith(_PNG) else "image/jpeg"
        return Response(found, media_type=kind)

    def preview(self, visit: Visit) -> Response:
        """Return the page that a request would lead to, as a file."""
        ask = self.use.desk.content(visit.standing, _id(visit))
        return preview_pdf(self.use.previews.pdf(self.use.previews.draft(visit.standing, ask)))

    def _show(self, visit: Visit, told: _Told) -> Response:
        request_id, sight = _id(visit), self.use.sight(visit)
        found = sight.request(request_id)
        ask, draft, trouble = self._content(visit, found)
        licence_type = None
        if found.type_code is not None:
            licence_type = self.use.abilities.type_of(found.type_code)
        events = sight.request_events(request_id)
        people = [found.requested_by, found.decided_by or "", *(one.actor for one in events)]
        return self.rendering.page(
            visit,
            "request.html",
            names=sight.names(people),
            status=told.status,
            told=told,
            request=found,
            licence_type=licence_type,
            bodies=sight.body_names(),
            ask=ask,
            rows=[] if ask is None or licence_type is None else content_rows(licence_type, ask),
            draft=draft,
            trouble=trouble,
            events=events,
            licence=sight.licence_of(found),
            may=self._may(visit, found, licence_type, own=found.requested_by in sight.behind()),
        )

    def _content(
        self, visit: Visit, found: DeskRequest
    ) -> tuple[GrantAsk | None, Draft | None, Text | None]:
        """Return the content, its page, and why there is none of them."""
        if found.state not in OPEN:
            return None, None, messages.CONTENT_KEPT_NO_LONGER
        try:
            ask = self.use.desk.content(visit.standing, found.request_id)
        except ContentGoneError as error:
            return None, None, error.text
        try:
            return ask, self.use.previews.draft(visit.standing, ask), None
        except XinyinError as error:  # a type that changed since: the approver must see why
            return ask, None, error.text

    def _may(
        self, visit: Visit, found: DeskRequest, licence_type: LicenceType | None, *, own: bool
    ) -> frozenset[RequestStep]:
        """Return the steps for which who is there has a role, as the request stands."""

        def can(action: Action) -> bool:
            terms = _terms(licence_type, action)
            authority = found.authority_id
            return self.use.abilities.of(visit.standing, action, authority, terms).any

        steps = set()
        if found.state is DeskRequestState.WAITING and not own and can(Action.DECIDE):
            steps |= {RequestStep.APPROVE, RequestStep.REJECT}
        if found.state in OPEN and own and can(Action.REQUEST):
            steps.add(RequestStep.WITHDRAW)
        if found.state is DeskRequestState.APPROVED and can(Action.GRANT):
            steps.add(RequestStep.CARRY_OUT)
        return frozenset(steps)

    def _words(self, visit: Visit, error: XinyinError) -> Text:
        if not isinstance(error, AlreadyDecidedError):
            return error.text
        found = self.use.sight(visit).request(_id(visit))
        by = found.decided_by or found.requested_by
        view = self.rendering.view(visit, self.use.sight(visit).names([by]))
        return messages.decided_already(
            state=view.request_words(found.state),
            by=view.person(by),
            at=view.minute(found.changed_at),
        )


def _terms(licence_type: LicenceType | None, action: Action) -> Terms:
    if licence_type is None or action is Action.DECIDE:
        return TABLE_ALONE
    return terms_of(licence_type, action)


def member_of(kind: type[_Kind], text: str | None) -> _Kind | None:
    """Return the member of a closed set that an address or form names; None for none."""
    return next((one for one in kind if one.value == text), None)


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["request_id"])[:64]
