"""Worker processes on one address: all answer, the dead are replaced, all end together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

PROGRAM = """
import logging, os, sys
from contextlib import contextmanager
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from core.errors import ConfigurationError
from core.text import Text
from core.web.server import serve
from core.metrics import Counter, exposition

@contextmanager
def open_app(worker):
    if sys.argv[1:] == ["broken"] and worker.number == 1:
        raise ConfigurationError(Text("坏", "broken"))
    asked = Counter("asked_total", "Requests.")
    share = worker.share(lambda: exposition([asked]))
    def pid(request):
        asked.add()
        return PlainTextResponse(str(os.getpid()))
    def metrics(request):
        return PlainTextResponse(share())
    try:
        yield Starlette(routes=[Route("/", pid), Route("/metrics", metrics)])
    finally:
        print("closed", file=sys.stderr, flush=True)

sys.exit(serve(open_app, "127.0.0.1", 0, workers=2))
"""


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ask(url: str) -> int:
    """Ask on a new connection, so that either worker may answer."""
    return int(patiently(url))


def patiently(url: str) -> str:
    """Get an answer, also while a worker is replaced."""
    for _ in range(50):
        try:
            return httpx2.get(url, timeout=5).text
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError("nobody answers")


def everyone(url: str) -> set[int]:
    """Ask until both workers have answered."""
    seen: set[int] = set()
    for _ in range(400):
        seen.add(ask(url))
        if len(seen) == 2:
            break
    return seen


def test_all_answer_and_a_dead_one_is_replaced() -> None:
    with program() as process:
        assert process.stdout
        assert process.stderr
        url = process.stdout.readline().strip()
        first = everyone(url)
        assert len(first) == 2
        assert process.pid not in first
        asked = sum(1 for _ in range(10) if ask(url))
        assert asked == 10
        killed = min(first)
        os.kill(killed, signal.SIGKILL)
        for _ in range(100):
            seen = everyone(url)
            if len(seen) == 2 and killed not in seen:
                break
            time.sleep(0.1)
        assert killed not in seen
        assert len(seen) == 2
        process.terminate()
        assert process.wait(20) == 0
        assert process.stderr.read().count("closed") == 2
        for pid in seen:
            assert not Path(f"/proc/{pid}").exists(), "no worker outlives its parent"


def test_numbers_are_of_all_workers() -> None:
    with program() as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        before = len(everyone(url))
        assert before == 2
        counts = {httpx2.get(f"{url}/metrics").text.splitlines()[-1] for _ in range(20)}
        assert len(counts) == 1, "whichever worker is asked"
        seen = {ask(url) for _ in range(200)}
        asked = patiently(f"{url}/metrics")
        killed = min(seen)
        os.kill(killed, signal.SIGKILL)
        for _ in range(100):
            now = patiently(f"{url}/metrics")
            assert int(now.split()[-1]) >= int(asked.split()[-1]), "no sum falls with its worker"
            if ask(url) not in seen:
                break
            time.sleep(0.1)
        else:
            raise AssertionError("nobody took the killed worker's place")
        now = patiently(f"{url}/metrics")
        assert int(now.split()[-1]) >= int(asked.split()[-1])
        process.terminate()
        process.wait(20)


def test_a_worker_that_cannot_start_ends_everything_with_its_exit_code() -> None:
    with program("broken") as process:
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (2, "")
        assert "broken" in err


CREW = """
import os, signal, sys, time
from core.web import workers

def work(number, ready):
    if sys.argv[1] == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(1, b"%d\\n" % os.getpid())
    ready()
    time.sleep(100)
    return 0

fork = os.fork
def fork_and_be_told():
    pid = fork()
    if pid:
        os.kill(os.getpid(), signal.SIGTERM)
    return pid

if sys.argv[1] == "told":
    os.fork = fork_and_be_told
up = lambda: os.write(1, b"up\\n")
sys.exit(workers.run_workers(2, work, up, patience=float(sys.argv[2])))
"""


@contextmanager
def crew(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", CREW, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def runs(pid: int) -> bool:
    """Tell whether a process is there, and not merely to be reaped by whoever has it now."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def are_gone(pids: list[int]) -> bool:
    """Tell whether none of them runs any more, within some seconds."""
    for _ in range(60):
        if not any(map(runs, pids)):
            return True
        time.sleep(0.1)
    for pid in pids:
        if runs(pid):
            os.kill(pid, signal.SIGKILL)  # ours; it must not outlive the test
    return False


def pids_of_crew(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdout
    said = [process.stdout.readline().strip() for _ in range(3)]
    assert said.count("up") == 1
    return [int(one) for one in said if one != "up"]


def test_a_worker_that_does_not_end_is_killed() -> None:
    with crew("deaf", "1") as process:
        pids = pids_of_crew(process)
        begun = time.monotonic()
        process.terminate()
        assert process.wait(15) == 0
        assert time.monotonic() - begun >= 1, "answers under way are waited for"
        assert are_gone(pids)


def test_who_is_told_twice_waits_no_longer() -> None:
    with crew("deaf", "60") as process:
        pids = pids_of_crew(process)
        process.terminate()
        time.sleep(0.5)
        process.terminate()
        assert process.wait(15) == 0
        assert are_gone(pids)


def test_no_worker_is_left_behind_that_was_just_forked_when_all_must_end() -> None:
    with crew("told", "10") as process:
        assert process.wait(30) == 0
        assert process.stdout
        assert are_gone([int(one) for one in process.stdout.read().split()])


@pytest.mark.parametrize("kind", ["willing", "deaf"])
def test_no_worker_lives_on_where_the_parent_was_killed(kind: str) -> None:
    with crew(kind, "1") as process:
        pids = pids_of_crew(process)
        process.kill()
        process.wait(5)
        assert are_gone(pids)
