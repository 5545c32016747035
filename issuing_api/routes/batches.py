"""Routes of batches: a sheet is judged and asked for; rows are seen by who decides."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from core.web.request_errors import AddressNotFoundError
from issuing_api.calls import (
    PREFIX,
    Cursor,
    Key,
    Limit,
    RequestId,
    page,
    photo_file,
    request_key_of,
    row_after,
    tag,
)
from issuing_api.errors import BadRowsError
from issuing_api.routes import messages
from issuing_api.routes.batch_wire import BatchCheckWire, BatchWire, RowsWire, RowWire, SheetBody
from registry.desk.batch_rows import BatchRow, RowState
from registry.desk.desk import Desk
from registry.desk.judging import BadBatchError
from registry.desk.preview import Previews
from registry.desk.rights import CallerStanding as Caller
from registry.importing.blank_sheet import blank_sheet

MOST_TOLD = 1000
"""Things to mend in one answer."""


def rows_page(
    request: Request, response: Response, found: Sequence[BatchRow], limit: int
) -> RowsWire:
    """Return a page of a batch's rows; `found` has one more where another page follows."""
    shown, following = page(request, response, found, limit, lambda one: str(one.number))
    return RowsWire(rows=[RowWire.of(one) for one in shown], next=following)


def add_batches(router: APIRouter, desk: Desk, previews: Previews, signed_in: Any) -> None:
    """Add the routes of batches."""
    _add_looks(router, desk, previews, signed_in)

    @router.post("/batches/check", summary="Look a sheet through 预检表格", tags=["batches"])
    def check(caller: Annotated[Caller, signed_in], body: SheetBody) -> BatchCheckWire:
        """Judge each row as `POST /batches` does, and keep nothing."""
        try:
            return BatchCheckWire.of(desk.batches.check(caller, body.ask()))
        except BadBatchError as error:
            raise _to_mend(error) from error

    @router.post(
        "/batches", status_code=201, summary="Ask for a sheet's licences 批量申请", tags=["batches"]
    )
    def ask(
        *,
        caller: Annotated[Caller, signed_in],
        body: SheetBody,
        response: Response,
        idempotency_key: Key,
    ) -> BatchWire:
        """Judge every row; where one is to be mended nothing is kept, and all are named (422)."""
        key = request_key_of(idempotency_key)
        try:
            made = desk.batches.ask(caller, body.ask(), key)
        except BadBatchError as error:
            raise _to_mend(error) from error
        response.headers["Location"] = f"{PREFIX}/batches/{made.request_id}"
        told = BatchWire.whole(made, *desk.batches.standing_of(made.request_id))
        tag(response, told)
        return told

    @router.get("/batches/{request_id}", summary="A batch 查看批量申请", tags=["batches"])
    def batch(
        caller: Annotated[Caller, signed_in], request_id: RequestId, response: Response
    ) -> BatchWire:
        found = desk.batches.find(caller, request_id)
        told = BatchWire.whole(found, *desk.batches.standing_of(request_id))
        tag(response, told)
        return told

    @router.get("/batches/{request_id}/rows", summary="Its rows 批量申请的各行", tags=["batches"])
    def rows(
        *,
        caller: Annotated[Caller, signed_in],
        request_id: RequestId,
        request: Request,
        response: Response,
        state: RowState | None = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> RowsWire:
        """Rows by number: look at them before you approve."""
        after = row_after(cursor)
        found = desk.batches.rows(caller, request_id, state=state, after=after, limit=limit + 1)
        return rows_page(request, response, found, limit)

    @router.get(
        "/batches/{request_id}/photo",
        summary="A row's photo 某行的照片",
        tags=["batches"],
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}, "image/png": {}}}},
    )
    def photo(
        caller: Annotated[Caller, signed_in],
        request_id: RequestId,
        row: Annotated[int, Query(ge=1, le=1_048_576, description="As the sheet counts.")] = 2,
    ) -> Response:
        found = desk.batches.photo(caller, request_id, row)
        if found is None:
            raise AddressNotFoundError(messages.NO_PHOTO)
        return photo_file(found)


def _add_looks(router: APIRouter, desk: Desk, previews: Previews, signed_in: Any) -> None:
    @router.get(
        "/batches/template",
        summary="An empty sheet of a type 空白表格",
        tags=["batches"],
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}},
    )
    def template(
        caller: Annotated[Caller, signed_in],
        type: Annotated[str, Query(max_length=64)] = "food-operation",  # noqa: A002  # its name
    ) -> Response:
        """CSV with the headings of the type's columns; those that are required have a star."""
        del caller  # types are published
        with desk.rights.database.reading() as connection:
            return csv_file(blank_sheet(desk.catalogue.find(connection, type)), "sheet.csv")

    @router.get(
        "/batches/{request_id}/preview",
        summary="The page of a row, unsealed 某行的预览",
        tags=["batches"],
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}},
    )
    def preview(
        caller: Annotated[Caller, signed_in],
        request_id: RequestId,
        row: Annotated[int, Query(ge=1, le=1_048_576, description="As the sheet counts.")] = 2,
    ) -> Response:
        """As it would be sealed, without number and code: look before you approve."""
        draft = previews.draft(caller, desk.batches.row_ask(caller, request_id, row))
        return Response(previews.pdf(draft), media_type="application/pdf")


def csv_file(content: bytes, name: str) -> Response:
    """Return a sheet, to be kept."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv", headers=headers)


def _to_mend(error: BadBatchError) -> BadRowsError:
    """Return the problem that names each row, in the order of the sheet."""
    problems = tuple(
        {
            "pointer": "/sheet" if one.row is None else f"/sheet/rows/{one.row}",
            "problem": one.code,
            **({} if one.row is None else {"row": str(one.row)}),
            **({"field": one.field} if one.field else {}),
            **({} if one.identifier is None else {"licence": one.identifier}),
            "zh": one.text.zh,
            "en": one.text.en,
        }
        for one in error.problems[:MOST_TOLD]
    )
    return BadRowsError(error.text, entries=problems)
