"""Who may ask how often, and how much stands in memory."""

import threading

import anyio
import pytest

from core.limits import (
    Rate,
    Slots,
    TokenBuckets,
    TooManyRequestsError,
    client_network,
)
from tests.verify_api.world import SteppedClock


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/56"),
        ("2001:db8:1:2:ffff::", "2001:db8:1::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("testclient", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_clients_are_addresses_or_their_networks(host: str | None, network: str) -> None:
    assert client_network(host) == network


def test_a_bucket_empties_refills_and_never_overflows() -> None:
    clock = SteppedClock()
    buckets = TokenBuckets(Rate(burst=2, per_minute=6), clock)
    buckets.take("a")
    buckets.take("a")
    with pytest.raises(TooManyRequestsError) as refused:
        buckets.take("a")
    assert refused.value.retry_after == 10
    buckets.take("b")
    clock.seconds += 10
    buckets.take("a")
    clock.seconds += 10_000
    buckets.take("a")
    buckets.take("a")
    with pytest.raises(TooManyRequestsError):
        buckets.take("a")


def test_waiting_as_long_as_told_is_enough() -> None:
    clock = SteppedClock()
    buckets = TokenBuckets(Rate(burst=1, per_minute=7), clock)
    buckets.take("a")
    clock.seconds += 3.3
    with pytest.raises(TooManyRequestsError) as refused:
        buckets.take("a")
    clock.seconds += refused.value.retry_after
    buckets.take("a")


def test_the_number_of_buckets_is_bounded() -> None:
    buckets = TokenBuckets(Rate(burst=1, per_minute=1), SteppedClock(), max_clients=10)
    buckets.take("first")
    for number in range(10):
        buckets.take(str(number))
    buckets.take("first")
    with pytest.raises(TooManyRequestsError):
        buckets.take("9")


def test_the_line_for_slots_is_bounded() -> None:
    async def scenario() -> int:
        slots = Slots(working=1, waiting=1)
        gate, refused = threading.Event(), 0

        async def one() -> None:
            nonlocal refused
            try:
                await slots.run(lambda: gate.wait(10))
            except TooManyRequestsError:
                refused += 1
                gate.set()

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(one)
        await slots.run(lambda: None)
        return refused

    assert anyio.run(scenario) == 2
