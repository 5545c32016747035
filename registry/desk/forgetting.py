"""Forgetting of what is over: contents of requests, rows of batches, files of documents."""

from datetime import datetime

from sqlalchemy import Connection, and_, delete, or_, select

from registry.db.tables import (
    batch_rows,
    document_drafts,
    grant_requests,
    jobs,
    request_contents,
)
from registry.desk.batch_rows import forget_rows
from registry.officers.jobs import WORKER, lock_job, move_job
from registry.officers.model import OPEN, JobState
from registry.officers.request_rows import forget_files, lapse_due

_LEFT = (JobState.STOPPED, JobState.DONE)
"""States from which somebody may still go on with the rest."""


def forget_what_is_over(connection: Connection, now: datetime) -> None:
    """Let requests and jobs lapse whose time is over; keep nothing of what they asked for."""
    late = (
        select(jobs.c.job_id, jobs.c.request_id, jobs.c.state)
        .join(grant_requests, grant_requests.c.request_id == jobs.c.request_id)
        .where(jobs.c.state.in_(_LEFT), grant_requests.c.lapses_at <= now)
        .order_by(jobs.c.job_id)
    )
    lapsed = connection.execute(late).all()
    for row in lapsed:
        close_content(connection, row.request_id)
    open_ones = select(grant_requests.c.request_id).where(grant_requests.c.state.in_(OPEN))
    carried_out = select(jobs.c.request_id).where(jobs.c.state != JobState.CANCELLED)
    for table in (request_contents, batch_rows):
        of = table.c.request_id
        gone = delete(table).where(of.not_in(open_ones), of.not_in(select(jobs.c.request_id)))
        connection.execute(gone)
    contents = request_contents.c.request_id
    connection.execute(
        delete(request_contents).where(contents.not_in(open_ones), contents.not_in(carried_out))
    )
    contents_kept = select(request_contents.c.request_id)
    asked = document_drafts.c.request_id
    forget_files(
        connection,
        or_(
            and_(asked.is_(None), document_drafts.c.lapses_at <= now),
            and_(asked.is_not(None), asked.not_in(contents_kept)),
        ),
    )
    stopped = [lock_job(connection, row.job_id) for row in lapsed]
    lapse_due(connection, now)
    for job in stopped:
        if job.state is JobState.STOPPED:
            move_job(connection, job, JobState.CANCELLED, WORKER, now, why="lapsed")


def close_content(connection: Connection, request_id: str) -> None:
    """Forget what a batch asked for that is over; which row led to which licence stays."""
    forget_rows(connection, request_id)
    forget_files(connection, document_drafts.c.request_id == request_id)
    connection.execute(delete(request_contents).where(request_contents.c.request_id == request_id))
