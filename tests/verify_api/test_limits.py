"""Who may ask how often, and how much stands in memory."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import anyio
import pytest
from starlette.testclient import TestClient

from tests.verify_api import world
from tests.verify_api.world import ScriptedVerifier, SteppedClock
from verify_api.app import create_app
from verify_api.errors import TooManyRequestsError
from verify_api.limits import MemoryBudget, MemoryShare, Slots, TokenBuckets, client_network
from verify_api.metrics import Metrics
from verify_api.settings import Rate, VerifySettings

V1 = "/v1/verifications"


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
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


def test_memory_is_given_back_whatever_happens() -> None:
    budget = MemoryBudget(10)
    with budget.share() as share, pytest.raises(TooManyRequestsError):
        share.take(11)
    with pytest.raises(RuntimeError, match="midway"), budget.share() as share:
        _fail_midway(share)
    with budget.share() as share, budget.share() as other:
        share.take(10)
        with pytest.raises(TooManyRequestsError):
            other.take(1)


def _fail_midway(share: MemoryShare) -> None:
    share.take(8)
    raise RuntimeError("midway")


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


def test_files_and_lookups_have_rates_of_their_own(
    verifier: ScriptedVerifier, settings: VerifySettings, monotonic: SteppedClock
) -> None:
    settings = replace(settings, file_rate=Rate(2, 60), lookup_rate=Rate(3, 60))
    app = create_app(verifier, settings, ready=lambda: True, metrics=Metrics(), monotonic=monotonic)
    client = TestClient(app)
    statuses = [client.post(V1, files={"file": world.PDF}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    for _ in range(3):
        assert client.get(f"/v/{world.TOKEN}").status_code == 200
    refused = [
        client.post(f"{V1}/code", json={"code": "x"}),
        client.get(f"/v/{world.TOKEN}"),
        client.post("/lookup", data={"code": "x"}, headers={"Accept": "text/html"}),
    ]
    for response in refused:
        assert response.status_code == 429
        assert response.headers["retry-after"] == "1"
    assert refused[0].json()["code"] == "too_many_requests"
    assert "Too many" in refused[2].text or "请求过多" in refused[2].text
    monotonic.seconds += 1
    assert client.post(f"{V1}/code", json={"code": "x"}).status_code == 200


def test_who_is_refused_is_not_read(
    verifier: ScriptedVerifier, settings: VerifySettings, monotonic: SteppedClock
) -> None:
    settings = replace(settings, file_rate=Rate(1, 1))
    app = create_app(verifier, settings, ready=lambda: True, metrics=Metrics(), monotonic=monotonic)
    client = TestClient(app)
    client.post(V1, files={"file": world.PDF})
    response = client.post(V1, content=b"not even multipart")
    assert response.status_code == 429


def test_too_many_files_at_once_are_sent_away(settings: VerifySettings) -> None:
    gate = threading.Event()

    def hold() -> None:
        assert gate.wait(20)

    verifier = ScriptedVerifier(before=hold)
    settings = replace(settings, concurrent_file_checks=1, waiting_file_checks=1)
    app = create_app(verifier, settings, ready=lambda: True, metrics=Metrics())
    with TestClient(app) as client, ThreadPoolExecutor(4) as pool:

        def post(_: int) -> int:
            status = client.post(V1, files={"file": world.PDF}).status_code
            if status == 429:
                gate.set()
            return status

        assert sorted(pool.map(post, range(4))) == [200, 200, 429, 429]


def test_memory_of_all_uploads_is_bounded(settings: VerifySettings) -> None:
    settings = replace(settings, max_bytes_in_flight=1000)
    app = create_app(ScriptedVerifier(), settings, ready=lambda: True, metrics=Metrics())
    client = TestClient(app)
    response = client.post(V1, files={"file": b"x" * 2000})
    assert response.status_code == 429
    assert response.headers["retry-after"] == "5"
    assert client.post(V1, files={"file": b"x"}).status_code == 200
