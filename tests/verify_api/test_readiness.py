"""Readiness: all parts asked, seldom, within bounds."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from tests.verify_api.world import SteppedClock
from verify_api.readiness import Readiness


@pytest.mark.parametrize("parts", [(False, True), (True, False)])
def test_one_part_that_is_not_ready_is_enough(parts: tuple[bool, bool]) -> None:
    assert not Readiness([lambda one=one: one for one in parts], SteppedClock())()  # type: ignore[misc]


def test_an_answer_stands_for_two_seconds() -> None:
    clock, asked = SteppedClock(), count()
    ready = Readiness([lambda: next(asked) >= 0], clock)
    assert [ready() for _ in range(5)] == [True] * 5
    clock.seconds += 1.9  # not yet
    ready()
    clock.seconds += 0.1
    ready()
    assert next(asked) == 2


def test_a_part_that_takes_too_long_is_asked_once_and_not_ready() -> None:
    gate, asked = threading.Event(), []

    def slow() -> bool:
        asked.append(1)
        return gate.wait(20)

    ready = Readiness([slow], SteppedClock(), patience_seconds=0.2)
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: ready(), range(8)))
    assert len(asked) == 1
    gate.set()
    assert Readiness([slow], SteppedClock())()


def test_what_a_part_raises_reaches_who_asks() -> None:
    with pytest.raises(ZeroDivisionError):
        Readiness([lambda: bool(1 // 0)], SteppedClock())()
