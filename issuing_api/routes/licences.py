"""Routes of licences: granted at once, found, changed."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from core.clock import civil_date
from core.ids import LicenceIdentifier
from issuing_api.calls import (
    PREFIX,
    Cursor,
    Identifier,
    IfMatch,
    Instant,
    Key,
    Limit,
    cursor_of,
    package_file,
    page,
    place_of,
    refuse_changed,
    request_key_of,
    tag,
)
from issuing_api.routes.licence_wire import ChangeBody, LicenceRecordWire, LicencesWire
from issuing_api.routes.request_wire import GrantBody, RequestWire
from issuing_api.routes.requests import told, told_grant, told_licence, told_licences
from issuing_api.routes.type_names import type_code
from registry.desk.contents import ChangeAsk
from registry.desk.desk import Desk
from registry.desk.rights import CallerStanding as Caller
from registry.model import Licence, LicenceState


def add_licences(router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]) -> None:
    """Add the routes of licences."""

    @router.post("/licences", status_code=201, summary="Grant at once 直接签发", tags=["licences"])
    def grant(
        caller: Annotated[Caller, signed_in],
        body: GrantBody,
        response: Response,
        idempotency_key: Key,
    ) -> LicenceRecordWire:
        """Grant, where the type needs no second person; again, 200 with the same licence."""
        granted = desk.grant(caller, body.ask(), request_key_of(idempotency_key))
        return told_grant(response, granted, today())

    @router.get("/licences", summary="Licences within reach 证照列表", tags=["licences"])
    def licences(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        state: LicenceState | None = None,
        type: Annotated[str | None, Query(max_length=64)] = None,  # noqa: A002  # its name
        number: Annotated[str | None, Query(max_length=64, description="As printed.")] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> LicencesWire:
        """The oldest first, by their stored state."""
        code = type_code(desk, type)
        found = desk.rights.sight(caller).licences(
            state=state, type_code=code, number=number, after=place_of(cursor), limit=limit + 1
        )
        shown, following = page(request, response, found, limit, _cursor)
        return LicencesWire(licences=told_licences(desk, shown, today()), next=following)

    @router.get("/licences/{identifier}", summary="A licence 查看证照", tags=["licences"])
    def licence(
        caller: Annotated[Caller, signed_in],
        identifier: Identifier,
        response: Response,
        at: Annotated[
            Instant | None,
            Query(description="As it stood at this past instant (RFC 3339, with an offset)."),
        ] = None,
    ) -> LicenceRecordWire:
        sight = desk.rights.sight(caller)
        known = sight.licence(identifier)
        if at is not None:
            past = sight.licence_at(known, at, civil_date(at, desk.rights.zone))
            return LicenceRecordWire.then(past, known)
        found = told_licence(desk, known, today())
        tag(response, found)
        return found

    @router.get(
        "/licences/{identifier}/document",
        summary="Its document 证照文件",
        tags=["licences"],
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

    @router.get(
        "/licences/{identifier}/archive-package",
        summary="Its package for an archive 归档包",
        tags=["licences"],
        response_class=Response,
        responses={200: {"content": {"application/zip": {}}}},
    )
    def archive_package(caller: Annotated[Caller, signed_in], identifier: Identifier) -> Response:
        """The closed package, signed and on record; for sealers and administrators, after a fresh
        sign-in.
        """
        assert desk.packages is not None
        return package_file(*desk.packages.pack(caller, identifier))

    _add_changes(router, desk, signed_in, today)


def _add_changes(router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]) -> None:
    def as_seen(caller: Caller, identifier: str, if_match: str | None) -> None:
        if if_match is not None:
            found = desk.rights.sight(caller).licence(identifier)
            refuse_changed(if_match, told_licence(desk, found, today()))

    def asked(caller: Caller, identifier: str, body: ChangeBody) -> ChangeAsk:
        this = LicenceIdentifier(identifier)
        return body.ask(this, desk.changing.named(caller, this, body.change, body.reason))

    @router.post(
        "/licences/{identifier}/changes",
        summary="Suspend, reinstate, cancel 变更状态",
        tags=["licences"],
    )
    def change(
        caller: Annotated[Caller, signed_in],
        identifier: Identifier,
        body: ChangeBody,
        response: Response,
        if_match: IfMatch = None,
    ) -> LicenceRecordWire:
        """Change it at once, where the type needs no second person."""
        as_seen(caller, identifier, if_match)
        changed = desk.changing.change(caller, asked(caller, identifier, body))
        wire = told_licence(desk, changed, today())
        tag(response, wire)
        return wire

    @router.post(
        "/licences/{identifier}/change-requests",
        status_code=201,
        summary="Ask for a change 申请变更",
        tags=["licences"],
    )
    def ask(
        *,
        caller: Annotated[Caller, signed_in],
        identifier: Identifier,
        body: ChangeBody,
        response: Response,
        idempotency_key: Key,
        if_match: IfMatch = None,
    ) -> RequestWire:
        """Ask for a change that a second person decides."""
        as_seen(caller, identifier, if_match)
        key = request_key_of(idempotency_key)
        made = desk.changing.ask(caller, asked(caller, identifier, body), key)
        response.headers["Location"] = f"{PREFIX}/requests/{made.request_id}"
        return told(response, made)


def _cursor(one: Licence) -> str:
    return cursor_of(one.created_at, one.identifier)
