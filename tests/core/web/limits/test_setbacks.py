"""Wrong guesses: each waits twice as long as the one before, and none locks anything for others."""

import pytest

from core.web.limits.levels import SharedLevels
from core.web.limits.setbacks import SetbackRule, Setbacks
from core.web.limits.throttling import TooManyRequestsError
from tests.verify_api.world import SteppedClock

RULE = SetbackRule(free=2, most_seconds=20, forgotten_after=100)


def wait_of(setbacks: Setbacks, client: str) -> int:
    try:
        setbacks.require(client)
    except TooManyRequestsError as error:
        return error.retry_after
    return 0


def test_each_wrong_one_doubles_the_wait_up_to_a_bound() -> None:
    clock = SteppedClock()
    setbacks = Setbacks(RULE, clock)
    waits = []
    for _ in range(8):
        setbacks.add("a")
        waits.append(wait_of(setbacks, "a"))
    assert waits == [0, 0, 2, 4, 8, 16, 20, 20]
    assert wait_of(setbacks, "b") == 0


def test_waiting_as_long_as_told_is_enough() -> None:
    clock = SteppedClock()
    setbacks = Setbacks(RULE, clock)
    for _ in range(4):
        setbacks.add("a")
    clock.seconds += 3
    assert wait_of(setbacks, "a") == 1
    clock.seconds += 1
    setbacks.require("a")


def test_wrong_ones_are_forgotten_one_by_one() -> None:
    clock = SteppedClock()
    setbacks = Setbacks(RULE, clock)
    for _ in range(4):
        setbacks.add("a")
    clock.seconds += 200  # two of four are left
    setbacks.add("a")
    assert wait_of(setbacks, "a") == 2
    clock.seconds += 10_000
    setbacks.add("a")
    setbacks.add("a")
    assert wait_of(setbacks, "a") == 0


def test_no_number_of_wrong_ones_overflows() -> None:
    setbacks = Setbacks(RULE, SteppedClock())
    for _ in range(5000):
        setbacks.add("a")
    assert wait_of(setbacks, "a") == 20


def test_a_slow_guesser_is_kept_to_one_guess_for_each_that_is_forgotten() -> None:
    """Over a day, with the service's own rule: 288 forgotten, some 15 more in hand."""
    clock, guesses = SteppedClock(), 0
    setbacks = Setbacks(SetbackRule(), clock)
    end = clock.seconds + 86_400
    while clock.seconds < end:
        clock.seconds += wait_of(setbacks, "a")
        setbacks.require("a")
        setbacks.add("a")
        guesses += 1
    assert 100 < guesses < 310


def test_processes_may_share_what_they_hold_against_a_client() -> None:
    clock, levels = SteppedClock(), SharedLevels(64)
    one, two = (Setbacks(RULE, clock, levels=levels, name="claims ") for _ in range(2))
    for _ in range(2):
        one.add("a")
    two.add("a")
    with pytest.raises(TooManyRequestsError) as refused:
        one.require("a")
    assert refused.value.reason == "wrong_claims"
