"""Levels of buckets in shared memory: between processes, bounded, forgetting the oldest."""

import os

import pytest

from core.web.limits.levels import BucketLevel, LocalLevels, SharedLevels
from core.web.limits.throttling import Rate, TokenBuckets, TooManyRequestsError
from tests.verify_api.world import SteppedClock


def test_a_level_is_read_back_and_replaced() -> None:
    levels = SharedLevels(64)
    assert levels.get("a") is None
    levels.put("a", BucketLevel(1.5, 10.0, 12.0))
    levels.put("b", BucketLevel(2.5, 11.0))
    levels.put("a", BucketLevel(-0.5, 12.0))
    assert levels.get("a") == (-0.5, 12.0, 0.0)
    assert levels.get("b") == (2.5, 11.0, 0.0)


def test_a_child_sees_what_its_parent_put_and_the_other_way_round() -> None:
    levels = SharedLevels(64)
    levels.put("a", BucketLevel(1.0, 1.0))
    child = os.fork()
    if child == 0:
        seen = levels.get("a")
        levels.put("b", BucketLevel(2.0, 2.0))
        os._exit(0 if seen == (1.0, 1.0, 0.0) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert levels.get("b") == (2.0, 2.0, 0.0)


def test_the_one_put_longest_ago_makes_room() -> None:
    for levels in (SharedLevels(8), LocalLevels(8)):
        for number in range(8):
            levels.put(str(number), BucketLevel(number, float(number + 1)))
        levels.put("0", BucketLevel(0.0, 9.0))
        levels.put("new", BucketLevel(7.0, 10.0))
        assert levels.get("1") is None
        assert levels.get("0") == (0.0, 9.0, 0.0)
        assert levels.get("new") == (7.0, 10.0, 0.0)


def test_thousands_of_clients_find_their_own_level() -> None:
    levels = SharedLevels(16_384)
    for number in range(4000):
        levels.put(f"192.0.2.{number}", BucketLevel(number, number + 1.0))
    found = [levels.get(f"192.0.2.{number}") for number in range(4000)]
    kept = [one for one in found if one is not None]
    assert len(kept) > 3990  # eight in a row of ways hardly ever fill
    assert all(one is None or one.value == number for number, one in enumerate(found))


def test_two_processes_buckets_are_one() -> None:
    clock, levels = SteppedClock(), SharedLevels(64)
    rate = Rate(burst=3, per_minute=60)
    one, two = (TokenBuckets(rate, clock, levels=levels, name="file ") for _ in range(2))
    other = TokenBuckets(rate, clock, levels=levels, name="lookup ")
    one.take("a")
    two.take("a")
    one.take("a")
    with pytest.raises(TooManyRequestsError):
        two.take("a")
    other.take("a")
    clock.seconds += 1
    two.take("a")
