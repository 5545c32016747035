"""Waits of whoever fails."""

from datetime import UTC, datetime, timedelta

import pytest

from identity.accounts.errors import TooManyTriesError
from identity.accounts.throttle import (
    FORGOTTEN_AFTER,
    FREE,
    LONGEST_WAIT,
    Counted,
    Tries,
    next_tries,
    wait_after,
)

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)


def fail(times: int, kind: Counted = Counted.ACCOUNT) -> tuple[Tries, datetime]:
    """Fail as soon as one may, so many times; return what is kept, and when that was."""
    tries, now = next_tries(kind, None, AT), AT
    for _ in range(times - 1):
        now = max(now, tries.not_before)
        tries = next_tries(kind, tries, now)
    return tries, now


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (14, 512), (15, 900)]
)
def test_waits_grow(failures: int, seconds: int) -> None:
    assert wait_after(Counted.ACCOUNT, failures) == timedelta(seconds=seconds)


@pytest.mark.parametrize("kind", Counted)
def test_waits_end(kind: Counted) -> None:
    assert wait_after(kind, FREE[kind] - 1) == timedelta(0)
    assert wait_after(kind, 10**6) == LONGEST_WAIT[kind] <= timedelta(minutes=15)


def test_who_does_not_wait_is_refused_and_not_counted() -> None:
    tries, now = fail(6)
    with pytest.raises(TooManyTriesError) as refused:
        next_tries(Counted.ACCOUNT, tries, now + timedelta(seconds=0.5))
    assert refused.value.details["retry_after"] == 2
    assert next_tries(Counted.ACCOUNT, tries, now + timedelta(seconds=2)).failures == 7


def test_a_day_without_failures_forgets_them() -> None:
    tries, now = fail(20)
    assert next_tries(Counted.ACCOUNT, tries, now + FORGOTTEN_AFTER).failures == 1
    just_before = now + FORGOTTEN_AFTER - timedelta(seconds=1)
    assert next_tries(Counted.ACCOUNT, tries, just_before).failures == 21


def test_a_clock_that_was_set_back_keeps_nobody_out() -> None:
    tries, now = fail(20)
    assert next_tries(Counted.ACCOUNT, tries, now - timedelta(days=30)).failures == 21


def test_a_day_of_guesses_is_few() -> None:
    """Guesses at one account from wherever, as fast as allowed, for a day."""
    tries, count = next_tries(Counted.ACCOUNT, None, AT), 1
    while tries.not_before < AT + timedelta(days=1):
        tries, count = next_tries(Counted.ACCOUNT, tries, tries.not_before), count + 1
    assert count < 120
