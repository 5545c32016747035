"""Documents in a real browser: by the mouse with scripts, by the keyboard without, on a phone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Page, sync_playwright

from tests.accessibility import findings
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.documents import publish_documents
from tests.issuing_api.pages.test_browser import CHROMIUM, Typist, misfits
from tests.signing.intake.drawings import changed, hidden_layer, plain, script_at_opening

SHOTS = os.environ.get("XINYIN_SHOTS")
"""Directory for pictures of the pages, to be looked at by people."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def pdf(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": data}


def looked_at(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page, wide in Chinese and on a phone in English."""
    found: list[str] = []
    here = page.url
    for language, (width, height) in {"zh": (1280, 900), "en": (320, 800)}.items():
        page.set_viewport_size({"width": width, "height": height})
        if "/documents/new" not in here or "?draft" in here:
            mark = "&" if "?" in here else "?"
            page.goto(f"{here.partition('#')[0]}{mark}lang={language}")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        for picture in page.locator("figure.picture img").all():
            picture.scroll_into_view_if_needed()
            page.wait_for_function("one => one.complete", arg=picture.element_handle())
            assert picture.evaluate("one => one.naturalWidth") > 100
        found += [*misfits(page), *(f"{page.url}: {one}" for one in findings(page))]
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{language}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


@pytest.mark.timeout(240)
def test_a_document_is_handed_in_placed_by_a_click_approved_and_sealed(  # noqa: PLR0915 (one walk)
    browser: Browser, site: RunningDesk
) -> None:
    publish_documents(site.home)
    found: list[str] = []
    complaints: list[str] = []
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()

    def heard(message: ConsoleMessage) -> None:
        if message.location["url"].startswith(site.url) and "status of 4" not in message.text:
            complaints.append(message.text)

    page.on("console", heard)
    Typist(page, site.url).sign_in("li")
    page.goto(f"{site.url}/issuing/documents/new")
    found += looked_at(page, "new")
    page.goto(f"{site.url}/issuing/documents/new?lang=zh")
    page.set_input_files(
        "#files",
        files=[
            pdf("关于检查的通知.pdf", plain(3)),
            pdf("脚本.pdf", changed(script_at_opening)),
            pdf("图层.pdf", changed(hidden_layer)),
        ],
    )
    assert "图层.pdf" in page.locator("#dropped").inner_text()
    page.click("form button[type=submit] >> text=上传并检查")
    assert "图层" in page.locator("#refused + h3").inner_text()
    found += looked_at(page, "refused")
    page.click('a[href^="/issuing/documents/drafts/"]')
    assert page.locator(".papers > li").count() == 2
    found += looked_at(page, "to-clean")
    page.goto(f"{page.url.partition('?')[0]}?lang=zh")
    page.click("button[value=clean]")
    page.wait_for_selector("#sample ~ form button[value=agree]")
    # The first page is shown, and a click on it says where the seal stands.
    page.goto(f"{page.url.partition('?')[0]}?file=1&page=1")
    picture = page.locator("#picture img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("one => one.complete", arg=picture.element_handle())
    box = picture.bounding_box()
    assert box
    picture.click(position={"x": box["width"] * 0.5, "y": box["height"] * 0.5})
    assert page.locator("#way").input_value() == "point"
    assert page.locator("#page").input_value() == "1"
    assert abs(float(page.locator("#left").input_value()) - 70.5) < 2
    assert page.locator(".mark").is_visible()
    page.click("button[value=choose]")
    page.wait_for_selector("button[value=agree]")
    facts = page.locator("#sample ~ dl").inner_text()
    assert "第 1 页" in facts
    found += looked_at(page, "draft")
    page.goto(f"{page.url.partition('?')[0]}?lang=zh")
    page.click("button[value=agree]")
    page.wait_for_url("**/issuing/requests/**")
    address = page.url.partition("?")[0]
    found += looked_at(page, "asked")
    context.close()

    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    hands = Typist(page, site.url)
    hands.sign_in("zhao")
    page.goto(f"{address}?lang=zh")
    assert page.locator("#papers ~ figure img").count() == 3
    hands.press("button[value=carry_out]")
    site.work()
    page.reload()
    assert "已完成" in page.locator("h1").inner_text()
    context.close()

    # Somebody with both roles, without a script and by the keyboard alone.
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    hands = Typist(page, site.url)
    hands.sign_in("zhou")
    hands.press('a[href="/issuing/documents"]')
    hands.press('a[href="/issuing/documents/new"]')
    hands.to("#files")
    page.set_input_files("#files", files=[pdf("函.pdf", plain(2))])
    hands.press("main form button[type=submit]")
    assert page.locator("button[value=agree]").count() == 1, page.url
    page.select_option("#way", "top_left")
    hands.press("button[value=choose]")
    hands.press("button[value=agree]")
    page.wait_for_url("**/issuing/jobs/**")
    site.work()
    page.reload()
    with page.expect_navigation():
        page.click("td a[href^='/issuing/licences/']")
    assert "公文" in page.locator("h1").inner_text()
    assert page.locator("dd a[href*='/v/'], dd a[href^='http']").count() >= 1
    hands.to('a[href$="/document"]')
    with page.expect_download() as downloading:
        page.keyboard.press("Enter")
    document = downloading.value.path().read_bytes()
    assert site.home.verifier.by_file(document).outcome == "in_force"
    context.close()

    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    Typist(page, site.url).sign_in("li")
    page.goto(f"{site.url}/issuing/documents")
    assert page.locator("tbody tr").count() == 3
    found += looked_at(page, "list")
    context.close()
    assert complaints == []
    assert found == []
