"""The issuing API behind the shipped nginx, over TLS: browsers, systems, and what nginx answers."""

from pathlib import Path

import pytest

from tests.cli.conftest import DemoHome
from tests.cli.test_serve import serving, wait_until_ready
from tests.issuing_api.conftest import two_authorities
from tests.issuing_api.desk import served_elsewhere
from tests.nginx import ISSUING, VERIFY, free_port, have_nginx, running_nginx

V1 = "/issuing/v1"
pytestmark = pytest.mark.skipif(not have_nginx(), reason="nginx is not installed")


def test_people_and_systems_get_through(own: DemoHome, tmp_path: Path) -> None:
    directory, port, tls = tmp_path / "nginx", free_port(), free_port()
    directory.mkdir()
    url = f"https://localhost:{tls}"
    with (
        running_nginx(directory, port, {ISSUING: "localhost"}, tls_port=tls) as nginx,
        served_elsewhere(own.directory, url, *two_authorities(own), trusted=nginx.trusted) as desk,
        serving(own.directory, "--port", str(port), XINYIN_VERIFY_TRUSTED_PROXIES="127.0.0.1") as (
            told,
            _,
        ),
    ):
        wait_until_ready(told)
        # 1. A browser: sign-in with its cookies, a change from a page of ours, sign-out.
        li = desk.person("li")
        assert li.ask("GET", f"{V1}/me").json()["name"] == "李样"
        licence = li.ask("GET", f"{V1}/licences").json()["licences"][0]["identifier"]
        path = f"{V1}/licences/{licence}/changes"
        change = {"change": "suspend", "reason": "UNDER_REVIEW", "basis": "样例依据"}
        forged = li.ask("POST", path, change, Origin=f"https://{VERIFY}")
        assert forged.status_code == 403
        assert li.ask("POST", path, change).json()["state"] == "SUSPENDED"
        # 2. A system: its proofs are for the address that it sees.
        answer = desk.system().ask("GET", f"{V1}/me")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        # 3. What nginx answers by itself, and what it does not write down.
        assert li.ask("GET", "/").headers["location"].endswith("/issuing/")
        elsewhere = desk.http.get(f"{url}/v1/verifications")
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not_found")
        large = desk.http.post(f"{url}{V1}/requests", content=b"x" * (34 * 1024 * 1024))
        assert (large.status_code, large.json()["code"]) == (413, "too_large")
        assert f'POST "{V1}/licences/..." 200' in nginx.log()
        assert licence not in nginx.log()
        hidden = desk.http.get(f"{url}{V1}/me", headers={"Host": VERIFY})
        assert hidden.status_code in (404, 421)
