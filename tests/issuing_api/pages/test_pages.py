"""The other pages: sign-in and -out, step-up, languages, licences, seals, roles."""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

import pytest

from core.ids import AuthorityId
from core.permits import Action, Role
from identity.people import rights_check as deciding
from identity.people.model import IdentityKind, Pin
from identity.people.rules import FRESH, RULES
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.roles import RoleGift, assign_role
from tests.issuing_api.desk import ALIAS, RunningDesk
from tests.issuing_api.pages.browsing import Officer, officer, plain

SignedIn = Callable[[str], Officer]
LICENCE = re.compile(r'href="(/issuing/licences/1[^"/]*)"')


def licences(page: str) -> list[str]:
    """Return the addresses of the licences that a page lists."""
    return list(dict.fromkeys(LICENCE.findall(page)))


def back_of(page: str) -> str:
    """Return where the sign-in that a page offers leads back to."""
    link = re.search(rf'href="/issuing/sign-in/{ALIAS}\?([^"]+)"', page)
    assert link
    return parse_qs(unescape(link[1]))["back_to"][0]


def test_who_is_not_signed_in_is_led_to_the_providers_and_back(site: RunningDesk) -> None:
    nobody = Officer(site.person())
    home = nobody.see("/issuing/")
    assert "用“统一身份”登录" in plain(home)
    sent = nobody.get("/issuing/licences?q=JY")
    assert sent.status_code == 303
    page = nobody.see(sent.headers["location"])
    assert back_of(page) == "/issuing/licences?q=JY"
    after = nobody.person.sign_in("li", query="?back_to=/issuing/licences%3Fq%3DJY")
    assert after.headers["location"] == "/issuing/licences?q=JY"
    assert nobody.get("/issuing").headers["location"] == "/issuing/"


@pytest.mark.parametrize(
    "address", ["//evil.example", "/v/token", "/issuing/../v/x", "/issuing/\\x", "/issuing-not/"]
)
def test_after_sign_in_one_stays_at_the_desk(site: RunningDesk, address: str) -> None:
    page = Officer(site.person()).see(f"/issuing/?back_to={address}")
    assert back_of(page) == "/issuing/"


def test_a_form_after_the_session_ended_says_that_nothing_was_done(site: RunningDesk) -> None:
    li = officer(site, "li")
    page = li.see("/issuing/")
    li.person.cookies.clear()
    answer = li.post("/issuing/requests/x", {"do": "approve"}, page=page)
    assert answer.status_code == 303
    assert "未执行" in plain(li.see(answer.headers["location"]))


def test_signing_out_leads_on_to_the_provider_by_a_page(site: RunningDesk) -> None:
    li = officer(site, "li")
    token = li.hidden(li.see("/issuing/"))["form_token"]
    out = li._send("POST", "/issuing/sign-out", {}, data={"form_token": token})
    assert out.status_code == 200
    assert site.provider.issuer in out.text
    assert 'http-equiv="refresh"' in out.text
    assert "登录" in plain(li.see("/issuing/"))


def test_the_language_that_was_chosen_stays(signed_in: SignedIn) -> None:
    wang = signed_in("wang")
    assert "<h1>Hello, 王例</h1>" in wang.see("/issuing/?lang=en")
    assert '<html lang="en">' in wang.see("/issuing/requests?state=WAITING")
    page = wang.get("/issuing/requests?state=WAITING&lang=zh")
    assert '<html lang="zh-CN">' in page.text
    assert "/issuing/requests?state=WAITING&amp;lang=en" in page.text
    assert page.headers["content-language"] == "zh"


def test_errors_are_pages_for_people_and_problems_for_programs(signed_in: SignedIn) -> None:
    li = signed_in("li")
    page = li.get("/issuing/licences/1.2.3")
    assert (page.status_code, "<h1" in page.text) == (404, True)
    problem = li.get("/issuing/licences/1.2.3", Accept="application/json")
    assert problem.json()["code"] == "no_such_licence"
    assert li.get("/issuing/nothing-here").status_code == 404


@pytest.mark.parametrize("what", ["requests", "licences", "jobs"])
def test_what_is_not_found_is_said_without_commands(signed_in: SignedIn, what: str) -> None:
    answer = signed_in("li").get(f"/issuing/{what}/none")
    words = plain(answer.text)
    assert (answer.status_code, "xinyin" in words) == (404, False)


def test_headers_are_strict(signed_in: SignedIn) -> None:
    answer = signed_in("li").get("/issuing/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script|<style|\son\w+=|\sstyle=", answer.text)


def test_licences_are_found_by_number_identifier_and_holder(signed_in: SignedIn) -> None:
    zhao = signed_in("zhao")
    everything = licences(zhao.see("/issuing/licences"))
    assert len(everything) >= 3
    page = zhao.see(everything[-1])
    number = re.search(r"<dt>证照编号</dt><dd>([^<]+)", page)
    holder = re.search(r"<dt>持证主体</dt><dd>([^<]+)", page)
    assert number
    assert holder
    identifier = everything[-1].rpartition("/")[2]
    blanks = f" {number[1][:4].lower()} {number[1][4:]}"
    for text in (number[1], blanks, identifier, holder[1], holder[1][2:]):
        found = licences(zhao.see(f"/issuing/licences?q={text}"))
        assert everything[-1] in found, text
    assert licences(zhao.see("/issuing/licences?q=%25")) == []
    assert licences(zhao.see("/issuing/licences?q=没有这个人")) == []
    cancelled = licences(zhao.see("/issuing/licences?state=CANCELLED"))
    assert cancelled
    assert everything[-1] not in cancelled
    assert set(cancelled) < set(everything)


def test_pages_of_licences_follow_each_other(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhao = signed_in("zhao")
    everything = licences(zhao.see("/issuing/licences"))
    monkeypatch.setattr("issuing_api.pages.licences.PAGE", 2)
    found, address = [], "/issuing/licences"
    while address:
        page = zhao.see(address)
        assert len(licences(page)) <= 2
        found += licences(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = "" if older is None else older[1].replace("&amp;", "&")
    assert found == everything
    assert zhao.see("/issuing/licences?before=nonsense")


def test_a_page_that_looked_at_many_in_vain_goes_on_to_older_ones(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhao = signed_in("zhao")
    everything = licences(zhao.see("/issuing/licences"))
    for name, value in (("_RARE", 0), ("_COMMON", 0), ("MOST_ALONG", 1)):
        monkeypatch.setattr(f"registry.licences.finding.{name}", value)
    found, said, address = [], [], "/issuing/licences?granted_until=2099-12-31&state=IN_FORCE"
    while address:
        page = zhao.see(address)
        found += licences(page)
        said.append("请继续查看更早的" in page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        assert older is not None or "请继续查看更早的" not in page
        address = "" if older is None else older[1].replace("&amp;", "&")
    assert len(said) >= len(everything), "an entry a page"
    assert any(said), "of the licences some are cancelled"
    assert set(found) < set(everything)


def test_out_of_reach_no_licence_is_found(signed_in: SignedIn) -> None:
    zhao, sun = signed_in("zhao"), signed_in("sun")
    theirs = licences(zhao.see("/issuing/licences"))[0]
    missing = sun.get("/issuing/licences/1.2.3")
    for path in (theirs, f"{theirs}/document"):
        found = sun.get(path)
        assert found.status_code == 404
        assert (
            plain(found.text).partition("请求编号")[0]
            == plain(missing.text).partition("请求编号")[0]
        )
    identifier = theirs.rpartition("/")[2]
    assert licences(sun.see("/issuing/licences")) == []
    assert licences(sun.see(f"/issuing/licences?q={identifier}")) == []
    change = {"do": "cancel", "reason": "SURRENDERED", "basis": "x", "confirmed": "1"}
    assert sun.post(theirs, change, page=sun.see("/issuing/")).status_code == 404


def test_a_licence_is_suspended_reinstated_and_cancelled_after_a_second_look(
    signed_in: SignedIn,
) -> None:
    # Changes are for the roles that may ask for the type: its operator.
    li, wang = signed_in("li"), signed_in("wang")
    address = licences(li.see("/issuing/licences?state=IN_FORCE"))[-1]
    assert 'name="do"' not in wang.see(address)
    bare = li.post(address, {"do": "suspend", "reason": "", "basis": ""})
    assert bare.status_code == 422
    assert 'id="suspend-reason-error"' in bare.text
    assert 'id="suspend-basis-error"' in bare.text
    wrong = li.post(address, {"do": "suspend", "reason": "SURRENDERED", "basis": "文"})
    assert 'id="suspend-reason-error"' in wrong.text
    change = {"do": "suspend", "reason": "UNDER_REVIEW", "basis": "立案〔2026〕1号"}
    page = li.see(address)
    assert li.post(address, change, page=page).status_code == 303
    assert "暂停使用" in plain(li.see(address))
    late = li.post(address, change, page=page)
    assert (late.status_code, "未执行" in plain(late.text)) == (409, True)
    assert li.post(address, {"do": "reinstate", "basis": "结案"}).status_code == 303
    cancel = {"do": "cancel", "reason": "SURRENDERED", "basis": "持证人申请"}
    asked = li.post(address, cancel)
    assert asked.status_code == 200
    assert "不能撤回" in plain(asked.text)
    back = li.post(address, {"back": "1"}, page=asked.text)
    assert "持证人申请" in back.text
    assert "有效" in plain(li.see(address))
    assert li.post(address, {"confirmed": "1"}, page=asked.text).status_code == 303
    words = plain(li.see(address))
    assert "已依申请注销" in words
    assert "持证人申请" in words
    assert "立案〔2026〕1号" in words


def test_a_new_version_is_asked_for_on_a_form_that_says_what_the_licence_says(
    signed_in: SignedIn,
) -> None:
    li, sun = signed_in("li"), signed_in("sun")
    address = licences(li.see("/issuing/licences?state=IN_FORCE"))[-1]
    page = li.see(address)
    found = re.search(r'href="(/issuing/requests/new/[^"]+why=CHANGED)"', page)
    assert found, "a way to it"
    form_address = unescape(found[1])
    form = li.see(form_address)
    assert "变更，换发原证照" in plain(form)
    path = form_address.partition("?")[0]
    filled = (
        r'name="(f_\w+)" type="text" value="([^"]*)"',
        r'name="(f_\w+)" value="([^"]*)" checked',
        r'<textarea id="[^"]+" name="(f_\w+)"[^>]*>([^<]*)</textarea>',
        r'<select id="[^"]+" name="(f_\w+)"(?:(?!</select>).)*<option selected>([^<]+)<',
    )
    typed = {
        name: unescape(value) for one in filled for name, value in re.findall(one, form, re.DOTALL)
    }
    typed |= {"do": "preview", "basis": "变更电话", "f_hotline": "0999-7654321"}
    preview = li.post(path, typed, page=form)
    assert preview.status_code == 200
    assert "0999-7654321" in preview.text
    assert "按目前情况不能签发" not in plain(preview.text)
    sent = li.post(path, {"do": "submit"}, page=preview.text)
    request = li.see(sent.headers["location"])
    assert f'href="{address}"' in request, "the approver sees what it replaces"
    assert sun.get(form_address).status_code == 404


def test_a_fresh_sign_in_is_asked_for_where_the_rules_need_it(
    signed_in: SignedIn, site: RunningDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stricter = replace(RULES[Action.CHANGE_LICENCE], step_up=FRESH)
    rules = MappingProxyType({**RULES, Action.CHANGE_LICENCE: stricter})
    monkeypatch.setattr(deciding, "RULES", rules)
    li = officer(site, "li")
    address = licences(li.see("/issuing/licences?state=IN_FORCE"))[-1]
    change = {"do": "suspend", "reason": "UNDER_REVIEW", "basis": "立案"}
    refused = li.post(address, change)
    assert refused.status_code == 403
    assert "10 分钟" in plain(refused.text)
    link = re.search(rf'href="/issuing/sign-in/{ALIAS}\?([^"]+)"', refused.text)
    assert link
    query = unescape(link[1])
    assert back_of(refused.text) == address
    back = li.person.sign_in("li", query=f"?{query}", acr="urn:xinyin:two")
    assert urlsplit(back.headers["location"]).path == address
    assert li.post(address, change).status_code == 303
    assert li.post(address, {"do": "reinstate", "basis": "结案"}).status_code == 303


def test_seals_show_their_use_within_reach(signed_in: SignedIn) -> None:
    zhao, sun = signed_in("zhao"), signed_in("sun")
    page = zhao.see("/issuing/seals")
    words = plain(page)
    assert "有效" in words
    count = re.search(r'class="figure">([\d,]+)<', page)
    assert count
    assert int(count[1]) >= 3
    assert "qinglan-market" in words
    assert "qinglan-market" not in sun.see("/issuing/seals")


def test_roles_are_shown_within_reach(site: RunningDesk, signed_in: SignedIn) -> None:
    li = signed_in("li")
    home, at = site.home, site.home.clock.now()
    authority = re.search(
        r"/issuing/requests/new/food-operation/([^\"]+)", li.see("/issuing/requests/new")
    )
    assert authority
    permit = home.permit(Action.MANAGE_OFFICERS)
    new = NewIdentity(Pin(site.provider.issuer, "new"), IdentityKind.PERSON, "冯例<b>")
    with home.database.writing() as connection:
        identity = add_identity(connection, new, permit, at, secrets.token_bytes)
        gift = RoleGift(identity.identity_id, Role.APPROVER, AuthorityId(authority[1]))
        assign_role(connection, gift, permit, at, secrets.token_bytes)
    page = li.see("/issuing/people")
    words = plain(page)
    assert "冯例" in words
    assert "审批人" in words
    assert "本机操作员" in words
    assert "冯例<b>" not in page
    assert "冯例" not in signed_in("sun").see("/issuing/people")


def test_a_token_opens_no_page(site: RunningDesk) -> None:
    system = site.system()
    answer = system.ask("GET", "/issuing/licences", Accept="text/html")
    assert answer.status_code == 303
