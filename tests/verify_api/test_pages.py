"""The pages without a browser: what they say, in which language; nothing can be injected."""

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from starlette.testclient import TestClient

from core.text import Text
from registry.answers.answering import status_of, worded
from registry.answers.answers import VerificationAnswer
from registry.answers.findings import Findings
from registry.model import LicenceState, PublicField, TypeKind
from signing.report import Indication, LaterChanges
from tests.verify_api import world
from tests.verify_api.world import ScriptedVerifier, SteppedClock
from verify_api.app import create_app
from verify_api.metrics import Metrics
from verify_api.settings import VerifyApiSettings
from verify_api.texts import PAGE

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
LINK = f"/v/{world.TOKEN}"
VOID = {"meta", "link", "input", "img", "path", "circle", "rect", "br"}


class Page(HTMLParser):
    """Reads a page: its elements, ids, headings, and whether every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == [], self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the element."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Check that it closes the innermost open element."""
        assert self.open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of these kinds."""
        return [attributes for tag, attributes in self.elements if tag in tags]

    def levels(self) -> list[int]:
        """Return the headings' levels in order."""
        return [int(tag[1]) for tag, _ in self.elements if re.fullmatch(r"h[1-6]", tag)]


def check_accessible(html: str, lang: str) -> Page:
    """Check what can be checked of WCAG 2.2 without a browser."""
    page = Page(html)
    assert page.all("html")[0]["lang"] == lang
    assert page.all("title")
    assert "user-scalable" not in html
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for name in ("main", "header", "footer", "h1"):
        assert len(page.all(name)) == 1, name
    levels = page.levels()
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert levels[0] == 1
    labelled = {label["for"] for label in page.all("label")}
    for field in page.all("input"):
        assert field.get("type") == "hidden" or field["id"] in labelled
    for _, attributes in page.elements:
        for reference in ("aria-labelledby", "aria-describedby", "for"):
            for one in (attributes.get(reference) or "").split():
                assert one in ids
        if (attributes.get("href") or "").startswith("#"):
            assert (attributes["href"] or "")[1:] in ids
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert "tabindex" not in attributes or attributes["tabindex"] in ("0", "-1")
    for image in page.all("img"):
        assert "alt" in image
    for picture in page.all("svg"):
        assert picture["aria-hidden"] == "true"
    return page


ANSWERS = {
    "in_force": world.IN_FORCE,
    "sample": world.SAMPLE,
    "cancelled": world.CANCELLED,
    "altered": world.ALTERED,
    "not_issued_here": world.NOT_ISSUED_HERE,
    "could_not_check": world.COULD_NOT_CHECK,
    "record": world.BY_RECORD,
    "link": world.BY_LINK,
    "no_record": world.NO_RECORD,
    "mistyped": world.MISTYPED,
    "added": world.ADDED,
    "scan": world.SCAN,
    "signed_by_a_person": world.SIGNED_BY_A_PERSON,
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ANSWERS)
def test_every_result_is_accessible_in_both_languages(
    client: TestClient, verifier: ScriptedVerifier, name: str, lang: str
) -> None:
    verifier.answer = ANSWERS[name]
    response = client.post(f"/verify?lang={lang}", files={"file": world.PDF}, headers=HTML)
    assert response.status_code == 200
    assert response.headers["content-language"] == lang
    check_accessible(response.text, {"zh": "zh-CN", "en": "en"}[lang])
    other = re.sub(r'<bdi lang="zh-CN">.*?</bdi>', "", response.text)
    other = other.replace("中文", "").replace(world.SEAL.signer, "")
    if lang == "en":
        assert not re.search("[\u4e00-\u9fff]", other)


def test_times_for_machines_are_written_as_html_has_them(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    """A fraction of a second has three digits at most (HTML, 2.3.5.7)."""
    at = datetime(2026, 11, 24, 1, 2, 3, 456789, tzinfo=UTC)
    verifier.answer = replace(world.IN_FORCE, checked_at=at)
    html = client.post("/verify", files={"file": world.PDF}, headers=HTML).text
    assert re.findall('datetime="([^"]*)"', html) == ["2026-11-24T01:02:03+00:00"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/problems", LINK, "/nothing"])
def test_every_page_is_accessible(client: TestClient, path: str, lang: str) -> None:
    response = client.get(f"{path}?lang={lang}", headers=HTML)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    check_accessible(response.text, {"zh": "zh-CN", "en": "en"}[lang])


@pytest.mark.parametrize(
    ("answer", "zh", "en"),
    [
        (world.IN_FORCE, "有效", "In force"),
        (world.CANCELLED, "文件与登记一致，但已被吊销", "As registered, but forfeited"),
        (world.ALTERED, "文件内容与签章时不一致", "The file is not as it was sealed"),
        (world.NOT_ISSUED_HERE, "未在本平台登记", "Not registered here"),
        (world.COULD_NOT_CHECK, "暂时无法核验", "Could not be verified just now"),
        (world.SAMPLE, "样例，核验通过", "A sample, verified"),
        (world.NO_RECORD, "未查到登记信息", "No record found"),
        (world.MISTYPED, "输入可能有误", "Probably mistyped"),
        (world.SCAN, "这是扫描件", "A scan"),
        (world.ADDED, "登记部分真实，附加内容不能担保", "Registered part genuine"),
        (
            replace(
                world.CANCELLED,
                licence=replace(world.LICENCE, state=LicenceState.SUSPENDED, reason="WITHHELD"),
            ),
            "文件与登记一致，但已被暂扣",
            "As registered, but withheld",
        ),
        (replace(world.CANCELLED, licence=None), "但已不再有效", "no longer in force"),
        (
            replace(
                world.BY_RECORD, outcome=world.CANCELLED.outcome, licence=world.CANCELLED.licence
            ),
            "已登记，但已被吊销",
            "On record, but forfeited",
        ),
    ],
)
def test_the_outcome_stands_in_words(
    client: TestClient, verifier: ScriptedVerifier, answer: VerificationAnswer, zh: str, en: str
) -> None:
    verifier.answer = answer
    for lang, words in (("zh", zh), ("en", en)):
        page = client.post(f"/verify?lang={lang}", files={"file": world.PDF}).text
        heading = re.search(r'<h1 id="outcome">(.*?)</h1>', page)
        assert heading
        assert words in heading[1]
        assert answer.summary.to("zh" if lang == "zh" else "en") in page


def test_a_record_says_that_no_document_was_looked_at(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    verifier.answer = world.BY_RECORD
    page = client.post("/lookup?lang=en", data={"code": " JY1 "}).text
    assert verifier.asked == [("code", "JY1")]
    assert "no document" in page
    assert "Compare with the licence" in page
    assert 'type="file"' in page
    assert 'name="code" value="JY1"' in page, "the other language asks again"


def test_a_licences_link_shows_its_masked_face(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    verifier.answer = world.BY_LINK
    response = client.get(LINK)
    assert verifier.asked == [("token", world.TOKEN)]
    assert "张*三" in response.text
    assert 'type="file"' in response.text
    assert "noindex" in response.headers["x-robots-tag"]
    assert '<meta name="robots" content="noindex' in response.text


@pytest.mark.parametrize(
    "token", [world.UNKNOWN_TOKEN, "short", "x" * 65, "..%2f", "%00", "张" * 27]
)
def test_an_unknown_link_is_not_found_and_says_so(
    client: TestClient, verifier: ScriptedVerifier, token: str
) -> None:
    verifier.answer = world.NO_RECORD
    response = client.get(f"/v/{token}", headers=HTML)
    assert response.status_code == 404
    if token != "..%2f":
        assert "没有这个链接对应的证照的登记信息" in response.text
    assert verifier.asked in ([], [("token", world.UNKNOWN_TOKEN)])


def test_a_link_that_could_not_be_looked_up_is_not_called_unknown(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    verifier.answer = replace(world.COULD_NOT_CHECK, document_checked=False)
    response = client.get(LINK)
    assert response.status_code == 200
    assert "暂时无法核验" in response.text


def test_a_sample_is_called_one_wherever_it_stands(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    for answer in (world.SAMPLE, world.CANCELLED, world.BY_LINK):
        assert answer.licence
        verifier.answer = replace(answer, licence=replace(answer.licence, sample=True))
        assert "样例" in client.get(LINK).text
    verifier.answer = world.BY_LINK
    assert "样例" not in client.get(LINK).text


def test_the_registered_part_is_handed_back(client: TestClient, verifier: ScriptedVerifier) -> None:
    verifier.answer = world.ADDED
    page = client.post("/verify", files={"file": world.PDF})
    assert 'action="/registered-part?lang=zh"' in page.text
    response = client.post("/registered-part", files={"file": world.PDF})
    assert response.content == world.PDF[:21]
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"].startswith("attachment")
    assert "no-store" in response.headers["cache-control"]
    assert client.get("/registered-part", follow_redirects=False).status_code == 303


def test_without_a_registered_part_nothing_is_handed_back(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    verifier.answer = world.NOT_ISSUED_HERE
    assert "registered-part" not in client.post("/verify", files={"file": world.PDF}).text
    response = client.post("/registered-part", files={"file": world.PDF}, headers=HTML)
    assert response.status_code == 422
    assert world.PDF not in response.content


def test_what_is_registered_is_not_shown_beside_an_altered_file(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    altered = replace(world.ADDED, outcome=world.ALTERED.outcome, integrity=world.ALTERED.integrity)
    verifier.answer = altered
    page = client.post("/verify", files={"file": world.PDF}).text
    assert world.LICENCE.number not in page
    assert "registered-part" in page


def test_who_has_the_file_sees_the_masked_face(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    verifier.answer = replace(world.IN_FORCE, public_fields=world.BY_LINK.public_fields)
    page = client.post("/verify", files={"file": world.PDF}).text
    assert "张*三" in page
    assert "请与文件逐项比对" in page


HOSTILE = '"><script>alert(1)</script>\u202e&amp;{{ 7*7 }}\x00'


def test_nothing_can_be_injected(client: TestClient, verifier: ScriptedVerifier) -> None:
    licence = replace(
        world.LICENCE,
        authority=HOSTILE,
        number=HOSTILE,
        identifier=HOSTILE,
        type_name=Text(HOSTILE, HOSTILE),
        replaced_by=HOSTILE,
        reason=HOSTILE,
    )
    verifier.answer = replace(
        world.BY_LINK,
        licence=licence,
        public_fields=(PublicField(Text(HOSTILE, HOSTILE), HOSTILE),),
        signatures=tuple(
            replace(
                one,
                signer=HOSTILE,
                field=HOSTILE,
                sub_indication=HOSTILE,
                level=HOSTILE,
                organization=HOSTILE,
                identity_issuer=HOSTILE,
            )
            for one in (world.SEAL, world.PERSON)
        ),
        receipt=HOSTILE,
        sha256=HOSTILE,
    )
    code = HOSTILE.rstrip("\x00")
    for page in (client.get(LINK).text, client.post("/lookup", data={"code": code}).text):
        assert "<script>alert" not in page
        assert "49" not in re.sub(r"static/\w+|\d{4,}", "", page)
        assert len(Page(page).all("script")) == 1


WORDS_ON_PERSONS: dict[str, tuple[dict[str, object], str, str]] = {
    "holds": ({}, "签名成立。", "The signature holds."),
    "changed since": (
        {"later_changes": LaterChanges.CONTENT_CHANGED},
        "签名只对签名时的内容成立，文件此后有改动。",
        "The signature holds for what was signed; the file was changed since.",
    ),
    "does not hold": (
        {"indication": Indication.TOTAL_FAILED, "sub_indication": "REVOKED"},
        "签名不成立：签名前证书已撤销。不能据此认为该人签署了这份文件",
        "The signature does not hold: The certificate was revoked before signing. Do not take it",
    ),
    "cannot be told": (
        {"indication": Indication.INDETERMINATE, "sub_indication": None},
        "不能确定签名是否成立。不能据此认为该人签署了这份文件",
        "It cannot be told whether it holds. Do not take it",
    ),
}


@pytest.mark.parametrize(("change", "zh", "en"), WORDS_ON_PERSONS.values(), ids=WORDS_ON_PERSONS)
def test_a_persons_signature_is_told_in_words_beside_the_answer(
    client: TestClient, verifier: ScriptedVerifier, change: dict[str, object], zh: str, en: str
) -> None:
    person = replace(world.PERSON, **change)  # type: ignore[arg-type]
    verifier.answer = replace(world.IN_FORCE, signatures=(person, world.SEAL))
    vouched = (
        "Zhang San（Qingyun Bureau），身份由 https://identity.example.gov.cn 认定",
        "Zhang San (Qingyun Bureau), vouched for by https://identity.example.gov.cn",
    )
    claimed = (
        "文件自称“Zhang San（Qingyun Bureau）”",
        "claims to be “Zhang San（Qingyun Bureau）”",
    )
    names = vouched if person.indication is Indication.TOTAL_PASSED else claimed
    for lang, words, who in (("zh", zh, names[0]), ("en", en, names[1])):
        page = client.post(f"/verify?lang={lang}", files={"file": world.PDF}, headers=HTML).text
        card = page[page.index('id="persons"') :].partition("</section>")[0]
        assert words in card
        assert who in card


def test_a_table_is_shown_as_a_table(client: TestClient, verifier: ScriptedVerifier) -> None:
    columns = (Text("名称", "Name"), Text("数量", "Number"))
    table = PublicField(
        Text("设备", "Equipment"), "冷柜|2；灯<|1", columns, (("冷柜", "2"), ("灯<", "1"))
    )
    verifier.answer = replace(world.BY_LINK, public_fields=(table,))
    page = client.get(f"{LINK}?lang=en").text
    assert '<th scope="col">Name</th><th scope="col">Number</th>' in page
    assert re.search("<td><bdi[^>]*>灯&lt;</bdi></td><td><bdi[^>]*>1</bdi></td>", page)
    assert "冷柜|2" not in page


def test_an_altered_file_names_nobody_as_a_fact(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    """Though the person's own signature still holds over what was signed."""
    signatures = (world.PERSON, *world.ALTERED.signatures)
    verifier.answer = replace(world.ALTERED, signatures=signatures)
    page = client.post("/verify?lang=en", files={"file": world.PDF}, headers=HTML).text
    assert "claims to be “Zhang San" in page
    assert "Signer (as the file claims)" in page
    assert "<dt>Signer</dt>" not in page
    assert "ouched for by https" not in page


def test_who_vouched_is_not_made_up(client: TestClient, verifier: ScriptedVerifier) -> None:
    person = replace(world.PERSON, organization="", identity_issuer=None)
    verifier.answer = replace(world.IN_FORCE, signatures=(person, world.SEAL))
    page = client.post("/verify?lang=en", files={"file": world.PDF}, headers=HTML).text
    assert "Zhang San; who vouched is not stated" in page
    verifier.answer = world.IN_FORCE
    page = client.post("/verify?lang=en", files={"file": world.PDF}, headers=HTML).text
    assert 'id="persons"' not in page


def test_hidden_characters_in_foreign_names_are_made_visible(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    verifier.answer = replace(world.IN_FORCE, signatures=(replace(world.SEAL, signer="a\u202eb"),))
    page = client.post("/verify", files={"file": world.PDF}).text
    assert "a\N{REPLACEMENT CHARACTER}b" in page


@pytest.mark.parametrize(
    "body",
    [b"", b"code=", b"code=%20", b"code=%00", b"code=%ff", b"a=b&" * 9, b"\xff\xfe", b"other=1"],
)
def test_a_broken_form_is_answered_with_a_page(client: TestClient, body: bytes) -> None:
    headers = HTML | {"Content-Type": "application/x-www-form-urlencoded"}
    response = client.post("/lookup", content=body, headers=headers)
    assert response.status_code == 422
    check_accessible(response.text, "zh-CN")


def test_errors_are_pages_for_people_and_problems_for_programs(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    verifier.error = world.NotAPdfError(Text("这不是 PDF 文件。", "This is not a PDF file."))
    page = client.post("/verify", files={"file": b"x"}, headers=HTML)
    assert page.status_code == 415
    assert "这不是 PDF 文件。" in page.text
    check_accessible(page.text, "zh-CN")
    problem = client.post("/verify", files={"file": b"x"}, headers={"Accept": "*/*"})
    assert problem.json()["code"] == "not_a_pdf"
    api = client.post("/v1/verifications", files={"file": b"x"}, headers=HTML)
    assert api.headers["content-type"] == "application/problem+json"


def test_every_page_names_who_runs_it(
    verifier: ScriptedVerifier, settings: VerifyApiSettings, monotonic: SteppedClock
) -> None:
    named = replace(settings, operator=("青岚市大数据局", "电话 0000-12345", "<备案>"))
    app = create_app(verifier, named, ready=lambda: True, metrics=Metrics(), monotonic=monotonic)
    with TestClient(app) as client:
        for page in (client.get("/").text, client.get(LINK).text):
            assert "青岚市大数据局 · 电话 0000-12345 · &lt;备案&gt;" in page


def test_every_code_a_problem_points_to_is_explained(client: TestClient) -> None:
    page = client.get("/problems").text
    for code in ("not_a_pdf", "too_large", "too_many_requests", "internal", "usage"):
        assert f'id="{code}"' in page


@pytest.mark.parametrize(
    "path", ["/", LINK, "/problems", "/healthz", "/favicon.ico", "/robots.txt"]
)
def test_head_answers_like_get(client: TestClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert head.status_code == get.status_code == 200
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("path", ["/verify", "/lookup"])
def test_a_reloaded_result_leads_to_the_start(client: TestClient, path: str) -> None:
    response = client.get(f"{path}?lang=en", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/?lang=en")


def test_language_by_query_beats_the_browsers(client: TestClient) -> None:
    english = client.get("/", headers={"Accept-Language": "en"})
    assert '<html lang="en">' in english.text
    assert '<html lang="zh-CN">' in client.get("/").text
    chosen = client.get("/?lang=zh", headers={"Accept-Language": "en"})
    assert '<html lang="zh-CN">' in chosen.text
    assert '<html lang="zh-CN">' in client.get("/?lang=%3Cscript%3E").text


def test_robots_keep_out_of_licences(client: TestClient) -> None:
    assert "Disallow: /v/" in client.get("/robots.txt").text


def test_assets_are_named_by_content_and_cached(client: TestClient) -> None:
    page = Page(client.get("/").text)
    addresses = [a["href"] for a in page.all("link")] + [a["src"] for a in page.all("script")]
    for address in addresses:
        assert address
        response = client.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/0/app.css").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("checked", [True, False])
def test_an_official_document_has_words_of_its_own(
    client: TestClient, verifier: ScriptedVerifier, language: str, *, checked: bool
) -> None:
    known = world.IN_FORCE if checked else world.BY_RECORD
    document = replace(world.LICENCE, kind=TypeKind.DOCUMENT, type_name=Text("公文", "Notice"))
    told = replace(known, licence=document, summary=Text("如下", "so"))
    silent = (
        replace(told.integrity, message=Text("甲", "a")),
        replace(told.status, message=Text("乙", "b")),
    )
    issuer = replace(told.issuer, message=Text("丙", "c"))
    verifier.answer = replace(told, integrity=silent[0], status=silent[1], issuer=issuer)
    sent = {"files": {"file": world.PDF}, "headers": HTML}
    html = client.post(f"/verify?lang={language}", **sent).text  # type: ignore[arg-type]
    page = html[html.index('id="outcome"') : html.index('id="questions"')]
    assert "证照" not in page
    assert "licence" not in page.replace('"licence"', "").lower()
    assert ("发文机关" if language == "zh" else "Issued by") in page


def _of_document(known: VerificationAnswer) -> VerificationAnswer:
    """Return what is answered where the record is of an official document."""
    assert known.licence is not None
    document = replace(known.licence, kind=TypeKind.DOCUMENT, type_name=Text("公文", "Notice"))
    subject = replace(
        world.SUBJECT,
        document_checked=known.document_checked,
        registered_length=known.registered_length,
        asked="number",
    )
    found = Findings(known.integrity, known.issuer, ours=True)
    status = status_of(document.state, document.reason, TypeKind.DOCUMENT)
    return world.answering().compose(
        worded(found, TypeKind.DOCUMENT), subject, status, document, known.public_fields
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "known",
    [world.IN_FORCE, world.CANCELLED, world.BY_RECORD, world.ADDED, world.ADDED_TO_CANCELLED],
)
def test_nothing_on_a_documents_page_speaks_of_licences(
    client: TestClient, verifier: ScriptedVerifier, known: VerificationAnswer, lang: str
) -> None:
    verifier.answer = _of_document(known)
    sent = {"files": {"file": world.PDF}, "headers": HTML}
    html = client.post(f"/verify?lang={lang}", **sent).text  # type: ignore[arg-type]
    page = re.sub("<[^>]+>", " ", html[html.index("<main") : html.index("</main>")])
    assert "证照" not in page
    assert "licence" not in page.lower()


def test_no_word_goes_unused() -> None:
    """Each word of the table stands in some template; unknown ones fail when rendered."""
    folder = files("verify_api") / "templates"
    sources = "".join(one.read_text("utf-8") for one in folder.iterdir())
    assert [
        key for key in PAGE if f't("{key}"' not in sources and f"t('{key}'" not in sources
    ] == []


WECHAT = "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50"


@pytest.mark.parametrize("path", ["/", LINK, "/readers"])
def test_within_wechat_a_hint_leads_to_the_browser(client: TestClient, path: str) -> None:
    hint = "选择“在浏览器打开”"
    answer = client.get(f"{path}?lang=zh", headers=HTML | {"User-Agent": WECHAT})
    assert hint in answer.text
    assert "User-Agent" in answer.headers["Vary"]
    check_accessible(answer.text, "zh-CN")
    assert hint not in client.get(f"{path}?lang=zh", headers=HTML).text
