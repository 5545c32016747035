"""A licence asked for on the pages: form, errors, preview, sent once, decided, sealed."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from registry.audit.events import EventFilter, list_events
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import EXAMPLES, FOOD, Officer, plain, record, typed
from tests.permits import MANAGE_AUTHORITY

SignedIn = Callable[[str], Officer]
_COUNT = iter(range(100))


@pytest.fixture
def row(columns: dict[str, str]) -> dict[str, str]:
    """Fields of a licence that nobody has asked for yet."""
    return typed(record(next(_COUNT)), columns)


def ask(li: Officer, form: str, row: dict[str, str]) -> str:
    """Ask for a licence; return the request's address."""
    preview = li.post(form, row | {"do": "preview"})
    sent = li.post(form, {"do": "submit"}, page=preview.text)
    assert sent.status_code == 303, plain(sent.text)
    return str(sent.headers["location"])


@contextmanager
def signed_in_person(site: RunningDesk) -> Iterator[None]:
    """Have the type's licences signed by their officer meanwhile."""
    home = site.home
    with home.database.reading() as connection:
        source = home.catalogue.find(connection, FOOD).source

    def put(text: str) -> None:
        with home.database.writing() as connection:
            put_type(connection, parse_type(text), MANAGE_AUTHORITY, home.clock.now())

    put(f'{source}\n[desk]\nsigns = "must"\n')
    try:
        yield
    finally:
        put(source)


def test_what_its_officer_signs_first_is_not_sealed_from_the_page(
    form: str, row: dict[str, str], signed_in: SignedIn, site: RunningDesk
) -> None:
    li, wang, zhao = (signed_in(one) for one in ("li", "wang", "zhao"))
    with signed_in_person(site):
        address = ask(li, form, row)
        assert wang.post(address, {"do": "approve", "reason": "材料齐全"}).status_code == 303
        page = zhao.see(address)
        assert "xinyin request sign" in page
        assert 'value="carry_out"' not in page
        assert 'value="withdraw"' in li.see(address)
        assert "xinyin request sign" not in li.see(address)
        refused = zhao.post(address, {"do": "carry_out"}, page=zhao.see("/issuing/"))
        assert refused.status_code == 409
        assert "xinyin request sign" in plain(refused.text)


def test_a_request_becomes_a_sealed_pdf(
    form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    li, wang, zhao = (signed_in(one) for one in ("li", "wang", "zhao"))
    address = ask(li, form, row)
    assert address in wang.see("/issuing/")
    assert address not in zhao.see("/issuing/")
    page = wang.see(address)
    assert row["f_operator"] in page
    assert "未签章预览" in page
    assert 'value="approve"' in page
    assert 'value="approve"' not in li.see(address)
    assert 'value="approve"' not in zhao.see(address)
    assert wang.get(f"{address}/preview.pdf").content.startswith(b"%PDF-")
    approved = wang.post(address, {"do": "approve", "reason": "材料齐全"})
    assert approved.status_code == 303, plain(approved.text)
    assert address in zhao.see("/issuing/")
    granted = zhao.post(address, {"do": "carry_out"})
    licence = granted.headers["location"]
    words = plain(zhao.see(licence))
    assert "赵样" in words
    assert "取得编号" in words
    pdf = zhao.get(f"{licence}/document")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["content-disposition"].startswith("attachment")
    done = plain(li.see(address))
    assert licence in li.see(address)
    assert "材料齐全" in done
    assert "不再保存" in done
    assert row["f_operator"] not in done


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(
    form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    li = signed_in("li")
    wrong = row | {
        "do": "submit",
        "f_operator_code": "123",
        "f_residence": "",
        "basis": "依据" * 300,
    }
    answer = li.post(form, wrong)
    assert answer.status_code == 422
    assert 'href="#basis"' in answer.text
    answer = li.post(form, wrong | {"basis": "决定〔2026〕1号"})
    assert answer.status_code == 422
    page = answer.text
    for name in ("f_operator_code", "f_residence"):
        assert f'href="#{name}"' in page, name
        assert f'id="{name}-error"' in page, name
    assert 'id="f_operator-error"' not in page
    assert 'value="123"' in page
    assert row["f_operator"] in page
    assert "决定〔2026〕1号" in page
    first = li.hidden(answer.text)["request_key"]
    again = li.post(form, wrong, page=answer.text)
    assert li.hidden(again.text)["request_key"] == first


def test_a_double_click_makes_one_request(
    site: RunningDesk, form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    li = signed_in("li")
    preview = li.post(form, row | {"do": "preview"})
    with ThreadPoolExecutor(2) as pool:
        sent = list(
            pool.map(lambda _: li.post(form, {"do": "submit"}, page=preview.text), range(2))
        )
    assert [one.status_code for one in sent] == [303, 303]
    assert len({one.headers["location"] for one in sent}) == 1
    # Another licence under the same key is refused in words, on the form.
    other = li.post(form, {"do": "submit", "f_hotline": "0999-1234567"}, page=preview.text)
    assert other.status_code in (409, 422)


def test_of_two_approvers_at_once_one_is_told_who_was_first(
    form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    li, wang = signed_in("li"), signed_in("wang")
    address = ask(li, form, row)
    page = wang.see(address)
    assert wang.post(address, {"do": "approve", "reason": "可以"}, page=page).status_code == 303
    late = wang.post(address, {"do": "reject", "reason": "不可以"}, page=page)
    assert late.status_code == 409
    words = plain(late.text)
    assert "已有人先办理" in words
    assert "王例" in words
    assert "id:" not in words


def test_a_decision_needs_a_reason(form: str, row: dict[str, str], signed_in: SignedIn) -> None:
    li, wang = signed_in("li"), signed_in("wang")
    address = ask(li, form, row)
    bare = wang.post(address, {"do": "reject", "reason": " "})
    assert (bare.status_code, 'id="reason-error"' in bare.text) == (422, True)
    rejected = wang.post(address, {"do": "reject", "reason": "材料不全"})
    assert rejected.status_code == 303
    assert "材料不全" in plain(li.see(address))
    assert 'value="withdraw"' not in li.see(address)


def test_ones_own_request_is_withdrawn_and_not_decided(
    form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    li = signed_in("li")
    address = ask(li, form, row)
    refused = li.post(address, {"do": "approve", "reason": "自己批"})
    assert refused.status_code == 403
    assert "未执行" in plain(refused.text)
    assert li.post(address, {"do": "withdraw", "reason": "填错了"}).status_code == 303
    assert "已撤销申请" in plain(li.see(address))


def test_who_may_both_ask_and_seal_grants_at_once(
    form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    zhou, li = signed_in("zhou"), signed_in("li")
    preview = zhou.post(form, row | {"do": "preview"})
    assert 'value="grant"' in preview.text
    granted = [zhou.post(form, {"do": "grant"}, page=preview.text) for _ in range(2)]
    assert [one.status_code for one in granted] == [303, 303], plain(granted[0].text)
    assert granted[0].headers["location"] == granted[1].headers["location"]
    assert 'value="grant"' not in li.post(form, row | {"do": "preview"}).text
    # The holder has one now: said on the form, with everything kept.
    second = zhou.post(form, row | {"do": "grant"})
    assert second.status_code == 409
    assert row["f_operator"] in second.text


def test_a_preview_is_marked_and_has_neither_number_nor_code(
    form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    li = signed_in("li")
    preview = li.post(form, row | {"do": "preview"})
    assert "签发时编号" in preview.text
    pdf = li.post(form, {"do": "pdf"}, page=preview.text)
    assert pdf.headers["content-type"] == "application/pdf"
    assert b"/URI" not in pdf.content
    assert b"/Sig" not in pdf.content


def test_out_of_reach_nothing_is_found(
    site: RunningDesk, form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    li, sun = signed_in("li"), signed_in("sun")
    address = ask(li, form, row)
    missing = sun.get("/issuing/requests/0123456789abcdef0123")
    for path in (address, f"{address}/photo", f"{address}/preview.pdf"):
        found = sun.get(path)
        assert found.status_code == 404, path
        ours, theirs = (plain(one.text).partition("请求编号")[0] for one in (found, missing))
        assert ours.replace(address.rpartition("/")[2], "") == theirs.replace(
            "0123456789abcdef0123", ""
        )
    assert sun.get(form).status_code == 404
    assert address not in sun.see("/issuing/requests")
    own = sun.see("/issuing/seals")
    for step in ({"do": "approve", "reason": "x"}, {"do": "withdraw", "reason": "x"}):
        assert sun.post(address, step, page=own).status_code == 404
    assert sun.post(address, {"do": "carry_out"}, page=own).status_code == 404


def test_the_form_of_before_sends_another_request(
    form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    """Sent, back, the next holder: the key of before was in the page for good."""
    li = signed_in("li")
    preview = li.post(form, row | {"do": "preview"})
    first = li.post(form, {"do": "submit"}, page=preview.text)
    assert first.status_code == 303
    again = li.post(form, {"do": "submit"}, page=preview.text)
    assert again.headers["location"] == first.headers["location"]
    other = row | {"f_operator": "青岚另一家食品店"}
    refused = li.post(form, other | {"do": "submit"}, page=preview.text)
    assert (refused.status_code, "再次提交" in plain(refused.text)) == (409, True)
    sent = li.post(form, other | {"do": "submit"}, page=refused.text)
    assert sent.status_code == 303
    assert sent.headers["location"] != first.headers["location"]


def test_a_form_counts_only_from_a_page_of_this_session(
    form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    li, wang = signed_in("li"), signed_in("wang")
    address = ask(li, form, row)
    step = {"do": "approve", "reason": "可以"}
    page = wang.see(address)
    assert wang.post(address, step | {"form_token": ""}, page=page).status_code == 403
    theirs = li.see("/issuing/")
    assert wang.post(address, step, page=theirs).status_code == 403
    elsewhere = wang.post(address, step, page=page, Origin="https://evil.example")
    assert elsewhere.status_code == 403
    site = wang.post(address, step, page=page, Sec_Fetch_Site="cross-site")
    assert site.status_code == 403
    assert wang.post(address, step, page=page, Origin="null", Sec_Fetch_Site="").status_code == 403
    assert "待审批" in plain(wang.see(address))


def test_a_supervisor_reads_all_and_changes_nothing(
    site: RunningDesk, form: str, row: dict[str, str], signed_in: SignedIn
) -> None:
    li, qian = signed_in("li"), signed_in("qian")
    address = ask(li, form, row)
    page = qian.see(address)
    assert row["f_operator"] in page
    assert 'name="do"' not in page
    assert 'href="/issuing/requests/new"' not in page
    request_id = address.rpartition("/")[2]
    with site.home.database.reading() as connection:
        chosen = EventFilter(action="record.read", subject=request_id)
        read = list_events(connection, chosen=chosen, limit=500)
    assert sorted(str((one.after or {})["what"]) for one in read) == ["content", "request"]
    refused = qian.post(address, {"do": "approve", "reason": "x"}, page=page)
    assert refused.status_code == 403


def test_a_photo_is_chosen_once_and_seen_by_who_decides(
    site: RunningDesk, signed_in: SignedIn
) -> None:
    sun = signed_in("sun")
    page = sun.see("/issuing/requests/new")
    form = "/issuing/requests/new/disability/"
    form += page.partition(form)[2].partition('"')[0]
    with site.home.database.reading() as connection:
        columns = dict(site.home.catalogue.find(connection, "disability").columns)
    row = typed(record(0, "disability", "gb18030"), columns)
    photo = (EXAMPLES / row.pop("f_photo")).read_bytes()
    no_picture = {"photo": ("a.jpg", b"no picture", "image/jpeg")}
    refused = sun.post(form, row | {"do": "preview"}, files=no_picture)
    assert (refused.status_code, 'id="f_photo-error"' in refused.text) == (422, True)
    assert "kept_photo" not in sun.hidden(refused.text)
    missing = sun.post(form, row | {"do": "preview"})
    assert 'id="f_photo-error"' in missing.text
    # Something else is wrong: the photo need not be chosen again.
    wrong = {"do": "preview", next(iter(row)): ""}
    again = sun.post(form, row | wrong, files={"photo": ("p.jpg", photo, "image/jpeg")})
    assert again.status_code == 422
    assert "照片已选好" in plain(again.text)
    preview = sun.post(form, row | {"do": "preview"}, page=again.text)
    assert preview.status_code == 200, plain(preview.text)
    spoilt = sun.post(form, {"do": "submit", "kept_photo": "%"}, page=preview.text)
    assert 'id="f_photo-error"' in spoilt.text
    pdf = sun.post(form, {"do": "pdf"}, page=preview.text)
    assert pdf.content.startswith(b"%PDF-")
    sent = sun.post(form, {"do": "submit"}, page=preview.text)
    assert sent.status_code == 303, plain(sent.text)
    address = sent.headers["location"]
    assert f"{address}/photo" in sun.see(address)
    shown = sun.get(f"{address}/photo")
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.content.startswith(b"\xff\xd8")
    assert signed_in("li").get(f"{address}/photo").status_code == 404
