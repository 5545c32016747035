"""Routes of drafts: files handed in as they are, looked at, given terms, asked for."""

from email.message import Message
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from core.web.limits.bodies import require_media_type
from core.web.limits.messages import upload_too_large
from core.web.middleware import SANDBOXED
from core.web.request_errors import TooLargeError
from issuing_api.calls import PREFIX, Key, RequestId, request_key_of
from issuing_api.errors import FileRefusedError
from issuing_api.routes.papers.document_terms_wire import TermsBody
from issuing_api.routes.papers.document_wire import (
    AgreementBody,
    DraftBody,
    DraftFileWire,
    DraftsWire,
    DraftWire,
    RequestedFilesWire,
    RequestedFileWire,
    SampleWire,
    entries_of,
)
from issuing_api.routes.request_wire import RequestWire
from issuing_api.routes.requests import told
from registry.desk.desk import Desk
from registry.desk.documents.found import RefusedUploadError
from registry.desk.rights import CallerStanding as Caller

MAX_DOCUMENT = 32 * 1024 * 1024
"""Octets; what the intake looks at (`signing.limits`)."""
FILES = f"{PREFIX}/documents/files"
PDF = "application/pdf"
_MOST_NAMED = 1000
DraftId = Annotated[str, Path(max_length=32, description="Of a draft.")]
FileNumber = Annotated[int, Query(alias="file", ge=1, le=10_000, description="Its number.")]
PageNumber = Annotated[int, Query(ge=1, le=20_000, description="From 1.")]
Sealed = Annotated[bool, Query(description="With the seal where it will stand.")]
_PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}
_BYTES = {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}, "required": True}


async def pdf_body(request: Request) -> bytes:
    """Return the body as it came. Raises `UnsupportedMediaTypeError`."""
    require_media_type(request, PDF)
    data = await request.body()
    if len(data) > MAX_DOCUMENT:
        raise TooLargeError(upload_too_large(f"{MAX_DOCUMENT // (1024 * 1024)} MiB"))
    return data


def add_drafts(router: APIRouter, desk: Desk, signed_in: Any) -> None:
    """Add the routes of drafts."""

    def whole(caller: Caller, draft_id: str) -> DraftWire:
        return DraftWire.of(*desk.documents.drafts.find(caller, draft_id))

    @router.post(
        "/documents/drafts",
        status_code=201,
        summary="Begin a draft 新建待签文件",
        tags=["documents"],
    )
    def begin(
        caller: Annotated[Caller, signed_in], body: DraftBody, response: Response
    ) -> DraftWire:
        """It is the caller's alone, and kept for a day unless it is asked for."""
        made = desk.documents.drafts.begin(caller, body.type, body.authority_id())
        response.headers["Location"] = f"{PREFIX}/documents/drafts/{made.draft_id}"
        return DraftWire.of(made, [])

    @router.get("/documents/drafts", summary="The caller's drafts 待签文件", tags=["documents"])
    def drafts(caller: Annotated[Caller, signed_in]) -> DraftsWire:
        found = desk.documents.drafts.mine(caller)
        return DraftsWire(drafts=[whole(caller, one.draft_id) for one in found])

    @router.get("/documents/drafts/{draft_id}", summary="A draft 查看", tags=["documents"])
    def draft(caller: Annotated[Caller, signed_in], draft_id: DraftId) -> DraftWire:
        return whole(caller, draft_id)

    @router.delete("/documents/drafts/{draft_id}", summary="Give it up 删除", tags=["documents"])
    def give_up(caller: Annotated[Caller, signed_in], draft_id: DraftId) -> DraftWire:
        """Delete its files; return it as it was. What was asked for is withdrawn, not deleted."""
        was = whole(caller, draft_id)
        desk.documents.drafts.drop(caller, draft_id)
        return was

    @router.delete(
        "/documents/drafts/{draft_id}/files", summary="Take a file out 移除", tags=["documents"]
    )
    def drop(
        caller: Annotated[Caller, signed_in], draft_id: DraftId, file: FileNumber = 1
    ) -> DraftWire:
        desk.documents.drafts.drop(caller, draft_id, file)
        return whole(caller, draft_id)

    @router.post(
        "/documents/files",
        status_code=201,
        summary="Hand a file in 上传文件",
        tags=["documents"],
        openapi_extra={"requestBody": _BYTES},
    )
    def add(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        data: Annotated[bytes, Depends(pdf_body)],
        draft: Annotated[str, Query(max_length=32, description="Of the draft.")],
        clean: Annotated[
            bool, Query(description="Take out what must not be sealed, where pages stay as shown.")
        ] = False,
    ) -> DraftFileWire:
        """A PDF of at most 32 MiB, as it is; its name may stand in `Content-Disposition`.

        What must not be sealed is named (422, `refused_file`), and whether it can be taken out.
        """
        try:
            made = desk.documents.drafts.add(caller, draft, data, name=_named(request), clean=clean)
        except RefusedUploadError as error:
            found = entries_of(error.findings, cleanable=error.cleanable)
            raise FileRefusedError(error.text, entries=found) from error
        return DraftFileWire.of(made)

    @router.put(
        "/documents/drafts/{draft_id}/terms",
        summary="How it is sealed 签章要求",
        tags=["documents"],
    )
    def choose(
        caller: Annotated[Caller, signed_in], draft_id: DraftId, body: TermsBody
    ) -> DraftWire:
        desk.documents.drafts.choose(caller, draft_id, body.wishes(), body.titles)
        return whole(caller, draft_id)

    _add_samples(router, desk, signed_in)
    _add_requested(router, desk, signed_in)


def _add_samples(router: APIRouter, desk: Desk, signed_in: Any) -> None:
    @router.get(
        "/documents/drafts/{draft_id}/sample", summary="What is agreed to 样张", tags=["documents"]
    )
    def sample(
        caller: Annotated[Caller, signed_in], draft_id: DraftId, file: FileNumber = 1
    ) -> SampleWire:
        """A file as it would be sealed; the code stands for all files of the draft."""
        papers = desk.documents
        shown = papers.asking.sample(caller, draft_id, file)
        draft, files = papers.drafts.find(caller, draft_id)
        this = [one for one in files if one.number == file]
        before = papers.asking.sealed_before(caller, draft, this).get(file)
        address = f"{PREFIX}/documents/drafts/{draft_id}/picture"
        return SampleWire.of(papers.asking.code(draft, files), file, shown, before, address)

    @router.get(
        "/documents/drafts/{draft_id}/picture",
        summary="A page 页面图像",
        tags=["documents"],
        response_class=Response,
        responses=_PICTURE,
    )
    def picture(
        *,
        caller: Annotated[Caller, signed_in],
        draft_id: DraftId,
        file: FileNumber = 1,
        page: PageNumber = 1,
        sealed: Sealed = False,
    ) -> Response:
        looks = desk.documents.looks
        return png_file(looks.draft_page(caller, draft_id, file, page, sealed=sealed))

    @router.post(
        "/documents/drafts/{draft_id}/request",
        status_code=201,
        summary="Ask for what the sample showed 同意并提交",
        tags=["documents"],
    )
    def ask(
        *,
        caller: Annotated[Caller, signed_in],
        draft_id: DraftId,
        body: AgreementBody,
        response: Response,
        idempotency_key: Key,
    ) -> RequestWire:
        """The request is a batch: decided on like others, carried out by `POST …/job`."""
        key = request_key_of(idempotency_key)
        made = desk.documents.asking.ask(caller, draft_id, body.code, key)
        response.headers["Location"] = f"{PREFIX}/requests/{made.request_id}"
        return told(response, made)


def _add_requested(router: APIRouter, desk: Desk, signed_in: Any) -> None:
    @router.get(
        "/requests/{request_id}/files",
        summary="The files that it asks to have sealed 申请的文件",
        tags=["documents"],
    )
    def files(caller: Annotated[Caller, signed_in], request_id: RequestId) -> RequestedFilesWire:
        found = desk.documents.looks.request_files(caller, request_id)
        return RequestedFilesWire(files=[RequestedFileWire.of(one) for one in found])

    @router.get(
        "/requests/{request_id}/picture",
        summary="A page that it asks to have sealed 申请的页面",
        tags=["documents"],
        response_class=Response,
        responses=_PICTURE,
    )
    def page_of(
        *,
        caller: Annotated[Caller, signed_in],
        request_id: RequestId,
        file: FileNumber = 1,
        page: PageNumber = 1,
        sealed: Sealed = True,
    ) -> Response:
        """Look at it before you approve."""
        looks = desk.documents.looks
        return png_file(looks.request_page(caller, request_id, file, page, sealed=sealed))


def png_file(picture: bytes) -> Response:
    """Return a picture of a page."""
    headers = {"Content-Security-Policy": SANDBOXED}
    return Response(picture, media_type="image/png", headers=headers)


def pdf_file(pdf: bytes, name: str, **headers: str) -> Response:
    """Return a sealed file, to be kept and never shown in place."""
    told_of = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": SANDBOXED,
    }
    return Response(pdf, media_type=PDF, headers=told_of | headers)


def _named(request: Request) -> str:
    """Return the file's name by its `Content-Disposition` (RFC 6266), without the ending."""
    said = request.headers.get("content-disposition", "")[:_MOST_NAMED]
    if not said:
        return ""
    message = Message()
    message["content-disposition"] = "".join(one for one in said if one.isprintable())
    try:
        return stem_of(message.get_filename("") or "")
    except (TypeError, ValueError):
        # Of encodings that decode nothing, and of parts out of order: it is no name.
        return ""


def stem_of(name: str) -> str:
    """Return a file's name as somebody's machine has it, without folders and ending."""
    last = name.replace("\\", "/").rpartition("/")[2].strip()
    return last[:-4] if last.lower().endswith(".pdf") else last
