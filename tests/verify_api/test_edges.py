"""Headers on every answer, what is counted and logged, probes, and what may be imported."""

import logging
import re
import subprocess
import sys

import pytest
from starlette.testclient import TestClient

from core.metrics import Counter, Histogram
from core.web.access_log import truncated
from tests.verify_api import world
from tests.verify_api.world import ScriptedVerifier, SteppedClock
from verify_api.app import create_app
from verify_api.metrics import Metrics
from verify_api.settings import VerifyApiSettings

LINK = f"/v/{world.TOKEN}"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        LINK,
        "/nothing",
        "/healthz",
        "/metrics",
        "/openapi.json",
        "/v1/verifications",
        "/verify",
    ],
)
def test_every_answer_is_hardened(client: TestClient, path: str) -> None:
    headers = client.get(path, follow_redirects=False).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers
    assert "server" not in headers
    assert "strict-transport-security" not in headers


def test_the_log_names_no_token_no_file_and_no_full_address(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "access")
    client.get(f"{LINK}?lang=en&secret=1")
    client.post("/v1/verifications", files={"file": ("private-name.pdf", world.PDF)})
    client.post("/lookup", data={"code": "JY19901010000018"})
    client.get("/private/path")
    lines = [r.getMessage() for r in caplog.records if r.name == "access"]
    assert lines == [
        "GET /v/{token} 200",
        "POST /v1/verifications 200",
        "POST /lookup 200",
        "GET - 404",
    ]
    text = caplog.text
    for secret in (world.TOKEN, "private", "JY1370", "secret"):
        assert secret not in text


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8::/32"),
        ("testclient", None),
        (None, None),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/32"),
    ],
)
def test_addresses_are_shortened(host: str | None, kept: str | None) -> None:
    assert truncated(host) == kept


def test_a_fault_is_logged_with_its_trace(
    client: TestClient, verifier: ScriptedVerifier, caplog: pytest.LogCaptureFixture
) -> None:
    verifier.error = ValueError("cause")
    assert client.get(LINK).status_code == 500
    [fault] = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert fault.exc_info
    assert fault.exc_info[1] is verifier.error


def test_readiness_is_what_it_is_told(
    verifier: ScriptedVerifier, settings: VerifyApiSettings
) -> None:
    state = [False]
    app = create_app(verifier, settings, ready=lambda: state[0], metrics=Metrics())
    client = TestClient(app)
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 503
    state[0] = True
    assert client.get("/readyz").json() == {"status": "ready"}


def test_requests_outcomes_and_alarms_are_counted(
    verifier: ScriptedVerifier, settings: VerifyApiSettings
) -> None:
    clock, metrics = SteppedClock(), Metrics()
    verifier.before = lambda: setattr(clock, "seconds", clock.seconds + 0.3)
    app = create_app(verifier, settings, ready=lambda: True, metrics=metrics, monotonic=clock)
    client = TestClient(app)
    client.get(LINK)
    client.get("/v/" + "x" * 30)
    client.post("/v1/verifications/claims", json={"type": "T", "claims": {}, "use_cause": "x"})
    client.get("/made-up")
    metrics.alarm("seal_without_record")
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = response.text.splitlines()
    for expected in (
        'xinyin_http_requests_total{route="/v/{token}",method="GET",status="200"} 2',
        'xinyin_http_requests_total{route="-",method="GET",status="404"} 1',
        'xinyin_http_request_seconds_bucket{route="/v/{token}",le="0.25"} 0',
        'xinyin_http_request_seconds_bucket{route="/v/{token}",le="0.5"} 2',
        'xinyin_http_request_seconds_bucket{route="/v/{token}",le="+Inf"} 2',
        'xinyin_http_request_seconds_count{route="/v/{token}"} 2',
        'xinyin_verifications_total{way="link",outcome="in_force"} 2',
        'xinyin_verifications_total{way="claims",outcome="0"} 1',
        'xinyin_alarms_total{code="seal_without_record"} 1',
    ):
        assert expected in lines
    sample = re.compile(r'[a-z_]+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [0-9.e+-]+')
    assert all(line.startswith("# ") or sample.fullmatch(line) for line in lines)


def test_labels_are_escaped() -> None:
    counter = Counter("n", "e")
    counter.add(label='a"b\\c\nd')
    assert list(counter.lines())[2] == 'n{label="a\\"b\\\\c\\nd"} 1'
    histogram = Histogram("h", "e")
    histogram.observe(10**6, "/")
    assert 'h_bucket{route="/",le="30.0"} 0' in list(histogram.lines())


def test_methods_are_a_closed_set(client: TestClient) -> None:
    client.request("BREW", "/")
    assert 'method="other"' in client.get("/metrics").text


def test_the_edge_loads_nothing_that_signs_or_issues() -> None:
    program = (
        "import sys, verify_api.app, core.web.server\n"
        "bad = ('ca.issuing.issue', 'signing.sealing.pades', 'registry.granting', 'keys', "
        "'pyhanko')\n"
        "print([m for m in sys.modules if m.startswith(bad)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", ["/", LINK, "/nothing", "/healthz", "/v1/verifications"])
def test_every_answer_carries_the_request_s_name(client: TestClient, path: str) -> None:
    assert (
        client.get(path, headers={"X-Request-ID": "a-1_B.2"}).headers["x-request-id"] == "a-1_B.2"
    )
    given = [client.get(path).headers["x-request-id"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in given)
    assert given[0] != given[1]


@pytest.mark.parametrize(
    "name", ["", "a" * 129, "a b", "a\tb", "ä", "<x>", "a,b", "a\\nb", "zhang@example.cn"]
)
def test_a_malformed_name_of_a_request_is_replaced(client: TestClient, name: str) -> None:
    response = client.get("/healthz", headers={b"X-Request-ID": name.encode("latin-1")})
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])


def test_a_request_with_two_names_gets_a_third(client: TestClient) -> None:
    response = client.get("/healthz", headers=[("X-Request-ID", "a"), ("X-Request-ID", "b")])
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])


def test_a_fault_tells_the_clerk_the_name_of_the_request(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    verifier.error = ValueError("cause")
    response = client.get(LINK, headers={"X-Request-ID": "wanted-1"})
    assert (response.status_code, response.headers["x-request-id"]) == (500, "wanted-1")
    assert response.json()["request_id"] == "wanted-1"
    page = client.get(LINK, headers={"X-Request-ID": "wanted-2", "Accept": "text/html"})
    assert "<code>wanted-2</code>" in page.text
