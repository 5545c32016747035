"""Documents over HTTP: handed in within limits, looked at, sealed; what hostile officers try."""

import io
import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from PIL import Image

from core.web.middleware import SANDBOXED
from issuing_api.routes.papers.drafts import MAX_DOCUMENT
from tests.cli.conftest import shared
from tests.issuing_api.conftest import one_desk
from tests.issuing_api.desk import Person, RunningDesk
from tests.issuing_api.documents import publish_documents
from tests.issuing_api.pages.browsing import Officer
from tests.issuing_api.pages.browsing import plain as words
from tests.signing.intake.drawings import changed, hidden_layer, plain, script_at_opening

__all__ = ["one_desk", "shared"]
V1 = "/issuing/v1"
KEY = {"Idempotency_Key": "documents-0001"}


@pytest.fixture(scope="module")
def desk(one_desk: RunningDesk) -> RunningDesk:
    publish_documents(one_desk.home)
    return one_desk


@pytest.fixture(scope="module")
def person(desk: RunningDesk) -> Callable[[str], Person]:
    known: dict[str, Person] = {}

    def find(name: str) -> Person:
        if name not in known:
            known[name] = desk.person(name)
        return known[name]

    return find


def begun(person: Person, authority: str | None = None) -> str:
    body = {"type": "official-document", "authority": authority}
    made = person.ask("POST", f"{V1}/documents/drafts", body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def hand_in(
    person: Person, draft: str, data: bytes, query: str = "", **headers: str
) -> httpx2.Response:
    """Send a file as a program of this person's would."""
    sent = {
        "Cookie": "; ".join(f"{key}={value}" for key, value in person.cookies.items()),
        "Origin": person.desk.url,
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/pdf",
    } | {key.replace("_", "-"): value for key, value in headers.items()}
    address = f"{person.desk.url}{V1}/documents/files?draft={draft}{query}"
    return person.desk.http.post(address, content=data, headers=sent)


def test_from_a_file_to_a_document_and_its_end(  # noqa: PLR0915 (one walk)
    desk: RunningDesk, person: Callable[[str], Person]
) -> None:
    li, zhao, qian = person("li"), person("zhao"), person("qian")
    draft = begun(li)
    named = "attachment; filename*=UTF-8''..%2F%E9%80%9A%E7%9F%A5.pdf"
    taken = hand_in(li, draft, plain(), Content_Disposition=named)
    assert taken.status_code == 201, taken.text
    assert taken.json()["pages"][0] == {"width_mm": 141.1, "height_mm": 105.8}
    terms: dict[str, Any] = {
        "place": {"page": 1, "at": {"left": 60, "top": 50}},
        "titles": {"1": "关于检查的通知"},
    }
    assert li.ask("PUT", f"{V1}/documents/drafts/{draft}/terms", terms).status_code == 200
    sample = li.ask("GET", f"{V1}/documents/drafts/{draft}/sample").json()
    assert (sample["title"], sample["sealed_before"]) == ("关于检查的通知", None)
    (shown,) = sample["pictures"]
    picture = li.ask("GET", shown["picture"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["content-security-policy"] == SANDBOXED
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["cache-control"] == "no-store"
    with Image.open(io.BytesIO(picture.content)) as image:
        assert image.size[0] == 900
    code = {"code": sample["code"]}
    asking = f"{V1}/documents/drafts/{draft}/request"
    made = li.ask("POST", asking, code, **KEY)
    assert made.status_code == 201, made.text
    assert li.ask("POST", asking, code, **KEY).json()["id"] == made.json()["id"]
    request = f"{V1}/requests/{made.json()['id']}"
    for reader in (zhao, qian, person("wang")):
        (file,) = reader.ask("GET", f"{request}/files").json()["files"]
        assert (file["title"], file["kept"]) == ("关于检查的通知", True)
        page = reader.ask("GET", f"{request}/picture?file=1&page=1")
        assert page.headers["content-type"] == "image/png", page.text
    assert li.ask("POST", f"{request}/job").status_code == 403, "who asks does not seal"
    job = zhao.ask("POST", f"{request}/job").json()["id"]
    desk.work()
    (row,) = zhao.ask("GET", f"{V1}/jobs/{job}/rows").json()["rows"]
    assert (row["state"], row["record"]) == ("GRANTED", None)
    address = f"{V1}/documents/{row['licence']}"
    record = li.ask("GET", address).json()
    assert record["title"] == "关于检查的通知"
    file = li.ask("GET", f"{address}/file")
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["content-security-policy"] == SANDBOXED
    assert desk.home.verifier.by_file(file.content).outcome == "in_force"
    assert li.ask("GET", f"{request}/picture").status_code == 409, "it is kept no longer"
    found = li.ask("GET", f"{V1}/documents?q=检查&limit=1").json()
    assert [one["identifier"] for one in found["documents"]] == [row["licence"]]
    assert li.ask("GET", f"{V1}/documents?type=food-operation").json()["documents"] == []
    end = {"reason": "撤回", "basis": "发文有误"}
    assert person("wang").ask("POST", f"{address}/cancellation", end).status_code == 403
    ended = li.ask("POST", f"{address}/cancellation", end)
    assert (ended.status_code, ended.json()["state"]) == (200, "CANCELLED"), ended.text
    assert li.ask("POST", f"{address}/cancellation", end | {"reason": "吊销"}).status_code != 200
    # Somebody of another authority learns nothing of all this.
    sun = person("sun")
    for path in (address, f"{address}/file", request, f"{request}/files", f"{request}/picture"):
        assert sun.ask("GET", path).status_code == 404, path
    assert sun.ask("GET", f"{V1}/documents").json()["documents"] == []


def test_what_is_handed_in_has_limits_and_is_named_in_words(
    person: Callable[[str], Person],
) -> None:
    li = person("li")
    draft = begun(li)
    for kind in ("text/html", "application/json", "multipart/form-data", ""):
        assert hand_in(li, draft, plain(), Content_Type=kind).status_code == 415, kind
    large = b"%PDF-1.7\n" + bytes(MAX_DOCUMENT)
    answer = hand_in(li, draft, large)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    refused = hand_in(li, draft, changed(script_at_opening))
    assert (refused.status_code, refused.json()["code"]) == (422, "refused_file")
    assert refused.headers["content-type"] == "application/problem+json"
    (first, *_) = refused.json()["errors"]
    assert (first["problem"], first["cleanable"]) == ("active_content", "true")
    assert "脚本" in first["zh"]
    assert "--" not in refused.text
    assert hand_in(li, draft, changed(script_at_opening), "&clean=true").status_code == 201
    for bad in (
        changed(hidden_layer),
        b"",
        b"%PDF-",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7\n" + b"[" * 50_000,
        b"%PDF-1.7\n%%EOF" + bytes(100_000),
        plain()[:-200],
        b"GIF89a" + plain(),
    ):
        answer = hand_in(li, draft, bad, "&clean=true")
        if answer.status_code != 201:
            assert (answer.status_code, answer.json()["code"]) == (422, "refused_file"), bad[:20]
            assert answer.headers["content-type"] == "application/problem+json"
    draft_now = li.ask("GET", f"{V1}/documents/drafts/{draft}").json()
    assert len(draft_now["files"]) <= 2
    li.ask("DELETE", f"{V1}/documents/drafts/{draft}")
    assert li.ask("GET", f"{V1}/documents/drafts/{draft}").status_code == 404


@pytest.mark.parametrize(
    "terms",
    [
        {"place": {"page": 0}},
        {"place": {"at": {"left": -1, "top": 3}}},
        {"place": {"at": {"left": "NaN", "top": 3}}},
        {"place": {"at": {"left": 1, "top": 1}, "keyword": "x"}},
        {"place": {"keyword": "x" * 201}},
        {"place": {"keyword": "a\u202eb"}},
        {"also": [{"page": 1, "left": 1, "top": 1}] * 51},
        {"titles": {"1": "a\u0000b"}},
        {"titles": {"99": "没有"}},
        {"titles": {"-1": "x"}},
        {"reason": "a\nb"},
        {"basis": ""},
        {"level": "B-X"},
        {"more": 1},
    ],
)
def test_terms_that_cannot_be_are_refused(
    person: Callable[[str], Person], terms: dict[str, Any]
) -> None:
    li = person("li")
    draft = begun(li)
    hand_in(li, draft, plain())
    answer = li.ask("PUT", f"{V1}/documents/drafts/{draft}/terms", terms)
    assert answer.status_code in (404, 422), answer.text
    li.ask("DELETE", f"{V1}/documents/drafts/{draft}")


def test_a_draft_of_another_is_not_there(person: Callable[[str], Person]) -> None:
    li, zhou, sun = person("li"), person("zhou"), person("sun")
    draft = begun(li)
    assert hand_in(li, draft, plain()).status_code == 201
    code = li.ask("GET", f"{V1}/documents/drafts/{draft}/sample").json()["code"]
    for other in (zhou, sun, person("wang"), person("qian")):
        told = set()
        for named in (draft, "0" * 20):
            one = f"{V1}/documents/drafts/{named}"
            for method, path, body in (
                ("GET", one, None),
                ("GET", f"{one}/sample", None),
                ("GET", f"{one}/picture?sealed=true", None),
                ("PUT", f"{one}/terms", {}),
                ("DELETE", one, None),
                ("DELETE", f"{one}/files?file=1", None),
                ("POST", f"{one}/request", {"code": code}),
            ):
                answer = other.ask(method, path, body, **KEY)
                assert answer.status_code == 404, (path, answer.text)
                told.add(answer.json()["detail"])
            answer = hand_in(other, named, plain())
            assert answer.status_code == 404, answer.text
            told.add(answer.json()["detail"])
        assert len(told) == 1
    assert draft in li.ask("GET", f"{V1}/documents/drafts").text
    assert draft not in zhou.ask("GET", f"{V1}/documents/drafts").text
    li.ask("DELETE", f"{V1}/documents/drafts/{draft}")


def test_pages_take_nothing_that_the_api_would_not(
    desk: RunningDesk, person: Callable[[str], Person]
) -> None:
    """A clumsy and a hostile officer at the pages, without a browser."""
    li, zhou = Officer(person("li")), Officer(person("zhou"))
    new = "/issuing/documents/new"
    what = re.search(r'<option value="([^"]+)"', li.see(new))
    assert what
    nothing = li.post(new, {"what": what[1]})
    assert (nothing.status_code, "请选择 PDF" in nothing.text) == (422, True)
    name = '"><script>alert(1)</script>/../../x.pdf'
    bad = li.post(new, {"what": what[1]}, files={"files": (name, b"%PDF-1.7 no")})
    assert bad.status_code == 422
    assert "<script>alert" not in bad.text
    assert "/issuing/documents/drafts/" not in bad.text, "nothing is left of it"
    sent = li.post(new, {"what": what[1]}, files={"files": ("通知.pdf", plain(), "text/html")})
    address = sent.headers["location"]
    page = li.see(address)
    for fields, status in (
        ({"do": "choose", "way": "point", "left": "x", "top": "1"}, 422),
        ({"do": "choose", "way": "word", "word": ""}, 422),
        ({"do": "choose", "way": "usual", "page": "99999999"}, 422),
        ({"do": "choose", "further": "1:1"}, 422),
        ({"do": "choose", "further": "\u0661:1,1"}, 422),
        ({"do": "choose", "title_1": ""}, 422),
        ({"do": "agree", "code": "0" * 32}, 409),
        ({"do": "clean", "file": "99"}, 404),
        ({"do": "nothing"}, 404),
    ):
        answer = li.post(address, fields, page=page)
        assert answer.status_code == status, (fields, words(answer.text)[:300])
    far = li.post(address, {"do": "choose", "way": "point", "left": "999", "top": "999"}, page=page)
    assert far.status_code == 303
    assert "不能出样张" in li.see(address)
    assert zhou.get(address).status_code == 404
    assert zhou.get(f"{address}/page.png").status_code == 404
    assert zhou.post(address, {"do": "discard"}, page=page).status_code in (401, 403, 404)
    forged = li.post(address, {"do": "discard", "form_token": "x"}, page=page)
    assert forged.status_code == 403
    for query in ("?file=1&page=3", "?file=9", "?file=-1", "?page=\u0661", "?file=1%00"):
        assert li.get(f"{address}/page.png{query}").status_code == 404, query
    picture = li.get(f"{address}/page.png?file=1&page=2")
    assert picture.headers["content-type"] == "image/png"
    assert li.post(address, {"do": "discard"}, page=page).status_code == 303
    assert li.get(address).status_code == 404
    assert "<script>" not in li.see("/issuing/documents?q=%3Cscript%3E&state=X&before=%00")


@pytest.mark.parametrize(
    "said",
    [
        "filename*=undefined''abc",
        "filename*=idna''abc",
        "filename*=punycode''%FF%FF",
        "filename*=no-such''abc",
        "filename*0*=a; filename*=utf-8''b",
        "filename*0*=%00''b",
        "filename*=utf-7''+2AA-",
        "filename*=utf-8''%E2%80%AEfdp.exe%00%0D%0A",
        "filename=" + "x" * 5000,
        'filename="',
        "; ; =; filename",
    ],
)
def test_a_name_that_cannot_be_read_is_none(person: Callable[[str], Person], said: str) -> None:
    li = person("li")
    draft = begun(li)
    taken = hand_in(li, draft, plain(), Content_Disposition=f"attachment; {said}")
    assert taken.status_code == 201, taken.text
    title = taken.json()["title"]
    assert title.isprintable(), title
    assert 0 < len(title) <= 200
    li.ask("DELETE", f"{V1}/documents/drafts/{draft}")


def test_titles_are_in_no_log(
    person: Callable[[str], Person], caplog: pytest.LogCaptureFixture
) -> None:
    li = person("li")
    draft = begun(li)
    with caplog.at_level("DEBUG"):
        said = "attachment; filename*=UTF-8''%E5%BC%A0%E4%B8%89.pdf"
        hand_in(li, draft, plain(), Content_Disposition=said)
        hand_in(li, draft, changed(hidden_layer), Content_Disposition=said)
        li.ask("PUT", f"{V1}/documents/drafts/{draft}/terms", {"titles": {"1": "张三的处罚决定"}})
        li.ask("GET", f"{V1}/documents/drafts/{draft}/sample")
    assert "张三" not in caplog.text
    li.ask("DELETE", f"{V1}/documents/drafts/{draft}")
