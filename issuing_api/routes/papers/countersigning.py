"""Routes of documents that several seal: awaited, looked at, asked for, refused, taken in."""

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from core.ids import LicenceIdentifier
from issuing_api.calls import (
    PREFIX,
    Cursor,
    Identifier,
    Key,
    cursor_of,
    following_page,
    place_of,
    request_key_of,
)
from issuing_api.routes.papers.countersigning_wire import (
    CountersignBody,
    CountersignedListWire,
    CountersignedWire,
    LastDayBody,
    RefusalBody,
    RoundWire,
)
from issuing_api.routes.papers.drafts import PageNumber, pdf_body, pdf_file, png_file
from issuing_api.routes.request_wire import RequestWire
from issuing_api.routes.requests import told
from registry.desk.desk import Desk
from registry.desk.documents.rounds import RoundsOf
from registry.desk.rights import CallerStanding as Caller

SIGNED_FILES = f"{PREFIX}/documents/signed-files"
_PICTURES = 20
_TAGS: list[str | Enum] = ["documents"]
_PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
_BYTES = {
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    "required": True,
}
_Ours = Annotated[bool, Query(description="With your authority's seal where it will stand.")]


def add_countersigning(
    router: APIRouter,
    desk: Desk,
    signed_in: Any,
    today: Callable[[], date],
    public_url: Callable[[], str],
) -> None:
    """Add the routes of rounds of seals; `public_url`: where anybody verifies."""

    def whole(caller: Caller, identifier: str) -> CountersignedWire:
        view, looks = desk.documents.rounds.find(caller, identifier), desk.documents.round_looks
        facts = CountersignedWire.of(view, today(), public_url())
        pages = looks.pages(view)
        address = f"{PREFIX}/countersigning/{view.licence.identifier}/picture"
        return facts.model_copy(
            update={
                "countersigning": RoundWire.of(view.progress, today(), view, looks.places(view)),
                "pages": pages,
                "pictures": [f"{address}?page={n + 1}" for n in range(min(pages, _PICTURES))],
            }
        )

    @router.get("/countersigning", summary="Documents that several seal 会签公文", tags=_TAGS)
    def listed(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        of: Annotated[
            RoundsOf, Query(description="That await your seal; that you issued; that you settled.")
        ] = RoundsOf.AWAITING,
        cursor: Cursor = None,
    ) -> CountersignedListWire:
        """Those that await your authority's seal, oldest first; `to_do` says which now."""
        found = desk.documents.rounds.listed(caller, of, place_of(cursor))
        shown = [CountersignedWire.of(one, today(), public_url()) for one in found.documents]
        place, following = found.following, None
        if place is not None:
            following = following_page(request, response, cursor_of(place.at, place.row_id))
        return CountersignedListWire(documents=shown, more=place is not None, next=following)

    @router.get(
        "/countersigning/{identifier}", summary="One of them, with its round 会签情况", tags=_TAGS
    )
    def document(caller: Annotated[Caller, signed_in], identifier: Identifier) -> CountersignedWire:
        return whole(caller, identifier)

    @router.get(
        "/countersigning/{identifier}/picture",
        summary="A page, with the seals on it 页面图像",
        tags=_TAGS,
        response_class=Response,
        responses=_PNG,
    )
    def picture(
        *,
        caller: Annotated[Caller, signed_in],
        identifier: Identifier,
        page: PageNumber = 1,
        ours: _Ours = True,
    ) -> Response:
        looks = desk.documents.round_looks
        return png_file(looks.page(caller, identifier, page, with_ours=ours))

    @router.get(
        "/countersigning/{identifier}/file",
        summary="Its newest file, to be signed 待签文件",
        tags=_TAGS,
        response_class=Response,
        responses=_PDF,
    )
    def file(caller: Annotated[Caller, signed_in], identifier: Identifier) -> Response:
        """One that signs with its own software signs this, by an incremental update."""
        view, pdf = desk.documents.round_looks.file(caller, identifier)
        return pdf_file(pdf, f"{view.licence.identifier}.pdf")

    @router.post(
        "/countersigning/{identifier}/request",
        status_code=201,
        summary="Ask for your authority's seal 申请会签",
        tags=_TAGS,
    )
    def ask(
        *,
        caller: Annotated[Caller, signed_in],
        identifier: Identifier,
        body: CountersignBody,
        response: Response,
        idempotency_key: Key,
    ) -> RequestWire:
        """The request is a batch of one: decided on like others, carried out by `POST …/job`."""
        key = request_key_of(idempotency_key)
        made = desk.documents.countersigning.ask(caller, identifier, key, body.authority_id())
        response.headers["Location"] = f"{PREFIX}/requests/{made.request_id}"
        return told(response, made)

    _add_changes(router, desk, signed_in, whole)


def _add_changes(
    router: APIRouter,
    desk: Desk,
    signed_in: Any,
    whole: Callable[[Caller, str], CountersignedWire],
) -> None:
    @router.post("/countersigning/{identifier}/refusal", summary="Refuse 拒绝会签", tags=_TAGS)
    def refuse(
        caller: Annotated[Caller, signed_in], identifier: Identifier, body: RefusalBody
    ) -> CountersignedWire:
        """By who may use the seal, or decide; the document never comes into force then."""
        desk.documents.countersigning.refuse(
            caller, identifier, body.reason, body.authority_id(), outside=body.outside
        )
        return whole(caller, identifier)

    @router.put(
        "/countersigning/{identifier}/deadline", summary="Move the last day 更改期限", tags=_TAGS
    )
    def move_day(
        caller: Annotated[Caller, signed_in], identifier: Identifier, body: LastDayBody
    ) -> CountersignedWire:
        """By its issuer; with the reason on record."""
        desk.documents.countersigning.move_day(caller, identifier, body.deadline, body.reason)
        return whole(caller, identifier)

    @router.post(
        "/documents/signed-files",
        summary="Take in what was signed elsewhere 接收在外签署的文件",
        tags=_TAGS,
        openapi_extra={"requestBody": _BYTES},
    )
    def take_in(
        *,
        caller: Annotated[Caller, signed_in],
        data: Annotated[bytes, Depends(pdf_body)],
        document: Annotated[str, Query(max_length=160, description="Of which it has to be.")],
    ) -> CountersignedWire:
        """By who may use the issuer's seal: it is judged, sealed over, and registered."""
        identifier = LicenceIdentifier(document)
        desk.documents.countersigning.take_in(caller, identifier, data)
        return whole(caller, identifier)
