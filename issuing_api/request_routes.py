"""Routes of requests: asked for, decided, carried out."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import Response

from core.web.request_errors import AddressNotFoundError
from issuing_api import messages
from issuing_api.calls import PREFIX, Key, Limit, RequestId, request_key_of
from issuing_api.licence_wire import LicenceRecordWire
from issuing_api.request_wire import (
    DecisionBody,
    GrantBody,
    RequestContentWire,
    RequestsWire,
    RequestWire,
)
from registry.desk.desk import Desk
from registry.desk.rights import CallerStanding as Caller
from registry.officers.model import DeskRequestState

_PNG = b"\x89PNG"


def add_requests(router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]) -> None:
    @router.post("/requests", status_code=201, summary="Ask for a licence 提出申请")
    def ask(
        caller: Annotated[Caller, signed_in],
        body: GrantBody,
        response: Response,
        idempotency_key: Key,
    ) -> RequestWire:
        made = desk.ask(caller, body.ask(), request_key_of(idempotency_key))
        response.headers["Location"] = f"{PREFIX}/requests/{made.request_id}"
        return RequestWire.of(made)

    @router.get("/requests", summary="Requests within reach 申请列表")
    def requests(
        caller: Annotated[Caller, signed_in],
        state: DeskRequestState | None = None,
        limit: Limit = 100,
    ) -> RequestsWire:
        found = desk.rights.sight(caller).requests(state=state, limit=limit)
        return RequestsWire(requests=[RequestWire.of(one) for one in found])

    @router.get("/requests/{request_id}", summary="A request 查看申请")
    def request(caller: Annotated[Caller, signed_in], request_id: RequestId) -> RequestWire:
        return RequestWire.of(desk.rights.sight(caller).request(request_id))

    @router.get("/requests/{request_id}/content", summary="What it asks for 申请内容")
    def content(caller: Annotated[Caller, signed_in], request_id: RequestId) -> RequestContentWire:
        found = desk.rights.sight(caller).request(request_id)
        return RequestContentWire.whole(found, desk.content(caller, request_id))

    @router.get(
        "/requests/{request_id}/photo",
        summary="The photo that it asks for 申请照片",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}, "image/png": {}}}},
    )
    def photo(caller: Annotated[Caller, signed_in], request_id: RequestId) -> Response:
        found = desk.content(caller, request_id).photo
        if found is None:
            raise AddressNotFoundError(messages.NO_PHOTO)
        kind = "image/png" if found.startswith(_PNG) else "image/jpeg"
        return Response(found, media_type=kind)

    _add_decisions(router, desk, signed_in, today)


def _add_decisions(
    router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]
) -> None:
    @router.post("/requests/{request_id}/approval", summary="Approve 同意")
    def approve(
        caller: Annotated[Caller, signed_in], request_id: RequestId, body: DecisionBody
    ) -> RequestWire:
        return RequestWire.of(desk.approve(caller, request_id, body.reason))

    @router.post("/requests/{request_id}/rejection", summary="Reject 不同意")
    def reject(
        caller: Annotated[Caller, signed_in], request_id: RequestId, body: DecisionBody
    ) -> RequestWire:
        return RequestWire.of(desk.reject(caller, request_id, body.reason))

    @router.post("/requests/{request_id}/withdrawal", summary="Withdraw 撤回")
    def withdraw(
        caller: Annotated[Caller, signed_in], request_id: RequestId, body: DecisionBody
    ) -> RequestWire:
        return RequestWire.of(desk.withdraw(caller, request_id, body.reason))

    @router.post("/requests/{request_id}/licence", status_code=201, summary="Carry it out 签发")
    def carry_out(caller: Annotated[Caller, signed_in], request_id: RequestId) -> LicenceRecordWire:
        return LicenceRecordWire.granted(desk.carry_out(caller, request_id), today())
