"""One client network does its worst, on the real server; another must hardly notice.

Loopback addresses are networks of their own: 127.0.0.66 attacks, 127.0.0.9 is honest.
"""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace

import httpx2
import pytest
from starlette.testclient import TestClient

from core.text import Text
from core.web.access_log import AccessLog
from core.web.limits.bodies import Pace
from core.web.limits.fair_queue import QueueLimits
from core.web.limits.memory_budget import MemoryLimits
from core.web.limits.setbacks import SetbackRule
from core.web.limits.throttling import Rate
from registry.answers.answers import VerificationAnswer
from tests.verify_api import world
from tests.verify_api.test_server import MULTIPART, running
from tests.verify_api.world import Claims, ScriptedVerifier, SteppedClock
from verify_api.app import create_app
from verify_api.metrics import Metrics
from verify_api.settings import VerifyApiSettings, file_queue

HOSTILE = b"%PDF-1.7\n% hostile\n"
REGISTERED = b"%PDF-1.7\n% registered\n"
V1 = "/v1/verifications"
HEAD = b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\n" + MULTIPART
PART = b'--f\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
CLAIMS = {"type": "T", "claims": {"ZZBH": "1", "CZZT": "x"}, "use_cause": "x"}


class Blocking(ScriptedVerifier):
    """Hostile files keep a worker busy until the gate opens."""

    def __init__(self) -> None:
        super().__init__(registered=frozenset({REGISTERED}))
        self.gate = threading.Event()
        self.at_work = 0
        self.most_at_work = 0

    def by_file(self, data: bytes) -> VerificationAnswer:
        if data == HOSTILE:
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
            assert self.gate.wait(30)
            self.at_work -= 1
        return super().by_file(data)


def client_at(host: str, address: tuple[str, int]) -> httpx2.Client:
    """Return a client whose requests come from one address of this machine."""
    return httpx2.Client(
        base_url=f"http://{address[0]}:{address[1]}",
        transport=httpx2.HTTPTransport(local_address=host),
        timeout=30,
    )


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_hostile_files_of_one_network_delay_no_other(settings: VerifyApiSettings) -> None:
    """Issue: 14 of them made honest uploads wait 100 s."""
    verifier = Blocking()
    with (
        running(settings, verifier) as address,
        client_at("127.0.0.66", address) as attacker,
        client_at("127.0.0.9", address) as honest,
        ThreadPoolExecutor(14) as pool,
    ):
        hostile = [pool.submit(attacker.post, V1, files={"file": HOSTILE}) for _ in range(14)]
        wait_for(lambda: verifier.at_work == 1)
        for _ in range(3):
            assert honest.post(V1, files={"file": world.PDF}).status_code == 200
        assert verifier.most_at_work == 1
        verifier.gate.set()
        assert {one.result().status_code for one in hostile} == {200}


def test_a_registered_file_is_answered_while_every_worker_is_busy(
    settings: VerifyApiSettings,
) -> None:
    verifier = Blocking()
    settings = replace(settings, files=file_queue(1, waiting=1))
    with (
        running(settings, verifier) as address,
        client_at("127.0.0.66", address) as attacker,
        client_at("127.0.0.67", address) as other,
        ThreadPoolExecutor(2) as pool,
    ):
        hostile = [pool.submit(one.post, V1, files={"file": HOSTILE}) for one in (attacker, other)]
        wait_for(lambda: verifier.at_work == 1)
        # Even to the network that keeps the worker busy.
        for host in ("127.0.0.9", "127.0.0.66"):
            with client_at(host, address) as client:
                assert client.post(V1, files={"file": REGISTERED}).json()["outcome"] == "in_force"
        verifier.gate.set()
        assert [one.result().status_code for one in hostile] == [200, 200]


def test_who_leaves_gives_up_the_place_in_the_line(settings: VerifyApiSettings) -> None:
    verifier = Blocking()
    body = PART + HOSTILE + b"\r\n--f--\r\n"
    request = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    settings = replace(settings, files=file_queue(1, waiting_each=1))
    with (
        running(settings, verifier) as address,
        client_at("127.0.0.9", address) as honest,
        ExitStack() as stack,
        ThreadPoolExecutor(1) as pool,
    ):
        working = stack.enter_context(socket.create_connection(address))
        working.sendall(request)
        wait_for(lambda: verifier.at_work == 1)
        leaving = stack.enter_context(socket.create_connection(address))
        leaving.sendall(request)
        time.sleep(0.2)
        leaving.close()
        time.sleep(0.2)
        waiting = pool.submit(honest.post, V1, files={"file": world.PDF})
        time.sleep(0.2)
        verifier.gate.set()
        assert waiting.result().status_code == 200
    assert [what for _, what in verifier.asked] == [HOSTILE, world.PDF]


@pytest.mark.parametrize("path", [V1, "/registered-part"])
def test_seconds_of_work_are_charged_to_who_caused_them(
    settings: VerifyApiSettings, monotonic: SteppedClock, path: str
) -> None:
    """Thirty seconds in hand and thirty more a minute; files that take 13 each."""

    def work() -> None:
        monotonic.seconds += 13

    verifier = ScriptedVerifier(world.ADDED, before=work, registered=frozenset({REGISTERED}))
    settings = replace(settings, judging=Rate(burst=30, per_minute=30))
    app = create_app(verifier, settings, ready=lambda: True, metrics=Metrics(), monotonic=monotonic)

    with TestClient(app, client=("192.0.2.66", 1)) as attacker:
        statuses = [attacker.post(path, files={"file": world.PDF}).status_code for _ in range(5)]
        # 30 → 17 → 10.5 → 4 → -2.5: each takes 13 and refills 6.5 meanwhile, but for the first
        assert statuses == [200, 200, 200, 200, 429]
        refused = attacker.post(path, files={"file": world.PDF})
        assert refused.headers["retry-after"] == "5"
        assert refused.json()["code"] == "too_many_requests"
        assert attacker.post(V1, files={"file": REGISTERED}).status_code == 200
        assert 'xinyin_refusals_total{reason="judging"} 2' in attacker.get("/metrics").text
        with TestClient(app, client=("192.0.2.9", 1)) as honest:
            assert honest.post(V1, files={"file": world.PDF}).status_code == 200
        assert attacker.post(path, files={"file": world.PDF}).status_code == 200


@pytest.mark.parametrize("path", [V1, "/registered-part"])
def test_large_files_count_for_several(
    settings: VerifyApiSettings, monotonic: SteppedClock, path: str
) -> None:
    """Ten in hand: a file of 500 KB counts as one and five more of 100 KB each."""
    settings = replace(
        settings,
        file_rate=Rate(burst=10, per_minute=60),
        memory=MemoryLimits(total=10**7, each=10**7, small=100_000),
    )
    app = create_app(
        ScriptedVerifier(world.ADDED),
        settings,
        ready=lambda: True,
        metrics=Metrics(),
        monotonic=monotonic,
    )
    client = TestClient(app)
    statuses = [
        client.post(path, files={"file": b"x" * size}).status_code
        for size in (500_000, 1, 1, 1, 1, 1)
    ]
    assert statuses == [200] * 5 + [429]


def test_requests_of_any_kind_are_counted_but_for_probes(
    settings: VerifyApiSettings, monotonic: SteppedClock
) -> None:
    settings = replace(settings, request_rate=Rate(burst=3, per_minute=60))
    app = create_app(
        ScriptedVerifier(), settings, ready=lambda: True, metrics=Metrics(), monotonic=monotonic
    )
    named = AccessLog(app)
    client, other = (TestClient(named, client=(host, 1)) for host in ("192.0.2.1", "192.0.2.2"))
    for path in ("/", "/robots.txt", "/nothing"):
        assert client.get(path).status_code in (200, 404)
    refused = client.get("/openapi.json")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["code"] == "too_many_requests"
    assert "content-security-policy" in refused.headers
    assert "x-request-id" in refused.headers
    page = client.get("/", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"][:9]) == (429, "text/html")
    for path in ("/healthz", "/readyz"):
        assert client.get(path).status_code == 200
    assert other.get("/").status_code == 200
    monotonic.seconds += 1
    assert client.get("/").status_code == 200


def test_held_uploads_leave_room_for_others_small_files(settings: VerifyApiSettings) -> None:
    """Issue: eleven held uploads emptied the memory for two minutes."""
    mib = 1024 * 1024
    settings = replace(
        settings,
        memory=MemoryLimits(
            total=16 * mib, each=8 * mib, small=mib, kept_for_small=4 * mib, uploads_each=20
        ),
    )
    with running(settings, ScriptedVerifier()) as address, ExitStack() as held:
        for number in range(11):
            source = ("127.0.0.66", "127.0.0.67")[number % 2]
            one = held.enter_context(
                socket.create_connection(address, timeout=10, source_address=(source, 0))
            )
            one.sendall(HEAD + b"Content-Length: 30000000\r\n\r\n" + PART)
            _send_patiently(one, b"x" * 3 * mib)
        with client_at("127.0.0.9", address) as honest:
            small = b"%PDF" + b"x" * (mib - 100_000)
            assert honest.post(V1, files={"file": small}).status_code == 200


def _send_patiently(connection: socket.socket, data: bytes) -> None:
    """Send as much as the other side takes; it may have refused already."""
    connection.settimeout(1)
    with suppress(OSError):
        connection.sendall(data)


def test_a_dripping_upload_is_cut_off_long_before_its_time(settings: VerifyApiSettings) -> None:
    """Ten bytes every 50 ms, of which a pace of 1,000 a second with 0.4 s of grace sees through."""
    pace = Pace(seconds=60, bytes_per_second=1000, grace_seconds=0.4)
    with running(replace(settings, file_pace=pace), ScriptedVerifier()) as address:
        for beginning in (b"", b"x" * 100_000):  # a quick beginning buys no more than the grace
            with socket.create_connection(address, timeout=10) as connection:
                connection.sendall(HEAD + b"Content-Length: 900000\r\n\r\n" + PART + beginning)
                begun, answer = time.monotonic(), b""
                connection.settimeout(0.05)
                while not answer and time.monotonic() - begun < 15:
                    try:
                        connection.sendall(b"x" * 10)
                        answer = connection.recv(65536)
                    except TimeoutError:
                        pass
                assert answer.startswith(b"HTTP/1.1 408")


def test_a_slow_but_steady_upload_passes(settings: VerifyApiSettings) -> None:
    pace = Pace(seconds=60, bytes_per_second=1000, grace_seconds=2)
    body = PART + b"x" * 5000 + b"\r\n--f--\r\n"
    with (
        running(replace(settings, file_pace=pace), ScriptedVerifier()) as address,
        socket.create_connection(address, timeout=10) as connection,
    ):
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
        for start in range(0, len(body), 500):
            connection.sendall(body[start : start + 500])
            time.sleep(0.25)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_wrong_claims_slow_their_network_down_and_lock_nothing(
    settings: VerifyApiSettings, monotonic: SteppedClock
) -> None:
    verifier = ScriptedVerifier(claims=Claims(5, Text("没有", "none")))
    settings = replace(settings, wrong_claims=SetbackRule(free=2))
    app = create_app(verifier, settings, ready=lambda: True, metrics=Metrics(), monotonic=monotonic)
    guesser = TestClient(app, client=("192.0.2.66", 1))
    honest = TestClient(app, client=("192.0.2.9", 1))

    def guess(client: TestClient) -> httpx2.Response:
        return client.post(f"{V1}/claims", json=CLAIMS)

    assert [guess(guesser).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = guess(guesser)
    assert (refused.headers["retry-after"], refused.json()["code"]) == ("2", "too_many_requests")
    verifier.claims = Claims(0, Text("相符", "correct"))
    assert guess(guesser).status_code == 429, "a right one is not told apart while it waits"
    assert guess(honest).json()["result"] == 0, "the same licence, for others"
    assert guesser.get(f"/v/{world.TOKEN}").status_code == 200, "all else is as before"
    monotonic.seconds += 2
    assert guess(guesser).json()["result"] == 0
    verifier.claims = Claims(5, Text("没有", "none"))
    guess(guesser)
    assert guess(guesser).headers["retry-after"] == "4"


@pytest.mark.parametrize("result", [0, 1, 2, 3, 4])
def test_other_results_of_claims_slow_nobody(
    settings: VerifyApiSettings, verifier: ScriptedVerifier, result: int
) -> None:
    verifier.claims = Claims(result, Text("相符", "correct"))
    settings = replace(settings, wrong_claims=SetbackRule(free=0))
    client = TestClient(create_app(verifier, settings, ready=lambda: True, metrics=Metrics()))
    statuses = [client.post(f"{V1}/claims", json=CLAIMS).status_code for _ in range(4)]
    assert statuses == [200] * 4


def test_claims_at_once_gain_nothing(settings: VerifyApiSettings) -> None:
    """One is looked at after the other, so that none slips through before the first is judged."""
    verifier = ScriptedVerifier(
        claims=Claims(5, Text("没有", "none")), before=lambda: time.sleep(0.05)
    )
    settings = replace(
        settings,
        wrong_claims=SetbackRule(free=2),
        claims=QueueLimits(working=4, working_each=1, waiting=64, waiting_each=32),
    )
    with (
        running(settings, verifier) as address,
        client_at("127.0.0.66", address) as guesser,
        ThreadPoolExecutor(12) as pool,
    ):
        asked = [pool.submit(guesser.post, f"{V1}/claims", json=CLAIMS) for _ in range(12)]
        statuses = [one.result().status_code for one in asked]
    assert sorted(statuses) == [200] * 3 + [429] * 9


def test_one_network_s_lookups_leave_threads_to_others(settings: VerifyApiSettings) -> None:
    gate, at_work = threading.Event(), threading.Semaphore(0)

    class Slow(ScriptedVerifier):
        def by_code(self, code: str) -> VerificationAnswer:
            if code == "slow":
                at_work.release()
                assert gate.wait(30)
            return super().by_code(code)

    with (
        running(settings, Slow()) as address,
        client_at("127.0.0.66", address) as attacker,
        client_at("127.0.0.9", address) as honest,
        ThreadPoolExecutor(30) as pool,
    ):
        asked = [pool.submit(attacker.post, f"{V1}/code", json={"code": "slow"}) for _ in range(30)]
        for _ in range(4):
            assert at_work.acquire(timeout=20)
        assert honest.post(f"{V1}/code", json={"code": "x"}).status_code == 200
        assert not at_work.acquire(blocking=False)
        gate.set()
        assert {one.result().status_code for one in asked} == {200}
