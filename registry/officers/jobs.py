"""Jobs on record: batches that are carried out in pieces, by whichever worker has the lease.

A worker takes a job for a while, and raises its fence: whoever had it before, and is only slow,
finds an older fence than the job's and writes nothing any more. Whoever stops or cancels a job
raises it too, so that a job ends at once wherever it runs.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from core.ids import AuthorityId, Random
from core.permits import Actor, Reach
from registry.audit.chain import NewEvent, append
from registry.db.paging import Place
from registry.db.tables import audit_events, jobs
from registry.model import ConflictError
from registry.officers import messages
from registry.officers.leases import LEASE, Held, Leases
from registry.officers.model import UNDER_WAY, Job, JobState, NoSuchJobError
from registry.officers.rows import job_record, new_id
from registry.officers.words import JOB_STATES

JOB_SUBJECT = "job:"
"""Beginning of the subject of a job's events; its id follows."""
WORKER = Actor("service")
ENDED = "identity_ended"
_BEGINNINGS = frozenset({"job.added", "job.taken_on"})
_ENDS = frozenset({"job.done", "job.stopped", "job.cancelled"})
_COLUMN = jobs.c
_LEASES = Leases(jobs, "job_id")


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be made."""

    request_id: str
    authority_id: AuthorityId
    vouched: Mapping[str, Any]
    """For whom, as their sign-in said."""


def add_job(connection: Connection, new: NewJob, actor: Actor, at: datetime, random: Random) -> Job:
    """Make a request's job, in the transaction that carries the request out."""
    values = {
        "job_id": new_id(random),
        "request_id": new.request_id,
        "authority_id": new.authority_id,
        "state": JobState.WAITING,
        "carried_by": actor.name,
        "vouched": dict(new.vouched),
        "asked_at": at,
        "changed_at": at,
        "fence": 0,
        "failures": 0,
    }
    connection.execute(insert(jobs).values(values))
    job = find_job(connection, str(values["job_id"]))
    append(connection, [_event(job, JobState.WAITING, "job.added", actor, at)])
    return job


def find_job(connection: Connection, job_id: str) -> Job:
    """Return a job. Raises `NoSuchJobError`."""
    row = connection.execute(select(jobs).where(_COLUMN.job_id == job_id)).one_or_none()
    if row is None:
        raise no_such_job(job_id)
    return job_record(row)


def job_of_request(connection: Connection, request_id: str) -> Job | None:
    """Return the job of a request."""
    query = select(jobs).where(_COLUMN.request_id == request_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else job_record(row)


def jobs_of_requests(connection: Connection, request_ids: Collection[str]) -> dict[str, Job]:
    """Return the jobs of some requests, by those."""
    query = select(jobs).where(_COLUMN.request_id.in_(sorted(request_ids)))
    found = [job_record(row) for row in connection.execute(query)]
    return {one.request_id: one for one in found}


def no_such_job(job_id: str) -> NoSuchJobError:
    """Return the error of a job that is not on record, or out of the caller's reach."""
    return NoSuchJobError(messages.no_such_job(job_id))


def list_jobs(
    connection: Connection,
    reach: Reach,
    *,
    state: JobState | None = None,
    after: Place | None = None,
    limit: int = 100,
) -> list[Job]:
    """Return the jobs in reach, the oldest first, those that follow a place."""
    query = select(jobs)
    if after is not None:
        query = query.where(after.precedes(_COLUMN.asked_at, _COLUMN.job_id))
    if reach.authorities is not None:
        query = query.where(_COLUMN.authority_id.in_(sorted(reach.authorities)))
    if state is not None:
        query = query.where(_COLUMN.state == state)
    rows = connection.execute(query.order_by(_COLUMN.asked_at, _COLUMN.job_id).limit(limit))
    return [job_record(row) for row in rows]


def count_under_way(connection: Connection, authority_id: AuthorityId) -> int:
    """Return how many jobs of an authority a worker goes on with by itself."""
    query = select(func.count()).where(
        _COLUMN.authority_id == authority_id, _COLUMN.state.in_(UNDER_WAY)
    )
    return connection.execute(query).scalar_one()


def lock_job(connection: Connection, job_id: str) -> Job:
    """Return a job that nobody else moves until the transaction ends. Raises `NoSuchJobError`."""
    query = select(jobs).where(_COLUMN.job_id == job_id).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise no_such_job(job_id)
    return job_record(row)


def is_anything_free(connection: Connection, now: datetime) -> bool:
    """Tell whether there is a job that nobody works on: most looks find none, and write nothing."""
    return _LEASES.is_anything_free(connection, now)


def take_job(connection: Connection, now: datetime, lease: timedelta = LEASE) -> Job | None:
    """Take the lease of the oldest job that nobody works on; None where there is none."""
    taken = _LEASES.take(connection, now, lease)
    return None if taken is None else find_job(connection, taken)


def hold(connection: Connection, job: Job) -> None:
    """See that the job is still this worker's, and stays so until the transaction ends.

    Raises `LeaseLostError`.
    """
    _LEASES.hold(connection, Held(job.job_id, job.fence))


def renew_lease(connection: Connection, job: Job, now: datetime, lease: timedelta = LEASE) -> None:
    """Give a sign of life. Raises `LeaseLostError`."""
    _write(connection, job, {"lease_until": now + lease})


def note_progress(
    connection: Connection, job: Job, now: datetime, lease: timedelta = LEASE
) -> None:
    """Note that some of it is done. Raises `LeaseLostError`."""
    values = {"lease_until": now + lease, "changed_at": now, "failures": 0, "why": None}
    _write(connection, job, values)


def give_back(
    connection: Connection, job: Job, now: datetime, *, why: str | None, pause: timedelta
) -> None:
    """Let any worker take the job again, after a pause where something stood in its way.

    Raises `LeaseLostError`.
    """
    values = {
        "lease_until": now + pause,
        "changed_at": now,
        "why": why,
        "failures": 0 if why is None else job.failures + 1,
    }
    _write(connection, job, values)


def end_job(
    connection: Connection, job: Job, state: JobState, why: str | None, now: datetime
) -> None:
    """Bring one's job to an end (`DONE`, `STOPPED`), with the event. Raises `LeaseLostError`."""
    _write(connection, job, {"state": state, "why": why, "lease_until": None, "changed_at": now})
    append(connection, [_event(job, state, f"job.{state.lower()}", WORKER, now, why=why)])


def move_job(
    connection: Connection,
    job: Job,
    state: JobState,
    actor: Actor,
    at: datetime,
    *,
    why: str | None = None,
    basis: str | None = None,
    taken_on: Mapping[str, Any] | None = None,
    rows: int | None = None,
) -> Job:
    """Bring a job that is locked to a state, whoever works on it.

    `taken_on`: the actor goes on with it, as their sign-in vouched for them; `rows` are left then.
    """
    values: dict[str, object] = {
        "state": state,
        "why": why,
        "fence": job.fence + 1,
        "lease_until": None,
        "failures": 0,
        "changed_at": at,
    }
    if taken_on is not None:
        values |= {"carried_by": actor.name, "vouched": dict(taken_on)}
    connection.execute(update(jobs).where(_COLUMN.job_id == job.job_id).values(values))
    action = "job.taken_on" if taken_on is not None else f"job.{state.lower()}"
    append(connection, [_event(job, state, action, actor, at, why=why, basis=basis, rows=rows)])
    return find_job(connection, job.job_id)


def stop_jobs(
    connection: Connection, which: ColumnElement[bool], basis: str, actor: Actor, at: datetime
) -> list[NewEvent]:
    """Stop jobs under way, as whoever carries them out leaves; return the events of that, to be
    recorded last.
    """
    query = (
        select(jobs)
        .where(which, _COLUMN.state.in_(UNDER_WAY))
        .order_by(_COLUMN.job_id)
        .with_for_update()
    )
    events = []
    for job in [job_record(row) for row in connection.execute(query)]:
        values = {
            "state": JobState.STOPPED,
            "why": ENDED,
            "fence": job.fence + 1,
            "lease_until": None,
            "changed_at": at,
        }
        connection.execute(update(jobs).where(_COLUMN.job_id == job.job_id).values(values))
        told = _event(job, JobState.STOPPED, "job.stopped", actor, at, why=ENDED, basis=basis)
        events.append(told)
    return events


@dataclass(frozen=True, slots=True)
class WorkedSpan:
    """Time from a job's beginning, or from going on with it, until it was over or stopped."""

    begun_at: datetime
    ended_at: datetime | None
    rows: int | None
    """Rows that were left when somebody went on with it; None for its beginning."""


def spans_of(connection: Connection, job: Job) -> list[WorkedSpan]:
    """Return the times in which a job was under way, as the audit tells them."""
    column = audit_events.c
    query = select(column.at, column.action, column.after).where(
        column.subject == f"{JOB_SUBJECT}{job.job_id}"
    )
    spans: list[WorkedSpan] = []
    for at, action, after in connection.execute(query.order_by(column.sequence)):
        if action in _BEGINNINGS:
            spans.append(WorkedSpan(at, None, (after or {}).get("rows")))
        elif action in _ENDS and spans and spans[-1].ended_at is None:
            spans[-1] = replace(spans[-1], ended_at=at)
    return spans


def refuse_state(job: Job) -> ConflictError:
    """Return the error of a job that is in no state for what is asked."""
    words = JOB_STATES[job.state]
    return ConflictError(messages.job_in_state(words), state=job.state)


def _write(connection: Connection, job: Job, values: Mapping[str, object]) -> None:
    _LEASES.write(connection, Held(job.job_id, job.fence), values)


def _event(
    job: Job,
    state: JobState,
    action: str,
    actor: Actor,
    at: datetime,
    *,
    why: str | None = None,
    basis: str | None = None,
    rows: int | None = None,
) -> NewEvent:
    after: dict[str, str | int | bool | None] = {"state": state, "request": job.request_id}
    if rows is not None:
        after["rows"] = rows
    if why is not None:
        after["why"] = why
    return NewEvent(
        at=at,
        actor=actor,
        action=action,
        subject=f"{JOB_SUBJECT}{job.job_id}",
        basis=basis,
        after=after,
    )
