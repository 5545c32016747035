"""Routes of licences that are about to expire: a list, and a feed of notices."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from issuing_api.calls import (
    MOST_DIGITS,
    Cursor,
    Limit,
    cursor_of,
    number_of,
    page,
    place_of,
)
from issuing_api.routes.licence_wire import LicencesWire
from issuing_api.routes.requests import told_licences
from issuing_api.routes.type_names import type_code
from issuing_api.wire import ToldWire
from registry.desk.desk import Desk
from registry.desk.rights import CallerStanding as Caller
from registry.licences.expiring import MOST_DAYS, AfterLicence, ExpiryNotice
from registry.model import Licence


class ExpiryNoticeWire(ToldWire):
    """Notice that a licence expires: told once for each licence and period."""

    licence: str
    number: str
    type: str
    authority: str
    valid_until: date
    within: int = Field(description="Days of the period: 60 or 30.")
    at: datetime

    @classmethod
    def of(cls, one: ExpiryNotice) -> "ExpiryNoticeWire":
        """Describe a notice."""
        return cls(
            licence=one.identifier,
            number=one.number,
            type=one.type_code,
            authority=one.authority_id,
            valid_until=one.valid_until,
            within=one.within,
            at=one.at,
        )


class ExpiryNoticesWire(ToldWire):
    """Notices of licences within reach."""

    notices: list[ExpiryNoticeWire]
    last: str | None = Field(
        description="Cursor of the last one: ask again with it for what came since."
    )
    next: str | None = Field(description="Address of the next page, if there is one.")


def add_expiry(router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]) -> None:
    """Add these routes; before that of one licence, whose address is a pattern of theirs."""

    @router.get(
        "/licences/expiring", summary="Licences about to expire 即将到期", tags=["licences"]
    )
    def expiring(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        within: Annotated[int, Query(ge=0, le=MOST_DAYS, description="Days.")] = 60,
        type: Annotated[str | None, Query(max_length=64)] = None,  # noqa: A002  # its name
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> LicencesWire:
        """In force or suspended, the soonest first; by the last day of the term."""
        place = place_of(cursor)
        after = None if place is None else AfterLicence(place.at.date(), place.row_id)
        found = desk.rights.sight(caller).expiring(
            today(),
            within,
            type_code=type_code(desk, type),
            after=after,
            limit=limit + 1,
        )
        shown, following = page(request, response, found, limit, _cursor)
        return LicencesWire(licences=told_licences(desk, shown, today()), next=following)

    @router.get("/expiry-notices", summary="Notices before expiry 到期提醒", tags=["licences"])
    def notices(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> ExpiryNoticesWire:
        """A feed: each licence once 60 and once 30 days before its last day."""
        found = desk.rights.sight(caller).expiry_notices(
            after=number_of(cursor, MOST_DIGITS) or 0, limit=limit + 1
        )
        shown, following = page(request, response, found, limit, lambda one: str(one.sequence))
        last = str(shown[-1].sequence) if shown else cursor
        described = [ExpiryNoticeWire.of(one) for one in shown]
        return ExpiryNoticesWire(notices=described, last=last, next=following)


def _cursor(one: Licence) -> str:
    assert one.valid_until is not None  # it expires
    at = datetime.combine(one.valid_until, datetime.min.time(), UTC)
    return cursor_of(at, one.identifier)
