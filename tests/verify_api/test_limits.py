"""At the edge: who may ask how often, and how much stands in memory."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from starlette.testclient import TestClient

from core.web.limits.memory_budget import MemoryLimits
from core.web.limits.throttling import Rate
from tests.verify_api import world
from tests.verify_api.world import ScriptedVerifier, SteppedClock
from verify_api.app import create_app
from verify_api.metrics import Metrics
from verify_api.settings import VerifyApiSettings, file_queue

V1 = "/v1/verifications"


def test_files_and_lookups_have_rates_of_their_own(
    verifier: ScriptedVerifier, settings: VerifyApiSettings, monotonic: SteppedClock
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
    verifier: ScriptedVerifier, settings: VerifyApiSettings, monotonic: SteppedClock
) -> None:
    settings = replace(settings, file_rate=Rate(1, 1))
    app = create_app(verifier, settings, ready=lambda: True, metrics=Metrics(), monotonic=monotonic)
    client = TestClient(app)
    client.post(V1, files={"file": world.PDF})
    response = client.post(V1, content=b"not even multipart")
    assert response.status_code == 429


def test_too_many_files_at_once_are_sent_away(settings: VerifyApiSettings) -> None:
    """One is looked at and one waits until two others were sent away, however late they come."""
    gate, refused = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        assert gate.wait(60)

    verifier = ScriptedVerifier(before=hold)
    settings = replace(settings, files=file_queue(1, waiting=1))
    app = create_app(verifier, settings, ready=lambda: True, metrics=Metrics())
    with TestClient(app) as client, ThreadPoolExecutor(5) as pool:

        def post(_: int) -> int:
            status = client.post(V1, files={"file": world.PDF}).status_code
            if status == 429:
                refused.release()
            return status

        def open_gate() -> None:
            for _ in range(2):
                refused.acquire(timeout=30)
            gate.set()

        pool.submit(open_gate)

        assert sorted(pool.map(post, range(4))) == [200, 200, 429, 429]


def test_memory_of_all_uploads_is_bounded(settings: VerifyApiSettings) -> None:
    settings = replace(settings, memory=MemoryLimits(total=1000, each=1000))
    app = create_app(ScriptedVerifier(), settings, ready=lambda: True, metrics=Metrics())
    client = TestClient(app)
    response = client.post(V1, files={"file": b"x" * 2000})
    assert response.status_code == 429
    assert response.headers["retry-after"] == "5"
    assert client.post(V1, files={"file": b"x"}).status_code == 200
