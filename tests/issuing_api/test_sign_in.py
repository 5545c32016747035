"""Sign-in and sign-out through a real provider, and what does not open a session."""

from urllib.parse import parse_qs, urlsplit

import pytest

from core.permits import Action
from identity.sessions.browser import SESSION_COOKIE, SIGN_IN_COOKIE
from registry.officers.departures import Departure, LeavingKind
from tests.issuing_api.desk import ALIAS, RunningDesk, words_of

V1 = "/issuing/v1"


def test_who_is_signed_in_at_the_provider_signs_in_without_a_word(desk: RunningDesk) -> None:
    li = desk.person("li")
    li.cookies.clear()
    assert li.sign_in(query="?back_to=/issuing/v1/me").headers["location"] == "/issuing/v1/me"
    assert li.ask("GET", f"{V1}/me").json()["name"] == "李样"


def test_signing_in_gives_another_session(desk: RunningDesk) -> None:
    """A session that somebody planted in the browser is worth nothing afterwards (fixation)."""
    attacker, victim = desk.person("sun"), desk.person()
    planted = attacker.cookies[SESSION_COOKIE]
    victim.cookies[SESSION_COOKIE] = planted
    victim.sign_in("li")
    assert victim.cookies[SESSION_COOKIE] != planted
    assert attacker.ask("GET", f"{V1}/me").status_code == 401


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_after_sign_in_one_stays_here(desk: RunningDesk, address: str) -> None:
    person = desk.person()
    back = person.sign_in("li", query=f"?back_to={address}")
    assert back.headers["location"] == "/issuing/"


def test_an_answer_in_another_browser_opens_nothing(desk: RunningDesk) -> None:
    """The attacker's code, brought to the victim's browser (login CSRF), or used a second time."""
    attacker, victim = desk.person(), desk.person()
    begun = attacker.ask("GET", f"/issuing/sign-in/{ALIAS}")
    back = attacker.browser.follow(begun.headers["location"], "sun")
    path = back.removeprefix(desk.url)
    refused = victim.ask("GET", path)
    assert (refused.status_code, SESSION_COOKIE in victim.cookies) == (403, False)
    victim.ask("GET", f"/issuing/sign-in/{ALIAS}")
    refused = victim.ask("GET", path)
    assert (refused.status_code, SESSION_COOKIE in victim.cookies) == (403, False)
    kept = attacker.cookies[SIGN_IN_COOKIE]
    assert attacker.ask("GET", path).status_code == 303
    attacker.cookies[SIGN_IN_COOKIE] = kept
    assert attacker.ask("GET", path).status_code == 403


def test_who_declines_is_told_so(desk: RunningDesk) -> None:
    person = desk.person()
    answer = person.sign_in(deny="1")
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_failed")
    assert SESSION_COOKIE not in person.cookies


def test_an_unknown_provider_is_not_asked(desk: RunningDesk) -> None:
    answer = desk.person().ask("GET", "/issuing/sign-in/other")
    assert answer.status_code == 403


def test_signing_out_ends_the_session_here_and_there(desk: RunningDesk) -> None:
    li = desk.person("li")
    cookie = li.cookies[SESSION_COOKIE]
    with desk.home.database.reading() as connection:
        token = connection.exec_driver_sql("SELECT form_token FROM sessions").scalar_one()
    form = {"Cookie": f"{SESSION_COOKIE}={cookie}", "Origin": desk.url}
    address = f"{desk.url}/issuing/sign-out"
    for sent, headers in (
        ({"form_token": "another"}, form),
        ({"other": "field"}, form),
        ({"form_token": token}, {**form, "Origin": "https://evil.example"}),
    ):
        forged = desk.http.post(address, data=sent, headers=headers)
        assert forged.status_code == 403
    assert li.ask("GET", f"{V1}/me").status_code == 200
    out = desk.http.post(address, data={"form_token": token}, headers=form)
    assert out.status_code == 303
    there = urlsplit(out.headers["location"])
    assert out.headers["location"].startswith(desk.provider.issuer)
    assert parse_qs(there.query)["id_token_hint"]
    assert li.ask("GET", f"{V1}/me").status_code == 401


def test_the_provider_ends_sessions_here(desk: RunningDesk) -> None:
    """Back-channel logout: somebody signs out at the provider, and is out here too."""
    li, wang = desk.person("li"), desk.person("wang")
    li.browser.end_session(f"{desk.provider.issuer}/session/end")
    for _ in range(50):
        if li.ask("GET", f"{V1}/me").status_code == 401:
            break
    assert li.ask("GET", f"{V1}/me").status_code == 401
    assert wang.ask("GET", f"{V1}/me").status_code == 200


def test_a_logout_that_nobody_signed_ends_nothing(desk: RunningDesk) -> None:
    li = desk.person("li")
    address = f"{desk.url}/issuing/signed-out/{ALIAS}"
    for token in ("", "a.b.c", "x" * 40_000):
        assert desk.http.post(address, data={"logout_token": token}).status_code == 400
    assert li.ask("GET", f"{V1}/me").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Origin": "", "Sec_Fetch_Site": ""},
    ],
)
def test_a_change_from_another_site_is_refused(desk: RunningDesk, headers: dict[str, str]) -> None:
    li = desk.person("li")
    body = {"type": "food-operation", "record": {}}
    key = {"Idempotency_Key": "request-1"}
    answer = li.ask("POST", f"{V1}/requests", body, **{**key, **headers})
    assert (answer.status_code, answer.json()["code"]) == (403, "forged_request")
    own = li.ask("POST", f"{V1}/requests", body, **key)
    assert own.status_code == 422, words_of(own)


def test_who_is_disabled_is_out_at_once(desk: RunningDesk) -> None:
    li = desk.person("li")
    identity = li.ask("GET", f"{V1}/me").json()["id"]
    departure = Departure(identity, LeavingKind.DISABLED, "离职")
    report = desk.home.leaving.end_identity(departure, desk.home.permit(Action.MANAGE_OFFICERS))
    assert report.elsewhere == {"sessions": 1}
    answer = li.ask("GET", f"{V1}/me")
    assert answer.status_code == 401, words_of(answer)
    again = desk.person()
    assert again.sign_in("li").status_code == 403
    assert SESSION_COOKIE not in again.cookies


def test_a_role_that_the_provider_takes_away_is_gone_at_the_next_sign_in(desk: RunningDesk) -> None:
    li = desk.person("li")
    desk.provider.tell(accounts={"li": {"name": "李样", "groups": []}})
    li.sign_in("")
    assert li.ask("GET", f"{V1}/me").json()["roles"] == []
    with_body = {"type": "food-operation", "record": {}}
    answer = li.ask("POST", f"{V1}/requests", with_body, Idempotency_Key="request-1")
    assert answer.status_code == 403, words_of(answer)


def test_while_the_provider_is_away_sessions_go_on(desk: RunningDesk) -> None:
    li = desk.person("li")
    desk.provider.process.kill()
    desk.provider.process.wait(10)
    assert li.ask("GET", f"{V1}/me").status_code == 200
    fresh = desk.person()
    begun = fresh.ask("GET", f"/issuing/sign-in/{ALIAS}")
    assert begun.status_code == 303, "what it publishes is still known"
