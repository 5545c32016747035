"""Shapes of batches and of the jobs that carry them out."""

import binascii
from datetime import datetime
from typing import Annotated

from fastapi.exceptions import RequestValidationError
from pydantic import Field

from core.ids import AuthorityId
from issuing_api.routes.request_wire import RequestWire
from issuing_api.wire import AskedWire, BilingualWire, Line, ToldWire
from registry.desk.batch.batches import BatchCheck
from registry.desk.batch.jobs import JobView
from registry.desk.batch.progress import Progress
from registry.desk.batch_rows import BatchRow, RowCounts, RowState
from registry.desk.judging import SheetAsk, row_of
from registry.granting.batches import ChangeDecision
from registry.granting.recognising import RowKind
from registry.importing.sheet_choice import Hidden, SheetChoice
from registry.officers.model import DeskRequest, Job, JobState
from signing.levels import PadesLevel

MAX_SHEET = 8 * 1024 * 1024
MAX_PHOTOS = 16 * 1024 * 1024
MAX_BATCH_BODY = 34 * 1024 * 1024
"""Both in base64, and the rest."""
MOST_RECOGNISED = 1000
_PIECE = 4 * 64 * 1024
_Name = Annotated[str, Field(max_length=200)]


def _in_base64(size: int) -> int:
    return -(-size // 3) * 4


def _octets(text: str) -> bytes:
    """Decode base64 piece by piece: one call for all of it would hold up the whole process."""
    if text.find("=", 0, -2) != -1:  # a piece before the last would end with it
        raise RequestValidationError([])
    try:
        pieces = range(0, len(text), _PIECE)
        return b"".join(
            binascii.a2b_base64(text[at : at + _PIECE], strict_mode=True) for at in pieces
        )
    except ValueError as error:
        raise RequestValidationError([]) from error


class SheetBody(AskedWire):
    """A sheet whose rows are asked for."""

    type: str = Field(max_length=64, examples=["food-operation"])
    authority: str | None = Field(default=None, max_length=64, examples=["market"])
    sheet: str = Field(
        max_length=_in_base64(MAX_SHEET),
        description="CSV or .xlsx in base64, one licence a row; 8 MiB at most.",
    )
    photos: str | None = Field(
        default=None,
        max_length=_in_base64(MAX_PHOTOS),
        description="The files that the sheet names, in one .zip in base64; 16 MiB at most.",
    )
    basis: Line | None = None
    level: PadesLevel = PadesLevel.B_LT
    changed: ChangeDecision | None = Field(
        default=None, description="What a row means that differs from the licence it speaks of."
    )
    further: bool = Field(
        default=False, description="Holders that have other licences of the type get one more."
    )
    name: _Name = Field(
        default="", description="Of a batch that grants anew what was granted and left force."
    )
    sheet_name: _Name | None = Field(default=None, description="Of a workbook with several.")
    hidden: Hidden | None = Field(default=None, description="Rows hidden or filtered out.")
    codes_compared: bool = Field(
        default=False,
        description="Codes in CSV that end in zeros were compared with the originals.",
    )

    def ask(self) -> SheetAsk:
        """Return it as the desk takes it; in a thread, since it may be large.

        Raises `RequestValidationError` for what is no base64.
        """
        return SheetAsk(
            self.type,
            _octets(self.sheet),
            None if self.photos is None else _octets(self.photos),
            None if self.authority is None else AuthorityId(self.authority),
            self.basis,
            self.level,
            self.changed,
            self.further,
            self.name,
            SheetChoice(self.sheet_name, self.hidden, self.codes_compared),
        )


class KnownRowWire(ToldWire):
    """A row whose licence was granted before: it leads to no further one."""

    row: int | None = Field(description="As the spreadsheet shows it.")
    kind: RowKind = Field(description="`granted`: in force or suspended. `closed`: out of force.")
    licence: str


class BatchCheckWire(ToldWire):
    """Rows of a sheet by their kind; nothing was kept of it."""

    rows: int
    new: int
    pending: int
    granted: int = Field(description="Granted before: they will be handed out again.")
    changed: int = Field(description="They differ from their licences.")
    further: int
    closed: int = Field(description="Granted before, and out of force: they stay so.")
    recognised: list[KnownRowWire] = Field(
        description="Rows that are `granted` or `closed`, the first 1,000."
    )

    @classmethod
    def of(cls, check: BatchCheck) -> "BatchCheckWire":
        """Count the rows by what they are."""
        recognised = [
            KnownRowWire(
                row=row_of(one.application.source), kind=one.kind, licence=one.licence.identifier
            )
            for one in check.recognised[:MOST_RECOGNISED]
            if one.licence is not None
        ]
        kinds = {kind.value: check.kinds[kind] for kind in RowKind}
        return cls(rows=check.rows, recognised=recognised, **kinds)


class CountsWire(ToldWire):
    """Rows by their state."""

    waiting: int
    granted: int
    skipped: int
    failed: int
    before: int = Field(
        description="Of those granted or waiting: granted before this batch, not again."
    )

    @classmethod
    def of(cls, counts: RowCounts) -> "CountsWire":
        """Count rows."""
        by_state = {state.value.lower(): counts[state] for state in RowState}
        return cls(before=counts.before, **by_state)


class BatchWire(RequestWire):
    """A batch that is asked for, and how far it has come."""

    counts: CountsWire
    job: str | None

    @classmethod
    def whole(cls, one: DeskRequest, counts: RowCounts, job: Job | None) -> "BatchWire":
        """Return a request with the counts of its rows."""
        facts = RequestWire.of(one).model_dump()
        return cls(**facts, counts=CountsWire.of(counts), job=None if job is None else job.job_id)


class RowWire(ToldWire):
    """A row, and what became of it."""

    number: int = Field(description="As the spreadsheet shows it.")
    state: RowState
    record: dict[str, str] | None = Field(description="Null once it is not kept any more.")
    photo: bool
    licence: str | None
    code: str | None = Field(
        description="Of the error, where it failed; `granted_before`: this batch makes no other."
    )
    detail: BilingualWire | None

    @classmethod
    def of(cls, one: BatchRow) -> "RowWire":
        """Return a row."""
        return cls(
            number=one.number,
            state=one.state,
            record=None if one.record is None else dict(one.record),
            photo=one.has_photo,
            licence=one.identifier,
            code=one.code,
            detail=None if one.detail is None else BilingualWire.of(one.detail),
        )


class RowsWire(ToldWire):
    """Rows of a batch."""

    rows: list[RowWire]
    next: str | None


class ErrorKindWire(ToldWire):
    """Rows that failed for the same reason."""

    code: str
    title: BilingualWire
    rows: int


class ProgressWire(ToldWire):
    """Progress of a job; it is no part of the `ETag`."""

    done: int = Field(description="Rows granted, skipped or failed.")
    rows: int
    seconds: float = Field(description="In which it was under way, until now or its end.")
    rows_per_second: float | None = Field(
        description="Average since its first row, or since somebody went on with it; null while "
        "none is done, or it rests."
    )
    seconds_left: float | None
    errors: list[ErrorKindWire] = Field(description="The most frequent first.")
    summary: BilingualWire | None = Field(
        description="Of a job that is not under way: what came of it, in one line."
    )

    @classmethod
    def of(cls, one: Progress) -> "ProgressWire":
        """Return progress, its numbers rounded."""
        pace, left = one.rows_per_second, one.seconds_left
        return cls(
            done=one.done,
            rows=one.rows,
            seconds=round(one.seconds, 1),
            rows_per_second=None if pace is None else round(pace, 2),
            seconds_left=None if left is None else round(left),
            errors=[
                ErrorKindWire(code=kind.code, title=BilingualWire.of(kind.title), rows=kind.rows)
                for kind in one.errors
            ],
            summary=None if one.summary is None else BilingualWire.of(one.summary),
        )


class JobWire(ToldWire):
    """A job, and how far it has come."""

    id: str
    request: str
    state: JobState
    why: str | None = Field(
        description="Code of what stopped it (`paused`, `right_ended`, `identity_ended`, "
        "`approval_ended`), or of what it waits for."
    )
    type: str | None
    authority: str
    carried_by: str
    asked_at: datetime
    changed_at: datetime
    counts: CountsWire
    progress: ProgressWire | None = Field(default=None, description="Null in lists.")

    def with_progress(self, progress: Progress | None) -> "JobWire":
        """Return the job with how fast it goes, which changes by itself."""
        told = None if progress is None else ProgressWire.of(progress)
        return self.model_copy(update={"progress": told})

    @classmethod
    def of(cls, view: JobView) -> "JobWire":
        """Return a job without its progress."""
        job = view.job
        return cls(
            id=job.job_id,
            request=job.request_id,
            state=job.state,
            why=job.why,
            type=view.type_code,
            authority=job.authority_id,
            carried_by=job.carried_by,
            asked_at=job.asked_at,
            changed_at=job.changed_at,
            counts=CountsWire.of(view.counts),
        )


class JobsWire(ToldWire):
    """Jobs within reach."""

    jobs: list[JobWire]
    next: str | None
