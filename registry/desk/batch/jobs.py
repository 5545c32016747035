"""Jobs within reach: shown, paused, cancelled, gone on with; `working` works on them."""

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from core.errors import NotAllowedError
from core.permits import Action, Permit
from identity.people.model import Terms
from registry.desk.batch import messages
from registry.desk.batch.approved import permit_for_rest
from registry.desk.batch.batches import MOST_UNDER_WAY, TooManyOpenError
from registry.desk.batch.progress import Progress, progress_of
from registry.desk.batch_rows import (
    RowCounts,
    RowState,
    count_rows,
    try_again,
)
from registry.desk.forgetting import close_content
from registry.desk.rights import CallerStanding, Rights
from registry.desk.vouching import vouched_of
from registry.model import ConflictError
from registry.officers.identities import refuse_ended
from registry.officers.jobs import (
    count_under_way,
    lock_job,
    move_job,
    refuse_state,
)
from registry.officers.model import UNDER_WAY, Job, JobState
from registry.officers.request_rows import find_request
from registry.officers.roles import check_why
from registry.officers.terms import terms_of
from registry.types.catalogue import Catalogue

PAUSED: Final = "paused"
"""Why a job is stopped that somebody lets rest."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job, and how far it has come."""

    job: Job
    type_code: str | None
    counts: RowCounts
    progress: Progress | None = None
    """None in lists."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """Shows jobs, and moves them."""

    rights: Rights
    catalogue: Catalogue

    def view(self, standing: CallerStanding, job_id: str) -> JobView:
        """Return a job within reach. Raises `NoSuchJobError`."""
        job = self.rights.sight(standing).job(job_id)
        with self.rights.database.reading() as connection:
            progress = progress_of(connection, job, self.rights.clock.now())
            request = find_request(connection, job.request_id)
        return JobView(job, request.type_code, progress.counts, progress)

    def views(self, jobs: list[Job]) -> list[JobView]:
        """Return how far jobs have come."""
        with self.rights.database.reading() as connection:
            return [self._view(connection, one) for one in jobs]

    def cancel(self, standing: CallerStanding, job_id: str, reason: str) -> JobView:
        """Cancel what is left of a job: who may use the seal, and who may decide.

        Raises `NoSuchJobError`, `NotAllowedError`, `ConflictError` for one that is over.
        """
        permit = self._permit_to_stop(standing, job_id)
        check_why(reason)
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            refuse_ended(connection, permit.actor)
            job = lock_job(connection, job_id)
            if job.state is JobState.CANCELLED:
                return self._view(connection, job)
            if job.state is JobState.DONE:
                raise refuse_state(job)
            close_content(connection, job.request_id)
            move_job(connection, job, JobState.CANCELLED, permit.actor, now, basis=reason)
        return self.view(standing, job_id)

    def pause(self, standing: CallerStanding, job_id: str) -> JobView:
        """Stop a job for now: who may cancel it. Whoever may use the seal goes on with it.

        Raises `NoSuchJobError`, `NotAllowedError`, `ConflictError` for one that is not under way.
        """
        permit, now = self._permit_to_stop(standing, job_id), self.rights.clock.now()
        with self.rights.database.writing() as connection:
            refuse_ended(connection, permit.actor)
            job = lock_job(connection, job_id)
            if job.state is JobState.STOPPED and job.why == PAUSED:
                return self._view(connection, job)
            if job.state not in UNDER_WAY:
                raise refuse_state(job)
            move_job(connection, job, JobState.STOPPED, permit.actor, now, why=PAUSED)
        return self.view(standing, job_id)

    def go_on(self, standing: CallerStanding, job_id: str) -> JobView:
        """Go on with a job that stopped, or with the rows that failed, as who asks for it.

        Raises `NoSuchJobError`, `NotAllowedError`, `StepUpRequiredError`,
        `SecondPersonRequiredError` where the approval has ended, `ConflictError`.
        """
        found = self.rights.sight(standing).job(job_id)
        now = self.rights.clock.now()
        with self.rights.database.reading() as connection:
            counts = count_rows(connection, found.request_id)
        left = counts[RowState.WAITING] + counts[RowState.FAILED]
        permit, _, _ = permit_for_rest(self.rights, self.catalogue, standing, found, count=left)
        with self.rights.database.writing() as connection:
            refuse_ended(connection, permit.actor)
            job = lock_job(connection, job_id)
            if job.state in UNDER_WAY:
                return self._view(connection, job)
            request = find_request(connection, job.request_id)
            if count_under_way(connection, job.authority_id) >= MOST_UNDER_WAY:
                raise TooManyOpenError(messages.too_many_open(MOST_UNDER_WAY))
            if job.state is JobState.CANCELLED or request.lapses_at <= now:
                raise refuse_state(job)
            rows = try_again(connection, job.request_id)
            if not rows:
                raise ConflictError(messages.NOTHING_LEFT)
            vouched = vouched_of(standing.identity, now)
            move_job(
                connection, job, JobState.WAITING, permit.actor, now, taken_on=vouched, rows=rows
            )
        return self.view(standing, job_id)

    def _permit_to_stop(self, standing: CallerStanding, job_id: str) -> Permit:
        found = self.rights.sight(standing).job(job_id)
        try:
            return self.rights.permit(
                standing, Action.GRANT, found.authority_id, terms=self._who_seals(found)
            )
        except NotAllowedError:
            return self.rights.permit(standing, Action.DECIDE, found.authority_id)

    def _who_seals(self, job: Job) -> Terms:
        """Return the type's terms on who uses the seal; to cancel needs no second person."""
        with self.rights.database.reading() as connection:
            request = find_request(connection, job.request_id)
            licence_type = self.catalogue.find(connection, str(request.type_code))
        return replace(terms_of(licence_type, Action.GRANT), second_person=False)

    @staticmethod
    def _view(connection: Connection, job: Job) -> JobView:
        request = find_request(connection, job.request_id)
        return JobView(job, request.type_code, count_rows(connection, job.request_id))
