"""Forms outlive their session, and a file that is too large, with what was typed."""

from html import unescape
from typing import Any

import pytest

from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import officer, plain, record, typed


def test_what_was_typed_survives_a_session(
    site: RunningDesk, form: str, columns: dict[str, str]
) -> None:
    """Signed in beside it, the page of before goes on; nothing is done before it was seen again."""
    li, row = officer(site, "li"), typed(record(23), columns)
    empty = li.see(form)
    li.person.cookies.clear()
    ended = li.post(form, row | {"do": "preview"}, page=empty)
    assert (ended.status_code, "没有丢失" in plain(ended.text)) == (401, True)
    kept = li.hidden(ended.text)
    assert kept.items() >= row.items()
    assert "form_token" not in kept
    li.person.sign_in("li")
    shown = li.post(form, {}, page=ended.text)
    assert (shown.status_code, "请核对后再次提交" in plain(shown.text)) == (403, True)
    for name, value in row.items():
        assert value in unescape(shown.text), name
    assert li.post(form, row | {"do": "preview"}, page=shown.text).status_code == 200


def test_what_another_site_sends_is_put_into_no_page(
    site: RunningDesk, form: str, columns: dict[str, str]
) -> None:
    li, row = officer(site, "li"), typed(record(24), columns)
    page = li.see(form)
    evil: dict[str, Any] = {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"}
    for signed_in_here in (True, False):
        if not signed_in_here:
            li.person.cookies.clear()
        answer = li.post(form, row | {"form_token": "x"}, page=page, **evil)
        assert answer.status_code == (403 if signed_in_here else 303)
        assert row["f_operator"] not in answer.text


def test_a_reason_survives_a_session(site: RunningDesk, form: str, columns: dict[str, str]) -> None:
    li, wang = officer(site, "li"), officer(site, "wang")
    preview = li.post(form, typed(record(25), columns) | {"do": "preview"})
    address = li.post(form, {"do": "submit"}, page=preview.text).headers["location"]
    page = wang.see(address)
    wang.person.sign_in("wang")
    step = {"do": "approve", "reason": "材料齐全，同意"}
    again = wang.post(address, step, page=page)
    assert (again.status_code, "材料齐全，同意</textarea>" in again.text) == (403, True)
    assert "待审批" in plain(wang.see(address))
    assert wang.post(address, step, page=again.text).status_code == 303


def test_a_photo_is_not_kept_before_the_sign_in_and_that_is_said(
    site: RunningDesk, form: str, columns: dict[str, str]
) -> None:
    """Small or large, where it happens and beside the input, required or not."""
    sun, address = officer(site, "sun"), "/issuing/requests/new/disability/"
    address += sun.see("/issuing/requests/new").partition(address)[2].partition('"')[0]
    for size in (1000, 100 * 1024):
        page = sun.see(address)
        sun.person.cookies.clear()
        files = {"photo": ("p.jpg", bytes(size), "image/jpeg")}
        ended = sun.post(
            address, {"f_holder_name": "林样", "do": "preview"}, page=page, files=files
        )
        assert (ended.status_code, "没有保留" in plain(ended.text)) == (401, True), size
        sun.person.sign_in("sun")
        shown = sun.post(address, {}, page=ended.text)
        assert 'id="f_photo-error"' in shown.text
        assert "照片没有收到。请重新选择" in plain(shown.text)
        assert 'value="林样"' in shown.text
    li = officer(site, "li")
    page = li.see(form)
    li.person.cookies.clear()
    ended = li.post(form, typed(record(23), columns) | {"do": "preview"}, page=page)
    assert "没有保留" not in plain(ended.text), "there was no file"


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_photo_that_is_too_large_loses_nothing_else(
    site: RunningDesk, *, is_signed_in: bool
) -> None:
    sun, address = officer(site, "sun"), "/issuing/requests/new/disability/"
    address += sun.see("/issuing/requests/new").partition(address)[2].partition('"')[0]
    page, words = sun.see(address), {"f_holder_name": "林样", "f_address": "样例路1号"}
    if not is_signed_in:
        sun.person.cookies.clear()
    photo = ("p.jpg", bytes(5 * 1024 * 1024), "image/jpeg")
    sent = {"photo": photo, "basis": (None, "样决〔2026〕7号")}
    answer = sun.post(address, words | {"do": "preview"}, page=page, files=sent)
    assert answer.status_code == (413 if is_signed_in else 401)
    if not is_signed_in:
        sun.person.sign_in("sun")
        answer = sun.post(address, {}, page=answer.text)
    for value in ("林样", "样决〔2026〕7号"):
        assert f'value="{value}"' in answer.text, value
    assert 'id="f_photo-error"' in answer.text
    assert "不超过 2 MB" in plain(answer.text)
