"""Routes of licences: granted at once, found, changed."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from core.ids import LicenceIdentifier, TypeCode
from issuing_api.calls import PREFIX, Identifier, Key, Limit, request_key_of
from issuing_api.licence_wire import ChangeBody, LicenceRecordWire, LicencesWire
from issuing_api.request_wire import GrantBody
from registry.desk.desk import Desk
from registry.desk.rights import CallerStanding as Caller
from registry.model import LicenceState


def add_licences(router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]) -> None:
    @router.post("/licences", status_code=201, summary="Grant at once 直接签发")
    def grant(
        caller: Annotated[Caller, signed_in],
        body: GrantBody,
        response: Response,
        idempotency_key: Key,
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
        limit: Limit = 100,
    ) -> LicencesWire:
        code = None if type is None else TypeCode(type)
        found = desk.rights.sight(caller).licences(state=state, type_code=code, limit=limit)
        return LicencesWire(licences=[LicenceRecordWire.of(one, today()) for one in found])

    @router.get("/licences/{identifier}", summary="A licence 查看证照")
    def licence(caller: Annotated[Caller, signed_in], identifier: Identifier) -> LicenceRecordWire:
        return LicenceRecordWire.of(desk.rights.sight(caller).licence(identifier), today())

    @router.get(
        "/licences/{identifier}/document",
        summary="Its document 证照文件",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}},
    )
    def document(caller: Annotated[Caller, signed_in], identifier: Identifier) -> Response:
        granted = desk.document(caller, identifier)
        headers = {
            "Content-Disposition": 'attachment; filename="licence.pdf"',
            "ETag": f'"{granted.sha256}"',
        }
        return Response(granted.pdf, media_type="application/pdf", headers=headers)

    @router.post("/licences/{identifier}/changes", summary="Suspend, reinstate, cancel 变更状态")
    def change(
        caller: Annotated[Caller, signed_in], identifier: Identifier, body: ChangeBody
    ) -> LicenceRecordWire:
        changed = desk.change(
            caller,
            LicenceIdentifier(identifier),
            body.change,
            reason=body.reason,
            basis=body.basis,
        )
        return LicenceRecordWire.of(changed, today())
