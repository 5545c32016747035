"""The issuing role in processes of its own: two workers, one database, one provider."""

import socket
import time
from pathlib import Path

import pytest

from home.role_names import RoleName
from keys.life import KeyDomain
from tests.cli.test_serve import serving, wait_until_ready
from tests.home.test_roles import either_home, home, template, with_passphrases_of
from tests.issuing_api.desk import RunningDesk, served_elsewhere
from tests.issuing_api.providers.leavers import DISABLED, claims_of, event, push

__all__ = ["either_home", "home", "template"]
pytestmark = pytest.mark.timeout(400)
V1 = "/issuing/v1"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_a_session_is_the_same_in_every_worker(either_home: Path, tmp_path: Path) -> None:
    issuing = with_passphrases_of(either_home, tmp_path / "apart", frozenset({KeyDomain.ISSUING}))
    url = f"http://127.0.0.1:{(port := free_port())}"
    events = "[providers.events]\n"
    with served_elsewhere(issuing, url, "market", "housing", events) as desk:
        more = ("--role", RoleName.ISSUING, "--workers", "2", "--port", str(port))
        with serving(issuing, *more) as (told, _):
            assert told == url
            wait_until_ready(url, workers=2)
            _use(desk)
            _leave(desk)


def _leave(desk: RunningDesk) -> None:
    """An event reaches one worker and holds in both; the role has no key of a CA."""
    wang, zhao = desk.person("wang"), desk.person("zhao")
    began = time.monotonic()
    assert push(desk, event(claims_of(desk, "wang"))).status_code == 202
    assert {wang.ask("GET", f"{V1}/me").status_code for _ in range(8)} == {401}
    assert push(desk, event(claims_of(desk, "zhao", DISABLED))).status_code == 202
    assert {zhao.ask("GET", f"{V1}/me").status_code for _ in range(8)} == {401}
    assert time.monotonic() - began < 60
    assert desk.person().sign_in("zhao").status_code == 403
    again = event(claims_of(desk, "li", jti="once"))
    assert [push(desk, again).status_code for _ in range(8)] == [202] * 8
    told = desk.http.get(f"{desk.url}/metrics").text
    kept = 'xinyin_security_events_total{event="session-revoked",outcome="kept"} 2'
    assert kept in told, "by all workers together, once each"
    assert 'xinyin_duty_age_seconds{duty="security-events"}' in told


def _use(desk: RunningDesk) -> None:
    li = desk.person("li")
    for _ in range(20):
        assert li.ask("GET", f"{V1}/me").json()["name"] == "李样"
    system = desk.system()
    sent = system.headers("GET", f"{V1}/me")
    statuses = [desk.http.get(f"{desk.url}{V1}/me", headers=sent).status_code for _ in range(8)]
    assert statuses == [403] + [401] * 7, "a proof serves once, whichever worker is asked"
    li.browser.end_session(f"{desk.provider.issuer}/session/end")
    assert {li.ask("GET", f"{V1}/me").status_code for _ in range(8)} == {401}
    described = desk.http.get(f"{desk.url}/issuing/openapi.json")
    assert described.json()["info"]["title"] == "Xinyin issuing API"
    assert desk.http.get(f"{desk.url}/v1/verifications").status_code == 404
