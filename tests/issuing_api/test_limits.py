"""Limits on what arrives: bodies in size and depth, sign-ins and requests in number."""

import base64
from collections.abc import Iterator

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from core.client_networks import ClientNetworks
from core.web.limits.bodies import MOST_MEMBERS, Pace
from core.web.limits.memory_budget import MemoryBudget, MemoryLimits
from core.web.middleware import Larger, TakeBody
from core.web.request_errors import UnusableRequestError
from identity.sessions.browser import SESSION_COOKIE
from issuing_api.app import IssuingLimits
from issuing_api.routes.batch_wire import _PIECE, SheetBody
from tests.cli.conftest import DemoHome
from tests.issuing_api.conftest import two_authorities
from tests.issuing_api.desk import ALIAS, RunningDesk, running_desk

V1 = "/issuing/v1"


def test_a_body_beyond_its_limit_is_refused_before_it_is_read(desk: RunningDesk) -> None:
    li = desk.person("li")
    cookie = {"Cookie": "; ".join(f"{k}={v}" for k, v in li.cookies.items()), "Origin": desk.url}
    headers = {**cookie, "Content-Type": "application/json", "Idempotency-Key": "request-1"}
    address = f"{desk.url}{V1}/requests"
    for content in (b"x" * (13 * 1024 * 1024), (b"x" * 65536 for _ in range(210))):
        answer = desk.http.post(address, content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    for content in (b"[" * 200_000, b'{"a":' * 50_000, b"\xff\xfe", b"", b"9" * 10_000):
        answer = desk.http.post(address, content=content, headers=headers)
        assert answer.status_code == 422, content[:10]
        assert content[:10].decode("latin-1") not in answer.text or not content


@pytest.mark.parametrize("path", [f"{V1}/requests", f"{V1}/batches/check", "/issuing/batches/new"])
def test_who_is_nobody_sends_small_bodies_alone(one_desk: RunningDesk, path: str) -> None:
    """Parsing 4 MiB of brackets held a worker up for seconds, whoever sent them."""
    http, address = one_desk.http, f"{one_desk.url}{path}"
    nobody = {"Content-Type": "application/json", "Idempotency-Key": "request-1"}
    stale = nobody | {"Cookie": f"{SESSION_COOKIE}={'A' * 43}"}
    forged = nobody | {"Authorization": "DPoP e30.e30.e30", "DPoP": "e30.e30.e30"}
    for headers in (nobody, stale, forged):
        told = http.post(address, content=b"[" * 70_000, headers=headers)
        assert (told.status_code, told.elapsed.total_seconds() < 5) == (401, True)
        untold = http.post(address, content=(b" " * 7_000 for _ in range(10)), headers=headers)
        assert untold.status_code == 413


@pytest.mark.parametrize("sign", [b",", b"[", b"{"])
def test_a_body_of_many_members_is_refused_before_it_is_parsed(sign: bytes) -> None:
    """16 MiB of them held a worker up for seconds, whoever was signed in."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=204)(scope, receive, send)

    def refused(_: object, error: Exception) -> Response:
        assert isinstance(error, UnusableRequestError)
        return Response(status_code=422)

    client = TestClient(TakeBody(app, 10**6, Pace(seconds=5), refused))
    for count, kind, status in (
        (MOST_MEMBERS, "application/json", 204),
        (MOST_MEMBERS + 1, "application/json", 422),
        (MOST_MEMBERS + 1, "application/scim+json", 422),
        (MOST_MEMBERS + 1, "", 422),  # which a framework may take for JSON
        (MOST_MEMBERS + 1, "multipart/form-data; boundary=x", 204),
    ):
        sent = client.post("/", content=sign * count, headers={"Content-Type": kind})
        assert sent.status_code == status, (count, kind)


@pytest.mark.parametrize("size", [0, 1, 2, 3, _PIECE - 1, _PIECE, 3 * _PIECE + 1])
def test_base64_is_read_piece_by_piece(size: int) -> None:
    octets = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    text = base64.b64encode(octets).decode()
    assert SheetBody(type="x", sheet=text).ask().sheet == octets


@pytest.mark.parametrize(
    "text",
    ["A", "AA", "AA=", "AA==AAAA", "A" * (_PIECE - 2) + "==AAAA", "AAA\n", "AA A", "表格表格"],
)
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(RequestValidationError):
        SheetBody(type="x", sheet=text).ask()


def test_larger_bodies_are_counted_by_client_network() -> None:
    """Two addresses of one network took every place there was."""
    networks, seen = ClientNetworks(), list[set[str]]()
    budget = MemoryBudget(MemoryLimits(total=1_000_000, each=1_000_000))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(set(budget._clients))  # who holds memory now
        await Response(status_code=204)(scope, receive, send)

    larger = Larger(frozenset({"/sheet"}), 1_000_000, budget, networks.of)
    taking = TakeBody(app, 10, Pace(seconds=5), lambda *_: Response(status_code=500), larger=larger)
    for host in ("2001:db8::1", "2001:db8::2"):
        client = TestClient(taking, client=(host, 1))
        assert client.post("/sheet", content=b"x" * 100).status_code == 204
    assert seen == [{networks.of("2001:db8::1")}] * 2


@pytest.fixture
def strict_desk(own: DemoHome) -> Iterator[RunningDesk]:
    """A desk with the limits of the product."""
    with running_desk(own.directory, *two_authorities(own), limits=IssuingLimits()) as running:
        yield running


def test_sign_ins_are_counted(strict_desk: RunningDesk) -> None:
    desk = strict_desk
    person = desk.person()
    statuses = [person.ask("GET", f"/issuing/sign-in/{ALIAS}").status_code for _ in range(70)]
    assert statuses[0] == 303
    assert 429 in statuses
    answer = person.ask("GET", f"/issuing/sign-in/{ALIAS}")
    assert int(answer.headers["retry-after"]) >= 1
    assert person.ask("GET", f"{V1}/me").status_code == 401, "other requests go on"
    begun = desk.http.post(f"{desk.url}{V1}/enrolment-challenges")
    assert begun.status_code == 429, "a challenge keeps a row too"


def test_where_the_database_is_gone_strangers_and_officers_learn_no_path(
    one_desk: RunningDesk, caplog: pytest.LogCaptureFixture
) -> None:
    li = one_desk.person("li")
    file = one_desk.home.directory / "registry.db"
    away = file.rename(file.with_suffix(".away"))
    try:
        answers = [
            li.ask("GET", f"{V1}/me"),
            li.ask("GET", "/issuing/", Accept="text/html"),
            one_desk.person().ask("GET", f"/issuing/sign-in/{ALIAS}", Accept="text/html"),
        ]
    finally:
        away.rename(file)
    for answer in answers:
        assert answer.status_code == 503
        assert "unreachable" in answer.text
        assert str(file.parent) not in answer.text
        assert "restore" not in answer.text
    assert answers[0].json()["request_id"] in answers[0].json()["detail"]
    assert str(file) in caplog.text
    assert li.ask("GET", f"{V1}/me").status_code == 200
