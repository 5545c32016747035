"""Batches on PostgreSQL, worked on by several processes: what a dead one had is taken over."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from core.metrics import exposition
from core.text import Text
from home.identity.sign_in import open_workers
from registry.db.faults import DatabaseBusyError
from registry.db.tables import batch_rows
from registry.desk.batch.chunks import Chunk, LeasedChunk
from registry.desk.batch.engine import ChunkEngine
from registry.desk.batch.working import JobWorker
from registry.desk.batch_rows import RowState
from registry.granting.granting import GrantStep
from registry.health.queue import QueueState, queue_gauges, queue_state
from registry.licences.licences import list_licences
from registry.model import LicenceState
from registry.officers.jobs import give_back, take_job
from registry.officers.leases import LEASE, lease_lost
from registry.officers.model import Job, JobState
from signing.sandbox import Sandbox
from tests.databases import PostgresServer
from tests.forked import Forked
from tests.registry.desk.batch.batch_world import BatchWorld, sheet
from tests.world import copy_world

FOREVER: Callable[[], bool] = lambda: False  # noqa: E731


@pytest.fixture
def batches(
    postgres: PostgresServer,
    postgres_template: tuple[Path, str],
    tmp_path: Path,
    sandbox: Sandbox,
) -> Iterator[BatchWorld]:
    directory, name = postgres_template
    with (
        postgres.database(name) as url,
        copy_world(directory, tmp_path, sandbox=sandbox, database_url=url) as world,
    ):
        made = BatchWorld(world)
        made.staff()
        yield made


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.desk.batch.chunks.CHUNK_ROWS", 3)


def engine_of(batches: BatchWorld) -> ChunkEngine:
    made = open_workers(batches.world.home, batches.desk)
    assert isinstance(made, ChunkEngine), "on PostgreSQL it is the engine"
    return made


def state_of(batches: BatchWorld, job: Job) -> tuple[JobState, set[RowState], int]:
    """Return a job's state, its rows', and how many licences there are."""
    seen = batches.desk.jobs.view(batches.standing("zhao"), job.job_id)
    with batches.world.home.database.reading() as connection:
        rows = set(connection.execute(select(batch_rows.c.state)).scalars())
        found = list_licences(connection, limit=None)
    assert {one.state for one in found} <= {LicenceState.IN_FORCE}
    return seen.job.state, {RowState(one) for one in rows}, len(found)


def queued(batches: BatchWorld) -> int:
    with batches.world.home.database.reading() as connection:
        return len(connection.execute(text("SELECT id FROM engine.procrastinate_jobs")).all())


def test_a_killed_workers_chunk_is_taken_over_within_fifteen_seconds(
    batches: BatchWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = batches.begun(sheet(count=8))
    home = batches.world.home.directory
    with Forked(
        [home, GrantStep.STORED, "1"],
        program="tests.registry.desk.batch.engine_worker",
        env=os.environ,
    ) as child:
        assert child.wait(100) == -signal.SIGKILL, child.communicate()[1]
    died = time.monotonic()
    with batches.world.home.database.reading() as connection:
        left = queue_state(connection)
    assert (left.waiting, left.leased, left.workers) == (0, 1, 1), "the dead one seems alive yet"
    taken = list[int]()
    begun = dict[int, float]()
    run_chunk = JobWorker.run_chunk

    def timed(worker: JobWorker, leased: LeasedChunk) -> None:
        begun[leased.chunk.first] = time.monotonic() - died
        run_chunk(worker, leased)

    monkeypatch.setattr(JobWorker, "run_chunk", timed)
    batches.world.clock.at = datetime.now(UTC)  # the other process had a later clock
    engine = open_workers(batches.world.home, batches.desk, lambda: taken.append(1))
    engine.work(FOREVER)
    assert state_of(batches, job) == (JobState.DONE, {RowState.GRANTED}, 8)
    assert (queued(batches), sum(taken)) == (0, 1)
    with batches.world.home.database.reading() as connection:
        assert queue_state(connection) == QueueState(0, 0, 0.0, 0)
    told = exposition(queue_gauges(batches.world.home.database))
    for name in ('chunks{state="leased"}', "oldest_seconds", "workers"):
        assert f"\nxinyin_queue_{name} 0" in told
    batches.world.check_everything()
    assert begun
    assert max(begun.values()) < 15, begun


def test_two_workers_share_one_batch(batches: BatchWorld) -> None:
    job = batches.begun(sheet(count=9))
    batches.world.home.granting  # noqa: B018  # opened before there are two
    engines = [engine_of(batches), engine_of(batches)]
    threads = [threading.Thread(target=one.work, args=(FOREVER,)) for one in engines]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
        assert not one.is_alive()
    assert state_of(batches, job) == (JobState.DONE, {RowState.GRANTED}, 9)
    batches.world.check_everything()


def test_when_its_time_is_over_a_chunk_is_finished_and_the_rest_waits(
    batches: BatchWorld,
) -> None:
    job = batches.begun(sheet(count=9))
    over = False

    def note(step: GrantStep) -> None:
        nonlocal over
        if step is GrantStep.REGISTERED and not over:
            over = True
            time.sleep(2)  # the engine looks twice a second whether its time is over

    batches.on_step = note
    engine_of(batches).work(lambda: over)
    state, rows, done = state_of(batches, job)
    assert (state, rows) == (JobState.RUNNING, {RowState.GRANTED, RowState.WAITING})
    assert (done % 3, done < 9, queued(batches)) == (0, True, 3 - done // 3)
    engine_of(batches).work(FOREVER)
    assert state_of(batches, job) == (JobState.DONE, {RowState.GRANTED}, 9)


def test_who_was_taken_for_dead_grants_nothing_more(
    batches: BatchWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease passes to another in the middle of its chunk, when a second group is begun."""
    monkeypatch.setattr("registry.desk.batch.working.CHUNK", 1)
    job = batches.begun(sheet(count=3))
    worker = batches.desk.worker
    (planned,) = worker.plan()
    lost = False

    def lose(step: GrantStep) -> None:
        nonlocal lost
        lost |= step is GrantStep.REGISTERED

    def held(_: object) -> None:
        if lost:
            raise lease_lost()

    lost = True
    worker.run_chunk(LeasedChunk(planned, held))
    assert state_of(batches, job) == (JobState.RUNNING, {RowState.WAITING}, 0), "not one number"
    lost = False
    batches.on_step = lose
    worker.run_chunk(LeasedChunk(planned, held))
    assert state_of(batches, job) == (JobState.RUNNING, {RowState.WAITING}, 2)
    batches.on_step = lambda _: None
    worker.run_chunk(LeasedChunk(planned, lambda _: None))
    worker.run_chunk(LeasedChunk(planned, lambda _: None))
    assert state_of(batches, job) == (JobState.DONE, {RowState.GRANTED}, 3)
    batches.world.check_everything()


def test_a_chunk_of_a_plan_before_is_left_alone(batches: BatchWorld) -> None:
    job = batches.begun(sheet(count=3))
    worker = batches.desk.worker
    (before,) = worker.plan()
    assert worker.plan() == [], "somebody has it"
    batches.world.clock.advance(LEASE)
    (again,) = worker.plan()
    assert again == Chunk(job.job_id, before.fence + 1, before.first, before.last)
    worker.run_chunk(LeasedChunk(before, lambda _: None))
    assert state_of(batches, job)[2] == 0
    worker.run_chunk(LeasedChunk(again, lambda _: None))
    assert state_of(batches, job) == (JobState.DONE, {RowState.GRANTED}, 3)


def test_rows_whose_chunk_was_lost_are_planned_anew_within_fifteen_seconds(
    batches: BatchWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away under a chunk, and is away still when that is to be noted."""
    job = batches.begun(sheet(count=9))
    clock, run_chunk, fallen = batches.world.clock, JobWorker.run_chunk, list[int]()

    def fall(worker: JobWorker, leased: LeasedChunk) -> None:
        if not fallen:
            fallen.append(leased.chunk.first)
            raise DatabaseBusyError(Text("断", "away"))
        run_chunk(worker, leased)

    monkeypatch.setattr(JobWorker, "run_chunk", fall)
    engine = engine_of(batches)
    engine.work(FOREVER)
    assert (queued(batches), engine.is_anything_there()) == (0, False), "others may be planning"
    assert state_of(batches, job) == (JobState.RUNNING, {RowState.GRANTED, RowState.WAITING}, 6)
    clock.advance(timedelta(seconds=6))
    assert engine.is_anything_there()
    engine.work(FOREVER)
    assert state_of(batches, job) == (JobState.DONE, {RowState.GRANTED}, 9)
    assert not engine.is_anything_there()
    batches.world.check_everything()


def test_a_job_that_is_put_off_is_not_planned_before_its_time(batches: BatchWorld) -> None:
    job = batches.begun(sheet(count=2))
    clock = batches.world.clock
    with batches.world.home.database.writing() as connection:
        taken = take_job(connection, clock.now())
        assert taken is not None
        minute = timedelta(minutes=1)
        give_back(connection, taken, clock.now(), why="storage", pause=minute)
    engine = engine_of(batches)
    clock.advance(timedelta(seconds=59))
    assert not engine.is_anything_there()
    clock.advance(timedelta(seconds=1))
    engine.work(FOREVER)
    assert state_of(batches, job) == (JobState.DONE, {RowState.GRANTED}, 2)


def test_nothing_is_opened_while_no_batch_is_under_way(
    batches: BatchWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(ChunkEngine, "_app", none)
    engine_of(batches).work(FOREVER)
