"""Progress of jobs: pace, time left, errors by kind, and the line that says what came of one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.metrics import exposition
from registry.db.tables import batch_rows
from registry.desk.batch.progress import Progress, lasting
from registry.granting.granting import GrantStep
from registry.health.batch_gauges import BatchGauges
from registry.officers.jobs import take_job
from tests.registry.desk.batch.batch_world import BatchWorld, sheet
from tests.world import World

FOREVER: Callable[[], bool] = lambda: False  # noqa: E731


@pytest.fixture
def batches(world: World) -> BatchWorld:
    made = BatchWorld(world)
    made.staff()
    return made


def progress(batches: BatchWorld, job_id: str) -> Progress:
    found = batches.desk.jobs.view(batches.standing("zhao"), job_id).progress
    assert found is not None
    return found


def waits(batches: BatchWorld) -> tuple[float, float]:
    """Return how many batches are under way, and how long the oldest waits, as metrics say."""
    home = batches.world.home
    lines = exposition(BatchGauges(home.database, home.clock).all()).splitlines()
    found = dict(line.split(" ") for line in lines if not line.startswith("#"))
    return float(found["xinyin_batches_under_way"]), float(found["xinyin_batch_waiting_seconds"])


def test_a_batch_says_how_fast_it_goes_and_what_came_of_it(
    batches: BatchWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.desk.batch.working.CHUNK", 1)
    monkeypatch.setattr("registry.desk.batch.beating.WATCHED_LEASE", timedelta(minutes=1))
    clock, outcomes = batches.world.clock, list[str]()
    assert waits(batches) == (0, 0)
    job = batches.begun(sheet(count=4))
    clock.advance(timedelta(seconds=90))  # in the queue, which is none of its pace
    assert waits(batches) == (1, 90)
    queued = progress(batches, job.job_id)
    assert (queued.done, queued.rows, queued.rows_per_second, queued.summary) == (0, 4, None, None)
    with batches.world.home.database.writing() as connection:
        row = batch_rows.c.number == 3
        record = connection.execute(select(batch_rows.c.record).where(row)).scalar_one()
        connection.execute(update(batch_rows).where(row).values(record={**record, "x": "y"}))
    seen = list[Progress]()

    def pass_time(step: GrantStep) -> None:
        if step is GrantStep.RESERVED:
            seen.append(progress(batches, job.job_id))
        if step is GrantStep.REGISTERED:
            clock.advance(timedelta(seconds=10))
            assert waits(batches) == (1, 0)

    batches.on_step = pass_time
    worker = replace(batches.desk.worker, count_row=outcomes.append)
    worker.work(FOREVER)
    # Rows 2, 4 and 5 took ten seconds each, each reserved before the one before is registered; row
    # 3 failed at once, from which nothing follows for the others.
    assert [one.done for one in seen] == [0, 1, 2]
    assert [one.rows_per_second for one in seen] == [None, None, 2 / 10]
    assert [one.seconds_left for one in seen] == [None, None, 10]
    assert outcomes == ["failed", "granted", "granted", "granted"]
    done = progress(batches, job.job_id)
    assert [(one.code, one.title.en, one.rows) for one in done.errors] == [
        ("conflict", "In conflict with what is there", 1)
    ]
    assert done.summary is not None
    assert done.summary.en == "3 granted, 1 failed, in 2 min 0 s"
    assert done.summary.zh == "新签发 3 行，未成功 1 行，用时 2 分 0 秒"


def test_times_in_which_it_was_over_do_not_count(batches: BatchWorld) -> None:
    clock = batches.world.clock
    job = batches.begun(sheet(count=4))
    spoilt = batch_rows.c.number == 3
    with batches.world.home.database.writing() as connection:
        record = connection.execute(select(batch_rows.c.record).where(spoilt)).scalar_one()
        changed = update(batch_rows).where(spoilt).values(record={**record, "x": "y"})
        connection.execute(changed)
    clock.advance(timedelta(minutes=2))
    outcomes = list[str]()
    worker = replace(batches.desk.worker, count_row=outcomes.append)
    worker.work(FOREVER)
    done = progress(batches, job.job_id)
    assert done.summary is not None
    assert done.summary.en == "3 granted, 1 failed, in 2 min 0 s"
    # A day later somebody mends the row and goes on: the day is none of its time.
    clock.advance(timedelta(days=1))
    assert progress(batches, job.job_id) == done
    with batches.world.home.database.writing() as connection:
        connection.execute(update(batch_rows).where(spoilt).values(record=record))
    batches.desk.jobs.go_on(batches.standing("zhao"), job.job_id)
    with batches.world.home.database.writing() as connection:
        assert take_job(connection, clock.now()) is not None
    clock.advance(timedelta(seconds=5))
    assert progress(batches, job.job_id).rows_per_second is None, "none of the one that is left"
    clock.advance(timedelta(minutes=2))
    assert waits(batches) == (1, 86400 + 125 + 120), "its worker gives no sign of life"
    worker.work(FOREVER)
    told = progress(batches, job.job_id).summary
    assert told is not None
    assert told.en == "4 granted, in 4 min 5 s"
    again = batches.begun(sheet(count=5), key="batch-002")
    worker.work(FOREVER)
    told = progress(batches, again.job_id).summary
    assert told is not None
    assert told.en == "1 granted, 4 granted before, in 0 s"
    assert sorted(outcomes) == ["before"] * 4 + ["failed"] + ["granted"] * 5


def test_a_cancelled_batch_says_what_was_not_done(sqlite_world: World) -> None:
    batches = BatchWorld(sqlite_world)
    batches.staff()
    job = batches.begun(sheet(count=3))
    batches.world.clock.advance(timedelta(hours=2, minutes=5))
    cancelled = batches.desk.jobs.cancel(batches.standing("zhao"), job.job_id, "表格有误")
    assert cancelled.progress is not None
    assert cancelled.progress.summary is not None
    assert cancelled.progress.summary.en == "0 granted, 3 not done, in 2 h 5 min"
    assert waits(batches) == (0, 0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(59.4, "59 s"), (59.6, "1 min 0 s"), (3599.4, "59 min 59 s"), (3599.6, "1 h 0 min")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert lasting(seconds).en == words
