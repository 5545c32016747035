"""Routes of official documents on record: found, shown, handed out, cancelled."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from core.ids import AuthorityId, TypeCode
from issuing_api.calls import (
    Identifier,
    IfMatch,
    Limit,
    following_page,
    number_of,
    refuse_changed,
    tag,
)
from issuing_api.routes.papers.countersigning_wire import RoundWire, WholeDocumentWire
from issuing_api.routes.papers.document_wire import CancellationBody, DocumentsWire, DocumentWire
from issuing_api.routes.papers.drafts import pdf_file
from registry.desk.desk import Desk
from registry.desk.documents.records import DocumentRecords
from registry.desk.rights import CallerStanding as Caller
from registry.licences.finding import LONGEST_TEXT, LicenceFilter
from registry.licences.licences import LicenceChange
from registry.model import Licence, LicenceState


def add_documents(
    router: APIRouter,
    desk: Desk,
    signed_in: Any,
    today: Callable[[], date],
    public_url: Callable[[], str],
) -> None:
    """Add the routes of documents; `public_url`: where anybody verifies."""
    records = DocumentRecords(desk.rights, desk.catalogue)

    def wire(one: Licence) -> WholeDocumentWire:
        digest = desk.digests([one.identifier]).get(one.identifier)
        facts = DocumentWire.of(one, today(), public_url(), digest).model_dump()
        progress = records.progress(one)
        return WholeDocumentWire(
            **facts, countersigning=None if progress is None else RoundWire.of(progress, today())
        )

    @router.get("/documents", summary="Documents within reach 公文列表", tags=["documents"])
    def documents(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        q: Annotated[
            str, Query(max_length=LONGEST_TEXT, description="Words of the title, a number.")
        ] = "",
        state: LicenceState | None = None,
        type: Annotated[str | None, Query(max_length=64)] = None,  # noqa: A002  # its name
        authority: Annotated[str | None, Query(max_length=64)] = None,
        cursor: Annotated[str | None, Query(max_length=20)] = None,
        limit: Limit = 50,
    ) -> DocumentsWire:
        """The newest first, by their state of today. What is out of reach is not found."""
        sought = LicenceFilter(
            on=today(),
            text=q,
            state=state,
            type_codes=records.codes(None if type is None else TypeCode(type)),
            authority_id=None if authority is None else AuthorityId(authority),
        )
        found = desk.rights.sight(caller).find(sought, after=number_of(cursor), limit=limit)
        following = None
        if found.older is not None:
            following = following_page(request, response, str(found.older))
        digests = desk.digests([one.identifier for one in found.licences])
        return DocumentsWire(
            documents=[
                DocumentWire.of(one, today(), public_url(), digests.get(one.identifier))
                for one in found.licences
            ],
            count=found.count,
            more=found.more,
            next=following,
        )

    @router.get("/documents/{identifier}", summary="A document 查看公文", tags=["documents"])
    def document(
        caller: Annotated[Caller, signed_in], identifier: Identifier, response: Response
    ) -> WholeDocumentWire:
        found = wire(records.find(caller, identifier))
        tag(response, found)
        return found

    @router.get(
        "/documents/{identifier}/file",
        summary="Its sealed file 签章文件",
        tags=["documents"],
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}},
    )
    def file(caller: Annotated[Caller, signed_in], identifier: Identifier) -> Response:
        records.find(caller, identifier)
        granted = desk.document(caller, identifier)
        name = f"{granted.licence.identifier}.pdf"
        return pdf_file(granted.pdf, name, ETag=f'"{granted.sha256}"')

    @router.post(
        "/documents/{identifier}/cancellation",
        summary="Repeal, withdraw or annul it 废止、撤回或撤销",
        tags=["documents"],
    )
    def cancel(
        *,
        caller: Annotated[Caller, signed_in],
        identifier: Identifier,
        body: CancellationBody,
        response: Response,
        if_match: IfMatch = None,
    ) -> WholeDocumentWire:
        """At once, where the type needs no second person; else `/licences/…/change-requests`."""
        found = records.find(caller, identifier)
        refuse_changed(if_match, wire(found))
        named = desk.changing.named(caller, found.identifier, LicenceChange.CANCEL, body.reason)
        changed = desk.change(
            caller, found.identifier, LicenceChange.CANCEL, reason=named, basis=body.basis
        )
        told = wire(changed)
        tag(response, told)
        return told
