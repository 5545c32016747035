"""Pages of jobs: how far a batch has come, what failed, and the documents that it led to."""

import io
from dataclasses import dataclass, replace

from starlette.responses import Response

from core.errors import XinyinError
from core.permits import Action
from core.text import Text
from core.web.problem_answers import edge_problem_of, public_text
from core.web.request_errors import AddressNotFoundError
from identity.people.rights_check import StepUpRequiredError
from issuing_api.pages import messages
from issuing_api.pages.batches import WORKBOOK_TYPE
from issuing_api.pages.fields import read_line
from issuing_api.pages.records.exports import FOLLOW
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.shown import batch_of
from issuing_api.pages.visits import PageUse, Visit
from issuing_api.routes.jobs import DOCUMENTS_AT_ONCE, packed
from registry.desk.batch.progress import lasting
from registry.desk.batch.remarks import failed_sheet
from registry.desk.batch_rows import BEFORE, RowState
from registry.desk.exports.tables import TableFormat, write_table
from registry.officers.model import UNDER_WAY, JobState
from registry.officers.terms import terms_of

_INVALID = 422
_RESULT = {
    "row": "row_number",
    "result": "row_result",
    "number": "c_number",
    "identifier": "row_identifier",
    "remark": "row_problem",
}
"""Columns of the results, with their labels."""
_MOST_FAILED = 20_000


@dataclass(frozen=True, slots=True)
class JobPages:
    """Renders these pages, and moves jobs."""

    use: PageUse
    rendering: Rendering

    def show(self, visit: Visit) -> Response:
        """Show a job. Raises `NoSuchJobError`, also for one out of reach."""
        return self._show(visit)

    def step(self, visit: Visit) -> Response:
        """Pause it, cancel what is left, or go on.

        Raises `NoSuchJobError`, `StepUpRequiredError`.
        """
        job_id, do = _id(visit), visit.said("do")
        self.use.sight(visit).job(job_id)
        reason, wrong = read_line(visit.form, "reason")
        if do == "cancel" and wrong is not None:
            return self._show(visit, _INVALID, reason=reason, reason_error=wrong)
        try:
            if do == "cancel":
                self.use.desk.jobs.cancel(visit.standing, job_id, reason)
            elif do == "pause":
                self.use.desk.jobs.pause(visit.standing, job_id)
            elif do == "go_on":
                self.use.desk.jobs.go_on(visit.standing, job_id)
            else:
                raise AddressNotFoundError(messages.PAGE_NOT_FOUND)
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status in (404, 500):
                raise
            return self._show(visit, status, alert=public_text(error), reason=reason)
        return self.rendering.redirect(f"/issuing/jobs/{job_id}")

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the job again, with the reason that was typed."""
        status = edge_problem_of(error.code).status
        return self._show(visit, status, alert=error.text, reason=visit.said("reason"))

    def documents(self, visit: Visit) -> Response:
        """Return documents, a hundred at a time, those after a row."""
        job = self.use.sight(visit).job(_id(visit), what="documents")
        after = visit.request.query_params.get("after", "")
        granted = self.use.desk.batches.rows(
            visit.standing,
            job.request_id,
            state=RowState.GRANTED,
            after=int(after[:7]) if after.isascii() and after.isdecimal() else 0,
            limit=DOCUMENTS_AT_ONCE,
        )
        return _file(packed(self.use.desk, granted), "application/zip", f"{job.job_id}.zip")

    def results(self, visit: Visit) -> Response:
        """Return the results of all rows, as a sheet in the form that the address names."""
        job = self.use.sight(visit).job(_id(visit), what="rows")
        form = TableFormat(visit.request.url.path.rpartition(".")[2])
        view = self.rendering.view(visit, {})
        headings = {key: view.word(word) for key, word in _RESULT.items()}
        lines = (
            {
                "row": str(one.number),
                "result": view.word(
                    "row_before" if one.code == BEFORE else f"row_state_{one.state}"
                ),
                "number": number or "",
                "identifier": one.identifier or "",
                "remark": "" if one.detail is None else view.say(one.detail),
            }
            for one, number in self.use.desk.batches.results(job.request_id)
        )
        file = io.BytesIO()
        write_table(file, form, headings, lines)
        kind = WORKBOOK_TYPE if form is TableFormat.XLSX else "text/csv"
        return _file(file.getvalue(), kind, f"{job.job_id}-results.{form}")

    def failed(self, visit: Visit) -> Response:
        """Return the rows that failed as a sheet to be mended and sent again."""
        job = self.use.sight(visit).job(_id(visit), what="rows")
        rows = self.use.desk.batches.rows(
            visit.standing, job.request_id, state=RowState.FAILED, limit=_MOST_FAILED
        )
        named = self.use.sight(visit).request(job.request_id).type_code
        licence_type = self.use.abilities.type_of(str(named))
        sheet = failed_sheet(licence_type, rows, visit.language)
        return _file(sheet, "text/csv", f"{job.job_id}-failed.csv")

    def _show(
        self,
        visit: Visit,
        status: int = 200,
        *,
        alert: Text | None = None,
        reason: str = "",
        reason_error: Text | None = None,
    ) -> Response:
        found = self.use.desk.jobs.view(visit.standing, _id(visit))
        job, sight = found.job, self.use.sight(visit)
        licence_type = self.use.abilities.type_of(str(found.type_code))
        batch = replace(
            batch_of(self.use, visit, sight.request(job.request_id), licence_type),
            counts=found.counts,  # of the same moment as the progress
        )
        seals = self.use.abilities.of(
            visit.standing,
            Action.GRANT,
            job.authority_id,
            terms_of(licence_type, Action.GRANT),
        ).any
        decides = self.use.abilities.of(visit.standing, Action.DECIDE, job.authority_id).any
        left = found.counts[RowState.WAITING] + found.counts[RowState.FAILED]
        granted = found.counts[RowState.GRANTED]
        assert found.progress is not None
        under_way = job.state in UNDER_WAY
        return self.rendering.page(
            visit,
            "job.html",
            status=status,
            names=sight.names([job.carried_by]),
            alert=alert,
            reason=reason,
            reason_error=reason_error,
            job=job,
            licence_type=licence_type,
            batch=batch,
            bodies=sight.body_names(),
            progress=found.progress,
            lasting=lasting,
            under_way=under_way,
            # Only where that was asked for (WCAG 2.2.1); a page that says what went wrong stays.
            reloads=under_way
            and (alert or reason_error) is None
            and FOLLOW in visit.request.query_params,
            may_cancel=(seals or decides) and job.state in (*UNDER_WAY, JobState.STOPPED),
            may_go_on=seals and left > 0 and job.state in (JobState.STOPPED, JobState.DONE),
            documents_at_once=DOCUMENTS_AT_ONCE,
            may_pause=(seals or decides) and under_way,
            parts_of_documents=[] if under_way or not granted else self._parts(job.request_id),
        )

    def _parts(self, request_id: str) -> list[int]:
        """Return the rows behind which each archive of documents begins."""
        return self.use.desk.batches.document_parts(request_id, DOCUMENTS_AT_ONCE)


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["job_id"])[:64]
