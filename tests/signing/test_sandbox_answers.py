"""Asking whether the sandbox works: bounded, and without disturbing what is judged."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest

from signing.sandbox import Sandbox
from tests.signing.material import NOW, pki, sealed

SOON = NOW + timedelta(minutes=1)


def pid_of(box: Sandbox) -> int:
    process = box._workers[0]._process
    assert process is not None
    return process.pid


def test_it_answers_and_keeps_its_trust() -> None:
    with Sandbox(workers=1) as box:
        assert box.answers()
        assert box.validate(sealed("B-LT"), pki().trust(), SOON).signatures[0].trusted
        assert box.answers()
        assert box.validate(sealed("B-LT"), pki().trust(), SOON).signatures[0].trusted


def test_a_worker_that_died_is_noticed_and_replaced() -> None:
    with Sandbox(workers=1) as box:
        assert box.answers()
        os.kill(pid_of(box), signal.SIGKILL)
        assert not box.answers()
        assert box.answers()


def test_workers_that_cannot_start_do_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with Sandbox(workers=1) as box:
        assert not box.answers()
        assert not box.answers()


def test_where_all_are_at_work_it_does_not_wait() -> None:
    with Sandbox(workers=1) as box:
        assert box.answers()
        os.kill(pid_of(box), signal.SIGSTOP)
        judged = threading.Thread(
            target=box.validate, args=(sealed("B-B"), pki().trust(), SOON), daemon=True
        )
        judged.start()
        time.sleep(0.2)
        begun = time.monotonic()
        assert box.answers()
        assert time.monotonic() - begun < 1
        os.kill(pid_of(box), signal.SIGCONT)
        judged.join(20)
