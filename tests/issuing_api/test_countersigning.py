"""Countersigning over HTTP, by programs and on pages: from the draft to the complete document."""

import re
from collections.abc import Callable

import pytest

from registry.answers.answers import Outcome
from registry.bodies.authorities import list_authorities
from tests.cli.conftest import shared
from tests.issuing_api.conftest import one_desk
from tests.issuing_api.desk import Person, RunningDesk
from tests.issuing_api.documents import publish_documents
from tests.issuing_api.pages.browsing import Officer
from tests.issuing_api.pages.browsing import plain as words
from tests.issuing_api.routes.test_documents import begun, hand_in
from tests.signing.intake.drawings import plain

__all__ = ["one_desk", "shared"]
V1 = "/issuing/v1"
PNG = "image/png"
LIST = "/issuing/countersigning"


@pytest.fixture(scope="module")
def desk(one_desk: RunningDesk) -> RunningDesk:
    publish_documents(one_desk.home, everywhere=True)
    return one_desk


@pytest.fixture(scope="module")
def person(desk: RunningDesk) -> Callable[[str], Person]:
    known: dict[str, Person] = {}

    def find(name: str) -> Person:
        if name not in known:
            known[name] = desk.person(name)
        return known[name]

    return find


@pytest.fixture(scope="module")
def other(desk: RunningDesk) -> str:
    with desk.home.database.reading() as connection:
        known = [one.authority_id for one in list_authorities(connection)]
    return next(one for one in known if one != desk.authority)


def issued(desk: RunningDesk, person: Callable[[str], Person], other: str, nth: int = 3) -> str:
    """Have a document issued that another authority is to seal; return its identifier."""
    li, wang, zhao = person("li"), person("wang"), person("zhao")
    draft = begun(li, desk.authority)
    assert hand_in(li, draft, plain(nth)).status_code == 201
    terms = {
        "place": {"page": 1, "keyword": "Seal here"},
        "countersigners": [{"authority": other, "place": {"page": 2, "keyword": "Seal here"}}],
        "deadline": "2099-12-31",
        "titles": {"1": "关于联合检查的通知"},
    }
    chosen = li.ask("PUT", f"{V1}/documents/drafts/{draft}/terms", terms)
    assert chosen.status_code == 200, chosen.text
    sample = li.ask("GET", f"{V1}/documents/drafts/{draft}/sample").json()
    assert [one["page"] for one in sample["countersigners"]] == [2]
    assert [one["page"] for one in sample["pictures"]] == [1, 2]
    key = {"Idempotency_Key": f"round-{draft}"}
    asked = li.ask(
        "POST", f"{V1}/documents/drafts/{draft}/request", {"code": sample["code"]}, **key
    )
    assert asked.status_code == 201, asked.text
    request = f"{V1}/requests/{asked.json()['id']}"
    approved = wang.ask("POST", f"{request}/approval", {"reason": "同意"})
    assert approved.status_code == 200, approved.text
    job = zhao.ask("POST", f"{request}/job").json()["id"]
    desk.work()
    (row,) = zhao.ask("GET", f"{V1}/jobs/{job}/rows").json()["rows"]
    assert row["state"] == "GRANTED", row
    return str(row["licence"])


def test_by_programs_from_the_draft_to_the_complete_document(  # noqa: PLR0915 (one walk)
    desk: RunningDesk, person: Callable[[str], Person], other: str
) -> None:
    identifier = issued(desk, person, other)
    li, sun, wei, han = (person(one) for one in ("li", "sun", "wei", "han"))
    record = li.ask("GET", f"{V1}/documents/{identifier}").json()
    assert (record["state"], record["reason"]) == ("SUSPENDED", "AWAITING_SIGNATURES")
    (step,) = record["countersigning"]["signers"]
    assert (step["authority"], step["state"], step["awaited_since"] is None) == (
        other,
        "AWAITED",
        False,
    )
    for path in (f"/documents/{identifier}", f"/documents/{identifier}/file"):
        assert sun.ask("GET", f"{V1}{path}").status_code == 404, path
    address = f"{V1}/countersigning/{identifier}"
    (listed,) = sun.ask("GET", f"{V1}/countersigning").json()["documents"]
    assert (listed["identifier"], listed["to_do"], listed["issued_here"]) == (
        identifier,
        [other],
        False,
    )
    assert "basis" not in listed
    whole = sun.ask("GET", address).json()
    assert (whole["pages"], len(whole["pictures"])) == (3, 3)
    assert whole["countersigning"]["signers"][0]["place"]["page"] == 2
    for one in whole["pictures"]:
        assert sun.ask("GET", one).headers["content-type"] == PNG
    assert sun.ask("GET", f"{address}/file").content.startswith(b"%PDF")
    assert sun.ask("GET", f"{address}/picture?page=4").status_code == 404
    (mine,) = li.ask("GET", f"{V1}/countersigning?of=issued").json()["documents"]
    assert (mine["identifier"], mine["to_do"]) == (identifier, [])
    key = {"Idempotency_Key": "countersign-0001"}
    assert li.ask("POST", f"{address}/request", {}, **key).json()["code"] == "not_awaited"
    moved = {"deadline": "2099-11-30", "reason": "提前办理"}
    assert sun.ask("PUT", f"{address}/deadline", moved).status_code == 404
    assert li.ask("PUT", f"{address}/deadline", moved | {"reason": " "}).status_code == 422
    told = li.ask("PUT", f"{address}/deadline", moved)
    assert told.json()["countersigning"]["deadline"] == "2099-11-30", told.text
    assert sun.ask("POST", f"{address}/refusal", {"reason": "不同意"}).status_code == 403
    assert wei.ask("POST", f"{address}/refusal", {"reason": "  "}).status_code == 422
    asked = sun.ask("POST", f"{address}/request", {}, **key)
    assert asked.status_code == 201, asked.text
    assert (asked.json()["document"], asked.json()["authority"]) == (identifier, other)
    assert sun.ask("POST", f"{address}/request", {}, **key).json()["id"] == asked.json()["id"]
    request = f"{V1}/requests/{asked.json()['id']}"
    content = wei.ask("GET", f"{request}/content").json()
    assert content["batch"]["countersigns"] is True
    assert li.ask("GET", request).status_code == 404
    assert sun.ask("POST", f"{request}/approval", {"reason": "同意"}).status_code == 403
    assert han.ask("POST", f"{request}/job").json()["code"] == "second_person_required"
    assert wei.ask("POST", f"{request}/approval", {"reason": "同意"}).status_code == 200
    job = han.ask("POST", f"{request}/job").json()["id"]
    desk.work()
    (row,) = han.ask("GET", f"{V1}/jobs/{job}/rows").json()["rows"]
    assert (row["state"], row["code"], row["licence"]) == ("GRANTED", None, identifier)
    done = li.ask("GET", f"{V1}/documents/{identifier}").json()
    assert done["state"] == "IN_FORCE"
    (step,) = done["countersigning"]["signers"]
    assert (step["state"], step["acted"]) == ("SIGNED", other)
    assert step["at"] is not None
    file = li.ask("GET", f"{V1}/documents/{identifier}/file").content
    assert desk.home.verifier.by_file(file).outcome is Outcome.IN_FORCE
    settled = sun.ask("GET", f"{V1}/countersigning?of=settled").json()["documents"]
    assert [one["identifier"] for one in settled] == [identifier]
    upload = li.ask("GET", f"{V1}/countersigning?of=issued").json()["documents"]
    assert upload == []


def test_on_pages_an_officer_looks_and_asks_and_another_refuses(
    desk: RunningDesk, person: Callable[[str], Person], other: str
) -> None:
    identifier = issued(desk, person, other, 4)
    sun, wei, li = (Officer(person(one)) for one in ("sun", "wei", "li"))
    assert "公文等待本机关会签" in words(sun.see("/issuing/"))
    assert re.search(r"公文 <span class=\"count\"[^>]*>1</span>", sun.see("/issuing/"))
    assert "关于联合检查的通知" in words(sun.see(LIST))
    address = f"{LIST}/{identifier}"
    page = sun.see(address)
    shown = words(page)
    for said in ("青岚市市场监督管理局", "等待盖章", "申请加盖本机关印章"):
        assert said in shown, said
    assert "拒绝会签" not in shown.replace("cs_", ""), "who only prepares decides nothing"
    assert sun.get(f"{address}/page.png?page=2").headers["content-type"] == PNG
    assert sun.get(f"/issuing/licences/{identifier}").status_code == 404
    asked = sun.post(address, {"do": "ask"}, page=page)
    assert asked.status_code == 303, words(asked.text)
    request = asked.headers["location"]
    assert request.startswith("/issuing/requests/")
    seen = words(wei.see(request))
    assert "会签：公文" in seen
    assert "关于联合检查的通知" in seen
    assert f"{address}/page.png?page=2" in wei.see(request)
    assert "查看申请" in words(sun.see(address))
    assert not re.search(r"公文 <span class=\"count\"", sun.see("/issuing/"))
    blank = wei.post(address, {"do": "refuse", "reason": " "})
    assert blank.status_code == 422
    sure = wei.post(address, {"do": "refuse", "reason": "第三条须修改"})
    assert (sure.status_code, "确认拒绝" in words(sure.text)) == (200, True)
    again = wei.post(address, {"confirmed": "1"}, page=sure.text)
    assert again.status_code == 303, words(again.text)
    told = words(li.see(address))
    assert "第三条须修改" in told
    assert "已拒绝" in told
    assert "第三条须修改" not in words(sun.see(address))
    assert "会签情况" in words(li.see(f"/issuing/licences/{identifier}"))


def test_a_draft_is_given_its_countersigners_on_a_page(
    desk: RunningDesk, person: Callable[[str], Person], other: str
) -> None:
    li = Officer(person("li"))
    draft = begun(li.person, desk.authority)
    assert hand_in(li.person, draft, plain(5)).status_code == 201
    address = f"/issuing/documents/drafts/{draft}"
    page = li.see(address)
    fields = {
        "do": "choose",
        "title_1": "联合通知",
        "way": "word",
        "page": "1",
        "word": "Seal here",
        "level": "B-LT",
        "s1_who": other,
        "s1_page": "2",
        "s1_word": "Seal here",
        "s2_who": "outside",
        "s2_page": "3",
        "s2_word": "Seal here",
        "round_order": "any",
        "round_deadline": "2099-12-31",
    }
    wrong = li.post(address, fields, page=page)
    assert wrong.status_code == 422
    assert "填写名称和代码" in words(wrong.text)
    more = {"s2_name": "青岚热力有限公司", "s2_uscc": "11430000006122244L"}
    assert li.post(address, fields | more, page=page).status_code == 303
    shown = words(li.see(address))
    assert "青岚热力有限公司：第 3 页" in shown
    assert "同意样张" in shown
    touching = fields | more | {"s2_page": "2"}
    assert li.post(address, touching, page=page).status_code == 303
    assert "相交或相切" in words(li.see(address))
