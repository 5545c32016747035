"""The access log around any application, and what ends at it."""

import logging
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from core.log import current_request_id
from core.web.access_log import AccessLog, note
from core.web.probes import probe_app

TOKEN = "A" * 30


async def licence(request: Request) -> Response:
    note(request.scope, "in_force")
    return PlainTextResponse("x" * 10)


async def broken(request: Request) -> Response:
    raise KeyError("张三")


async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    raise KeyError("张三")


APP = Starlette(routes=[Route("/v/{token}", licence), Route("/broken/{number}", broken)])


def fields(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [one.__dict__ for one in caplog.records if one.name.startswith("access")]


def test_a_line_tells_all_but_who(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "access")
    ticks = iter([10.0, 10.0123])
    client = TestClient(AccessLog(APP, lambda: next(ticks)), client=("192.0.2.77", 5))
    client.get(f"/v/{TOKEN}?name=zhang", headers={"User-Agent": "zhang", "X-Request-ID": "r-1"})
    [line] = fields(caplog)
    assert line["msg"] % line["args"] == "GET /v/{token} 200"
    expected = {
        "method": "GET", "route": "/v/{token}", "status": 200, "duration_ms": 12.3, "bytes": 10,
        "network": "192.0.2.0/24", "code": "in_force",
    }  # fmt: skip
    assert {name: line[name] for name in expected} == expected
    assert TOKEN not in str(line)
    assert "zhang" not in str(line)


def test_a_method_that_somebody_made_up(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "access")
    TestClient(AccessLog(APP)).request("ZHANGSAN", "/nothing")
    [line] = fields(caplog)
    assert (line["method"], line["route"], line["status"]) == ("other", "-", 404)
    assert "ZHANGSAN" not in str(line)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_have_a_logger_of_their_own(caplog: pytest.LogCaptureFixture, path: str) -> None:
    caplog.set_level(logging.INFO, "access")
    app = AccessLog(probe_app(lambda: True, lambda: ""))
    response = TestClient(app).get(path, headers={"X-Request-ID": "r-1"})
    assert response.headers["x-request-id"] == "r-1"
    assert [one["name"] for one in fields(caplog)] == ["access.probes"]


def test_a_fault_is_answered_with_the_name_that_finds_it(caplog: pytest.LogCaptureFixture) -> None:
    client = TestClient(AccessLog(raw), raise_server_exceptions=False)
    response = client.get("/x", headers={"X-Request-ID": "r-1"})
    assert (response.status_code, response.headers["x-request-id"]) == (500, "r-1")
    problem = response.json()
    assert (problem["code"], problem["request_id"]) == ("internal", "r-1")
    assert "张三" not in response.text
    [fault, line] = caplog.records
    assert (fault.name, fault.levelno) == ("core.web.access_log", logging.ERROR)
    assert (line.name, line.levelno) == ("access", logging.WARNING)
    assert line.__dict__["code"] == "internal"


def test_a_probe_that_fails_is_a_problem_too() -> None:
    def away() -> bool:
        raise KeyError("张三")

    client = TestClient(AccessLog(probe_app(away, lambda: "")), raise_server_exceptions=False)
    response = client.get("/readyz", headers={"X-Request-ID": "r-1"})
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["request_id"]) == (500, "r-1")


def test_threads_that_work_for_a_request_know_its_name() -> None:
    seen: list[str | None] = []

    def ready() -> bool:
        seen.append(current_request_id())
        return True

    TestClient(AccessLog(probe_app(ready, lambda: ""))).get(
        "/readyz", headers={"X-Request-ID": "r"}
    )
    assert seen == ["r"]


@pytest.mark.parametrize(
    "personal", ["11010519491231002X", "11010519491231002x-1", "13812345678", "+8613812345678"]
)
def test_a_persons_number_is_no_name_of_a_request(personal: str) -> None:
    response = TestClient(AccessLog(APP)).get("/", headers={"X-Request-ID": personal})
    assert personal not in response.headers["x-request-id"]


@pytest.mark.parametrize(
    "name",
    [
        "0af7651916cd43dd8448eb211c80319c",
        "Root=1-67891233-abcdef012345678912345678",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "7423013812345678901",
        "123e4567-e89b-12d3-a456-426614174000",
    ],
)
def test_what_proxies_call_requests_is_kept(name: str) -> None:
    response = TestClient(AccessLog(APP)).get("/", headers={"X-Request-ID": name})
    assert response.headers["x-request-id"] == name
