"""Routes of jobs: begun, followed, cancelled, gone on with; what they led to."""

import io
import math
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from issuing_api.calls import (
    PREFIX,
    Cursor,
    IfMatch,
    JobId,
    Limit,
    RequestId,
    cursor_of,
    page,
    place_of,
    refuse_changed,
    row_after,
    tag,
)
from issuing_api.routes.batch_wire import JobsWire, JobWire, RowsWire
from issuing_api.routes.batches import rows_page
from issuing_api.routes.request_wire import DecisionBody
from registry.desk.batch.jobs import JobView
from registry.desk.batch_rows import BatchRow, RowState
from registry.desk.desk import Desk
from registry.desk.rights import CallerStanding as Caller
from registry.officers.model import UNDER_WAY, JobState

_SOON = 2
"""Seconds until it is worth asking again."""
DOCUMENTS_AT_ONCE = 100
"""Documents in one archive, which is made in memory."""


def add_jobs(router: APIRouter, desk: Desk, signed_in: Any, now: Callable[[], datetime]) -> None:
    """Add the routes of jobs."""

    @router.post(
        "/requests/{request_id}/job",
        status_code=202,
        summary="Carry a batch out 执行批量",
        tags=["jobs"],
    )
    def begin(
        caller: Annotated[Caller, signed_in], request_id: RequestId, response: Response
    ) -> JobWire:
        """Begin the job of a batch; again, the same job."""
        job = desk.batches.carry_out(caller, request_id)
        response.headers["Location"] = f"{PREFIX}/jobs/{job.job_id}"
        return _told(response, now(), desk.jobs.view(caller, job.job_id))

    @router.get("/jobs", summary="Jobs within reach 批量任务列表", tags=["jobs"])
    def jobs(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        state: JobState | None = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> JobsWire:
        sight = desk.rights.sight(caller)
        found = sight.jobs(state=state, after=place_of(cursor), limit=limit + 1)
        shown, following = page(
            request, response, found, limit, lambda one: cursor_of(one.asked_at, one.job_id)
        )
        views = desk.jobs.views(shown)
        return JobsWire(jobs=[JobWire.of(one) for one in views], next=following)

    @router.get("/jobs/{job_id}", summary="How far it is 任务进度", tags=["jobs"])
    def job(caller: Annotated[Caller, signed_in], job_id: JobId, response: Response) -> JobWire:
        """Say how far a job has come; `Retry-After` says when it is worth asking again."""
        return _told(response, now(), desk.jobs.view(caller, job_id))

    @router.get("/jobs/{job_id}/rows", summary="What became of rows 各行结果", tags=["jobs"])
    def rows(
        *,
        caller: Annotated[Caller, signed_in],
        job_id: JobId,
        request: Request,
        response: Response,
        state: RowState | None = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> RowsWire:
        found = desk.rights.sight(caller).job(job_id, what="rows")
        after = row_after(cursor)
        all_rows = desk.batches.rows(
            caller, found.request_id, state=state, after=after, limit=limit + 1
        )
        return rows_page(request, response, all_rows, limit)

    _add_documents(router, desk, signed_in)
    _add_moves(router, desk, signed_in, now)


def _add_documents(router: APIRouter, desk: Desk, signed_in: Any) -> None:
    @router.get(
        "/jobs/{job_id}/documents",
        summary="Documents of its licences 证照文件",
        tags=["jobs"],
        response_class=Response,
        responses={200: {"content": {"application/zip": {}}}},
    )
    def documents(
        caller: Annotated[Caller, signed_in],
        job_id: JobId,
        request: Request,
        cursor: Cursor = None,
    ) -> Response:
        """Return a hundred documents a time in a .zip; `Link` names the next."""
        found = desk.rights.sight(caller).job(job_id, what="documents")
        granted = desk.batches.rows(
            caller,
            found.request_id,
            state=RowState.GRANTED,
            after=row_after(cursor),
            limit=DOCUMENTS_AT_ONCE + 1,
        )
        answer = Response(media_type="application/zip")
        shown, _ = page(request, answer, granted, DOCUMENTS_AT_ONCE, lambda one: str(one.number))
        link = {"Link": answer.headers["Link"]} if "Link" in answer.headers else {}
        name = {"Content-Disposition": f'attachment; filename="{job_id}.zip"'}
        return Response(packed(desk, shown), media_type="application/zip", headers=name | link)


def packed(desk: Desk, granted: Sequence[BatchRow]) -> bytes:
    """Return the documents of rows that were granted, in a .zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for one in granted:
            pdf = desk.granting().granted(one.identifier).pdf if one.identifier else b""
            archive.writestr(zipfile.ZipInfo(f"{one.identifier}.pdf"), pdf)
    return file.getvalue()


def _add_moves(router: APIRouter, desk: Desk, signed_in: Any, now: Callable[[], datetime]) -> None:
    @router.post("/jobs/{job_id}/cancellation", summary="Cancel the rest 取消任务", tags=["jobs"])
    def cancel(
        caller: Annotated[Caller, signed_in],
        job_id: JobId,
        body: DecisionBody,
        response: Response,
        if_match: IfMatch = None,
    ) -> JobWire:
        """Grant no more rows; what was granted stands."""
        refuse_changed(if_match, JobWire.of(desk.jobs.view(caller, job_id)))
        return _told(response, now(), desk.jobs.cancel(caller, job_id, body.reason))

    @router.post("/jobs/{job_id}/pause", summary="Pause it 暂停任务", tags=["jobs"])
    def pause(caller: Annotated[Caller, signed_in], job_id: JobId, response: Response) -> JobWire:
        """Grant no more rows for now; `resumption` goes on."""
        return _told(response, now(), desk.jobs.pause(caller, job_id))

    @router.post(
        "/jobs/{job_id}/resumption", status_code=202, summary="Go on 继续任务", tags=["jobs"]
    )
    def go_on(caller: Annotated[Caller, signed_in], job_id: JobId, response: Response) -> JobWire:
        """Go on with a job that stopped, or with the rows alone that failed, as the caller."""
        response.headers["Location"] = f"{PREFIX}/jobs/{job_id}"
        return _told(response, now(), desk.jobs.go_on(caller, job_id))


def _told(response: Response, now: datetime, view: JobView) -> JobWire:
    """Return a job, with its ETag, and when it is worth asking again."""
    wire = JobWire.of(view)
    tag(response, wire)
    job = view.job
    if job.state in UNDER_WAY:
        until = job.lease_until if job.why is not None else None
        pause = 0.0 if until is None else (until - now).total_seconds()
        response.headers["Retry-After"] = str(max(_SOON, math.ceil(pause)))
    return wire.with_progress(view.progress)
