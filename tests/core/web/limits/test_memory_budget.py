"""Memory of uploads: in total, per client, and room kept for small ones."""

import pytest

from core.web.limits.memory_budget import MemoryBudget, MemoryLimits, MemoryShare
from core.web.limits.throttling import TooManyRequestsError

LIMITS = MemoryLimits(total=100, each=60, small=10, kept_for_small=30, uploads=4, uploads_each=3)


def test_what_was_taken_is_given_back_whatever_happens() -> None:
    budget = MemoryBudget(MemoryLimits(total=10, each=10))
    with budget.share("a") as share, pytest.raises(TooManyRequestsError):
        share.take(11)
    with pytest.raises(RuntimeError, match="midway"), budget.share("a") as share:
        _fail_midway(share)
    with budget.share("a") as share, budget.share("b") as other:
        share.take(10)
        with pytest.raises(TooManyRequestsError):
            other.take(1)


def _fail_midway(share: MemoryShare) -> None:
    share.take(8)
    raise RuntimeError("midway")


def test_a_client_has_its_share_and_no_more() -> None:
    budget = MemoryBudget(LIMITS)
    with budget.share("a") as one, budget.share("a") as two, budget.share("b") as other:
        one.take(50)
        two.take(10)
        with pytest.raises(TooManyRequestsError) as refused:
            two.take(1)
        assert (refused.value.retry_after, refused.value.reason) == (5, "memory")
        other.take(10)


def test_large_uploads_leave_room_to_small_ones() -> None:
    budget = MemoryBudget(LIMITS)
    with budget.share("a") as one, budget.share("b") as two, budget.share("c") as three:
        one.take(55)
        two.take(15)  # 70 of 100: what large ones may have
        three.take(10)
        with pytest.raises(TooManyRequestsError):
            three.take(1)  # the eleventh byte makes it a large one
        with budget.share("d") as four:
            four.take(10)


def test_an_upload_that_grows_large_moves_whole_to_the_large_ones() -> None:
    budget = MemoryBudget(LIMITS)
    with budget.share("a") as one:
        for _ in range(6):
            one.take(10)
        with budget.share("b") as two:
            two.take(5)
            two.take(5)
            with pytest.raises(TooManyRequestsError):
                two.take(1)
    with budget.share("b") as two:  # all of it was given back
        two.take(60)


def test_uploads_under_way_are_bounded() -> None:
    budget = MemoryBudget(LIMITS)
    with budget.share("a"), budget.share("a"), budget.share("a"):
        with pytest.raises(TooManyRequestsError), budget.share("a"):
            pass
        with budget.share("b"), pytest.raises(TooManyRequestsError), budget.share("c"):
            pass
    with budget.share("a"):
        pass
