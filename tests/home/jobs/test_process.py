"""The job process of a server: begun when there is a job, and gone when it is told to end."""

import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import StorageError, XinyinError
from core.nursery import ask_for_fork, framed, start_nursery, told_of
from core.schedule import JOIN_SECONDS
from core.text import Text
from core.web import server as server_module
from core.web.workers import DISMISS_SECONDS
from home.jobs import process
from home.jobs.process import JobProcess
from home.jobs.working import Message
from registry.granting.groups import pool

Work = Callable[[socket.socket], None]


class Jobs:
    """Jobs that wait, and turns in which the server itself carried them out."""

    def __init__(self, *, waiting: bool = True) -> None:
        self.waiting = waiting
        self.turns = 0

    def is_anything_there(self) -> bool:
        return self.waiting

    def work(self, is_over: Callable[[], bool]) -> None:
        assert not is_over()
        self.turns += 1


class Counted(list[str]):
    """Outcomes of rows as they were told; `taken over` for each chunk that was."""

    def count_row(self, outcome: str) -> None:
        self.append(outcome)

    def count_takeover(self) -> None:
        self.append("taken over")


@contextmanager
def server(work: Work) -> Iterator[JobProcess]:
    made = JobProcess(work)
    try:
        yield made
    finally:
        made.close()


def look_until(served: JobProcess, jobs: Jobs, is_so: Callable[[], bool]) -> list[str]:
    """Look as the duty does until something is so; return the outcomes that were told."""
    rows, deadline = Counted(), time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        served.look(jobs, rows)
        time.sleep(0.02)
    return rows


def wait_for_end(channel: socket.socket) -> None:
    assert channel.recv(1) == b""


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_no_process_is_begun_before_there_is_a_job(tmp_path: Path) -> None:
    with server(lambda _: (tmp_path / "begun").touch()) as served:
        served.look(Jobs(waiting=False), Counted())
    assert not (tmp_path / "begun").exists()


def test_rows_and_faults_are_told_and_another_is_begun_later(tmp_path: Path) -> None:
    def work(channel: socket.socket) -> None:
        nth = len(list(tmp_path.iterdir()))
        (tmp_path / str(os.getpid())).touch()
        channel.sendall(framed((Message.BEGUN, os.getpid())))
        channel.sendall(framed((Message.ROWS, {"granted": 20, "failed": nth})))
        channel.sendall(framed((Message.TAKEN_OVER, 1)))
        if nth:
            error = StorageError(Text("满", "full"))
            channel.sendall(framed((Message.FAULT, told_of(error))))
        channel.sendall(framed((Message.ENDED, None)))

    class Two(Jobs):
        def is_anything_there(self) -> bool:
            return len(list(tmp_path.iterdir())) < 2

    jobs, rows, faults = Two(), Counted(), list[str]()
    with server(work) as served:
        deadline = time.monotonic() + 30
        while not faults:
            assert time.monotonic() < deadline
            try:
                served.look(jobs, rows)
            except StorageError as error:
                faults.append(error.text.en)
            time.sleep(0.02)
    assert faults == ["full"]
    pids = {int(one.name) for one in tmp_path.iterdir()}
    assert len(pids) == 2
    assert os.getpid() not in pids
    assert (rows.count("granted"), rows.count("failed")) == (40, 1)
    assert rows.count("taken over") == 2
    assert jobs.turns == 0


def test_where_job_processes_die_the_server_does_a_turn_by_itself(tmp_path: Path) -> None:
    def die(_: socket.socket) -> None:
        (tmp_path / str(os.getpid())).touch()
        os._exit(1)

    jobs = Jobs()
    with server(die) as served:
        look_until(served, jobs, lambda: jobs.turns == 1)
        assert len(list(tmp_path.iterdir())) == process.MOST_DEATHS
        look_until(served, jobs, lambda: jobs.turns == 2)
        assert len(list(tmp_path.iterdir())) == 2 * process.MOST_DEATHS, "it is tried again"


def test_after_a_death_another_is_there_before_the_lease_of_the_job_ends(tmp_path: Path) -> None:
    def work(channel: socket.socket) -> None:
        first = not any(tmp_path.iterdir())
        (tmp_path / str(os.getpid())).touch()
        channel.sendall(framed((Message.BEGUN, os.getpid())))
        if not first:
            channel.sendall(framed((Message.ENDED, None)))

    jobs = Jobs()
    with server(work) as served:
        served.look(jobs, Counted())
        jobs.waiting = False  # the job is leased to the one that dies
        look_until(served, jobs, lambda: len(list(tmp_path.iterdir())) == 2)
        look_until(served, jobs, lambda: served._channel is None)
        served.look(jobs, Counted())
        assert served._channel is None, "no third one"


def test_a_death_is_seen_while_what_it_began_is_still_busy(tmp_path: Path) -> None:
    def be_busy(channel: socket.socket) -> None:
        channel.sendall(b"!")
        deadline = time.monotonic() + 60
        while not (tmp_path / "over").exists() and time.monotonic() < deadline:
            time.sleep(0.02)

    def begin_and_die(channel: socket.socket) -> None:
        nursery = start_nursery(be_busy)
        ask_for_fork(nursery).recv(1)
        channel.sendall(framed((Message.BEGUN, os.getpid())))
        os.kill(os.getpid(), signal.SIGKILL)

    with server(begin_and_die) as served:
        look_until(served, Jobs(), lambda: served._deaths > 0)
        (tmp_path / "over").touch()


def test_where_the_nursery_is_gone_the_server_does_it(tmp_path: Path) -> None:
    def die_with_all(_: socket.socket) -> None:
        (tmp_path / "begun").touch()
        os.kill(os.getppid(), signal.SIGKILL)

    jobs = Jobs()
    with server(die_with_all) as served:
        look_until(served, jobs, lambda: jobs.turns > 1)
    assert (tmp_path / "begun").exists()


def test_where_each_ends_at_once_the_next_waits_and_the_cause_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while a token is away: a process every two seconds would cost more than the work."""
    now = [1000.0]
    monkeypatch.setattr("home.jobs.process.time.monotonic", lambda: now[0])

    def work(channel: socket.socket) -> None:
        begun = len(list(tmp_path.iterdir()))
        (tmp_path / str(begun)).touch()
        channel.sendall(framed((Message.BEGUN, os.getpid())))
        text = "out of reach" if begun < 4 else "other"
        channel.sendall(framed((Message.FAULT, told_of(StorageError(Text("远", text))))))
        channel.sendall(framed((Message.ENDED, None)))

    jobs, faults, begun_at = Jobs(), list[str](), list[float]()
    with server(work) as served:
        deadline = time.perf_counter() + 60
        while now[0] < 1045:
            assert time.perf_counter() < deadline
            try:
                served.look(jobs, Counted())
            except StorageError as error:
                faults.append(error.text.en)
            if served._channel is not None:
                begun_at += [now[0]] if served._begun_at not in begun_at else []
                time.sleep(0.01)
            else:
                now[0] += 1
    assert begun_at == [1000, 1002, 1006, 1014, 1024, 1034, 1044]
    assert faults == ["out of reach", "other"]
    assert jobs.turns == 0


def test_it_finishes_what_it_has_begun_when_the_server_ends(tmp_path: Path) -> None:
    def work(channel: socket.socket) -> None:
        channel.sendall(framed((Message.BEGUN, os.getpid())))
        wait_for_end(channel)
        time.sleep(0.3)
        (tmp_path / "finished").touch()
        channel.sendall(framed((Message.ENDED, None)))

    with server(work) as served:
        look_until(served, Jobs(), lambda: served._pid is not None)
    assert (tmp_path / "finished").exists()


def test_one_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "FAREWELL", 0.3)

    def work(channel: socket.socket) -> None:
        channel.sendall(framed((Message.BEGUN, os.getpid())))
        time.sleep(600)

    with server(work) as served:
        look_until(served, Jobs(), lambda: served._pid is not None)
        pid = served._pid
        assert pid is not None
    deadline = time.monotonic() + 10
    while not gone(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("told_to_end", [signal.SIGTERM, signal.SIGINT])
def test_what_is_sent_to_all_processes_of_a_service_ends_none_of_these(
    told_to_end: signal.Signals,
) -> None:
    def work(channel: socket.socket) -> None:
        os.kill(os.getppid(), told_to_end)
        os.kill(os.getpid(), told_to_end)
        channel.sendall(framed((Message.BEGUN, os.getpid())))
        wait_for_end(channel)
        channel.sendall(framed((Message.ENDED, None)))

    jobs = Jobs()
    with server(work) as served:
        look_until(served, jobs, lambda: served._pid is not None)
        assert served._pid is not None
        assert not gone(served._pid)


def test_who_waits_for_an_end_waits_longer_than_it_may_take() -> None:
    a_group = 10  # seconds that a group may wait for the database
    assert a_group + pool.FAREWELL + 5 <= process.FAREWELL
    ending = server_module.GRACE_SECONDS + max(2 * JOIN_SECONDS, process.FAREWELL)
    assert ending < DISMISS_SECONDS
    for name in ("xinyin", "xinyin-issuing", "xinyin-verify"):
        unit = Path(__file__).parents[3] / "deploy" / f"{name}.service"
        stops = re.search(r"^TimeoutStopSec=(\d+)$", unit.read_text(), re.MULTILINE)
        assert stops
        assert int(stops[1]) > DISMISS_SECONDS, name


def test_an_error_is_told_as_it_was() -> None:
    kind, text, details = told_of(StorageError(Text("满", "full"), row=3))
    assert issubclass(kind, XinyinError)
    assert (kind, text, details) == (StorageError, Text("满", "full"), {"row": 3})
