"""Routes of requests: asked for, decided, carried out."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.permits import Action
from core.web.request_errors import AddressNotFoundError
from issuing_api.calls import (
    PREFIX,
    Cursor,
    IfMatch,
    Key,
    Limit,
    RequestId,
    cursor_of,
    page,
    photo_file,
    place_of,
    refuse_changed,
    request_key_of,
    tag,
)
from issuing_api.routes import messages
from issuing_api.routes.licence_wire import LicenceRecordWire
from issuing_api.routes.request_wire import (
    DecisionBody,
    GrantBody,
    RequestContentWire,
    RequestsWire,
    RequestWire,
)
from registry.desk.desk import Desk
from registry.desk.rights import CallerStanding as Caller
from registry.granting.granting import Granted
from registry.model import Licence
from registry.officers.model import DeskRequest, DeskRequestState


def add_requests(router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]) -> None:
    """Add the routes of requests."""

    @router.post(
        "/requests", status_code=201, summary="Ask for a licence 提出申请", tags=["requests"]
    )
    def ask(
        *,
        caller: Annotated[Caller, signed_in],
        body: GrantBody,
        response: Response,
        idempotency_key: Key,
    ) -> RequestWire:
        made = desk.ask(caller, body.ask(), request_key_of(idempotency_key))
        response.headers["Location"] = f"{PREFIX}/requests/{made.request_id}"
        return told(response, made)

    @router.get("/requests", summary="Requests within reach 申请列表", tags=["requests"])
    def requests(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        state: DeskRequestState | None = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> RequestsWire:
        """The oldest first: with `state=WAITING`, who has waited longest."""
        sight = desk.rights.sight(caller)
        found = sight.requests(state=state, after=place_of(cursor), limit=limit + 1)
        shown, following = page(
            request, response, found, limit, lambda one: cursor_of(one.requested_at, one.request_id)
        )
        return RequestsWire(requests=[RequestWire.of(one) for one in shown], next=following)

    @router.get("/requests/{request_id}", summary="A request 查看申请", tags=["requests"])
    def request(
        caller: Annotated[Caller, signed_in], request_id: RequestId, response: Response
    ) -> RequestWire:
        return told(response, desk.rights.sight(caller).request(request_id))

    @router.get(
        "/requests/{request_id}/content", summary="What it asks for 申请内容", tags=["requests"]
    )
    def content(caller: Annotated[Caller, signed_in], request_id: RequestId) -> RequestContentWire:
        """A licence's record, a change, or how a batch is to be granted; its rows are apart."""
        found = desk.rights.sight(caller).request(request_id)
        return RequestContentWire.whole(found, desk.any_content(caller, request_id))

    @router.get(
        "/requests/{request_id}/photo",
        summary="The photo that it asks for 申请照片",
        tags=["requests"],
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}, "image/png": {}}}},
    )
    def photo(caller: Annotated[Caller, signed_in], request_id: RequestId) -> Response:
        found = desk.content(caller, request_id).photo
        if found is None:
            raise AddressNotFoundError(messages.NO_PHOTO)
        return photo_file(found)

    _add_decisions(router, desk, signed_in)

    @router.post(
        "/requests/{request_id}/licence",
        status_code=201,
        summary="Carry it out 签发",
        tags=["requests"],
        responses={200: {"description": "It was a change: the licence as it stands now."}},
    )
    def carry_out(
        caller: Annotated[Caller, signed_in], request_id: RequestId, response: Response
    ) -> LicenceRecordWire:
        """Grant the licence, or make the change, that was asked for; a batch has a job."""
        found = desk.rights.sight(caller).request(request_id)
        if found.action is Action.CHANGE_LICENCE:
            response.status_code = 200
            changed = desk.changing.carry_out(caller, request_id)
            licence = told_licence(desk, changed, today())
        else:
            licence = LicenceRecordWire.granted(desk.carry_out(caller, request_id), today())
        response.headers["Location"] = f"{PREFIX}/licences/{licence.identifier}"
        return licence


def _add_decisions(router: APIRouter, desk: Desk, signed_in: Any) -> None:
    def as_seen(caller: Caller, request_id: str, if_match: str | None) -> None:
        if if_match is not None:
            found = desk.rights.sight(caller).request(request_id)
            refuse_changed(if_match, RequestWire.of(found))

    def add(
        word: str,
        name: str,
        summary: str,
        act: Callable[[Caller, str, str], DeskRequest],
        description: str | None = None,
    ) -> None:
        @router.post(
            f"/requests/{{request_id}}/{word}",
            name=name,
            summary=summary,
            description=description,
            tags=["requests"],
        )
        def decide(
            caller: Annotated[Caller, signed_in],
            request_id: RequestId,
            body: DecisionBody,
            response: Response,
            if_match: IfMatch = None,
        ) -> RequestWire:
            as_seen(caller, request_id, if_match)
            return told(response, act(caller, request_id, body.reason))

    add("approval", "approve", "Approve 同意", desk.approve)
    add("rejection", "reject", "Reject 不同意", desk.reject)
    add(
        "closing",
        "close",
        "Close what was approved 关闭已批准的申请",
        desk.close,
        "By who decides on it or carries it out, where it cannot be carried out any more.",
    )
    add("withdrawal", "withdraw", "Withdraw 撤回", desk.withdraw)


def told_licences(desk: Desk, found: Sequence[Licence], today: date) -> list[LicenceRecordWire]:
    """Return licences on record, with the digests of their documents."""
    digests = desk.digests([one.identifier for one in found])
    return [LicenceRecordWire.of(one, today, digests.get(one.identifier)) for one in found]


def told_licence(desk: Desk, found: Licence, today: date) -> LicenceRecordWire:
    """Return a licence on record, with the digest of its document."""
    (told,) = told_licences(desk, [found], today)
    return told


def told_grant(response: Response, granted: Granted, today: date) -> LicenceRecordWire:
    """Return a licence that was granted, with its address; one granted before with status 200."""
    response.status_code = 200 if granted.repeated else 201
    response.headers["Location"] = f"{PREFIX}/licences/{granted.licence.identifier}"
    return LicenceRecordWire.granted(granted, today)


def told(response: Response, found: DeskRequest) -> RequestWire:
    """Return a request, with its ETag on the answer."""
    wire = RequestWire.of(found)
    tag(response, wire)
    return wire
