"""Progress of a job: its pace, the errors of its rows by kind, and in one line what came of it.

The pace is the average since its first row, or since somebody went on with it: no clock runs while
nobody looks, and all processes that work on a job say the same.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap

from sqlalchemy import Connection, func, select

from core.text import Text
from core.web.problems import problem_of
from registry.db.tables import batch_rows, licences
from registry.desk.batch import messages
from registry.desk.batch_rows import BEFORE, RowCounts, RowState
from registry.officers.jobs import WorkedSpan, spans_of
from registry.officers.model import UNDER_WAY, Job, JobState

_COLUMN = batch_rows.c


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """Rows that failed for the same reason."""

    code: str
    title: Text
    rows: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a job."""

    counts: RowCounts
    """Of the same moment as all else that is told of rows."""
    done: int
    """Rows granted, left alone or failed."""
    rows: int
    seconds: float
    """In which it was under way, until now or its end."""
    rows_per_second: float | None
    """None where none is done since it began, or it rests."""
    seconds_left: float | None
    errors: tuple[ErrorKind, ...]
    """The most frequent first."""
    summary: Text | None
    """Of a job that is not under way: what came of it."""


def progress_of(connection: Connection, job: Job, now: datetime) -> Progress:
    """Return the progress of a job."""
    counts = _count(connection, job.request_id)
    total = sum(counts.values())
    waiting = sum(rows for (state, _), rows in counts.items() if state is RowState.WAITING)
    spans = spans_of(connection, job)
    seconds = sum(((one.ended_at or now) - one.begun_at).total_seconds() for one in spans)
    pace = None
    if job.state is JobState.RUNNING and job.why is None and spans:
        pace = _pace(connection, job, spans[-1], total - waiting, total, now)
    failed = Counter[str]()
    for (state, code), rows in counts.items():
        if state is RowState.FAILED:
            failed[code or ""] += rows
    return Progress(
        counts=_by_state(counts),
        done=total - waiting,
        rows=total,
        seconds=max(0.0, seconds),
        rows_per_second=pace,
        seconds_left=None if pace is None else waiting / pace,
        errors=tuple(
            ErrorKind(code, problem_of(code).title, rows)
            for code, rows in sorted(failed.items(), key=lambda one: (-one[1], one[0]))
        ),
        summary=None if job.state in UNDER_WAY else _summary(counts, max(0.0, seconds)),
    )


def _count(connection: Connection, request_id: str) -> dict[tuple[RowState, str | None], int]:
    query = (
        select(_COLUMN.state, _COLUMN.code, func.count())
        .where(_COLUMN.request_id == request_id)
        .group_by(_COLUMN.state, _COLUMN.code)
    )
    return {(RowState(state), code): rows for state, code, rows in connection.execute(query)}


def _by_state(counts: dict[tuple[RowState, str | None], int]) -> RowCounts:
    found = RowCounts()
    for (state, code), rows in counts.items():
        found[state] += rows
        found.before += rows if code == BEFORE else 0
    return found


def _pace(  # noqa: PLR0917  # each of another meaning
    connection: Connection, job: Job, span: WorkedSpan, done: int, total: int, now: datetime
) -> float | None:
    """Return the rows a second since a span began, or its first licence: it may have queued."""
    since = span.begun_at
    if span.rows is None:
        first = _first_granted(connection, job.request_id)
        if first is None:  # rows that failed at once say nothing of the others
            return None
        since = max(since, first)
    else:
        done -= total - span.rows
    seconds = (now - since).total_seconds()
    return done / seconds if done > 0 and seconds > 0 else None


def _first_granted(connection: Connection, request_id: str) -> datetime | None:
    query = (
        select(licences.c.created_at)
        .join(batch_rows, _COLUMN.identifier == licences.c.identifier)
        .where(_COLUMN.request_id == request_id, _COLUMN.state == RowState.GRANTED)
        .where(_COLUMN.code.is_(None))
        .order_by(_COLUMN.number)
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _summary(counts: dict[tuple[RowState, str | None], int], seconds: float) -> Text:
    """Count the rows by their outcome, with the time they took, in one line."""
    found = Counter[str]()
    for (state, code), rows in counts.items():
        repeated = state is RowState.GRANTED and code == BEFORE
        found["BEFORE" if repeated else state.value] += rows
    parts = [
        (messages.ROWS_GRANTED, found["GRANTED"]),
        (messages.ROWS_BEFORE, found["BEFORE"]),
        (messages.ROWS_SKIPPED, found["SKIPPED"]),
        (messages.ROWS_FAILED, found["FAILED"]),
        (messages.ROWS_LEFT, found["WAITING"]),
    ]
    told = [part for part in parts if part[1] or part[0] is messages.ROWS_GRANTED]
    return messages.job_came_to(list(starmap(messages.counted_rows, told)), lasting(seconds))


def lasting(seconds: float) -> Text:
    """Return a duration in words, in two units at most."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004  # seconds of a minute; so below
        return messages.seconds_long(whole)
    if whole < 3600:  # noqa: PLR2004
        return messages.minutes_long(*divmod(whole, 60))
    return messages.hours_long(*divmod(whole // 60, 60))
