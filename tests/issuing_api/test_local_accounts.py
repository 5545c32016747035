"""Sign-in by password without scripts, and what strangers try."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import OWN_LOGGERS
from identity.accounts.browser_mark import MARK_COOKIE
from identity.sessions.browser import SESSION_COOKIE
from tests.cli.commands import xinyin
from tests.cli.conftest import DemoHome, bare, passphrases
from tests.issuing_api.local import PASSWORD, SIGN_IN, LocalHome, Visitor, running_local_home

__all__ = ["bare", "passphrases"]

WRONG = "账户名或密码不正确"


@pytest.fixture(scope="module")
def running(bare: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHome]:
    directory = tmp_path_factory.mktemp("local") / "home"
    with running_local_home(bare.directory, directory, workers=2, proxies=("127.0.0.9",)) as site:
        yield site


@pytest.fixture
def site(running: LocalHome) -> LocalHome:
    running.forget_failures()
    return running


@pytest.fixture
def directory(tmp_path: Path, bare: DemoHome) -> Path:
    """A home of the test's own that nothing serves."""
    shutil.copytree(bare.directory, tmp_path / "home")
    return tmp_path / "home"


def test_from_an_empty_home_one_signs_in_to_an_administrators_desk(site: LocalHome) -> None:
    login, told = site.account("--role", "administrator", "--everywhere")
    assert told["sign_in"] == f"{site.url}{SIGN_IN}"
    visitor = Visitor(site)
    page = visitor.ask("GET", f"{SIGN_IN}?back_to=/issuing/v1/me")
    assert (page.status_code, "只适用于单台机器" in page.text) == (200, True)
    assert 'value="/issuing/v1/me"' in page.text
    answer = visitor.sign_in(login, back_to="/issuing/v1/me")
    assert (answer.status_code, answer.headers["location"]) == (303, "/issuing/v1/me")
    assert answer.headers.get_list("set-cookie")[0].startswith("__Host-xinyin-session=")
    me = visitor.me().json()
    assert (me["id"], me["name"], me["way"]) == (told["officer"], "李梅", "local")
    assert (me["issuer"], me["acr"]) == ("urn:xinyin:local", "urn:xinyin:acr:password")
    assert me["roles"] == [{"role": "administrator", "authority": None}]


def test_the_pages_speak_english(site: LocalHome) -> None:
    page = Visitor(site).ask("GET", f"{SIGN_IN}?lang=en")
    assert "Local accounts are for one machine" in page.text
    assert page.headers["content-language"] == "en"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("known", "password"), [(True, "another good password"), (False, PASSWORD)]
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    site: LocalHome, caplog: pytest.LogCaptureFixture, *, known: bool, password: str
) -> None:
    login = site.account()[0] if known else "nobody-of-that-name"
    for name in OWN_LOGGERS:
        caplog.set_level(logging.DEBUG, name)
    answer = Visitor(site).sign_in(login, password)
    assert (answer.status_code, WRONG in answer.text) == (403, True)
    assert login not in answer.text
    assert "set-cookie" not in answer.headers
    logged = "\n".join(str(one.__dict__) for one in caplog.records)
    assert "local_sign_in_failed" in logged
    assert (password in logged, login in logged) == (False, False)


def test_guesses_wait_in_all_workers_whatever_the_browser_says_of_itself(site: LocalHome) -> None:
    login, _ = site.account()
    met = []
    for number in range(12):
        visitor = Visitor(site, worker=number % 2)
        answer = visitor.sign_in(
            login,
            "another good password",
            X_Forwarded_For=f"198.51.100.{number}",
            Forwarded=f"for=198.51.100.{number}",
        )
        met.append(answer.status_code)
    assert met == [403] * 5 + [429] * 7
    refused = Visitor(site).sign_in(login)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert "秒后再试" in refused.text


def test_names_are_not_guessed_past_the_networks_count(site: LocalHome) -> None:
    """With another X-Forwarded-For each time: the connection's own address counts."""
    met = [
        Visitor(site).sign_in(f"nobody{number}", X_Forwarded_For=f"198.51.100.{number}").status_code
        for number in range(24)
    ]
    assert met == [403] * 20 + [429] * 4


def test_a_browser_that_is_known_does_not_wait_for_strangers(site: LocalHome) -> None:
    login, _ = site.account()
    visitor = Visitor(site)
    assert visitor.sign_in(login).status_code == 303
    for _ in range(8):
        Visitor(site).sign_in(login, "another good password")
    assert Visitor(site).sign_in(login).status_code == 429
    kept = {MARK_COOKIE: visitor.cookies[MARK_COOKIE]}
    assert Visitor(site, kept).sign_in(login).status_code == 303
    other, _ = site.account()
    for _ in range(5):
        Visitor(site).sign_in(other, "another good password")
    assert Visitor(site, kept).sign_in(other).status_code == 429, "the mark is of one account"


def test_signing_in_gives_another_session(site: LocalHome) -> None:
    login, _ = site.account()
    attacker, victim = Visitor(site), Visitor(site)
    attacker.sign_in(login)
    planted = attacker.cookies[SESSION_COOKIE]
    victim.cookies[SESSION_COOKIE] = planted
    victim.sign_in(login)
    assert victim.cookies[SESSION_COOKIE] != planted
    assert attacker.me().status_code == 401
    assert victim.me().status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Origin": "", "Sec_Fetch_Site": ""},
        {"Origin": "null", "Sec_Fetch_Site": ""},
        {"Origin": "http://127.0.0.1:8440"},
    ],
)
def test_another_site_signs_nobody_in(site: LocalHome, headers: dict[str, str]) -> None:
    login, _ = site.account()
    visitor = Visitor(site)
    assert visitor.sign_in(login, **headers).status_code == 403
    assert SESSION_COOKIE not in visitor.cookies
    asked = visitor.ask("POST", f"{SIGN_IN}/passkey/options", body={}, **headers)
    assert asked.status_code == 403


def test_a_page_that_sends_no_referrer_has_no_origin(site: LocalHome) -> None:
    """As browsers do with our own forms: `Origin: null`, `Sec-Fetch-Site: same-origin`."""
    login, _ = site.account()
    assert Visitor(site).sign_in(login, Origin="null").status_code == 303


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil", "x" * 600]
)
def test_after_sign_in_one_stays_here(site: LocalHome, address: str) -> None:
    login, _ = site.account()
    assert Visitor(site).sign_in(login, back_to=address).headers["location"] == "/issuing/"


def test_who_was_disabled_does_not_come_in(site: LocalHome) -> None:
    login, told = site.account()
    visitor = Visitor(site)
    visitor.sign_in(login)
    ran = site.run("account", "disable", login, "--basis", "离职", "--yes", "--json")
    assert (ran.code, ran.json["officers"]) == (0, [told["officer"]])
    assert visitor.me().status_code == 401
    answer = visitor.sign_in(login)
    assert (answer.status_code, WRONG in answer.text) == (403, False)
    assert "set-cookie" not in answer.headers
    assert site.run("officer", "enable", told["officer"], "--basis", "返岗").code == 0
    assert visitor.sign_in(login).status_code == 303


def test_an_operator_sets_a_password_and_sessions_end(site: LocalHome) -> None:
    login, _ = site.account()
    visitor = Visitor(site)
    visitor.sign_in(login)
    ran = site.run("account", "password", login, "--password-stdin", text="seven quiet lanterns\n")
    assert ran.code == 0, ran.err
    assert visitor.me().status_code == 401
    assert visitor.sign_in(login).status_code == 403
    assert visitor.sign_in(login, "seven quiet lanterns").status_code == 303


def test_one_changes_one_s_own_password(site: LocalHome) -> None:
    login, _ = site.account()
    here, elsewhere = Visitor(site), Visitor(site, worker=1)
    here.sign_in(login)
    elsewhere.sign_in(login)
    token = here.form_token()
    change = {"form_token": token, "old": PASSWORD, "new": "seven quiet lanterns"}
    for wrong, status in (
        ({"old": "another good one"}, 403),
        ({"new": "password1234"}, 422),
        ({"form_token": elsewhere.form_token()}, 403),
    ):
        assert here.ask("POST", "/issuing/account/password", change | wrong).status_code == status
    assert here.ask("POST", "/issuing/account/password", change).headers["location"] == SIGN_IN
    assert (here.me().status_code, elsewhere.me().status_code) == (401, 401)
    assert here.sign_in(login, "seven quiet lanterns").status_code == 303


def test_a_password_alone_is_no_strong_sign_in(site: LocalHome) -> None:
    login, _ = site.account("--role", "administrator", "--everywhere")
    visitor = Visitor(site)
    visitor.sign_in(login)
    token = visitor.form_token()
    assert 'name="code"' in visitor.account_page()
    form = {"form_token": token, "passkey": "0011223344"}
    removed = visitor.ask("POST", "/issuing/account/passkeys/remove", form)
    assert (removed.status_code, "通行密钥登录" in removed.text) == (403, True)


def test_who_has_no_session_is_sent_to_sign_in(site: LocalHome) -> None:
    answer = Visitor(site).ask("GET", "/issuing/account")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"{SIGN_IN}?back_to=/issuing/account",
    )
    assert Visitor(site).ask("POST", "/issuing/account/password", {"old": ""}).status_code == 401


def test_signing_out_ends_the_session(site: LocalHome) -> None:
    login, _ = site.account()
    visitor = Visitor(site)
    visitor.sign_in(login)
    cookie = visitor.cookies[SESSION_COOKIE]
    out = visitor.ask("POST", "/issuing/sign-out", {"form_token": visitor.form_token()})
    assert (out.status_code, out.headers["location"]) == (303, "/issuing/")
    assert Visitor(site, {SESSION_COOKIE: cookie}).me().status_code == 401


@pytest.mark.parametrize(
    "body", [None, [], "x", {"answer": 3}, {"answer": {}}, {"answer": {"rawId": "A" * 9000}}]
)
def test_what_is_no_passkey_signs_nobody_in(site: LocalHome, body: object) -> None:
    visitor = Visitor(site)
    visitor.ask("POST", f"{SIGN_IN}/passkey/options", body={})
    answer = visitor.ask("POST", f"{SIGN_IN}/passkey", body=body or [1])
    assert answer.status_code in {403, 422}
    assert SESSION_COOKIE not in visitor.cookies


def test_a_password_is_never_on_a_command_line(site: LocalHome) -> None:
    ran = site.run("account", "add", "wang", "--name", "王例")
    assert (ran.code, "--password-stdin" in ran.err) == (2, True)
    ran = site.run(
        "account", "add", "wang", "--name", "王例", "--password-stdin", text="password1234\n"
    )
    assert (ran.code, "password1234" in ran.err + ran.out) == (2, False)
    assert "wang" not in site.run("account", "list").out


def test_the_first_account_lets_local_accounts_in(directory: Path) -> None:
    file = directory / "identity.toml"
    arguments = ("account", "add", "li", "--name", "李梅", "--password-stdin", "--home", directory)
    ran = xinyin(
        *arguments, "--public-url", "https://desk.example.gov.cn", stdin=f"{PASSWORD}\n".encode()
    )
    assert (ran.code, file.exists()) == (2, False)
    ran = xinyin(*arguments, "--json", stdin=f"{PASSWORD}\n".encode())
    assert ran.code == 0, ran.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert ran.json["sign_in"] == "http://localhost:8440/issuing/sign-in/local"
    assert "只适用于单台机器" in ran.err or "for one machine" in ran.err


def test_the_desk_leads_to_the_form_where_there_is_no_provider(site: LocalHome) -> None:
    login, _ = site.account("--role", "administrator", "--everywhere")
    visitor = Visitor(site)
    led = visitor.ask("GET", "/issuing/licences?q=x")
    led = visitor.ask("GET", led.headers["location"])
    assert led.headers["location"] == f"{SIGN_IN}?back_to=%2Fissuing%2Flicences%3Fq%3Dx"
    form = visitor.ask("GET", led.headers["location"])
    assert 'value="/issuing/licences?q=x"' in form.text
    assert "desk.css" in form.text
    back = visitor.sign_in(login, back_to="/issuing/licences?q=x")
    assert back.headers["location"] == "/issuing/licences?q=x"
    page = visitor.ask("GET", back.headers["location"])
    assert (page.status_code, "李梅" in page.text) == (200, True)
    # One language for all pages, whichever it was chosen on.
    assert '<html lang="en">' in visitor.ask("GET", "/issuing/account?lang=en").text
    assert '<html lang="en">' in visitor.ask("GET", "/issuing/").text
    # And one way out.
    out = visitor.ask("POST", "/issuing/sign-out", {"form_token": visitor.form_token()})
    assert (out.status_code, out.headers["location"]) == (303, "/issuing/")
    assert visitor.me().status_code == 401
    ended = visitor.ask("POST", "/issuing/requests/x", {"do": "approve"})
    told = visitor.ask("GET", ended.headers["location"])
    assert (told.status_code, f'href="{SIGN_IN}?' in told.text) == (200, True)


def test_a_stronger_sign_in_is_by_passkey_and_comes_back(site: LocalHome) -> None:
    page = Visitor(site).ask(
        "GET", f"{SIGN_IN}?back_to=/issuing/seals&max_age=600&acr_values=urn:xinyin:acr:passkey"
    )
    assert 'data-back-to="/issuing/seals"' in page.text
    assert 'name="password"' not in page.text, "a password will not do"


def test_who_has_no_passkey_is_told_how_to_get_one(site: LocalHome) -> None:
    """A seal's request is approved after a sign-in by passkey alone."""
    body = ("--name", "青岚市市场监督管理局", "--uscc", "11990100MB00990250")
    site.run("authority", "add", "market", *body, "--level", "city_or_county")
    asking, deciding = Visitor(site), Visitor(site)
    asking.sign_in(site.account("--role", "registrar", "--authority", "market")[0])
    deciding.sign_in(site.account("--role", "registrar", "--authority", "market")[0])
    seal = {"authority": "market", "seal": "food", "request_key": "seal-of-the-test"}
    made = asking.ask("POST", "/issuing/seals/new", {**seal, "form_token": asking.form_token()})
    step = {"do": "approve", "reason": "已核", "form_token": deciding.form_token()}
    page = deciding.ask("POST", made.headers["location"], step)
    assert page.status_code == 403
    assert "还没有通行密钥" in page.text
    assert 'href="/issuing/account"' in page.text
    assert 'name="reason" value="已核"' in page.text, "what was typed stays"
    strong = deciding.ask("GET", f"{SIGN_IN}?acr_values=urn:xinyin:acr:passkey")
    assert "向管理员索取注册码" in strong.text


def test_the_other_name_of_this_machine_leads_to_the_one_for_sign_in(site: LocalHome) -> None:
    port = site.url.rpartition(":")[2]
    for path in ("/issuing/?back_to=/issuing/me", f"{SIGN_IN}?back_to=/issuing/me"):
        led = Visitor(site).ask("GET", path, Host=f"127.0.0.1:{port}")
        assert (led.status_code, led.headers["location"]) == (303, f"{site.url}{path}")
        # A proxy asks under another name or port: it is not sent round in circles.
        for host in (f"desk.example:{port}", "127.0.0.1:1", "[::1", "127.0.0.1:x"):
            assert "127.0.0.1" not in Visitor(site).ask("GET", path, Host=host).text
    other = f"http://127.0.0.1:{port}"
    refused = Visitor(site).ask("POST", SIGN_IN, {"login": "x"}, Origin=other)
    assert (refused.status_code, f"{site.url}/issuing/" in refused.text) == (403, True)
