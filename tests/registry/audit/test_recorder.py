"""Events of signing: durable when `record` returns, many in a transaction, all told of failures."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from ca.recorder import AuditUnavailableError, Collector, SigningEvent
from core.text import Text
from registry.audit.events import list_events
from registry.audit.recorder import MAX_TOGETHER, GroupRecorder
from registry.db.database import Database
from registry.db.faults import DatabaseBusyError
from tests.registry.audit.test_chain import check_chain

AT = datetime(2026, 3, 1, tzinfo=UTC)


def event(subject: object) -> SigningEvent:
    return SigningEvent(AT, "timestamp.made", f"tsa/{subject}", {"imprint": "00"})


class Watched(Database):
    """Counts transactions; stops in the first until told to go on; fails when told to."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.transactions = 0
        self.entered, self.go = threading.Event(), threading.Event()
        self.fail: str | None = None

    @contextmanager
    def writing(self, patience: timedelta | None = None) -> Iterator[Connection]:
        self.transactions += 1
        self.entered.set()
        assert self.go.wait(10)
        if self.fail == "before":
            raise DatabaseBusyError(Text("忙", "busy"))
        with super().writing(patience) as connection:
            yield connection
        if self.fail == "after":
            raise DatabaseBusyError(Text("断", "the answer to the commit was lost"))


@pytest.fixture
def watched(database_url: str) -> Iterator[Watched]:
    opened = Watched(database_url)
    yield opened
    opened.close()


def subjects(database: Database) -> list[str]:
    with database.reading() as connection:
        return [one.subject for one in list_events(connection, limit=10_000)]


def run_together(watched: Watched, count: int) -> list[AuditUnavailableError | None]:
    """Let one thread begin to write, and `count` more come meanwhile."""
    recorder = GroupRecorder(watched)
    outcomes: list[AuditUnavailableError | None] = []

    def work(number: int) -> None:
        try:
            recorder.record(event(number))
        except AuditUnavailableError as error:
            outcomes.append(error)
        else:
            # What is said to be durable can be read by another connection at once.
            assert f"tsa/{number}" in subjects(watched)
            outcomes.append(None)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count + 1)]
    threads[0].start()
    assert watched.entered.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(recorder._queue) < count:
        threading.Event().wait(0.005)
    watched.go.set()
    for thread in threads:
        thread.join()
    return outcomes


def test_who_waits_is_written_together(watched: Watched) -> None:
    assert run_together(watched, 20) == [None] * 21
    assert watched.transactions == 2
    assert len(check_chain(watched)) == 21


def test_a_group_is_bounded(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_TOGETHER == 500
    monkeypatch.setattr("registry.audit.recorder.MAX_TOGETHER", 5)
    assert run_together(watched, 12) == [None] * 13
    assert watched.transactions == 4
    assert len(check_chain(watched)) == 13


def test_who_is_interrupted_holds_nobody_up(watched: Watched) -> None:
    """The thread whose turn to write comes next is interrupted while it waits."""
    recorder, interrupted = GroupRecorder(watched), threading.Event()
    waiting = threading.Event.wait

    def wait(self: threading.Event, timeout: float | None = None) -> bool:
        if threading.current_thread().name == "interrupted" and timeout is None:
            waiting(interrupted, 10)
            raise KeyboardInterrupt
        return waiting(self, timeout)

    def work(name: str) -> None:
        with suppress(KeyboardInterrupt):
            recorder.record(event(name))

    threads = [
        threading.Thread(target=work, args=(name,), name=name)
        for name in ("first", "interrupted", "last")
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Event, "wait", wait)
        for number, thread in enumerate(threads):
            thread.start()
            while not watched.entered.is_set() or len(recorder._queue) < number:
                time.sleep(0.005)
        watched.go.set()
        threads[0].join()
        interrupted.set()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
    assert subjects(watched) == ["tsa/first", "tsa/last"]
    recorder.record(event("later"))


@pytest.mark.parametrize(("fail", "written"), [("before", 0), ("after", 1)])
def test_a_failure_is_told_to_all_who_waited(watched: Watched, fail: str, written: int) -> None:
    watched.fail = fail
    outcomes = run_together(watched, 5)
    assert [type(one) for one in outcomes] == [AuditUnavailableError] * 6
    assert len(check_chain(watched)) == written
    watched.fail = None
    GroupRecorder(watched).record(event("later"))
    assert subjects(watched)[-1] == "tsa/later"


def test_what_was_collected_is_kept_until_it_was_taken_over() -> None:
    collector = Collector()
    collector.record(event(1))
    with collector.purpose("licence"):
        collector.record(event(2))

    def fail() -> None:
        with collector.handing_over() as events:
            assert len(events) == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with collector.handing_over() as events:
        assert [one.facts.get("for") for one in events] == [None, "licence"]
        collector.record(event(3))
    with collector.handing_over() as events:
        assert [one.subject for one in events] == ["tsa/3"]


LOCKS = {
    "sqlite": "SELECT 1",  # a transaction that writes is the lock
    "postgresql": "LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE",
}


def test_a_locked_database_is_told_soon_to_all_who_wait(database: Database) -> None:
    """Who asked for a timestamp must not wait eleven seconds, nor one after the other."""
    recorder = GroupRecorder(database)

    def record(number: int) -> AuditUnavailableError | None:
        try:
            recorder.record(event(number))
        except AuditUnavailableError as error:
            return error
        return None

    with database.writing() as connection, ThreadPoolExecutor(12) as pool:
        connection.exec_driver_sql(LOCKS[connection.dialect.name])
        begun = time.monotonic()
        failed = list(pool.map(record, range(12)))
        waited = time.monotonic() - begun
    assert all(failed)
    assert waited < 6
    recorder.record(event("later"))
    assert subjects(database)[-1:] == ["tsa/later"] or "tsa/later" in subjects(database)


def test_our_own_sealing_waits_as_long_as_other_writers(database: Database) -> None:
    """A group of a batch may hold the database for longer than a client of the TSA waits."""
    soon, later = GroupRecorder(database, timedelta(seconds=0.1)), GroupRecorder(database, None)
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as connection:
            connection.exec_driver_sql(LOCKS[connection.dialect.name])
            waiting = pool.submit(later.record, event(1))
            with pytest.raises(AuditUnavailableError):
                soon.record(event(2))
        waiting.result(20)
    assert subjects(database) == ["tsa/1"]
