"""`xinyin enrol`: a key of one's own, certified by a sign-in in the browser."""

import stat
import threading
import time
from pathlib import Path

import httpx2
import pytest
from cryptography import x509

from ca.profiles.public_keys import spki_fingerprint
from registry.licences.licences import list_licences
from tests.cli.commands import Ran, xinyin
from tests.cli.conftest import own, shared
from tests.issuing_api.conftest import desk
from tests.issuing_api.desk import RunningDesk
from tests.softhsm import SoftToken

__all__ = ["desk", "own", "shared"]


class Terminal:
    """Somebody at a terminal, with a browser beside it."""

    def __init__(self, desk: RunningDesk, directory: Path) -> None:
        self.desk = desk
        self.config = directory / "config"
        self.account = "li"
        self.passphrase = directory / "passphrase"
        self.passphrase.write_text("of an officer's own", "utf-8")
        self.passphrase.chmod(0o600)
        with desk.home.database.reading() as connection:
            self.authority = list_licences(connection)[0].authority_id

    def sign_in(self, account: str, *more: str) -> Ran:
        self.account = account
        return self.run("login", *more)

    def run(self, *arguments: str | Path) -> Ran:
        environment = {"XINYIN_CONFIG": str(self.config)}
        return xinyin(*arguments, "--server", self.desk.url, env=environment)

    def enrol(self, *more: str | Path) -> Ran:
        source = ("--passphrase-file", self.passphrase)
        return self.run("enrol", "--authority", self.authority, "--json", *source, *more)


@pytest.fixture
def terminal(desk: RunningDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    made = Terminal(desk, tmp_path)

    def opened(address: str) -> bool:
        def follow() -> None:
            browser = desk.provider.browser()
            acr = "urn:xinyin:two" if "acr_values" in address else "urn:xinyin:one"
            back = browser.follow(address, made.account, acr=acr)
            with httpx2.Client(trust_env=False) as client:
                client.get(back)

        threading.Thread(target=follow, daemon=True).start()
        return True

    monkeypatch.setattr("webbrowser.open", opened)
    return made


def test_a_key_of_ones_own(terminal: Terminal) -> None:
    """Encrypted, mode 0600, and used again; what is signed in as sees the certificate."""
    ran = terminal.enrol("--json")
    assert ran.code == 0, ran.err
    key, certificate = Path(ran.json["key"]), Path(ran.json["certificate"])
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in key.read_bytes()
    made = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert "李样" in ran.json["subject"]
    assert f"{made.serial_number:x}" == ran.json["serial"]
    _next_second(made)
    again = terminal.enrol("--json")
    assert again.code == 0, again.err
    renewed = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert renewed.serial_number != made.serial_number
    assert renewed.public_key() == made.public_key()
    assert terminal.run("login").code == 0
    me = terminal.run("whoami", "--json").json
    assert {one["serial"] for one in me["certificates"]} == {
        f"{one.serial_number:x}" for one in (made, renewed)
    }
    assert ran.json["serial"] in terminal.run("whoami").out
    terminal.passphrase.write_text("another of theirs")
    assert terminal.enrol().code == 4, "its passphrase is wrong"
    nowhere = terminal.run(
        "enrol", "--authority", "nowhere", "--key", "x", "--passphrase-file", terminal.passphrase
    )
    assert nowhere.code == 4, nowhere.err


def test_a_key_on_a_token(terminal: Terminal, token: SoftToken) -> None:
    """For a day at once; for years once a registrar has seen it, and only from a token."""
    in_a_file = terminal.enrol("--years")
    assert (in_a_file.code, "pkcs11" in in_a_file.err) == (2, True)
    base = ("enrol", "--authority", terminal.authority, "--keys", token.uri(), "--json")
    ran = terminal.run(*base)
    assert ran.code == 0, ran.err
    assert "pin" not in ran.json["key"]
    waits = terminal.run(*base, "--years")
    assert (waits.code, waits.json["state"]) == (5, "WAITING"), waits.err
    request = waits.json["request"]
    chen = terminal.desk.person()
    chen.sign_in("chen", "?acr_values=urn%3Axinyin%3Atwo&max_age=60", acr="urn:xinyin:two")
    path = f"/issuing/v1/requests/{request}"
    certificate = x509.load_pem_x509_certificate(Path(ran.json["certificate"]).read_bytes())
    shown = chen.ask("GET", f"{path}/key").json()["spki_sha256"]
    assert shown == spki_fingerprint(certificate.public_key())
    assert chen.ask("POST", f"{path}/approval", {"reason": "已核对令牌"}).status_code == 200
    _next_second(certificate)
    years = terminal.run(*base, "--years")
    assert years.code == 0, years.err
    long = x509.load_pem_x509_certificate(Path(years.json["certificate"]).read_bytes())
    assert (long.not_valid_after_utc - long.not_valid_before_utc).days > 700
    assert long.public_key() == certificate.public_key()


def test_two_registrars_make_a_seal(terminal: Terminal) -> None:
    def signed_in(account: str, *more: str) -> None:
        ran = terminal.sign_in(account, *more)
        assert ran.code == 0, ran.err

    signed_in("chen")
    ask = ("seal", "ask", "second", "--authority", terminal.authority, "--name", "第二专用章")
    asked = terminal.run(*ask, "--json")
    assert asked.code == 0, asked.err
    request = asked.json["request"]
    signed_in("zheng")
    weak = terminal.run("request", "approve", request, "--basis", "依规")
    assert weak.code == 4, weak.err
    signed_in("zheng", "--strong")
    approved = terminal.run("request", "approve", request, "--basis", "依规")
    assert approved.code == 0, approved.err
    signed_in("chen", "--strong")
    made = terminal.run("request", "carry-out", request, "--json")
    assert made.code == 0, made.err
    assert made.json["seal"] == "second"
    assert terminal.run("login", "--strong", "--device").code == 2
    # Where the CA is, the operator carries out what was approved, and nothing else.
    renewal = terminal.run(*ask[:5], "--json").json["request"]
    here = ("--home", terminal.desk.home.directory)
    early = xinyin("request", "carry-out", renewal, *here)
    assert early.code != 0
    assert xinyin("request", "approve", renewal, "--basis", "依规", *here).code == 0
    done = xinyin("request", "carry-out", renewal, *here)
    assert done.code == 0, done.err


def _next_second(made: x509.Certificate) -> None:
    """Wait until a sign-in cannot be the one that led to this certificate."""
    while time.time() < made.not_valid_before_utc.timestamp() + 1:
        time.sleep(0.05)
