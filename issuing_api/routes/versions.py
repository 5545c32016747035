"""Routes of new versions: a licence renewed, changed, corrected or reissued."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import Response

from core.ids import LicenceIdentifier
from issuing_api.calls import PREFIX, Identifier, Key, request_key_of
from issuing_api.routes.licence_wire import LicenceRecordWire
from issuing_api.routes.request_wire import RequestWire, VersionBody
from issuing_api.routes.requests import told, told_grant
from registry.desk.contents import GrantAsk
from registry.desk.desk import Desk
from registry.desk.rights import CallerStanding as Caller
from registry.licences.licences import LicenceChange


def add_versions(router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]) -> None:
    """Add the routes of new versions."""

    def asked(caller: Caller, identifier: str, body: VersionBody) -> GrantAsk:
        before = desk.rights.sight(caller).licence(identifier)
        this = LicenceIdentifier(identifier)
        reason = desk.changing.named(caller, this, LicenceChange.REPLACE, body.reason)
        assert reason is not None  # the body has one
        ask = body.ask(before, reason)
        return desk.keeping_photo(caller, ask) if body.keep_photo else ask

    @router.post(
        "/licences/{identifier}/versions",
        status_code=201,
        summary="Renew, change, correct, reissue 换发新证",
        tags=["licences"],
    )
    def grant(
        caller: Annotated[Caller, signed_in],
        identifier: Identifier,
        body: VersionBody,
        response: Response,
        idempotency_key: Key,
    ) -> LicenceRecordWire:
        """Grant a version that replaces it, where the type needs no second person; again, 200 with
        the same one. Until the new one is registered the old one is in force.
        """
        ask = asked(caller, identifier, body)
        granted = desk.grant(caller, ask, request_key_of(idempotency_key))
        return told_grant(response, granted, today())

    @router.post(
        "/licences/{identifier}/version-requests",
        status_code=201,
        summary="Ask for a new version 申请换发",
        tags=["licences"],
    )
    def ask(
        caller: Annotated[Caller, signed_in],
        identifier: Identifier,
        body: VersionBody,
        response: Response,
        idempotency_key: Key,
    ) -> RequestWire:
        """Ask for a new version that a second person decides."""
        key = request_key_of(idempotency_key)
        made = desk.ask(caller, asked(caller, identifier, body), key)
        response.headers["Location"] = f"{PREFIX}/requests/{made.request_id}"
        return told(response, made)
