"""Routes of the search for licences: by a text and filters, the newest first; and its export."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core.ids import AuthorityId
from core.web.request_errors import UnusableRequestError
from issuing_api.calls import Limit, following_page, number_of
from issuing_api.routes import messages
from issuing_api.routes.licence_wire import LicenceRecordWire
from issuing_api.routes.requests import told_licences
from issuing_api.routes.type_names import type_code
from issuing_api.wire import ToldWire
from registry.desk.desk import Desk
from registry.desk.exports.exporting import ExportedFile, ExportOrder, export_licences
from registry.desk.exports.tables import TableFormat
from registry.desk.rights import CallerStanding as Caller
from registry.licences.finding import LONGEST_TEXT, LicenceFilter
from registry.model import LicenceState

Words = Annotated[
    str,
    Query(
        max_length=LONGEST_TEXT,
        description=(
            "Words with blanks between, all of which must be found: part of a holder's name or of "
            "a document's title, a number, its beginning or end (four characters at least), part "
            "of a type's name, an identifier, a holder's whole code."
        ),
    ),
]
State = Annotated[LicenceState | None, Query(description="As of today.")]
TypeName = Annotated[str | None, Query(max_length=64, description="A type's code or short name.")]
Body = Annotated[str | None, Query(max_length=64, description="An authority.")]
From = Annotated[date | None, Query(description="Granted on this day or later.")]
Until = Annotated[date | None, Query(description="Granted on this day or before.")]
_After = Annotated[str | None, Query(max_length=16, description="As `next` has it.")]
Form = Annotated[TableFormat, Query(description="How the table is written.")]
Tongue = Annotated[Literal["zh", "en"], Query(description="Of headings and states.")]
Personal = Annotated[bool, Query(description="Names and codes are not masked.")]
TABLE_KINDS = {
    TableFormat.CSV: "text/csv; charset=utf-8",
    TableFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    TableFormat.JSONL: "application/x-ndjson",
}
_CHUNK = 64 * 1024


class FoundLicencesWire(ToldWire):
    """Licences that were found, the newest first."""

    licences: list[LicenceRecordWire]
    count: int | None = Field(description="How many there are, at most 200; first page alone.")
    more: bool = Field(description="There are more than `count`, or may be.")
    next: str | None = Field(description="Address of the next page, if there is one.")


def add_search(router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]) -> None:
    """Add the route of the search."""

    def asked(
        *,
        q: Words = "",
        state: State = None,
        type: TypeName = None,  # noqa: A002  # its name
        authority: Body = None,
        granted_from: From = None,
        granted_until: Until = None,
    ) -> LicenceFilter:
        return LicenceFilter(
            on=today(),
            text=q,
            state=state,
            type_code=type_code(desk, type),
            authority_id=None if authority is None else AuthorityId(authority),
            granted_from=granted_from,
            granted_until=granted_until,
        )

    @router.get("/search", summary="Search for licences 查找证照", tags=["licences"])
    def search(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        sought: Annotated[LicenceFilter, Depends(asked)],
        cursor: _After = None,
        limit: Limit = 50,
    ) -> FoundLicencesWire:
        """The newest first, by their state of today. What is out of reach is not found."""
        found = desk.rights.sight(caller).find(sought, after=number_of(cursor), limit=limit)
        following = None
        if found.older is not None:
            following = following_page(request, response, str(found.older))
        return FoundLicencesWire(
            licences=told_licences(desk, found.licences, today()),
            count=found.count,
            more=found.more,
            next=following,
        )

    @router.get(
        "/search/export",
        summary="Export what is found 导出查找结果",
        tags=["licences"],
        response_class=StreamingResponse,
        responses={
            200: {"content": {kind: {} for kind in TABLE_KINDS.values() if "json" not in kind}}
        },
    )
    def export(
        *,
        caller: Annotated[Caller, signed_in],
        sought: Annotated[LicenceFilter, Depends(asked)],
        format: Form = TableFormat.CSV,  # noqa: A002  # its name
        lang: Tongue = "zh",
        personal: Personal = False,
    ) -> StreamingResponse:
        """All that a search finds, at most 100,000 licences; the export is on record.

        People's names and all codes are masked. Unmasked they are for who may change licences of
        the authority that is named, after a fresh sign-in where that asks for one.
        """
        if personal:
            if sought.authority_id is None:
                raise UnusableRequestError(messages.NAME_THE_AUTHORITY)
            desk.exports.check_personal(caller, sought)
        order = ExportOrder(sought, format, lang, caller.reach, caller.actor, personal)
        # A supervisor's reading is on record before anything is read.
        desk.rights.sight(caller).note_search(sought)
        made = export_licences(desk.rights.database, desk.rights.clock, order)
        headers = {"Content-Disposition": f'attachment; filename="licences.{format}"'}
        return StreamingResponse(_chunks(made), media_type=TABLE_KINDS[format], headers=headers)


def _chunks(made: ExportedFile) -> Iterator[bytes]:
    with made.file as file:
        while chunk := file.read(_CHUNK):
            yield chunk
