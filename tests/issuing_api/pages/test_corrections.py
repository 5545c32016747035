"""Requests for a correction at the desk, by the API and by a licence's own link; suspensions until
a date.
"""

import base64
import re
from collections.abc import Callable
from datetime import date, timedelta

import httpx2
import pytest

from registry.licences.licences import list_licences
from registry.model import Licence, LicenceState
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import Officer, plain

SignedIn = Callable[[str], Officer]
V1 = "/issuing/v1"
LIST = "/issuing/corrections"
PDF = b"%PDF-1.7\n<script>alert(1)</script>"
_RECEIPT = re.compile(r"<code>([A-Za-z0-9_-]{27})</code>")


@pytest.fixture
def licence(site: RunningDesk) -> Licence:
    with site.home.database.reading() as connection:
        found = list_licences(connection, state=LicenceState.IN_FORCE)
        return next(one for one in found if one.authority_id == site.authority)


def visit(site: RunningDesk, path: str, form: dict[str, str] | None = None) -> httpx2.Response:
    """Come as a stranger does: without a cookie, from anywhere."""
    headers = {"Accept": "text/html", "Accept-Language": "zh"}
    if form is None:
        return site.http.get(f"{site.url}{path}", headers=headers)
    return site.http.post(f"{site.url}{path}", data=form, headers=headers)


def test_from_the_desk_to_the_corrected_version(
    signed_in: SignedIn, licence: Licence, site: RunningDesk
) -> None:
    li, sun = signed_in("li"), signed_in("sun")
    page = li.see(f"/issuing/licences/{licence.identifier}")
    assert f"{LIST}/new?licence={licence.identifier}" in page
    fields = {"licence": licence.identifier, "source": "holder", "field": "经营者名称",
              "wanted": "<b>张三</b>", "reason": "登记有误", "contact": "13800000000"}  # fmt: skip
    files = {"evidence1": ("x.pdf", PDF), "evidence2": ("y.exe", b"MZ")}
    refused = li.post(f"{LIST}/new", fields, files=files)
    assert refused.status_code in (400, 422)
    assert "&lt;b&gt;张三&lt;/b&gt;" in refused.text, "what was typed is kept, and escaped"
    sent = li.post(f"{LIST}/new", fields, files={"evidence1": ("x.pdf", PDF)})
    assert sent.status_code == 200, plain(sent.text)
    receipt = _RECEIPT.search(sent.text)
    assert receipt is not None
    address = re.search(rf"{LIST}/[0-9a-f]{{20}}", sent.text)
    assert address is not None
    mine = address[0]
    assert "经营者名称" in plain(li.see(LIST))
    shown = li.see(mine)
    assert "<b>张三" not in shown
    file = li.get(f"{mine}/evidence/1")
    assert file.content == PDF
    assert file.headers["content-type"] == "application/octet-stream"
    assert "attachment" in file.headers["content-disposition"]
    for path in (mine, f"{mine}/evidence/1"):
        assert sun.get(path).status_code == 404, "another body's"
    assert li.get(f"{mine}/evidence/2").status_code == 404
    assert mine.rpartition("/")[2] not in sun.see(LIST)
    told = plain(visit(site, "/issuing/correction", {"receipt": receipt[1]}).text)
    assert "待处理" in told
    assert not any(one in told for one in ("张三", "13800000000", licence.number, "经营者"))
    assert li.post(mine, {"do": "accept", "reason": ""}).status_code in (400, 422)
    assert li.post(mine, {"do": "extend", "reason": "待核实"}).status_code == 303
    assert li.post(mine, {"do": "accept", "reason": "属实"}).status_code == 303
    accepted = li.see(mine)
    assert f"replaces={licence.identifier}&amp;why=CORRECTED" in accepted
    assert li.post(mine, {"do": "refuse", "reason": "x"}, page=shown).status_code == 409
    after = plain(visit(site, "/issuing/correction", {"receipt": receipt[1]}).text)
    assert "已受理" in after
    assert "属实" in after


def test_by_the_licences_own_link_without_an_account(
    signed_in: SignedIn, licence: Licence, site: RunningDesk
) -> None:
    path = f"/issuing/correction/{licence.link_token}"
    assert visit(site, f"/issuing/correction/{'x' * 27}").status_code == 404
    form = visit(site, path)
    assert form.status_code == 200
    words = plain(form.text)
    names = [one.name for one in licence.holders] + [licence.number, licence.identifier]
    assert not any(one in words for one in names)
    fields = {"field": "有效期", "wanted": "长期", "reason": "笔误", "contact": "李"}
    sent = visit(site, path, fields | {"request_key": "stranger-1"})
    receipt = _RECEIPT.search(sent.text)
    assert receipt is not None
    assert not any(one in plain(sent.text) for one in (*names, "长期"))
    again = _RECEIPT.search(visit(site, path, fields | {"request_key": "stranger-1"}).text)
    assert again is not None
    assert visit(site, "/issuing/correction", {"receipt": receipt[1]}).status_code == 404
    assert "身份未核实" in plain(signed_in("li").see(LIST))
    gone = visit(site, "/issuing/correction", {"receipt": again[1], "do": "withdraw"})
    assert "已撤回" in plain(gone.text)
    for _ in range(4):
        last = visit(site, path, fields | {"request_key": "stranger-2"})
    assert last.status_code == 429
    assert visit(site, path).status_code == 200, "to read the form takes nothing of that"


def test_the_api_of_corrections(signed_in: SignedIn, licence: Licence) -> None:
    li, sun, qian = (signed_in(one).person for one in ("li", "sun", "qian"))
    body = {"licence": licence.identifier, "field": "地址", "wanted": "例路1号", "reason": "有误",
            "evidence": [base64.b64encode(PDF).decode()]}  # fmt: skip

    def ask(who: object, key: str, **more: object) -> httpx2.Response:
        return who.ask("POST", f"{V1}/corrections", body | more, Idempotency_Key=key)  # type: ignore[attr-defined,no-any-return]

    assert ask(sun, "office-001").status_code == 404, "out of reach but by its link"
    link = f"https://verify.example/v/{licence.link_token}"
    assert ask(sun, "office-001", licence=link).status_code == 404, "not a link of ours"
    made = ask(sun, "office-001", licence=licence.link_token)
    assert made.status_code == 201, made.text
    one = made.json()
    assert (one["source"], one["state"], one["files"]) == ("office", "OPEN", 1)
    assert sun.ask("GET", f"{V1}/corrections/{one['id']}").json()["receipt"] is None
    assert ask(qian, "office-002").status_code == 403, "who reads asks for nothing"
    path = f"{V1}/corrections/{one['id']}/decision"
    for decision in ("accept", "refuse", "extend"):
        answer = sun.ask("POST", path, {"decision": decision, "reason": "x"})
        assert answer.status_code == 403, decision
    assert qian.ask("POST", path, {"decision": "accept", "reason": "x"}).status_code == 403
    refused = li.ask("POST", path, {"decision": "refuse", "reason": "与档案一致"}).json()
    assert (refused["state"], refused["answer"]) == ("REFUSED", "与档案一致")
    late = li.ask("GET", f"{V1}/corrections?overdue=true").json()["corrections"]
    assert one["id"] not in [found["id"] for found in late]
    listed = li.ask("GET", f"{V1}/corrections?limit=1").json()
    assert listed["next"] is not None
    events = li.ask("GET", f"{V1}/events?action=correction.&limit=50").json()["events"]
    assert f"correction:{one['id']}" in {event["subject"] for event in events}


def test_a_suspension_until_a_date(
    signed_in: SignedIn, licence: Licence, site: RunningDesk
) -> None:
    li, path = signed_in("li"), f"/issuing/licences/{licence.identifier}"
    until = site.home.today() + timedelta(days=30)
    fields = {"do": "suspend", "reason": "WITHHELD", "basis": "处罚决定"}
    wrong = li.post(path, fields | {"until": "soon"})
    assert wrong.status_code == 422
    assert 'id="suspend-until-error"' in wrong.text
    past = li.post(path, fields | {"until": "2001-01-01"})
    assert past.status_code in (400, 409, 422)
    assert li.post(path, fields | {"until": until.isoformat()}).status_code == 303
    page = plain(li.see(path))
    assert "暂停至" in page
    assert "调整暂停的期限或原因" in page
    api = f"{V1}/licences/{licence.identifier}"
    told = li.person.ask("GET", api).json()
    assert (told["state"], told["suspended_until"]) == ("SUSPENDED", until.isoformat())
    sooner = {"change": "suspend", "reason": "WITHHELD", "basis": "x"}
    day = (date.fromisoformat(told["suspended_until"]) - timedelta(days=1)).isoformat()
    changed = li.person.ask("POST", f"{api}/changes", sooner | {"until": day})
    assert changed.json()["suspended_until"] == day, changed.text
    back = li.person.ask("POST", f"{api}/changes", {"change": "reinstate", "basis": "x"})
    assert (back.json()["state"], back.json()["suspended_until"]) == ("IN_FORCE", None)
