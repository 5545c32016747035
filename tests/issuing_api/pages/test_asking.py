"""A licence asked for on the pages: form, errors, preview, sent once, decided, sealed."""

import pytest

from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import FOOD, Officer, officer, plain, record, typed

NEW = "/issuing/requests/new"


@pytest.fixture(scope="module")
def form(site: RunningDesk) -> str:
    """The address of the food licence's form."""
    page = officer(site, "li").see(NEW)
    return f"{NEW}/{FOOD}/" + page.partition(f"{NEW}/{FOOD}/")[2].partition('"')[0]


def test_a_request_becomes_a_sealed_pdf(
    site: RunningDesk, form: str, columns: dict[str, str]
) -> None:
    li, wang, zhao = (officer(site, one) for one in ("li", "wang", "zhao"))
    row = typed(record(0), columns)
    preview = li.post(form, do="preview", **row)
    assert preview.status_code == 200, plain(preview.text)
    assert "未签章预览" in preview.text
    sent = li.post(form, preview.text, do="submit")
    address = sent.headers["location"]
    assert "等我审批" in plain(wang.see("/issuing/"))
    assert address in wang.see("/issuing/")
    approved = wang.post(address, do="approve", reason="材料齐全")
    assert approved.status_code == 303, plain(approved.text)
    assert address in zhao.see("/issuing/")
    granted = zhao.post(address, do="carry_out")
    licence = granted.headers["location"]
    page = zhao.see(licence)
    assert "有效" in plain(page)
    pdf = zhao.get(f"{licence}/document")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["content-disposition"].startswith("attachment")
    assert licence in li.see(address)
