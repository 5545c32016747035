"""Duties are done when due, tried again after failures, and never end the thread."""

import logging
import threading
from datetime import timedelta
from unittest import mock

import pytest

from core.errors import StorageError
from core.log_format import TextFormatter
from core.schedule import FIRST_RETRY, Duty, Schedule, on_duty
from core.text import Text


class Hand:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_each_duty_has_its_own_period() -> None:
    done: list[str] = []
    hand = Hand()
    schedule = Schedule(
        [
            Duty("often", timedelta(seconds=10), lambda: done.append("often")),
            Duty("rarely", timedelta(seconds=60), lambda: done.append("rarely")),
        ],
        monotonic=hand,
    )
    assert schedule.run_due() == 10
    assert done == ["often", "rarely"]
    assert schedule.run_due() == 10
    hand.at += 10
    schedule.run_due()
    assert done == ["often", "rarely", "often"]
    hand.at += 50
    schedule.run_due()
    assert done[3:] == ["often", "rarely"]


@pytest.mark.parametrize("error", [StorageError(Text("满", "the disk is full")), KeyError("张三")])
def test_a_failure_is_told_without_its_data_and_tried_again_sooner(
    caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    hand = Hand()
    ends: list[tuple[str, bool]] = []
    failing = [True]

    def work() -> None:
        if failing[0]:
            raise error

    schedule = Schedule(
        [Duty("crl", timedelta(minutes=1), work)],
        on_end=lambda name, succeeded: ends.append((name, succeeded)),
        monotonic=hand,
    )
    pauses = []
    with caplog.at_level(logging.ERROR):
        for _ in range(6):
            pause = schedule.run_due()
            pauses.append(pause)
            hand.at += pause
    assert pauses == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY, 8 * FIRST_RETRY, 60, 60]
    assert ends == [("crl", False)] * 6
    told = [TextFormatter("ca", frozenset({"core"})).format(one) for one in caplog.records]
    assert len(told) == 6
    assert all("core.schedule: duty failed" in one for one in told)
    assert "张三" not in "".join(told)
    failing[0] = False
    assert schedule.run_due() == 60
    assert ends[-1] == ("crl", True)


def test_the_thread_ends_when_told_to() -> None:
    begun = threading.Event()
    with Schedule([Duty("x", timedelta(hours=1), begun.set)]) as schedule:
        assert begun.wait(5)
    assert not schedule._thread.is_alive()


def test_a_duty_that_waits_for_others_holds_up_neither_our_own_nor_the_end() -> None:
    """Whichever of them comes first, and each time."""
    hanging, done = threading.Event(), threading.Event()
    ended: list[str] = []

    def work() -> None:
        if len(ended) == 3:
            done.set()

    duties = [
        Duty("outside", timedelta(hours=1), lambda: hanging.wait(30), remote=True),
        Duty("own", timedelta(milliseconds=20), work),
    ]
    with mock.patch("core.schedule.JOIN_SECONDS", 0.1):
        with on_duty(duties, on_end=lambda name, _: ended.append(name)):
            assert done.wait(10)
        assert set(ended) == {"own"}
    hanging.set()


def test_what_must_not_wait_has_a_thread_to_itself() -> None:
    hanging, done = threading.Event(), threading.Event()
    duties = [
        Duty("outside", timedelta(hours=1), lambda: hanging.wait(30), remote=True),
        Duty("events", timedelta(milliseconds=20), done.set, remote=True, alone=True),
    ]
    with (
        mock.patch("core.schedule.JOIN_SECONDS", 0.1),
        on_duty(duties, on_end=lambda *_: None),
    ):
        assert done.wait(10)
    hanging.set()
