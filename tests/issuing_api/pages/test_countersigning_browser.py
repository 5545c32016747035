"""Countersigning in a real browser, wide in Chinese and on a phone in English: nothing is cut off,
and programs that read pages aloud find what they need.
"""

import pytest
from playwright.sync_api import Browser

from registry.bodies.authorities import list_authorities
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.documents import publish_documents
from tests.issuing_api.pages.test_browser import Typist
from tests.issuing_api.pages.test_documents_browser import browser, looked_at, pdf
from tests.signing.intake.drawings import plain

__all__ = ["browser"]


@pytest.mark.timeout(300)
def test_each_page_of_a_round_can_be_read_and_used(  # noqa: PLR0915 (one walk)
    browser: Browser, one_desk: RunningDesk
) -> None:
    site = one_desk  # the type is published otherwise than for other pages
    publish_documents(site.home, everywhere=True)
    with site.home.database.reading() as connection:
        known = [one.authority_id for one in list_authorities(connection)]
    other = next(one for one in known if one != site.authority)
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    Typist(page, site.url).sign_in("li")
    page.goto(f"{site.url}/issuing/documents/new?lang=zh")
    page.select_option("#what", f"official-document@{site.authority}")
    page.set_input_files("#files", files=[pdf("关于联合检查的通知.pdf", plain(3))])
    page.click("form button[type=submit] >> text=上传并检查")
    page.locator("summary", has_text="会签单位").click()
    page.select_option("#way", "word")
    page.fill("#page", "1")
    page.fill("#word", "Seal here")
    page.select_option("#s1_who", other)
    page.fill("#s1_page", "2")
    page.fill("#s1_word", "Seal here")
    page.click("button[value=choose]")
    page.select_option("#s2_who", "outside")
    page.fill("#s2_page", "3")
    page.fill("#s2_word", "Seal here")
    page.locator("fieldset:has(#s2_who) summary").click()
    page.fill("#s2_name", "青岚热力有限公司")
    page.fill("#s2_uscc", "11430000006122244L")
    page.select_option("#round_order", "any")
    page.fill("#round_deadline", "2099-12-31")
    page.click("button[value=choose]")
    page.wait_for_selector("button[value=agree]")
    assert "青岚热力有限公司：第 3 页" in page.locator("#sample ~ dl").inner_text()
    found = looked_at(page, "round-draft")
    page.goto(f"{page.url.partition('?')[0]}?lang=zh")
    page.click("button[value=agree]")
    page.wait_for_url("**/issuing/requests/**")
    request = page.url.partition("?")[0]
    context.close()

    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    Typist(page, site.url).sign_in("wang")
    page.goto(f"{request}?lang=zh")
    page.fill("#reason", "同意")
    page.click("button[value=approve]")
    context.close()
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    Typist(page, site.url).sign_in("zhao")
    page.goto(f"{request}?lang=zh")
    page.click("button[value=carry_out]")
    site.work()
    page.goto(f"{site.url}/issuing/countersigning?lang=zh")
    page.click("#list-issued ~ div a")
    page.wait_for_selector("#take-signed")
    address = page.url.partition("?")[0]
    found += looked_at(page, "round-issuer")
    page.set_input_files("#take-signed", files=[pdf("x.pdf", plain(3))])
    page.click("form[action$=signed-files] button")
    page.wait_for_selector("[role=alert]")
    assert "does not begin with a document on record" in page.locator("[role=alert]").inner_text()
    context.close()

    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    Typist(page, site.url).sign_in("sun")
    page.goto(f"{site.url}/issuing/?lang=zh")
    found += looked_at(page, "round-home")
    page.goto(f"{site.url}/issuing/countersigning?lang=zh")
    found += looked_at(page, "round-lists")
    page.goto(f"{address}?lang=zh")
    found += looked_at(page, "round-asked")
    page.goto(f"{address}?lang=zh")
    page.click("button[value=ask]")
    page.wait_for_url("**/issuing/requests/**")
    request = page.url.partition("?")[0]
    context.close()

    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    Typist(page, site.url).sign_in("wei")
    page.goto(f"{request}?lang=zh")
    found += looked_at(page, "round-request")
    page.goto(f"{address}?lang=zh")
    page.click("button[value=refuse]")
    page.wait_for_selector("#refuse-reason-error")
    page.fill("#refuse-reason", "第三条须修改")
    page.click("button[value=refuse]")
    page.wait_for_selector("button[name=confirmed]")
    page.set_viewport_size({"width": 320, "height": 800})
    page.click("button[name=confirmed]")
    page.wait_for_url(address)
    assert "已拒绝" in page.locator("#round ~ div").inner_text()
    found += looked_at(page, "round-refused")
    context.close()
    assert found == []
