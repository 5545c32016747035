"""Jobs: approved batches, granted in chunks by whichever worker has the lease.

1. A worker takes the oldest job that nobody works on, sees that its rows are what was approved, and
   looks up anew, before each chunk, what whoever carries it out may do now.
2. It grants the chunk as every batch is granted (`registry.granting.batches`), licences as one
   group, while the group before is sealed (`streaming`), documents one by one; each transaction
   that takes numbers holds the lease first, so that of two workers one grants.
3. What became of the chunk is kept in one transaction, and what its rows asked for is forgotten.

A worker that dies leaves rows that wait, perhaps licences that are pending: the next, seconds later
(`beating`), recognises what was granted, finishes those, and grants nothing twice. A right that
ended, or an approval, stops the job: what was granted stands, and another may go on with the rest.
A fault of the surroundings (database, disk, key) is waited out.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from core.clock import civil_date
from core.errors import NotAllowedError, XinyinError
from core.permits import Actor
from core.web.problems import is_of_surroundings
from identity.people.rights_check import SecondPersonRequiredError
from identity.people.rules import MANY_AT_ONCE
from registry.desk.batch import messages
from registry.desk.batch.approved import (
    ApprovedBatch,
    RowChangedError,
    approved_batch,
    permit_for_rest,
    refuse_changed,
)
from registry.desk.batch.beating import beating, lease_of
from registry.desk.batch.chunks import Chunk, LeasedChunk, cut
from registry.desk.batch.streaming import Judged, Refused, RowGroup, RowStream, Told
from registry.desk.batch_rows import (
    BEFORE,
    RowContent,
    RowResult,
    RowState,
    count_rows,
    note_results,
    waiting_rows,
)
from registry.desk.documents.sealing import FILES_AT_ONCE, FileSealing, forget_sealed
from registry.desk.forgetting import close_content
from registry.desk.rights import Rights
from registry.desk.vouching import identity_behind
from registry.granting.batches import BatchOrder, BatchStoppedError, RowOutcome
from registry.granting.groups.granting import GroupGranting
from registry.granting.recognising import Recogniser
from registry.importing.records import judge_record
from registry.officers.identities import IdentityEndedError, refuse_ended
from registry.officers.jobs import (
    end_job,
    find_job,
    give_back,
    hold,
    is_anything_free,
    lock_job,
    note_progress,
    renew_lease,
    take_job,
)
from registry.officers.leases import LeaseLostError
from registry.officers.model import Job, JobState
from registry.privacy.codes import is_kept, privacy_of
from registry.types.catalogue import Catalogue
from registry.types.photos import ReadPhoto, refuse_photo

CHUNK = MANY_AT_ONCE
"""Rows between two looks at the rights: as many as need no fresh sign-in."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
"""Before another attempt where the surroundings failed; doubled with each."""

_NEVER: Final[Callable[[], bool]] = lambda: False  # noqa: E731

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobWorker:
    """Works on jobs; one per process that may use seals."""

    rights: Rights
    catalogue: Catalogue
    groups: Callable[[], GroupGranting]
    """Granter of groups, the same one each time."""
    recogniser: Callable[[], Recogniser]
    files: FileSealing | None = None
    """None: it seals no files of others."""
    count_row: Callable[[str], None] = lambda _: None
    """Told the outcome of each row whose result is kept."""
    read_photo: ReadPhoto = refuse_photo
    seen: dict[tuple[str, int], ApprovedBatch] = field(default_factory=dict)
    """Approved batch of the job whose chunks are worked on, by job and fence."""

    def is_anything_there(self) -> bool:
        """Tell whether there is a job that nobody works on."""
        with self.rights.database.reading() as connection:
            return is_anything_free(connection, self.rights.clock.now())

    def work(self, is_over: Callable[[], bool]) -> None:
        """Work on jobs, one after the other, until none is left or the time is over.

        Raises the fault of the surroundings that the last attempt met.
        """
        fault: XinyinError | None = None
        while not is_over() and self.is_anything_there():
            with self.rights.database.writing() as connection:
                job = take_job(connection, self.rights.clock.now(), lease_of(None))
            if job is None:
                break
            try:
                fault = self._carry(job, is_over)
            except LeaseLostError:
                _log.info("a job is another worker's by now, or was stopped")
        if fault is not None:
            raise fault

    def plan(self) -> list[Chunk]:
        """Take the jobs that nobody works on, and return what is left of them in chunks.

        Where the chunks come to nothing, as this process dies, another plans them anew when the
        job's lease has ended.
        """
        chunks: list[Chunk] = []
        while self.is_anything_there():
            with self.rights.database.writing() as connection:
                job = take_job(connection, self.rights.clock.now())
            if job is None:
                break
            with self.rights.database.reading() as connection:
                cut_up = cut(connection, job)
            chunks += cut_up
            if not cut_up:
                with suppress(LeaseLostError):
                    self._done(job)
        return chunks

    def run_chunk(self, leased: LeasedChunk) -> None:
        """Grant the rows of a chunk; a repeated call grants what is left of them."""
        chunk = leased.chunk
        with self.rights.database.reading() as connection:
            job = find_job(connection, chunk.job_id)
        if (job.fence, job.state) != (chunk.fence, JobState.RUNNING):
            return  # planned anew since, stopped, or done
        try:
            self._carry_chunk(job, leased)
        except LeaseLostError:
            _log.info("a chunk is another worker's by now, or its job was stopped")

    def _carry_chunk(self, job: Job, leased: LeasedChunk) -> None:
        try:
            _, fault = self._rows(job, self._approved(job), _NEVER, leased)
            if fault is not None:
                self._put_off(job, fault)
                return
            with self.rights.database.reading() as connection:
                left = count_rows(connection, job.request_id)[RowState.WAITING]
            if not left:
                self._done(job)
        except LeaseLostError:
            raise
        except BatchStoppedError as error:
            raise LeaseLostError(error.text) from error
        except XinyinError as error:
            if is_of_surroundings(error):
                self._put_off(job, error)
            else:
                self._stop(job, error)

    def _approved(self, job: Job) -> ApprovedBatch:
        """Return the approved batch, read once while the job has this fence."""
        key = job.job_id, job.fence
        if key not in self.seen:
            with self.rights.database.reading() as connection:
                found = approved_batch(connection, job)
            self.seen.clear()
            self.seen[key] = found
        return self.seen[key]

    def _carry(self, job: Job, is_over: Callable[[], bool]) -> XinyinError | None:
        """Grant chunk after chunk; return the fault of the surroundings that stood in the way."""
        try:
            with self.rights.database.reading() as connection:
                approved = approved_batch(connection, job)
            with beating(self.rights, job):
                all_done, fault = self._rows(job, approved, is_over)
            if fault is not None:
                self._put_off(job, fault)
                return fault
            if all_done:
                self._done(job)
                return None
        except LeaseLostError:
            raise
        except BatchStoppedError as error:
            raise LeaseLostError(error.text) from error
        except XinyinError as error:
            if is_of_surroundings(error):
                self._put_off(job, error)
                return error
            self._stop(job, error)
            return None
        with self.rights.database.writing() as connection:
            give_back(connection, job, self.rights.clock.now(), why=None, pause=timedelta(0))
        return None

    def _rows(
        self,
        job: Job,
        approved: ApprovedBatch,
        is_over: Callable[[], bool],
        leased: LeasedChunk | None = None,
    ) -> tuple[bool, XinyinError | None]:
        """Grant rows, of a chunk alone or of the whole job; tell whether all are done, and return
        the fault of the surroundings that stood in the way.
        """
        source = _Source(self, job, approved, leased)
        if approved.ask.countersigns or approved.ask.wishes is not None:
            return source.one_by_one(is_over)
        known = self.recogniser().within(job.authority_id)
        stream = RowStream(source, self.groups(), known, is_over, CHUNK)
        all_done = stream.run()
        return all_done, stream.fault

    def next_rows(
        self,
        job: Job,
        approved: ApprovedBatch,
        leased: LeasedChunk | None = None,
        after: int = 0,
    ) -> RowGroup | None:
        """Return the next rows, with the permit of now; None where there is none left.

        `leased`: of a chunk alone; `after`: those behind a number.
        """
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            refuse_ended(connection, Actor(job.carried_by))
            renew_lease(connection, job, now, lease_of(leased))
        with self.rights.database.reading() as connection:
            files = approved.ask.wishes is not None or approved.ask.countersigns
            most = FILES_AT_ONCE if files else CHUNK
            part = None if leased is None else (leased.chunk.first, leased.chunk.last)
            rows = waiting_rows(connection, job.request_id, most, part, after)
            identity = identity_behind(connection, job, now)
            standing = self.rights.standing_in(connection, identity)
        if not rows:
            return None
        permit, ask, licence_type = permit_for_rest(self.rights, self.catalogue, standing, job)
        refuse_changed(approved, ask, licence_type)

        def within(connection: Connection) -> None:
            try:
                refuse_ended(connection, permit.actor)
                if leased is None:
                    renew_lease(connection, job, self.rights.clock.now(), lease_of(None))
                else:  # shared: chunks of one job do not wait for each other
                    leased.hold(connection, job)
            except (IdentityEndedError, LeaseLostError) as error:
                raise BatchStoppedError(error.text) from error

        order = BatchOrder(
            name=ask.name,
            permit=permit,
            authority_id=ask.authority_id,
            basis=ask.basis,
            level=ask.level,
            changed=ask.changed,
            further=ask.further,
            within=within,
        )
        return RowGroup(licence_type, order, rows, ask)

    def keep(self, job: Job, results: list[RowResult], leased: LeasedChunk | None = None) -> None:
        """Keep what became of rows. Raises `LeaseLostError`."""
        with self.rights.database.writing() as connection:
            # First, and not shared: of two that keep, one waits for the other.
            if results:
                note_progress(connection, job, self.rights.clock.now(), lease_of(leased))
            else:
                hold(connection, job)
            if leased is not None:
                leased.held(connection)
            note_results(connection, job.request_id, results)
            over = [one.number for one in results if one.state is not RowState.FAILED]
            forget_sealed(connection, job.request_id, over)
        for one in results:
            self.count_row(outcome_of(one))

    def keep_late(self, job: Job, results: list[RowResult]) -> None:
        """Keep what was granted in the moment in which the job was stopped or cancelled: its page
        and its results tell of every licence. Where another worker has it, that one does.
        """
        granted = [one for one in results if one.state is not RowState.FAILED]
        with self.rights.database.writing() as connection:
            now = lock_job(connection, job.job_id)
            stopped = now.state in (JobState.STOPPED, JobState.CANCELLED)
            if not stopped or now.fence > job.fence + 1:
                return
            note_results(connection, job.request_id, granted, waiting=True)
        for one in granted:
            self.count_row(outcome_of(one))

    def _done(self, job: Job) -> None:
        with self.rights.database.writing() as connection:
            hold(connection, job)
            if not count_rows(connection, job.request_id)[RowState.FAILED]:
                close_content(connection, job.request_id)
            end_job(connection, job, JobState.DONE, None, self.rights.clock.now())

    def _stop(self, job: Job, error: XinyinError) -> None:
        """Stop a job whose right ended, or whose approval did; another may go on with it."""
        why = "approval_ended" if isinstance(error, SecondPersonRequiredError) else error.code
        if type(error) is NotAllowedError:
            why = "right_ended"
        _log.warning("a job was stopped: %s", error.text.en, extra={"code": why})
        with self.rights.database.writing() as connection:
            end_job(connection, job, JobState.STOPPED, why, self.rights.clock.now())

    def _put_off(self, job: Job, error: XinyinError) -> None:
        """Let the job rest until the surroundings are better."""
        with self.rights.database.writing() as connection:
            failures = find_job(connection, job.job_id).failures
            pause = min(FIRST_PAUSE * 2 ** min(failures, 10), LONGEST_PAUSE)
            now = self.rights.clock.now()
            mine = replace(job, failures=failures)
            give_back(connection, mine, now, why=error.code, pause=pause)


@dataclass(frozen=True, slots=True)
class _Source:
    """Rows of a job, or of a chunk of it, and the record of what became of them."""

    worker: JobWorker
    job: Job
    approved: ApprovedBatch
    leased: LeasedChunk | None

    def next_rows(self, after: int) -> RowGroup | None:
        """Return the next rows behind a number."""
        return self.worker.next_rows(self.job, self.approved, self.leased, after)

    def judge(self, group: RowGroup) -> tuple[Refused, Judged]:
        """Return refusals of rows, and the applications of the others, by the rows' numbers."""
        refused, judged = self._changed(group), Judged()
        rights = self.worker.rights
        today = civil_date(rights.clock.now(), rights.zone)
        for row in group.rows:
            if row.number in refused:
                continue
            try:
                judged[row.number] = judge_record(
                    group.licence_type,
                    row.record,
                    lambda _, photo=row.photo or b"": photo,  # type: ignore[misc]
                    self.worker.read_photo,
                    today=today,
                    source=_source(row),
                )
            except XinyinError as error:
                if is_of_surroundings(error):
                    raise
                refused[row.number] = _failed(row, error)
        return refused, judged

    def one_by_one(self, is_over: Callable[[], bool]) -> tuple[bool, XinyinError | None]:
        """Seal documents, each by itself; return the same as `JobWorker._rows`."""
        while not is_over():
            group = self.next_rows(0)
            if group is None:
                return True, None
            refused, done = self._changed(group), list[Told]()
            fault = None
            for row in group.rows:
                outcome = refused.get(row.number) or self._sealed(row, group)
                if outcome.error is not None and is_of_surroundings(outcome.error):
                    fault = outcome.error
                    break
                done.append((row, outcome))
            self.keep(done)
            if fault is not None:
                return False, fault
        return False, None

    def keep(self, told: Sequence[Told]) -> None:
        """Keep what became of rows."""
        self.worker.keep(self.job, self._results(told), self.leased)

    def keep_late(self, told: Sequence[Told]) -> None:
        """Keep what was granted before the job was stopped or cancelled."""
        self.worker.keep_late(self.job, self._results(told))

    def _results(self, told: Sequence[Told]) -> list[RowResult]:
        return [_result(row, outcome, self.job) for row, outcome in told]

    def _changed(self, group: RowGroup) -> Refused:
        """Return refusals of rows that are not what was approved."""
        with self.worker.rights.database.reading() as connection:
            privacy = privacy_of(connection)
        digests = self.approved.digests
        return {
            row.number: _failed(row, RowChangedError(messages.row_content_changed(row.number)))
            for row in group.rows
            if not is_kept(privacy, digests.get(row.number), row.digest())
        }

    def _sealed(self, row: RowContent, group: RowGroup) -> RowOutcome:
        """Seal a document. Raises `BatchStoppedError`."""
        files = self.worker.files
        assert files is not None
        try:
            if group.ask.countersigns:
                return files.countersign(row, group.order, self.job.asked_at)
            return files.seal(self.job.request_id, row, group.ask, group.order)
        except BatchStoppedError:
            raise
        except XinyinError as error:
            return _failed(row, error)


def outcome_of(one: RowResult) -> str:
    """Return the outcome of a row as metrics name it: `granted`, `before`, `skipped`, `failed`."""
    return "before" if one.code == BEFORE else one.state.lower()


def _source(row: RowContent) -> str:
    return f"row {row.number}"


def _failed(row: RowContent, error: XinyinError) -> RowOutcome:
    return RowOutcome(_source(row), None, error)


def _result(row: RowContent, outcome: RowOutcome, job: Job) -> RowResult:
    if outcome.error is not None:
        code, detail = outcome.error.code, outcome.error.text
        return RowResult(row.number, RowState.FAILED, code=code, detail=detail)
    assert outcome.granted is not None
    licence = outcome.granted.licence
    if outcome.skipped:
        return RowResult(row.number, RowState.SKIPPED, licence.identifier)
    # What this very job granted before it was cut off is its own.
    before = outcome.granted.repeated and (row.before or licence.created_at < job.asked_at)
    return RowResult(row.number, RowState.GRANTED, licence.identifier, BEFORE if before else None)
