"""Passkeys in Chromium with a virtual authenticator: made, used, copied, removed."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

from identity.accounts.browser_mark import MARK_COOKIE
from identity.accounts.passkeys import TIME_TO_ANSWER
from identity.sessions.browser import SESSION_COOKIE, SIGN_IN_COOKIE
from tests.accessibility import findings
from tests.cli.conftest import DemoHome, bare, passphrases
from tests.issuing_api.local import PASSWORD, SIGN_IN, V1, LocalHome, Visitor, running_local_home

__all__ = ["bare", "passphrases"]
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def running(bare: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHome]:
    directory = tmp_path_factory.mktemp("passkeys") / "home"
    with running_local_home(bare.directory, directory, workers=2) as site:
        yield site


@pytest.fixture
def site(running: LocalHome) -> LocalHome:
    running.forget_failures()
    return running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@dataclass
class Person:
    """Somebody at a browser with an authenticator."""

    site: LocalHome
    page: Page
    devtools: CDPSession
    authenticator: str
    login: str
    told: dict[str, Any]

    def sign_in_by_password(self) -> None:
        self.page.goto(f"{self.site.url}{SIGN_IN}?back_to=/issuing/account&lang=en")
        self.page.fill("#login", self.login)
        self.page.fill("#password", PASSWORD)
        self.page.click("form button")
        expect(self.page.locator("h1")).to_be_visible()

    def add_passkey(self, label: str, code: str | None) -> None:
        self.page.goto(f"{self.site.url}/issuing/account?lang=en")
        self.page.fill("#label", label)
        if code is not None:
            self.page.fill("#code", code)
        self.page.click("#add")

    def sign_in_by_passkey(self, back_to: str = "/issuing/account") -> None:
        self.page.goto(f"{self.site.url}{SIGN_IN}?back_to={back_to}&lang=en")
        self.page.click("#by-passkey")

    def me(self) -> dict[str, Any]:
        told: dict[str, Any] = self.page.evaluate(f"fetch('{V1}/me').then(one => one.json())")
        return told

    def credentials(self) -> list[dict[str, Any]]:
        told = self.devtools.send(
            "WebAuthn.getCredentials", {"authenticatorId": self.authenticator}
        )
        found: list[dict[str, Any]] = told["credentials"]
        return found

    def verifies(self, *, verified: bool) -> None:
        self.devtools.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.authenticator, "isUserVerified": verified},
        )


@pytest.fixture
def person(site: LocalHome, browser: Browser) -> Iterator[Person]:
    """An administrator, signed in by password; a breach of the CSP fails the test."""
    login, told = site.account("--role", "administrator", "--everywhere")
    context = browser.new_context(locale="en")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    added = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    made = Person(site, page, devtools, added["authenticatorId"], login, told)
    made.sign_in_by_password()
    yield made
    context.close()
    assert [one for one in complaints if "Content Security Policy" in one] == []


def test_a_passkey_is_made_by_code_signs_in_strongly_and_is_removed(person: Person) -> None:
    page = person.page
    assert person.me()["acr"] == "urn:xinyin:acr:password"
    person.add_passkey("laptop", "AAAA-BBBB")
    expect(page.locator("#passkey-failed")).to_contain_text("enrolment code is wrong")
    page.goto(f"{person.site.url}/issuing/account?lang=en")
    page.evaluate("document.getElementById('code').remove()")  # as if none were asked for
    page.fill("#label", "laptop")
    page.click("#add")
    expect(page.locator("#passkey-failed")).to_contain_text("enrolment code is wrong")
    person.add_passkey("laptop", person.told["code"])
    expect(page.locator("li strong")).to_have_text("laptop")
    assert findings(page) == []
    person.add_passkey("another", person.told["code"])
    expect(page.locator("#passkey-failed")).to_be_visible()
    # A sign-in by it is another session, and a strong one.
    before = {one["name"]: one["value"] for one in page.context.cookies()}
    person.sign_in_by_passkey()
    expect(page.locator("h1")).to_have_text("My account")
    after = {one["name"]: one["value"] for one in page.context.cookies()}
    assert before[SESSION_COOKIE] != after[SESSION_COOKIE]
    assert SIGN_IN_COOKIE not in after
    me = person.me()
    assert (me["acr"], me["way"]) == ("urn:xinyin:acr:passkey", "local")
    assert Visitor(person.site, {SESSION_COOKIE: before[SESSION_COOKIE]}).me().status_code == 401
    # Now another may be made without a code, and one be removed.
    expect(page.locator("#code")).to_have_count(0)
    page.click("li button")
    expect(page.locator("li")).to_have_count(0)
    person.sign_in_by_passkey()
    expect(page.locator("#passkey-failed")).to_contain_text("not accepted")


def test_a_copy_of_an_authenticator_is_told_by_its_counter(person: Person) -> None:
    page = person.page
    person.add_passkey("key", person.told["code"])
    expect(page.locator("li")).to_have_count(1)
    (copied,) = person.credentials()
    person.sign_in_by_passkey()
    expect(page.locator("h1")).to_have_text("My account")
    (used,) = person.credentials()
    assert used["signCount"] > copied["signCount"]
    _replace(person, {**used, "signCount": copied["signCount"]})
    page.context.clear_cookies()
    person.sign_in_by_passkey()
    expect(page.locator("#passkey-failed")).to_contain_text("not accepted")
    # From then on it signs nobody in, whatever its counter.
    _replace(person, {**used, "signCount": used["signCount"] + 100})
    person.sign_in_by_passkey()
    expect(page.locator("#passkey-failed")).to_contain_text("not accepted")
    person.sign_in_by_password()
    expect(page.locator("li .error")).to_contain_text("may be a copy")
    assert "?" in person.site.run("account", "list").out
    told = person.site.run("audit", "list", "--json").out
    assert "account.passkey_suspect" in told
    assert person.login not in told


def _replace(person: Person, credential: dict[str, Any]) -> None:
    place = {"authenticatorId": person.authenticator}
    person.devtools.send("WebAuthn.clearCredentials", place)
    person.devtools.send("WebAuthn.addCredential", {**place, "credential": credential})


def test_who_is_not_verified_is_not_signed_in(person: Person) -> None:
    person.add_passkey("key", person.told["code"])
    expect(person.page.locator("li")).to_have_count(1)
    person.page.context.clear_cookies()
    person.verifies(verified=False)
    person.sign_in_by_passkey()
    expect(person.page.locator("#passkey-failed")).to_be_visible(timeout=15_000)
    assert SESSION_COOKIE not in {one["name"] for one in person.page.context.cookies()}


_ANSWER = """
async ([options, verification]) => {
  const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")),
                                           (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
  options.challenge = octets(options.challenge);
  options.userVerification = verification;
  options.allowCredentials = [];
  const made = await navigator.credentials.get({ publicKey: options });
  const response = {};
  for (const name of ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
    response[name] = text(made.response[name]);
  return { id: made.id, rawId: text(made.rawId), type: made.type, response };
}
"""


def answer(person: Person, visitor: Visitor, verification: str = "required") -> dict[str, Any]:
    """Return what the authenticator says to a challenge that a browser was given."""
    options = visitor.ask("POST", f"{SIGN_IN}/passkey/options", body={}).json()
    made: dict[str, Any] = person.page.evaluate(_ANSWER, [options, verification])
    return made


def test_an_answer_serves_once_for_its_own_challenge_and_origin(person: Person) -> None:
    site = person.site
    person.add_passkey("key", person.told["code"])
    expect(person.page.locator("li")).to_have_count(1)
    victim, thief = Visitor(site), Visitor(site, worker=1)
    signed = answer(person, victim)

    def send(visitor: Visitor, changed: dict[str, Any], **headers: str) -> int:
        sent = visitor.ask("POST", f"{SIGN_IN}/passkey", body={"answer": changed}, **headers)
        return sent.status_code

    # Another browser's challenge; another site's page; neither uses the challenge up.
    thief.ask("POST", f"{SIGN_IN}/passkey/options", body={})
    assert send(thief, signed) == 403
    assert send(Visitor(site), signed) == 403
    assert send(victim, signed, Origin="https://evil.example") == 403
    # The same challenge, once, in whichever worker.
    cookie = victim.cookies[SIGN_IN_COOKIE]
    assert send(victim, signed) == 200
    for number in (0, 1):
        assert send(Visitor(site, {SIGN_IN_COOKIE: cookie}, number), signed) == 403
    # Signed by the authenticator for a page of this host that is not ours; another person's
    # handle; signed, but without the person verified.
    elsewhere = site.workers[1].replace("127.0.0.1", "localhost")
    for change in ("origin", "handle", "unverified"):
        again = Visitor(site)
        person.verifies(verified=change != "unverified")
        person.page.goto(f"{elsewhere if change == 'origin' else site.url}{SIGN_IN}")
        forged = answer(person, again, "discouraged" if change == "unverified" else "required")
        parts = dict(forged["response"])
        if change == "origin":
            assert json.loads(_octets(parts["clientDataJSON"]))["origin"] == elsewhere
        elif change == "handle":
            parts["userHandle"] = _text(b"somebody-else")
        else:
            assert not _octets(parts["authenticatorData"])[32] & 0x04, "the flag UV"
        assert send(again, {**forged, "response": parts}) == 403, change
        assert SESSION_COOKIE not in again.cookies


def test_a_challenge_runs_out(person: Person) -> None:
    person.add_passkey("key", person.told["code"])
    expect(person.page.locator("li")).to_have_count(1)
    visitor = Visitor(person.site)
    signed = answer(person, visitor)
    person.site.clock.advance(TIME_TO_ANSWER)
    late = visitor.ask("POST", f"{SIGN_IN}/passkey", body={"answer": signed})
    assert late.status_code == 403


def test_a_passkey_does_not_wait_for_strangers(person: Person) -> None:
    person.add_passkey("key", person.told["code"])
    expect(person.page.locator("li")).to_have_count(1)
    for _ in range(8):
        Visitor(person.site).sign_in(person.login, "another good password")
    assert Visitor(person.site).sign_in(person.login).status_code == 429
    person.page.context.clear_cookies(name=MARK_COOKIE)
    person.sign_in_by_passkey()
    expect(person.page.locator("h1")).to_have_text("My account")


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
