"""Batches and their jobs, on both databases: rights, kills, two workers, what is kept."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from core.errors import NotAllowedError, StorageError, UsageError
from core.ids import SealId
from core.permits import Role
from core.text import Text
from identity.people.rights_check import SecondPersonRequiredError, StepUpRequiredError
from registry.bodies.authorities import add_mandate, find_seal
from registry.db.tables import batch_rows, jobs, licences, request_contents
from registry.desk.batch.jobs import JobView
from registry.desk.batch_rows import RowState, list_rows
from registry.desk.contents import ContentGoneError
from registry.desk.judging import BadBatchError, SheetAsk, TypeChangedError
from registry.desk.rights import CallerStanding
from registry.granting.batches import ChangeDecision
from registry.granting.granting import GrantStep
from registry.granting.recognising import RecognisedRow, Recogniser
from registry.licences.licences import list_licences
from registry.model import Application, ConflictError, LicenceState
from registry.officers.departures import Departure, LeavingKind
from registry.officers.jobs import hold, take_job
from registry.officers.leases import LEASE, LeaseLostError
from registry.officers.model import AlreadyDecidedError, Job, JobState, NoSuchJobError
from registry.officers.requests import KEPT
from registry.privacy.codes import privacy_of
from registry.privacy.records import read_content
from tests import forked
from tests.permits import MANAGE_AUTHORITY, MANAGE_OFFICERS
from tests.registry.desk.batch.batch_world import TYPE, BatchWorld, sheet
from tests.world import World

FOREVER: Callable[[], bool] = lambda: False  # noqa: E731


def times(count: int) -> Callable[[], bool]:
    """Return what says that the time is over after so many looks."""
    left = iter(range(count))
    return lambda: next(left, None) is None


@pytest.fixture
def batches(world: World) -> BatchWorld:
    made = BatchWorld(world)
    made.staff()
    return made


@pytest.fixture
def here(sqlite_world: World) -> BatchWorld:
    made = BatchWorld(sqlite_world)
    made.staff()
    return made


def view(batches: BatchWorld, job_id: str, by: str = "zhao") -> JobView:
    return batches.desk.jobs.view(batches.standing(by), job_id)


def counts(seen: JobView) -> tuple[int, int, int]:
    """How many are granted, failed, and left."""
    found = seen.counts
    return found[RowState.GRANTED], found[RowState.FAILED], found[RowState.WAITING]


def lease_until(batches: BatchWorld, job: Job) -> datetime:
    query = select(jobs.c.lease_until).where(jobs.c.job_id == job.job_id)
    with batches.world.home.database.reading() as connection:
        until: datetime = connection.execute(query).scalar_one()
    return until


def in_force(batches: BatchWorld) -> int:
    with batches.world.home.database.reading() as connection:
        found = list_licences(connection, limit=None)
    assert {one.state for one in found} <= {LicenceState.IN_FORCE}
    return len(found)


def kept(batches: BatchWorld) -> int:
    """How many rows still hold what they asked for."""
    with batches.world.home.database.reading() as connection:
        column = batch_rows.c
        query = select(func.count()).where(column.record.is_not(None) | column.photo.is_not(None))
        return connection.execute(query).scalar_one()


def test_a_batch_is_granted_once(batches: BatchWorld) -> None:
    steps: list[GrantStep] = []
    batches.on_step = steps.append
    job = batches.begun(sheet(count=3))
    assert (job.state, in_force(batches)) == (JobState.WAITING, 0), "nothing before its time"
    batches.desk.worker.work(FOREVER)
    assert [steps.count(GrantStep.RESERVED), steps.count(GrantStep.REGISTERED)] == [1, 1], "a group"
    done = view(batches, job.job_id)
    assert (done.job.state, counts(done)) == (JobState.DONE, (3, 0, 0))
    assert (in_force(batches), kept(batches)) == (3, 0)
    again = batches.desk.batches.carry_out(batches.standing("zhao"), job.request_id)
    assert again.job_id == job.job_id
    batches.desk.worker.work(FOREVER)
    assert in_force(batches) == 3
    # A new batch of the same sheet hands out what there is.
    other = batches.begun(sheet(count=3), key="batch-002")
    assert other.job_id != job.job_id
    batches.desk.worker.work(FOREVER)
    seen = view(batches, other.job_id)
    assert (counts(seen), seen.counts.before) == ((3, 0, 0), 3)
    assert view(batches, job.job_id).counts.before == 0, "its own grants"
    assert in_force(batches) == 3
    batches.world.check_everything()


def test_what_was_granted_before_a_batch_is_told_before_and_after(batches: BatchWorld) -> None:
    desk, li = batches.desk, batches.standing("li")
    first = batches.begun(sheet(count=2))
    later = SheetAsk(TYPE, sheet(count=3), authority_id=batches.authority)
    unborn = desk.batches.ask(li, later, "before-any")
    assert desk.batches.standing_of(unborn.request_id)[0].before == 0
    batches.world.clock.advance(timedelta(minutes=1))
    desk.worker.work(FOREVER)
    assert view(batches, first.job_id).counts.before == 0
    check = desk.batches.check(li, later)
    assert [one.application.source for one in check.recognised] == ["row 2", "row 3"]
    batches.world.clock.advance(timedelta(minutes=1))
    known = desk.batches.ask(li, later, "two-known")
    assert desk.batches.standing_of(known.request_id)[0].before == 2
    codes = [one.code for one in desk.batches.rows(li, known.request_id)]
    assert codes == ["granted_before", "granted_before", None]
    for request in (unborn, known):
        job = desk.batches.carry_out(batches.standing("zhao"), request.request_id)
        desk.worker.work(FOREVER)
        seen = view(batches, job.job_id)
        before = 2 if request is unborn else 3
        assert (counts(seen), seen.counts.before) == ((3, 0, 0), before)
        batches.world.clock.advance(timedelta(minutes=1))
    assert in_force(batches) == 3


@pytest.mark.parametrize(
    ("step", "nth"),
    [
        (GrantStep.RESERVED, 1),
        (GrantStep.SEALED, 2),
        (GrantStep.STORED, 1),
        (GrantStep.REGISTERED, 1),
    ],
)
def test_a_killed_worker_loses_nothing(batches: BatchWorld, step: GrantStep, nth: int) -> None:
    job = batches.begun(sheet(count=3))
    code, _, _ = forked.run(
        "tests.registry.desk.batch.killed_job",
        *(batches.world.home.directory, step, str(nth)),
        env=os.environ,
    )
    assert code == -signal.SIGKILL
    # The other process had a later clock.
    batches.world.clock.at = lease_until(batches, job) - timedelta(seconds=1)
    batches.desk.worker.work(FOREVER)
    resting = view(batches, job.job_id)
    assert resting.job.state is JobState.RUNNING, "its lease has not run out"
    assert batches.world.clock.now() - resting.job.changed_at < timedelta(seconds=15)
    batches.world.clock.advance(timedelta(seconds=1))
    batches.desk.worker.work(FOREVER)
    done = view(batches, job.job_id)
    assert (done.job.state, counts(done)) == (JobState.DONE, (3, 0, 0))
    assert (done.job.fence, in_force(batches)) == (2, 3)
    batches.world.check_everything()


def test_a_slow_group_keeps_its_lease_by_signs_of_life(
    here: BatchWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first group waits for what it needs, the time of its lease passes three times."""
    monkeypatch.setattr("registry.desk.batch.beating.BEAT_SECONDS", 0.01)
    job = here.begun(sheet(count=2))
    clock, waits = here.world.clock, [3]

    def wait(step: GrantStep) -> None:
        if step is not GrantStep.RESERVED:
            return
        while waits[0]:
            waits[0] -= 1
            clock.advance(timedelta(seconds=5))
            deadline = time.monotonic() + 30
            while lease_until(here, job) < clock.now() + timedelta(seconds=6):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            assert not here.desk.worker.is_anything_there()

    here.on_step = wait
    here.desk.worker.work(FOREVER)
    done = view(here, job.job_id)
    assert (waits, done.job.state, done.job.fence) == ([0], JobState.DONE, 1)
    assert "job-lease" not in {one.name for one in threading.enumerate()}


def test_two_workers_grant_each_row_once(batches: BatchWorld) -> None:
    first, second = batches.begun(sheet(count=3)), batches.begun(sheet(3, 2), key="batch-002")
    batches.world.home.granting  # noqa: B018  # opened before there are two
    desks = [batches.desk, batches.desk]
    workers = [threading.Thread(target=one.worker.work, args=(FOREVER,)) for one in desks]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
        assert not one.is_alive()
    for job, rows in ((first, 3), (second, 2)):
        seen = view(batches, job.job_id)
        assert (seen.job.state, seen.job.fence, counts(seen)) == (JobState.DONE, 1, (rows, 0, 0))
    assert in_force(batches) == 5
    batches.world.check_everything()


def test_who_was_slow_writes_nothing_any_more(batches: BatchWorld) -> None:
    """The first worker thinks that it has the job, long after another took it over."""
    batches.begun(sheet(count=2))
    database, clock = batches.world.home.database, batches.world.clock
    with database.writing() as connection:
        slow = take_job(connection, clock.now())
        assert slow is not None
        assert take_job(connection, clock.now()) is None
    clock.advance(LEASE)
    with database.writing() as connection:
        taken = take_job(connection, clock.now())
        assert taken is not None
        hold(connection, taken)
    worker = batches.desk.worker
    with pytest.raises(LeaseLostError):
        worker._carry(slow, FOREVER)
    assert in_force(batches) == 0
    worker._carry(taken, FOREVER)
    assert in_force(batches) == 2


def test_a_lease_lost_after_a_group_grants_no_further_row(
    here: BatchWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker takes the job over after the first group, when the second is reserved."""
    monkeypatch.setattr("registry.desk.batch.working.CHUNK", 2)
    job = here.begun(sheet(count=5))
    home = here.world.home

    def lose(step: GrantStep) -> None:
        if step is GrantStep.REGISTERED:
            with home.database.writing() as connection:
                connection.execute(update(jobs).values(fence=jobs.c.fence + 1))

    here.on_step = lose
    here.desk.worker.work(times(4))
    assert in_force(here) == 4
    assert counts(view(here, job.job_id)) == (0, 0, 5), "the other keeps what became of them"


@pytest.mark.parametrize("which", ["lease", "officer"])
def test_a_group_takes_no_number_for_who_has_the_job_no_more(
    batches: BatchWorld, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the rights and the numbers."""
    job = batches.begun(sheet(count=3))
    home, zhao = batches.world.home, batches.people["zhao"].identity_id
    assert zhao is not None
    recognise = Recogniser.recognise_each

    def lose(known: Recogniser, rows: Sequence[Application]) -> list[RecognisedRow]:
        if which == "officer":
            departure = Departure(zhao, LeavingKind.DISABLED, "调离", None)
            home.leaving.end_identity(departure, MANAGE_OFFICERS)
        else:
            with home.database.writing() as connection:
                connection.execute(update(jobs).values(fence=jobs.c.fence + 1))
        return recognise(known, rows)

    monkeypatch.setattr(Recogniser, "recognise_each", lose)
    batches.desk.worker.work(times(3))
    with home.database.reading() as connection:
        assert list_licences(connection, limit=None) == []
        assert {one.state for one in list_rows(connection, job.request_id)} == {RowState.WAITING}
    batches.world.check_audit()


def test_a_right_that_ends_stops_the_rest(batches: BatchWorld) -> None:
    """What was granted stands; who still may goes on with the rest."""
    batches.add("qian", Role.SEALER)
    job = batches.begun(sheet(count=25))
    looks = iter(range(100))

    def over() -> bool:
        if next(looks) == 2:  # after the first chunk
            batches.end_roles("zhao")
        return False

    batches.desk.worker.work(over)
    stopped = view(batches, job.job_id, "qian")
    assert (stopped.job.state, stopped.job.why) == (JobState.STOPPED, "right_ended")
    assert counts(stopped) == (20, 0, 5)
    assert in_force(batches) == 20
    with pytest.raises(NotAllowedError):
        batches.desk.jobs.go_on(batches.standing("li"), job.job_id)
    with pytest.raises(NoSuchJobError):
        batches.desk.jobs.go_on(batches.standing("zhao"), job.job_id)
    batches.desk.jobs.go_on(batches.standing("qian"), job.job_id)
    batches.desk.worker.work(FOREVER)
    done = view(batches, job.job_id, "qian")
    assert (done.job.state, counts(done)) == (JobState.DONE, (25, 0, 0))
    assert done.job.carried_by == f"id:{batches.people['qian'].identity_id}"
    batches.world.check_everything()


@pytest.mark.parametrize("kind", [LeavingKind.DISABLED, LeavingKind.LEFT_AUTHORITY])
def test_who_leaves_stops_their_jobs(
    batches: BatchWorld, kind: LeavingKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what a worker has in hand: it takes no number but those of the group that was begun."""
    monkeypatch.setattr("registry.desk.batch.working.CHUNK", 1)
    batches.add("qian", Role.SEALER)
    job = batches.begun(sheet(count=4))
    home, zhao = batches.world.home, batches.people["zhao"].identity_id
    assert zhao is not None
    left = batches.authority if kind is LeavingKind.LEFT_AUTHORITY else None

    def leave(step: GrantStep) -> None:
        if step is GrantStep.REGISTERED:
            departure = Departure(zhao, kind, "调离", left)
            report = home.leaving.end_identity(departure, MANAGE_OFFICERS)
            assert report.jobs in ([job.job_id], [])

    batches.on_step = leave
    batches.desk.worker.work(FOREVER)
    batches.on_step = lambda _: None
    stopped = view(batches, job.job_id, "qian")
    assert (stopped.job.state, stopped.job.why) == (JobState.STOPPED, "identity_ended")
    assert in_force(batches) == 2
    assert counts(stopped) == (2, 0, 2), "both are told"
    batches.desk.jobs.go_on(batches.standing("qian"), job.job_id)
    batches.desk.worker.work(FOREVER)
    assert in_force(batches) == 4
    batches.world.check_everything()


def test_groups_count_as_the_newest_sign_in_names_them(here: BatchWorld) -> None:
    """And for a working day at most."""
    for name in ("sun", "zhou"):
        here.people[name] = replace(here.add(name), groups=frozenset({"签发"}))
    first, second = here.begun(sheet(), "sun"), here.begun(sheet(3), "zhou", "batch-002")
    here.rights.recognise(replace(here.people["sun"], groups=frozenset()), signs_in=True)
    here.desk.worker.work(FOREVER)
    assert view(here, first.job_id).job.why == "right_ended"
    assert view(here, second.job_id).job.state is JobState.DONE
    third = here.begun(sheet(6), "zhou", "batch-003")
    here.world.clock.advance(timedelta(hours=10))
    here.desk.worker.work(FOREVER)
    assert view(here, third.job_id).job.why == "right_ended"


def test_an_approval_ends_with_who_gave_it(here: BatchWorld) -> None:
    here.needs_second_person()
    job = here.begun(sheet())
    departure = Departure(here.people["wang"].identity_id, LeavingKind.DISABLED, "账号被盗")  # type: ignore[arg-type]
    here.world.home.leaving.end_identity(departure, MANAGE_OFFICERS)
    here.desk.worker.work(FOREVER)
    assert view(here, job.job_id).job.why == "approval_ended"
    with pytest.raises(SecondPersonRequiredError):
        here.desk.jobs.go_on(here.standing("zhao"), job.job_id)
    assert in_force(here) == 0


def test_a_second_person_is_needed_where_the_type_says_so(here: BatchWorld) -> None:
    desk = here.desk
    made = desk.batches.ask(here.standing("li"), SheetAsk(TYPE, sheet()), "batch-001")
    job = desk.batches.carry_out(here.standing("zhao"), made.request_id)
    assert job.state is JobState.WAITING, "this type needs none"
    here.needs_second_person()
    desk = here.desk
    made = desk.batches.ask(here.standing("li"), SheetAsk(TYPE, sheet(3)), "batch-002")
    with pytest.raises(SecondPersonRequiredError):
        desk.batches.carry_out(here.standing("zhao"), made.request_id)
    desk.approve(here.standing("wang"), made.request_id, "材料齐全")
    desk.batches.carry_out(here.standing("zhao"), made.request_id)
    # The first was asked for under the other definition.
    here.desk.worker.work(FOREVER)
    assert view(here, job.job_id).job.state is JobState.STOPPED
    assert in_force(here) == 3
    here.world.check_audit()


def test_another_definition_of_the_type_voids_the_approval(here: BatchWorld) -> None:
    desk = here.desk
    made = desk.batches.ask(here.standing("li"), SheetAsk(TYPE, sheet()), "batch-001")
    desk.approve(here.standing("wang"), made.request_id, "材料齐全")
    here.needs_second_person()
    with pytest.raises(TypeChangedError):
        here.desk.batches.carry_out(here.standing("zhao"), made.request_id)
    # The same sheet under the same key is still the same request.
    again = here.desk.batches.ask(here.standing("li"), SheetAsk(TYPE, sheet()), "batch-001")
    assert again.request_id == made.request_id


def test_what_was_approved_is_granted_and_nothing_else(here: BatchWorld) -> None:
    """Whoever can write the database puts other words under approved rows."""
    job = here.begun(sheet(count=3))
    database = here.world.home.database
    with database.writing() as connection:
        row = list_rows(connection, job.request_id)[1]
        other = dict(row.record or {}) | {"premises": "别处"}
        this = batch_rows.c.number == row.number
        connection.execute(update(batch_rows).where(this).values(record=other))
    here.desk.worker.work(FOREVER)
    assert counts(view(here, job.job_id)) == (2, 1, 0)
    second = here.begun(sheet(5), key="batch-002")
    with database.writing() as connection:
        connection.execute(update(batch_rows).values(digest="0" * 64))
    here.desk.worker.work(FOREVER)
    assert view(here, second.job_id).job.state is JobState.STOPPED
    assert in_force(here) == 2


@pytest.mark.parametrize("change", [{"changed": "replace"}, {"further": True}, {"level": "B-LTA"}])
def test_how_rows_are_granted_is_what_was_approved_to_the_last(
    here: BatchWorld, change: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read again with each group, which is begun before the one before is registered:
    whoever can write the database changes it in between.
    """
    monkeypatch.setattr("registry.desk.batch.working.CHUNK", 1)
    job = here.begun(sheet(count=3))

    def tamper(step: GrantStep) -> None:
        if step is not GrantStep.REGISTERED:
            return
        column = request_contents.c.content
        with here.world.home.database.writing() as connection:
            content = connection.execute(select(column)).scalar_one()
            place = f"request_contents\0{job.request_id}\0content"
            told = read_content(privacy_of(connection), place, content)
            connection.execute(update(request_contents).values(content={**told, **change}))

    here.on_step = tamper
    here.desk.worker.work(FOREVER)
    stopped = view(here, job.job_id)
    assert (stopped.job.state, counts(stopped)) == (JobState.STOPPED, (2, 0, 1))
    here.desk.jobs.go_on(here.standing("zhao"), job.job_id)
    here.desk.worker.work(FOREVER)
    assert view(here, job.job_id).job.state is JobState.STOPPED, "nor later"
    assert in_force(here) == 2


def test_many_rows_want_a_fresh_sign_in(here: BatchWorld) -> None:
    desk = here.desk
    many = desk.batches.ask(here.standing("li"), SheetAsk(TYPE, sheet(count=21)), "batch-001")
    few = desk.batches.ask(here.standing("li"), SheetAsk(TYPE, sheet(21, 10)), "batch-002")
    stale = here.rights.standing(replace(here.people["zhao"], auth_time=None))
    with pytest.raises(StepUpRequiredError):
        desk.batches.carry_out(stale, many.request_id)
    for who, which in ((stale, few), (here.standing("zhao"), many)):
        assert desk.batches.carry_out(who, which.request_id).state is JobState.WAITING


def test_rows_to_mend_are_named_and_nothing_is_kept(here: BatchWorld) -> None:
    bad = sheet(0, 3, 统一社会信用代码="91990102MA1CAG8D5X")
    with pytest.raises(BadBatchError) as raised:
        here.desk.batches.ask(here.standing("li"), SheetAsk(TYPE, bad), "batch-001")
    assert [(one.row, one.field) for one in raised.value.problems] == [(2, "统一社会信用代码")]
    with here.world.home.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(batch_rows)).scalar_one() == 0
    here.begun(sheet(0, 2))
    here.desk.worker.work(FOREVER)
    changed = sheet(0, 2, 住所="云泽省青岚市揽月县别处1号")
    with pytest.raises(BadBatchError) as raised:
        here.desk.batches.ask(here.standing("li"), SheetAsk(TYPE, changed), "batch-002")
    [problem] = raised.value.problems
    assert (problem.row, problem.code) == (2, "changed")
    assert problem.identifier is not None
    both = changed + sheet(2, 1, 统一社会信用代码="91990102MA1CAG8D5X").partition(b"\n")[2]
    with pytest.raises(BadBatchError) as raised:
        here.desk.batches.check(here.standing("li"), SheetAsk(TYPE, both))
    told = [(one.row, one.code == "changed") for one in raised.value.problems]
    assert told == [(2, True), (4, False)], "what is wrong and what is to be decided at once"
    mended = SheetAsk(TYPE, changed, basis="更正住所", changed=ChangeDecision.CORRECT)
    made = here.desk.batches.ask(here.standing("li"), mended, "batch-003")
    here.desk.batches.carry_out(here.standing("zhao"), made.request_id)
    here.desk.worker.work(FOREVER)
    with here.world.home.database.reading() as connection:
        states = connection.execute(select(licences.c.state)).scalars().all()
    assert sorted(states) == ["IN_FORCE", "IN_FORCE", "REPLACED"]


def test_a_sheet_above_the_limit_is_told_what_to_do(
    here: BatchWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.desk.judging.MAX_ROWS", 2)
    with pytest.raises(UsageError) as raised:
        here.desk.batches.ask(here.standing("li"), SheetAsk(TYPE, sheet(0, 3)), "batch-001")
    assert "表中有 3 行，一批最多 2 行" in raised.value.text.zh
    assert "Split the sheet" in raised.value.text.en


def test_failed_rows_alone_are_tried_again(here: BatchWorld) -> None:
    """A number that another licence holds, until that one is cancelled."""
    job = here.begun(sheet(count=3))
    with here.world.home.database.writing() as connection:
        this = batch_rows.c.number == 3
        good = connection.execute(select(batch_rows.c.record).where(this)).scalar_one()
        connection.execute(update(batch_rows).where(this).values(record={**good, "x": "y"}))
    here.desk.worker.work(FOREVER)
    done = view(here, job.job_id)
    assert (done.job.state, counts(done)) == (JobState.DONE, (2, 1, 0))
    assert kept(here) == 1, "what the failed row asks for"
    with here.world.home.database.writing() as connection:
        connection.execute(update(batch_rows).where(this).values(record=good))
    here.desk.jobs.go_on(here.standing("zhao"), job.job_id)
    here.desk.worker.work(FOREVER)
    done = view(here, job.job_id)
    assert (done.job.state, counts(done), kept(here)) == (JobState.DONE, (3, 0, 0), 0)
    assert in_force(here) == 3
    with pytest.raises((ContentGoneError, ConflictError)):
        here.desk.jobs.go_on(here.standing("zhao"), job.job_id)


def test_a_cancelled_job_grants_nothing_more(batches: BatchWorld) -> None:
    job = batches.begun(sheet(count=3))
    with pytest.raises(NotAllowedError):
        batches.desk.jobs.cancel(batches.standing("li"), job.job_id, "填错")
    batches.desk.jobs.cancel(batches.standing("wang"), job.job_id, "填错")
    batches.desk.worker.work(FOREVER)
    seen = view(batches, job.job_id)
    assert (seen.job.state, counts(seen)) == (JobState.CANCELLED, (0, 0, 3))
    assert (in_force(batches), kept(batches)) == (0, 0)
    with pytest.raises((ContentGoneError, ConflictError)):
        batches.desk.jobs.go_on(batches.standing("zhao"), job.job_id)
    batches.world.check_audit()


@pytest.mark.parametrize("how", ["pause", "cancel"])
def test_what_is_granted_as_somebody_stops_a_job_is_told(
    here: BatchWorld, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.desk.batch.working.CHUNK", 1)
    job, stops = here.begun(sheet(count=4)), here.desk.jobs
    with pytest.raises(NotAllowedError):
        stops.pause(here.standing("li"), job.job_id)

    def stop(step: GrantStep) -> None:
        if step is GrantStep.REGISTERED:
            here.on_step = lambda _: None
            if how == "pause":
                stops.pause(here.standing("wang"), job.job_id)
            else:
                stops.cancel(here.standing("wang"), job.job_id, "填错")

    here.on_step = stop
    here.desk.worker.work(FOREVER)
    seen = view(here, job.job_id)
    assert (counts(seen), in_force(here)) == ((2, 0, 2), 2)
    told = [(one.identifier, number) for one, number in here.desk.batches.results(job.request_id)]
    with here.world.home.database.reading() as connection:
        made = {(one.identifier, one.number) for one in list_licences(connection, limit=None)}
    assert (set(told[:2]), told[2:]) == (made, [(None, None)] * 2)
    if how == "cancel":
        assert seen.job.state is JobState.CANCELLED
        with pytest.raises(ConflictError):
            stops.pause(here.standing("wang"), job.job_id)
        return
    assert (seen.job.state, seen.job.why) == (JobState.STOPPED, "paused")
    assert stops.pause(here.standing("wang"), job.job_id).job.fence == seen.job.fence, "once"
    stops.go_on(here.standing("zhao"), job.job_id)
    here.desk.worker.work(FOREVER)
    assert (counts(view(here, job.job_id)), in_force(here)) == ((4, 0, 0), 4)
    here.world.check_everything()


def test_a_fault_of_the_surroundings_is_waited_out(here: BatchWorld) -> None:
    """A full disk fails no row; the job rests, ever longer, and goes on."""
    job = here.begun(sheet(count=3))
    pauses = []

    def fail(step: GrantStep) -> None:
        if step is GrantStep.RENDERED:
            raise StorageError(Text("磁盘已满", "disk full"))

    here.on_step = fail
    for _ in range(3):
        with pytest.raises(StorageError):
            here.desk.worker.work(FOREVER)
        resting = view(here, job.job_id).job
        assert (resting.state, resting.why) == (JobState.RUNNING, "storage")
        assert resting.lease_until is not None
        pauses.append((resting.lease_until - here.world.clock.now()).total_seconds())
        here.world.clock.at = resting.lease_until
    assert pauses == [5, 10, 20]
    here.on_step = lambda _: None
    here.desk.worker.work(FOREVER)
    done = view(here, job.job_id)
    assert (done.job.state, done.job.why, counts(done)) == (JobState.DONE, None, (3, 0, 0))
    here.world.check_everything()


def test_what_is_left_is_forgotten_after_thirty_days(batches: BatchWorld) -> None:
    """A job that stopped, and a batch that nobody decided."""
    stopped = batches.begun(sheet(count=3))
    departure = Departure(batches.people["zhao"].identity_id, LeavingKind.DISABLED, "调离")  # type: ignore[arg-type]
    batches.world.home.leaving.end_identity(departure, MANAGE_OFFICERS)
    batches.add("qian", Role.SEALER)
    desk = batches.desk
    left = desk.batches.ask(batches.standing("li"), SheetAsk(TYPE, sheet(3)), "batch-002")
    desk.forget_lapsed()
    assert kept(batches) == 6
    batches.world.clock.advance(KEPT)
    desk.forget_lapsed()
    assert kept(batches) == 0
    with batches.world.home.database.reading() as connection:
        assert connection.execute(select(request_contents)).all() == []
        rows = connection.execute(select(batch_rows.c.request_id)).scalars().all()
    assert left.request_id not in rows
    seen = view(batches, stopped.job_id, "qian")
    assert (seen.job.state, seen.job.why) == (JobState.CANCELLED, "lapsed")


def test_what_never_will_be_carried_out_is_forgotten_at_once(here: BatchWorld) -> None:
    """Also where the local operator decides it, who knows of no desk."""
    desk = here.desk
    made = desk.batches.ask(here.standing("li"), SheetAsk(TYPE, sheet()), "batch-001")
    desk.reject(here.standing("wang"), made.request_id, "材料不全")
    with here.world.home.database.reading() as connection:
        assert connection.execute(select(batch_rows)).all() == []
        assert connection.execute(select(request_contents)).all() == []
    with pytest.raises(AlreadyDecidedError):
        desk.approve(here.standing("wang"), made.request_id, "可")


def test_an_authority_has_few_jobs_at_a_time(here: BatchWorld) -> None:
    for number in range(5):
        here.begun(sheet(number, 1), key=f"batch-00{number}")
    with pytest.raises(ConflictError):
        here.begun(sheet(5, 1), key="batch-005")
    here.desk.worker.work(FOREVER)
    assert here.begun(sheet(5, 1), key="batch-006").state is JobState.WAITING


def test_nobody_elsewhere_learns_of_a_job(here: BatchWorld) -> None:
    other = here.world.types["disability"].authority_id
    here.add("sun", Role.OPERATOR, Role.SEALER, Role.APPROVER, at=other)
    job = here.begun(sheet())
    desk = here.desk
    acts: list[Callable[[CallerStanding, str], object]] = [
        desk.jobs.view,
        desk.jobs.go_on,
        lambda who, which: desk.jobs.cancel(who, which, "x"),
    ]
    for act in acts:
        with pytest.raises(NoSuchJobError) as theirs:
            act(here.standing("sun"), job.job_id)
        with pytest.raises(NoSuchJobError) as nobodys:
            act(here.standing("sun"), "0" * 20)
        assert theirs.value.text.en.replace(job.job_id, "") == nobodys.value.text.en.replace(
            "0" * 20, ""
        )
    sight = here.rights.sight(here.standing("sun"))
    assert sight.jobs() == []
    assert [one.job_id for one in here.rights.sight(here.standing("li")).jobs()] == [job.job_id]


def test_anothers_licence_is_named_to_nobody_here(here: BatchWorld) -> None:
    """The holder's licence of that kind was granted by another authority."""
    theirs = here.world.grant(0).licence
    other = here.world.types["disability"]
    home = here.world.home
    with home.database.writing() as connection:
        seal = find_seal(connection, SealId(other.seal_id))
        now = home.clock.now()
        code = here.world.types[TYPE].licence_type.code
        add_mandate(connection, code, seal, MANAGE_AUTHORITY, now)
    roles = (Role.OPERATOR, Role.SEALER)
    here.add("sun", *roles, at=other.authority_id)
    sun, desk = here.standing("sun"), here.desk
    ask = SheetAsk(TYPE, sheet(0, 1, 住所="别处1号"), authority_id=other.authority_id)
    made = desk.batches.ask(sun, ask, "batch-001")
    job = desk.batches.carry_out(sun, made.request_id)
    desk.worker.work(FOREVER)
    [row] = desk.batches.rows(sun, made.request_id)
    assert (row.state, row.code) == (RowState.FAILED, "conflict")
    assert row.detail is not None
    assert theirs.identifier not in row.detail.zh + row.detail.en
    assert counts(view(here, job.job_id, "sun")) == (0, 1, 0)
