"""The pages in a real browser: keyboard alone, without scripts, on a phone, and on paper."""

import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.text import Text
from core.web import server
from core.web.limits.throttling import Rate
from registry.answers.answers import VerificationAnswer
from registry.model import PublicField
from signing.trust.state import ListReading, ListState
from tests.signing.material import pki
from tests.signing.trust.lists import a_list, entry
from tests.verify_api import world
from tests.verify_api.world import ScriptedVerifier
from verify_api.app import create_app
from verify_api.metrics import Metrics
from verify_api.readers import ReaderTrust
from verify_api.settings import VerifyApiSettings

CHROMIUM = "/usr/bin/chromium"
LIMIT = 3 * 1024 * 1024
TONES = {
    "good": world.IN_FORCE,
    "record": world.BY_LINK,
    "sample": world.SAMPLE,
    "lapsed": world.CANCELLED,
    "bad": world.ALTERED,
    "foreign": world.NOT_ISSUED_HERE,
    "unknown": world.COULD_NOT_CHECK,
}


@dataclass
class Site:
    """A running server and what it will answer."""

    url: str
    verifier: ScriptedVerifier


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    """The application on a free port."""
    free = Rate(burst=10**6, per_minute=10**6)
    settings = VerifyApiSettings(
        public_url=world.PUBLIC_URL, max_file_bytes=LIMIT, file_rate=free, lookup_rate=free
    )
    verifier = ScriptedVerifier()
    listed = ListReading(ListState.IN_FORCE, a_list(entry()))
    app = create_app(
        verifier,
        settings,
        ready=lambda: True,
        metrics=Metrics(),
        trust=ReaderTrust(lambda: (pki().root.der,), lambda: listed),
    )
    with server.bind("127.0.0.1", 0) as listener:
        answering = threading.Event()
        served = server.AnnouncingServer(server.configuration(app), answering.set)
        thread = threading.Thread(target=served.run, args=([listener],))
        thread.start()
        assert answering.wait(10)
        yield Site(server.base_url(listener), verifier)
        served.should_exit = True
        thread.join(10)


@pytest.fixture
def site(running: Site) -> Site:
    """The site, its verifier as new."""
    running.verifier.answer = world.IN_FORCE
    running.verifier.asked.clear()
    return running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["scripted", "plain"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page with and without JavaScript; a breach of the CSP or a script error fails the test."""
    context = browser.new_context(java_script_enabled=request.param, locale="zh-CN")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """A file to upload."""
    path = tmp_path / "licence.pdf"
    path.write_bytes(world.PDF)
    return path


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until `selector` has the focus; every stop on the way must be visible."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"Tab never reaches {selector}")


def test_a_file_is_verified_by_keyboard_alone(page: Page, site: Site, pdf: Path) -> None:
    page.on("filechooser", lambda chooser: chooser.set_files(pdf))
    page.goto(site.url)
    tab_to(page, "#file")
    page.keyboard.press("Enter")
    expect(page.locator("#file")).to_have_value("C:\\fakepath\\licence.pdf")
    tab_to(page, "form.upload button")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("有效")
    assert site.verifier.asked == [("file", world.PDF)]
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    expect(page.get_by_text("B-LT")).to_be_visible()


def test_a_number_is_looked_up_by_keyboard_alone(page: Page, site: Site) -> None:
    site.verifier.answer = world.BY_RECORD
    page.goto(f"{site.url}/?lang=en")
    tab_to(page, "#code")
    page.keyboard.type("JY19901010000018")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("On record, in force; no document was checked")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("登记信息有效，未核验文件")
    assert site.verifier.asked == [("code", "JY19901010000018")] * 2


def test_the_first_stop_skips_to_the_content(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, site: Site, lang: str) -> None:
    """On 320 CSS pixels (WCAG 2.2, 1.4.10), with names longer than any line."""
    long = replace(world.LICENCE, authority="Authority" * 30, number="9" * 120)
    context = browser.new_context(viewport={"width": 320, "height": 844}, is_mobile=True)
    page = context.new_page()
    for path in ("/", "/readers"):
        page.goto(f"{site.url}{path}?lang={lang}")
        assert overflow(page) <= 0, path
    for answer in (world.IN_FORCE, world.BY_LINK, world.SAMPLE, world.ALTERED):
        licence = None if answer.licence is None else replace(long, sample=answer.licence.sample)
        site.verifier.answer = replace(answer, licence=licence)
        page.goto(f"{site.url}/v/{world.TOKEN}?lang={lang}")
        for summary in page.locator("summary").all():
            summary.click()
        assert overflow(page) <= 0, answer.outcome
    context.close()


def test_the_way_from_the_start_to_what_readers_show_and_back(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?lang=zh")
    page.get_by_role("link", name="阅读器为什么显示黄色或红色提示？").click()
    expect(page.locator("h1")).to_have_text("阅读器显示什么")
    page.get_by_role("link", name="核验证照").click()
    expect(page.locator("#file")).to_be_attached()


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def look_up(page: Page, site: Site) -> None:
    """Open the result of some number."""
    page.goto(f"{site.url}/?lang=zh")
    page.fill("#code", "JY1")
    page.press("#code", "Enter")
    expect(page.locator("#outcome")).to_be_visible()


@pytest.mark.parametrize("kind", TONES)
def test_each_outcome_shows_its_colour_icon_and_word(page: Page, site: Site, kind: str) -> None:
    answer: VerificationAnswer = TONES[kind]
    tone = "good" if kind == "sample" else kind  # a strip of its own says what it is
    site.verifier.answer = answer
    look_up(page, site)
    verdict = page.locator(f".verdict.tone-{tone}")
    expect(verdict.locator(".mark svg")).to_be_visible()
    expect(verdict.locator("h1")).to_be_visible()
    expect(verdict.get_by_text(answer.summary.zh)).to_be_visible()


def test_targets_are_large_enough_for_a_thumb(browser: Browser, site: Site) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(site.url)
    for target in page.locator("button, a.switch, input[type=text], .pick").all():
        box = target.bounding_box()
        assert box
        assert box["height"] >= 44
    page.close()


@pytest.fixture
def scripted(browser: Browser) -> Iterator[Page]:
    """A page with JavaScript."""
    page = browser.new_page()
    yield page
    page.close()


DROP = """() => {
  const carried = new DataTransfer();
  carried.items.add(new File(["%PDF-1.7 dropped"], "dropped.pdf", {type: "application/pdf"}));
  const event = name =>
    new DragEvent(name, {bubbles: true, cancelable: true, dataTransfer: carried});
  document.body.dispatchEvent(event("dragover"));
  document.body.dispatchEvent(event("drop"));
}"""


def test_a_file_may_be_dropped_anywhere(scripted: Page, site: Site) -> None:
    scripted.goto(site.url)
    scripted.evaluate(DROP)
    expect(scripted.locator("#outcome")).to_have_text("In force")
    assert site.verifier.asked == [("file", b"%PDF-1.7 dropped")]


def test_a_file_too_large_is_not_sent(scripted: Page, site: Site, tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    large.write_bytes(b"x" * (LIMIT + 1))
    scripted.goto(f"{site.url}/?lang=en")
    scripted.set_input_files("#file", large)
    scripted.click("form.upload button")
    expect(scripted.get_by_text("The file is too large")).to_be_visible()
    assert scripted.url.endswith("/?lang=en")
    assert site.verifier.asked == []


def test_without_scripts_a_file_too_large_gets_a_page(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    large = tmp_path / "large.pdf"
    large.write_bytes(b"x" * (4 * LIMIT))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/?lang=en")
    page.set_input_files("#file", large)
    page.click("form.upload button")
    expect(page.locator("h1")).to_have_text("The file is too large")
    context.close()


DETECTOR = """window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return window.found; }
}"""
PIXEL = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDAT"
    b"x\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82"
)


@pytest.mark.parametrize("found", [1, 0])
def test_a_photo_of_the_code_is_read_where_the_browser_can(
    scripted: Page, site: Site, found: int
) -> None:
    """Chromium on Linux has no BarcodeDetector, so the browser's part is played by a script."""
    site.verifier.answer = world.BY_RECORD
    link = f"{world.PUBLIC_URL}/v/{world.TOKEN}"
    scripted.add_init_script(DETECTOR)
    scripted.add_init_script(f"window.found = {[{'rawValue': link}] if found else []}")
    scripted.goto(f"{site.url}/?lang=en")
    scripted.set_input_files(
        "#photo", {"name": "photo.png", "mimeType": "image/png", "buffer": PIXEL}
    )
    if found:
        expect(scripted.locator("#outcome")).to_be_visible()
        assert site.verifier.asked == [("code", link)]
    else:
        expect(scripted.get_by_text("No QR code was found")).to_be_visible()


def test_where_it_cannot_the_photo_button_is_hidden(page: Page, site: Site) -> None:
    page.goto(site.url)
    expect(page.locator("[data-scan]")).to_be_hidden()


def test_a_result_fits_on_paper(scripted: Page, site: Site) -> None:
    look_up(scripted, site)
    scripted.emulate_media(media="print")
    expect(scripted.locator("#outcome")).to_be_visible()
    expect(scripted.locator("form.upload")).to_be_hidden()
    assert scripted.pdf(format="A4").count(b"/Type /Page\n") == 1


@pytest.mark.parametrize("fields", [4, 8, 12, 16, 20])
def test_no_heading_ends_a_printed_page(
    scripted: Page, site: Site, tmp_path: Path, fields: int
) -> None:
    """However long the answer is, a heading stays with what it heads."""
    answer = world.BY_LINK
    public = (PublicField(Text("经营项目", "Scope"), "热食类食品制售" * 9),) * fields
    site.verifier.answer = replace(answer, public_fields=public)
    look_up(scripted, site)
    headings = {one.strip() for one in scripted.locator("h2, h3").all_inner_texts()}
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(scripted.pdf(format="A4"))
    words = subprocess.run(
        ["pdftotext", "-layout", paper, "-"], check=True, capture_output=True, text=True
    ).stdout
    pages = [page.strip().splitlines() for page in words.split("\f") if page.strip()]
    assert len(pages) > (fields > 12)
    assert not {page[-1].strip() for page in pages} & headings
