"""Limits and readiness of the services as they run."""

from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import DemoHome
from tests.cli.test_serve import serving


def test_a_rate_is_the_service_s_however_many_workers_it_has(own: DemoHome) -> None:
    """Eight a minute, four at once, on connections that any of three workers may take."""
    _set(own.directory, "lookups_per_minute = 8")
    with serving(own.directory, "--role", "verify", "--workers", "3") as (url, _):
        asked = [httpx2.post(f"{url}/v1/verifications/code", json={"code": "x"}) for _ in range(12)]
    statuses = [response.status_code for response in asked]
    assert statuses[:4] == [200] * 4
    assert 200 not in statuses[6:], "one or two may come back while it is asked"
    assert 1 <= int(asked[-1].headers["retry-after"]) <= 8


def test_a_trusted_proxy_that_is_none_stops_the_start(own: DemoHome) -> None:
    _set(own.directory, 'trusted_proxies = ["10.0.0.0/8", "proxy.internal"]')
    for role in ("verify", "all"):
        ran = own.process("serve", "--port", "0", "--role", role)
        assert (ran.code, ran.out) == (2, "")
        assert "verify.trusted_proxies" in ran.err
        assert "proxy.internal" in ran.err


@pytest.mark.parametrize("role", ["verify", "all"])
def test_a_database_that_was_moved_away_is_not_ready(own: DemoHome, role: str) -> None:
    """The open handle would answer on."""
    with serving(own.directory, "--role", role) as (url, _):
        (own.directory / "registry.db").rename(own.directory / "moved.db")
        ready = httpx2.get(f"{url}/readyz")
        assert (ready.status_code, ready.json()) == (503, {"status": "not_ready"})
        assert httpx2.get(f"{url}/healthz").status_code == 200


def _set(home: Path, line: str) -> None:
    settings = home / "xinyin.toml"
    settings.write_text(f"{settings.read_text('utf-8')}\n[verify]\n{line}\n", "utf-8")
