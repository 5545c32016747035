"""The emergency's credential: once, for an hour, loudly, and answered for by somebody else."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from identity.sessions.browser import SESSION_COOKIE
from identity.sessions.sessions import IDLE_LIMIT
from registry.health.watching import RegisterGauges
from tests.cli.conftest import DemoHome, bare, passphrases
from tests.issuing_api.local import LocalHome, Visitor, running_local_home

__all__ = ["bare", "passphrases"]
ADDRESS = "/issuing/break-glass"
REASON = "身份服务中断，须停用一名人员"
REFUSED = "应急凭据无效"


@pytest.fixture(scope="module")
def running(bare: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHome]:
    directory = tmp_path_factory.mktemp("emergency") / "home"
    with running_local_home(bare.directory, directory, workers=2) as site:
        yield site


@pytest.fixture
def site(running: LocalHome) -> LocalHome:
    running.forget_failures()
    return running


def prepare(site: LocalHome) -> str:
    ran = site.run("break-glass", "prepare", "--json")
    assert ran.code == 0, ran.err
    return str(ran.json["credential"])


def use(visitor: Visitor, credential: str, reason: str = REASON, **headers: str) -> int:
    form = {"credential": credential, "reason": reason}
    return visitor.ask("POST", ADDRESS, form, **headers).status_code


def test_its_use_is_loud_until_another_acknowledges_it(
    site: LocalHome, caplog: pytest.LogCaptureFixture
) -> None:
    credential, visitor = prepare(site), Visitor(site)
    caplog.set_level(logging.INFO, "identity")
    assert "只能用一次" in visitor.ask("GET", ADDRESS).text
    assert use(visitor, f" {credential.lower()} ".replace("-", " ")) == 303
    me = visitor.me().json()
    assert (me["way"], me["roles"]) == (
        "break_glass",
        [{"role": "administrator", "authority": None}],
    )
    # The log, without what somebody typed; the audit with the reason; gauge and doctor.
    (line,) = [one for one in caplog.records if one.levelno == logging.CRITICAL]
    assert line.__dict__["code"] == "break_glass_used"
    logged = "\n".join(str(one.__dict__) for one in caplog.records)
    assert (credential in logged, REASON in logged) == (False, False)
    (event,) = site.run("audit", "list", "--json", "--action", "break_glass.used").records
    assert (event["actor"], event["basis"]) == (f"id:{me['id']}", REASON)
    use_id = event["subject"].removeprefix("break-glass:")
    assert _gauge(site) >= 1
    doctor = site.run("doctor", "--check", "break-glass")
    assert use_id in doctor.out
    assert "break-glass acknowledge" in doctor.out
    # Somebody else answers for it.
    assert use_id in site.run("break-glass", "list").out
    before = _gauge(site)
    ran = site.run("break-glass", "acknowledge", use_id, "--basis", "已核对")
    assert ran.code == 0, ran.err
    assert _gauge(site) == before - 1
    assert use_id not in site.run("doctor", "--check", "break-glass").out
    again = site.run("break-glass", "acknowledge", use_id, "--basis", "再次")
    assert again.code == 2


def _gauge(site: LocalHome) -> float:
    gauges = RegisterGauges(site.home.database, site.home.clock, site.home.journal_directory).all()
    name = "xinyin_break_glass_unacknowledged "
    lines = [line for one in gauges for line in one.lines() if line.startswith(name)]
    return float(lines[0].removeprefix(name))


def test_the_desk_tells_of_it_on_every_page(site: LocalHome) -> None:
    sign_in = "/issuing/sign-in/local"
    credential, visitor, admin = prepare(site), Visitor(site), Visitor(site)
    assert f'href="{ADDRESS}"' in admin.ask("GET", sign_in).text
    login, _ = site.account("--role", "administrator", "--everywhere")
    plain, _ = site.account()
    assert use(visitor, credential) == 303
    assert f'href="{ADDRESS}"' not in Visitor(site).ask("GET", sign_in).text
    admin.sign_in(login)
    clerk = Visitor(site)
    clerk.sign_in(plain)
    for path in ("/issuing/", "/issuing/licences", "/issuing/people", "/issuing/nothing-here"):
        inside = path != "/issuing/nothing-here"  # an error's page says nothing of anybody
        assert ("应急会话" in visitor.ask("GET", path).text) is inside, path
        assert ("尚无人核实" in admin.ask("GET", path).text) is inside, path
        assert "尚无人核实" not in clerk.ask("GET", path).text, path
    for line in site.run("break-glass", "list", "--json").records:
        site.run("break-glass", "acknowledge", line["use"], "--basis", "已核对")
    assert "尚无人核实" not in admin.ask("GET", "/issuing/").text
    token = re.search(r'name="form_token" value="([^"]+)"', visitor.ask("GET", "/issuing/").text)
    assert token is not None
    out = visitor.ask("POST", "/issuing/sign-out", {"form_token": token[1]})
    assert (out.status_code, visitor.me().status_code) == (303, 401)


def test_it_serves_once_in_all_workers(site: LocalHome) -> None:
    credential = prepare(site)
    assert use(Visitor(site), credential) == 303
    for worker in (0, 1):
        again = Visitor(site, worker=worker)
        assert use(again, credential) == 403
        assert SESSION_COOKIE not in again.cookies
    assert "prepare" in site.run("break-glass", "list").err


def test_another_replaces_it(site: LocalHome) -> None:
    first, second = prepare(site), prepare(site)
    assert use(Visitor(site), first) == 403
    assert use(Visitor(site), second) == 303
    assert use(Visitor(site), first) == 403, "nor once the second is used up"


@pytest.mark.parametrize("reason", ["", "   ", "short", "x" * 501])
def test_without_a_reason_it_is_not_used_up(site: LocalHome, reason: str) -> None:
    credential = prepare(site)
    assert use(Visitor(site), credential, reason) == 422
    assert use(Visitor(site), credential) == 303


def test_another_site_does_not_use_it_up(site: LocalHome) -> None:
    credential = prepare(site)
    assert use(Visitor(site), credential, Origin="https://evil.example") == 403
    assert use(Visitor(site), credential) == 303


def test_it_lasts_an_hour_at_most_and_is_fresh_meanwhile(site: LocalHome) -> None:
    credential, visitor = prepare(site), Visitor(site)
    assert use(visitor, credential) == 303
    for _ in range(3):
        site.clock.advance(timedelta(minutes=19))
        me = visitor.me().json()
        assert me["auth_time"] == site.clock.now().isoformat().replace("+00:00", "Z")
    site.clock.advance(timedelta(minutes=3))
    assert visitor.me().status_code == 401
    assert timedelta(minutes=19) < IDLE_LIMIT


def test_guesses_wait_and_keep_nobody_from_it_elsewhere(site: LocalHome) -> None:
    prepare(site)
    met = [use(Visitor(site, worker=number % 2), f"AAAA-{number}") for number in range(23)]
    assert met == [403] * 20 + [429] * 3


def test_it_is_kept_as_a_hash_in_a_file_of_its_owners_alone(
    site: LocalHome, tmp_path: Path
) -> None:
    out = tmp_path / "credential.txt"
    ran = site.run("break-glass", "prepare", "--out", str(out))
    assert ran.code == 0, ran.err
    credential = out.read_text().strip()
    assert out.stat().st_mode & 0o777 == 0o600
    assert credential not in ran.out + ran.err
    with site.home.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM break_glass").all()
    kept = str([tuple(row) for row in rows])
    assert "$argon2id$" in kept
    assert credential.replace("-", "") not in kept.replace("-", "")
    assert site.run("break-glass", "prepare", "--out", str(out)).code == 2
    assert use(Visitor(site), credential) == 303


def test_a_reason_is_typed_once(site: LocalHome) -> None:
    prepare(site)
    visitor = Visitor(site)
    form = {"credential": "ABCD-EFGH-WRONG", "reason": REASON}
    page = visitor.ask("POST", ADDRESS, form)
    assert page.status_code == 403
    assert f">{REASON}</textarea>" in page.text
    assert "ABCD-EFGH" not in page.text
