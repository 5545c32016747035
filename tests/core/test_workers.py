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

PROGRAM = """
import logging, os, sys
from contextlib import contextmanager
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from core.errors import ConfigurationError
from core.http_server import serve
from core.metrics import Counter, exposition

@contextmanager
def open_app(worker):
    if sys.argv[1:] == ["broken"] and worker.number == 1:
        raise ConfigurationError("坏", "broken")
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
        yield process
        process.kill()


def ask(url: str) -> int:
    """Ask on a new connection, so that either worker may answer; patient while one is replaced."""
    for _ in range(50):
        try:
            return int(httpx2.get(url, timeout=5).text)
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
        process.terminate()
        process.wait(20)


def test_a_worker_that_cannot_start_ends_everything_with_its_exit_code() -> None:
    with program("broken") as process:
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (2, "")
        assert "broken" in err
