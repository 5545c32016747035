"""Routes of exports that a server writes by itself: asked for, followed, fetched, cancelled."""

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from core.ids import AuthorityId
from core.web.request_errors import UnusableRequestError
from issuing_api.calls import PREFIX, Key, request_key_of, tag
from issuing_api.routes import messages
from issuing_api.routes.search import TABLE_KINDS
from issuing_api.routes.type_names import type_code
from issuing_api.wire import AskedWire, ToldWire
from registry.desk.desk import Desk
from registry.desk.exports.asked import ExportAsk, ExportFile
from registry.desk.exports.records import Export
from registry.desk.exports.tables import TableFormat
from registry.desk.rights import CallerStanding as Caller
from registry.licences.exported import UNDER_WAY, ExportState
from registry.licences.finding import LONGEST_TEXT, LicenceFilter
from registry.model import LicenceState

_SOON = 2
"""Seconds until it is worth asking again."""
ExportId = Annotated[str, Path(max_length=32, description="Of an export.")]


class ExportBody(AskedWire):
    """Export that is asked for: the filters of a search, and how the table is written."""

    q: str = Field(default="", max_length=LONGEST_TEXT, examples=["云上"])
    state: LicenceState | None = Field(default=None, description="As of the day it is written.")
    type: str | None = Field(default=None, max_length=64, examples=["food-operation"])
    authority: str | None = Field(default=None, max_length=64, examples=["market"])
    granted_from: date | None = None
    granted_until: date | None = None
    format: TableFormat = TableFormat.CSV
    lang: Literal["zh", "en"] = "zh"
    personal: bool = Field(
        default=False,
        description="Names and codes are not masked; for who may change the authority's licences.",
    )


class ExportWire(ToldWire):
    """An export, and how far it is."""

    id: str
    state: ExportState
    why: str | None = Field(
        description="Code of what stopped it (`right_ended`, `too_large`), of what it waits for, "
        "or `erased`: a licence that it may name was erased since."
    )
    format: TableFormat
    personal: bool
    rows: int = Field(description="Written so far.")
    size: int = Field(description="Octets written so far.")
    sha256: str | None = Field(description="Of the whole file.")
    taken_at: datetime | None = Field(description="The moment whose licences it has, all of one.")
    asked_at: datetime
    changed_at: datetime
    ends_at: datetime = Field(description="Its file is deleted then.")

    @classmethod
    def of(cls, one: Export) -> "ExportWire":
        """Return an export."""
        return cls(
            id=one.export_id,
            state=one.state,
            why=one.why,
            format=one.form,
            personal=one.personal,
            rows=one.rows,
            size=one.size,
            sha256=one.sha256,
            taken_at=one.taken_at,
            asked_at=one.asked_at,
            changed_at=one.changed_at,
            ends_at=one.ends_at,
        )


class ExportsWire(ToldWire):
    """Exports of the caller, the newest first."""

    exports: list[ExportWire]


def add_exports(
    router: APIRouter,
    desk: Desk,
    signed_in: Any,
    today: Callable[[], date],
    now: Callable[[], datetime],
) -> None:
    """Add the routes of exports."""

    def told(response: Response, one: Export) -> ExportWire:
        wire = ExportWire.of(one)
        tag(response, wire)
        if one.state in UNDER_WAY:
            until = one.lease_until if one.why is not None else None
            pause = 0.0 if until is None else (until - now()).total_seconds()
            response.headers["Retry-After"] = str(max(_SOON, math.ceil(pause)))
        return wire

    @router.post(
        "/exports", status_code=202, summary="Ask for an export 申请后台导出", tags=["licences"]
    )
    def ask(
        *,
        caller: Annotated[Caller, signed_in],
        body: ExportBody,
        response: Response,
        idempotency_key: Key,
    ) -> ExportWire:
        """All that a search finds, however many, written by the server from one snapshot.

        Masked as `GET /search/export`. Its file is kept sealed for some days (`ends_at`), and
        handed to nobody but the caller; asking, writing and fetching are on record.
        """
        key = request_key_of(idempotency_key)
        if body.personal and body.authority is None:
            raise UnusableRequestError(messages.NAME_THE_AUTHORITY)
        sought = LicenceFilter(
            on=today(),
            text=body.q,
            state=body.state,
            type_code=type_code(desk, body.type),
            authority_id=None if body.authority is None else AuthorityId(body.authority),
            granted_from=body.granted_from,
            granted_until=body.granted_until,
        )
        made = desk.exports.ask(
            caller, ExportAsk(sought, body.format, body.lang, body.personal), key
        )
        response.headers["Location"] = f"{PREFIX}/exports/{made.export_id}"
        return told(response, made)

    @router.get("/exports", summary="The caller's exports 本人的导出", tags=["licences"])
    def listed(caller: Annotated[Caller, signed_in]) -> ExportsWire:
        return ExportsWire(exports=[ExportWire.of(one) for one in desk.exports.own(caller)])

    @router.get("/exports/{export_id}", summary="How far it is 导出进度", tags=["licences"])
    def show(
        caller: Annotated[Caller, signed_in], export_id: ExportId, response: Response
    ) -> ExportWire:
        """Say how far an export is; `Retry-After` says when it is worth asking again."""
        return told(response, desk.exports.view(caller, export_id))

    @router.get(
        "/exports/{export_id}/file",
        summary="Its file 导出文件",
        tags=["licences"],
        response_class=StreamingResponse,
        responses={
            200: {"content": {kind: {} for kind in TABLE_KINDS.values() if "json" not in kind}}
        },
    )
    def file(caller: Annotated[Caller, signed_in], export_id: ExportId) -> StreamingResponse:
        """The file, once it is done; each fetching is on record. Compare it with `sha256`."""
        return export_file(desk.exports.fetch(caller, export_id))

    @router.post(
        "/exports/{export_id}/cancellation",
        summary="Cancel it, or delete its file 取消或删除导出",
        tags=["licences"],
    )
    def cancel(
        caller: Annotated[Caller, signed_in], export_id: ExportId, response: Response
    ) -> ExportWire:
        return told(response, desk.exports.cancel(caller, export_id))


def export_file(found: ExportFile) -> StreamingResponse:
    """Return a file, piece by piece; one that breaks off is shorter than it says."""
    headers = {
        "Content-Disposition": f'attachment; filename="{found.name}"',
        "Content-Length": str(found.export.size),
    }
    kind = TABLE_KINDS[found.export.form]
    return StreamingResponse(found.parts(), media_type=kind, headers=headers)
