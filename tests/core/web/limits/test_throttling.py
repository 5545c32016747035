"""Who may ask how often, and how much stands in memory."""

import threading

import anyio
import pytest

from core.client_networks import ClientNetworks, client_network
from core.web.limits.throttling import Rate, Slots, TokenBuckets, TooManyRequestsError
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


def test_seconds_of_work_are_charged_afterwards_and_paid_back() -> None:
    """Thirty seconds a minute: who used 7 beyond the burst is let in again after 14."""
    clock = SteppedClock()
    seconds = TokenBuckets(Rate(burst=60, per_minute=30), clock, reason="judging")
    for _ in range(4):
        seconds.require("a")
        seconds.charge("a", 17)
        clock.seconds += 0.5  # refills a quarter of a second, not beyond the burst
    with pytest.raises(TooManyRequestsError) as refused:
        seconds.require("a")
    # 60 - 4 * 17 + 4 * 0.25 = -7, at 0.5 a second
    assert (refused.value.retry_after, refused.value.reason) == (14, "judging")
    seconds.require("b")
    clock.seconds += 13.9
    with pytest.raises(TooManyRequestsError):
        seconds.require("a")
    clock.seconds += 0.1
    seconds.require("a")


def test_how_far_addresses_count_as_one_is_a_setting() -> None:
    networks = ClientNetworks(ipv4_prefix=24, ipv6_prefix=64)
    assert networks.of("192.0.2.7") == "192.0.2.0/24"
    assert networks.of("::ffff:192.0.2.9") == "192.0.2.0/24"
    assert networks.of("2001:db8:1:2:3::4") == "2001:db8:1:2::/64"
    assert networks.of("127.0.0.9") != ClientNetworks().of("127.0.0.9") == "127.0.0.9"


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


def test_who_stands_in_line_too_long_is_told_and_what_has_begun_ends() -> None:
    gate, done = threading.Event(), []

    async def everybody() -> None:
        slots = Slots(working=1, waiting=4)

        async def first() -> None:
            done.append(await slots.run(lambda: gate.wait(20), 0.1))

        async with anyio.create_task_group() as group:
            group.start_soon(first)
            await anyio.sleep(0.3)
            with pytest.raises(TimeoutError):
                await slots.run(lambda: done.append(False), 0.2)
            gate.set()
        assert await slots.run(lambda: True, 5)

    anyio.run(everybody)
    assert done == [True]
