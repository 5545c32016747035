"""`/issuing/v1`: requests, decisions, licences; each call by who is signed in, for what they may.

Everything that blocks runs in a thread: endpoints are plain functions.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Header, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from core.clock import Clock, civil_date
from core.ids import LicenceIdentifier, TypeCode
from core.web.problem_schema import problem_doc
from core.web.request_errors import AddressNotFoundError, UnusableRequestError
from issuing_api import messages
from issuing_api.callers import Callers
from issuing_api.ports import SignInParts
from issuing_api.signatures import add_signatures
from issuing_api.wire import (
    ChangeBody,
    DecisionBody,
    GrantBody,
    LicenceRecordWire,
    LicencesWire,
    MeWire,
    RequestContentWire,
    RequestsWire,
    RequestWire,
    SignInWire,
)
from registry.desk.desk import REQUEST_KEY, Desk
from registry.desk.person_signing import SigningDesk
from registry.desk.rights import CallerStanding as Caller
from registry.model import LicenceState
from registry.officers.model import DeskRequestState

PREFIX = "/issuing/v1"
_PNG = b"\x89PNG"
_AUTHENTICATING = 16
"""Callers at a time whose token or session is looked at."""
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_RequestId = Annotated[str, Path(max_length=32, description="Of a request.")]
_Identifier = Annotated[str, Path(max_length=128, description="Of a licence.")]
_Limit = Annotated[int, Query(ge=1, le=500)]
_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: problem_doc("Not signed in, or not strongly or recently enough (RFC 9470)."),
    403: problem_doc("The caller may not do this."),
    404: problem_doc("There is no such thing within the caller's reach."),
    409: problem_doc("In conflict with what is there."),
    422: problem_doc("The request cannot be used."),
}


def v1_router(parts: SignInParts, callers: Callers, desk: Desk, clock: Clock) -> APIRouter:
    """Return the routes of the API."""
    router = APIRouter(prefix=PREFIX, responses=_REFUSALS)

    limiter = CapacityLimiter(_AUTHENTICATING)

    async def standing(request: Request) -> Caller:
        def look_up() -> Caller:
            return desk.rights.standing(callers.require(request).identity)

        return await to_thread.run_sync(look_up, limiter=limiter)  # a provider's keys may be slow

    signed_in = Depends(standing)

    def today() -> date:
        return civil_date(clock.now(), desk.rights.zone)

    @router.get("/sign-in", summary="How a command line signs in 命令行登录方式")
    def sign_in() -> SignInWire:
        return SignInWire.of(parts.providers)

    _add_requests(router, desk, signed_in, today)
    add_signatures(router, SigningDesk(desk), standing)
    _add_licences(router, desk, signed_in, today)

    @router.get("/me", summary="Who is signed in 当前登录者")
    def me(caller: Annotated[Caller, signed_in]) -> MeWire:
        return MeWire.of(caller)

    return router


def _add_requests(router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]) -> None:
    @router.post("/requests", status_code=201, summary="Ask for a licence 提出申请")
    def ask(
        caller: Annotated[Caller, signed_in],
        body: GrantBody,
        response: Response,
        idempotency_key: Annotated[str, Header()],
    ) -> RequestWire:
        made = desk.ask(caller, body.ask(), request_key_of(idempotency_key))
        response.headers["Location"] = f"{PREFIX}/requests/{made.request_id}"
        return RequestWire.of(made)

    @router.get("/requests", summary="Requests within reach 申请列表")
    def requests(
        caller: Annotated[Caller, signed_in],
        state: DeskRequestState | None = None,
        limit: _Limit = 100,
    ) -> RequestsWire:
        found = desk.rights.sight(caller).requests(state=state, limit=limit)
        return RequestsWire(requests=[RequestWire.of(one) for one in found])

    @router.get("/requests/{request_id}", summary="A request 查看申请")
    def request(caller: Annotated[Caller, signed_in], request_id: _RequestId) -> RequestWire:
        return RequestWire.of(desk.rights.sight(caller).request(request_id))

    @router.get("/requests/{request_id}/content", summary="What it asks for 申请内容")
    def content(caller: Annotated[Caller, signed_in], request_id: _RequestId) -> RequestContentWire:
        found = desk.rights.sight(caller).request(request_id)
        return RequestContentWire.whole(found, desk.content(caller, request_id))

    @router.get(
        "/requests/{request_id}/photo",
        summary="The photo that it asks for 申请照片",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}, "image/png": {}}}},
    )
    def photo(caller: Annotated[Caller, signed_in], request_id: _RequestId) -> Response:
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
        caller: Annotated[Caller, signed_in], request_id: _RequestId, body: DecisionBody
    ) -> RequestWire:
        return RequestWire.of(desk.approve(caller, request_id, body.reason))

    @router.post("/requests/{request_id}/rejection", summary="Reject 不同意")
    def reject(
        caller: Annotated[Caller, signed_in], request_id: _RequestId, body: DecisionBody
    ) -> RequestWire:
        return RequestWire.of(desk.reject(caller, request_id, body.reason))

    @router.post("/requests/{request_id}/withdrawal", summary="Withdraw 撤回")
    def withdraw(
        caller: Annotated[Caller, signed_in], request_id: _RequestId, body: DecisionBody
    ) -> RequestWire:
        return RequestWire.of(desk.withdraw(caller, request_id, body.reason))

    @router.post("/requests/{request_id}/licence", status_code=201, summary="Carry it out 签发")
    def carry_out(
        caller: Annotated[Caller, signed_in], request_id: _RequestId
    ) -> LicenceRecordWire:
        return LicenceRecordWire.granted(desk.carry_out(caller, request_id), today())


def _add_licences(router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]) -> None:
    @router.post("/licences", status_code=201, summary="Grant at once 直接签发")
    def grant(
        caller: Annotated[Caller, signed_in],
        body: GrantBody,
        response: Response,
        idempotency_key: Annotated[str, Header()],
    ) -> LicenceRecordWire:
        granted = desk.grant(caller, body.ask(), request_key_of(idempotency_key))
        response.status_code = 200 if granted.repeated else 201
        response.headers["Location"] = f"{PREFIX}/licences/{granted.licence.identifier}"
        return LicenceRecordWire.granted(granted, today())

    @router.get("/licences", summary="Licences within reach 证照列表")
    def licences(
        caller: Annotated[Caller, signed_in],
        state: LicenceState | None = None,
        type: Annotated[str | None, Query(max_length=64)] = None,  # noqa: A002  # its name
        limit: _Limit = 100,
    ) -> LicencesWire:
        code = None if type is None else TypeCode(type)
        found = desk.rights.sight(caller).licences(state=state, type_code=code, limit=limit)
        return LicencesWire(licences=[LicenceRecordWire.of(one, today()) for one in found])

    @router.get("/licences/{identifier}", summary="A licence 查看证照")
    def licence(caller: Annotated[Caller, signed_in], identifier: _Identifier) -> LicenceRecordWire:
        return LicenceRecordWire.of(desk.rights.sight(caller).licence(identifier), today())

    @router.get(
        "/licences/{identifier}/document",
        summary="Its document 证照文件",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}},
    )
    def document(caller: Annotated[Caller, signed_in], identifier: _Identifier) -> Response:
        granted = desk.document(caller, identifier)
        headers = {
            "Content-Disposition": 'attachment; filename="licence.pdf"',
            "ETag": f'"{granted.sha256}"',
        }
        return Response(granted.pdf, media_type="application/pdf", headers=headers)

    @router.post("/licences/{identifier}/changes", summary="Suspend, reinstate, cancel 变更状态")
    def change(
        caller: Annotated[Caller, signed_in], identifier: _Identifier, body: ChangeBody
    ) -> LicenceRecordWire:
        changed = desk.change(
            caller,
            LicenceIdentifier(identifier),
            body.change,
            reason=body.reason,
            basis=body.basis,
        )
        return LicenceRecordWire.of(changed, today())


def request_key_of(header: str) -> str:
    """Return an idempotency key. Raises `UnusableRequestError` for what is none."""
    key = header.strip().strip('"')
    if not _KEY.fullmatch(key) or key.startswith(REQUEST_KEY):
        raise UnusableRequestError(messages.REQUEST_KEY_UNUSABLE)
    return key
