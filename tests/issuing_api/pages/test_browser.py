"""The desk in a real browser, without scripts and mouse: from sign-in to a sealed PDF; and axe."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Page, sync_playwright

from tests.accessibility import findings
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import FOOD, Officer, record, typed
from tests.issuing_api.pages.test_pages import licences
from tests.issuing_api.pages.test_work import NEW_BATCH, ask_for
from tests.registry.desk.batch.batch_world import sheet

CHROMIUM = "/usr/bin/chromium"
STOPS = 60
"""More than any page has."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@dataclass
class Typist:
    """Somebody who has a keyboard alone, in a browser without scripts."""

    page: Page
    url: str

    def to(self, selector: str) -> None:
        """Press Tab until `selector` has the focus, which must then be seen."""
        for _ in range(STOPS):
            self.page.keyboard.press("Tab")
            focused = self.page.locator(f"{selector}:focus")
            if focused.count():
                box = focused.bounding_box()
                assert box
                assert box["height"] >= 20
                return
        raise AssertionError(f"Tab never reaches {selector} on {self.page.url}")

    def press(self, selector: str) -> None:
        """Follow a link or press a button; the page that follows has loaded then."""
        self.to(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def sign_in(self, account: str) -> None:
        """Sign in at the provider's own page."""
        self.page.goto(f"{self.url}/issuing/?lang=zh")
        self.press('a[href^="/issuing/sign-in/"]')
        self.to("input[name=account]")
        self.page.keyboard.type(account)
        with self.page.expect_navigation(url="**/issuing/"):
            self.page.keyboard.press("Enter")

    def sign_out(self) -> None:
        """Sign out here and at the provider."""
        self.press('form[action="/issuing/sign-out"] button')
        self.page.wait_for_url("**/session/end**")


def test_from_sign_in_to_a_sealed_pdf_by_keyboard_and_without_scripts(
    browser: Browser, site: RunningDesk, columns: dict[str, str]
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.location["url"].startswith(site.url):  # the provider's are its own
            complaints.append(message.text)

    page.on("console", heard)
    hands = Typist(page, site.url)
    hands.sign_in("li")
    hands.press('a[href="/issuing/requests/new"]')
    hands.press('a[href^="/issuing/requests/new/food-operation/"]')
    row = typed(record(20), columns)
    for name, value in row.items():
        hands.to(f"[name={name}]")
        page.keyboard.type(value)  # a list is chosen from by its first characters
    # A list of choices is chosen from by arrows where typing Chinese chooses nothing.
    hands.page.focus("[name=f_main_form]")
    while page.locator("[name=f_main_form]").input_value() != row["f_main_form"]:
        page.keyboard.press("ArrowDown")
    hands.press("button[value=preview]")
    assert page.locator("h1").inner_text() == "请核对预览"
    hands.press("button[value=submit]")
    address = page.url
    hands.sign_out()

    hands = Typist(browser.new_context(java_script_enabled=False).new_page(), site.url)
    page = hands.page
    hands.sign_in("wang")
    hands.press(f'a[href="{address.removeprefix(site.url)}"]')
    assert row["f_operator"] in page.locator("main").inner_text()
    hands.to("#reason")
    page.keyboard.type("材料齐全")
    hands.press("button[value=approve]")
    assert "已批准" in page.locator("h1").inner_text()

    hands = Typist(browser.new_context(java_script_enabled=False).new_page(), site.url)
    page = hands.page
    hands.sign_in("zhao")
    hands.press(f'a[href="{address.removeprefix(site.url)}"]')
    hands.press("button[value=carry_out]")
    assert "有效" in page.locator("h1").inner_text()
    hands.to('a[href$="/document"]')
    with page.expect_download() as downloading:
        page.keyboard.press("Enter")
    document = downloading.value.path().read_bytes()
    assert document.startswith(b"%PDF-")
    assert site.home.verifier.by_file(document).outcome == "in_force"
    assert complaints == []
    for one in browser.contexts:
        one.close()


@pytest.fixture
def addresses(
    site: RunningDesk,
    form: str,
    columns: dict[str, str],
    signed_in: Callable[[str], Officer],
) -> dict[str, list[str]]:
    """Addresses of all pages, by who looks at them."""
    li, wang = signed_in("li"), signed_in("wang")
    made = []
    for number in (21, 22):
        preview = li.post(form, typed(record(number), columns) | {"do": "preview"})
        sent = li.post(form, {"do": "submit"}, page=preview.text)
        made.append(sent.headers["location"])
    wang.post(made[1], {"do": "approve", "reason": "材料齐全"})
    granted = licences(li.see("/issuing/licences"))[0]
    batch = ask_for(li, sheet(33, 2))
    other = ask_for(li, sheet(35, 1))
    job = signed_in("zhao").post(other, {"do": "carry_out"}).headers["location"]
    chen, new = signed_in("chen"), "/issuing/seals/new"
    body = re.search(r'<option value="([^"]+)"', chen.see(new))
    assert body
    seal = chen.post(new, {"authority": body[1], "seal": "axe-seal"}).headers["location"]
    lists = ["/issuing/requests", "/issuing/licences", "/issuing/seals", "/issuing/people"]
    own = ["/issuing/me", NEW_BATCH]
    return {
        "": ["/issuing/", "/issuing/break-glass"],
        "li": ["/issuing/", "/issuing/requests/new", form, made[0], granted, *lists, *own],
        "wang": [made[0], batch],
        "zhao": [made[1], "/issuing/requests/none", batch, job],
        "chen": [new, seal, "/issuing/seals"],
        "qian": ["/issuing/"],
    }


@pytest.mark.timeout(300)
def test_axe_finds_nothing_and_no_page_scrolls_sideways(
    browser: Browser, site: RunningDesk, addresses: dict[str, list[str]], form: str
) -> None:
    """On a wide screen in Chinese, on a phone of 320 pixels in English (WCAG 2.2, 1.4.10)."""
    sizes = {"zh": (1280, 900), "en": (320, 800)}
    found: list[str] = []
    for account, paths in addresses.items():
        context = browser.new_context()
        page = context.new_page()
        if account:
            Typist(page, site.url).sign_in(account)
        for language, (width, height) in sizes.items():
            page.set_viewport_size({"width": width, "height": height})
            for path in paths:
                page.goto(f"{site.url}{path}?lang={language}")
                for summary in page.locator("summary").all():
                    summary.click()
                found += misfits(page)
                if language == "en":
                    found += [f"{page.url}: {one}" for one in findings(page)]
        if account == "li":
            page.goto(f"{site.url}{form}")
            page.click("button[value=preview]")
            found += [*misfits(page), *findings(page)]
            found += mending(page, site.url)
        context.close()
    assert found == []


def mending(page: Page, url: str) -> list[str]:
    """Return what is wrong with the page that names the rows of a sheet that are to be mended."""
    page.goto(f"{url}{NEW_BATCH}")
    choice = page.locator(f'#what option[value^="{FOOD}@"]').get_attribute("value")
    page.select_option("#what", choice)
    content = sheet(33, 2, 投诉举报电话="")
    wrong: FilePayload = {"name": "s.csv", "mimeType": "text/csv", "buffer": content}
    page.set_input_files("#sheet", files=wrong)
    page.click("button[value=ask]")
    assert page.locator("#problems").count() == 1
    return [*misfits(page), *findings(page)]


def misfits(page: Page) -> list[str]:
    """Return what is too wide or too small on a page."""
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    over = [f"{page.url}: {wide} pixels too wide"] if wide > 0 else []
    small = [
        f"{page.url}: {target.evaluate('one => one.outerHTML')[:120]}: too small for a thumb"
        for target in page.locator("button, a.button, a.small, select, input[type=text]").all()
        if (box := target.bounding_box()) and box["height"] < 44
    ]
    return over + small
