"""A home below an offline root: requests go out, ceremonies sign, and only what fits comes in."""

import hashlib
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from ca.ceremony.file import Head
from core.ids import IssuerId
from home.ceremony_place import open_rehearsal
from home.wiring import Home
from tests.cli.commands import Ran, xinyin
from tests.cli.conftest import INIT, DemoHome
from tests.cli.holders import write_shop
from tests.permits import MANAGE_CA

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True, slots=True)
class Place:
    """Two machines that share nothing but a folder for exchange."""

    home: DemoHome
    root: Path
    exchange: Path
    passphrases: tuple[Path, Path]

    @property
    def keys(self) -> tuple[str | Path, ...]:
        return ("--passphrase-file", self.passphrases[0])

    def ceremony(self, name: str, *options: str, **replaced: str) -> Ran:
        """Run an example's ceremony, with some of its text replaced."""
        text = (EXAMPLES / "ceremonies" / f"{name}.toml").read_text("utf-8")
        for old, new in replaced.items():
            text = re.sub(rf"(?m)^{old} = .*$", f"{old} = {new}", text)
        file = self.exchange / f"{name}.toml"
        file.write_text(text, "utf-8")
        root = ("--root", self.root, "--root-passphrase-file", self.passphrases[1])
        return xinyin("ca", "ceremony", file, *root, *options)

    def done(self, name: str) -> Path:
        return self.root / "ceremonies" / name


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def place(tmp_path: Path, passphrases: tuple[Path, Path]) -> Place:
    """A home that waits, and its request."""
    made = Place(
        DemoHome(tmp_path / "home", {}), tmp_path / "root", tmp_path / "exchange", passphrases
    )
    request = made.exchange / "request"
    ran = made.home.run(*INIT, "--offline-root", request, *made.keys)
    assert ran.code == 0, ran.err
    assert f"request.json: {sha256(request / 'request.json')}" in ran.out
    return made


def found(place: Place) -> None:
    """Hold the ceremony of foundation and take in what it made."""
    told = f'"{sha256(place.exchange / "request" / "request.json")}"'
    ran = place.ceremony("founding", "--yes", request_sha256=told)
    assert ran.code == 0, ran.err
    back = place.done("2026-founding")
    refused = place.home.run("ca", "import", back, *place.keys)
    assert (refused.code, refused.out) == (3, "")
    pinned = ("--root-sha256", sha256(back / "root.cer"))
    ran = place.home.run("ca", "import", back, *pinned, *place.keys, "--json")
    assert ran.code == 0, ran.err
    assert [one["file"] for one in ran.records] == ["root.cer", "issuing-1.cer", "root.crl"]


def test_from_a_request_to_a_licence_without_the_root_s_key(place: Place, tmp_path: Path) -> None:
    home, keys = place.home, place.keys
    early = home.run("seal", "add", "food", "--authority", "market", *keys)
    assert early.code == 2
    again = home.run(*INIT, *keys)  # a slip must not make a root of its own
    assert again.code == 2
    assert "--offline-root" in again.err
    found(place)
    assert not list(home.directory.glob("root-keys/*"))
    body = ("--name", "青岚市市场监督管理局", "--uscc", "11990100MB00990250")
    out = tmp_path / "a.pdf"
    for command in (
        ("authority", "add", "market", *body, "--level", "city_or_county"),
        ("seal", "add", "food", "--authority", "market", *keys),
        ("type", "add", EXAMPLES / "types" / "food-operation.toml", "--seal", "food"),
        ("licence", "issue", "--type", "food-operation", "--out", out, *keys,
         "--data", write_shop(tmp_path / "a.json", 1)),
    ):  # fmt: skip
        ran = home.run(*command)
        assert ran.code == 0, ran.err
    assert home.run("verify", out).code == 0
    assert home.run("ca", "import", place.done("2026-founding"), *keys).code == 0


def test_run_again_it_says_what_to_do_and_changes_nothing(place: Place) -> None:
    home, keys, request = place.home, place.keys, place.exchange / "request"
    before = {one.name: sha256(one) for one in request.iterdir()}
    ran = home.run(*INIT, "--offline-root", request, *keys)
    assert ran.code == 0, ran.err
    assert f"request.json: {before['request.json']}" in ran.out
    assert "ca import" in ran.err
    strange = place.exchange / "strange"
    shutil.copytree(request, strange)
    for name, said in (("request.csr", "another directory"), ("request.json", "cut off")):
        (strange / name).unlink()
        refused = home.run(*INIT, "--offline-root", strange, *keys)
        assert (refused.code, said in refused.err) == (2, True), refused.err
    assert {one.name: sha256(one) for one in request.iterdir()} == before
    assert home.run(*INIT, "--offline-root", place.exchange / "second", *keys).code == 0
    waiting = home.run("licence", "list", "--json")
    assert waiting.code == 0
    told = home.process("serve", "--port", "0", *keys)  # what it logs goes to the process's stderr
    assert (told.code, told.out) == (2, "")
    assert "xinyin ca import" in told.err
    assert "xinyin init" not in told.err
    found(place)
    ran = home.run(*INIT, "--offline-root", place.exchange / "third", *keys)
    assert ran.code == 0
    assert "certificate already" in ran.err
    assert not (place.exchange / "third").exists()


def test_the_yearly_crl_is_asked_for_signed_and_taken_in(place: Place) -> None:
    found(place)
    asked = place.exchange / "crl"
    ran = place.home.run("ca", "request", asked, "--crl", *place.keys)
    assert ran.code == 0, ran.err
    assert place.ceremony("yearly-crl", "--yes").code == 0
    ran = place.home.run("ca", "import", place.done("2027-crl"), *place.keys, "--json")
    assert [one["kind"] for one in ran.records] == ["crl 2"]
    old = place.home.run("ca", "import", place.done("2026-founding"), *place.keys)
    assert old.code == 3  # the first list does not come back


def test_a_dry_run_shows_everything_and_touches_nothing(place: Place) -> None:
    told = f'"{sha256(place.exchange / "request" / "request.json")}"'
    ran = place.ceremony("founding", "--dry-run", request_sha256=told)
    assert ran.code == 0, ran.err
    for expected in ("make-root", "certify-issuing", "sign-crl", "path length 0", "crl-number"):
        assert expected in ran.out
    assert "http://pki.example.gov.cn/pki/root.crl" in ran.out
    assert not place.root.exists()
    shown = place.ceremony("founding", "--dry-run", "--json", request_sha256=told).json
    assert [list(step["files"]) for step in shown["steps"]] == [
        ["root.cer"], ["issuing-1.cer"], ["root.crl"],
    ]  # fmt: skip


def test_steps_are_agreed_to_on_a_terminal_only(place: Place) -> None:
    told = f'"{sha256(place.exchange / "request" / "request.json")}"'
    ran = place.ceremony("founding", request_sha256=told)
    assert ran.code == 2
    assert "--yes" in ran.err
    assert not list(place.root.glob("*"))  # nothing has begun: the file may still be corrected
    assert place.ceremony("founding", "--yes", request_sha256=told).code == 0


def test_a_transcript_is_verified_and_a_changed_one_refused(place: Place) -> None:
    assert place.ceremony("root-rollover", "--dry-run").code == 3  # there is no root yet
    found(place)
    transcript = place.done("2026-founding") / "transcript.txt"
    ran = xinyin("ca", "ceremony", "verify", transcript, "--json")
    assert (ran.code, ran.json["closed"]) == (0, True)
    text = transcript.read_text("utf-8")
    transcript.write_text(text.replace("样本丙", "样本戊"), "utf-8")
    assert xinyin("ca", "ceremony", "verify", transcript).code == 3


def test_a_second_root_is_made_and_certified_both_ways(place: Place) -> None:
    found(place)
    assert place.ceremony("root-rollover", "--yes").code == 0
    back = place.done("2036-root-rollover")
    pinned = ("--root-sha256", sha256(back / "root-2.cer"))
    ran = place.home.run("ca", "import", back, *pinned, *place.keys, "--json")
    assert ran.code == 0, ran.err
    kinds = [one["kind"] for one in ran.records]
    assert sorted(kinds) == ["crl 1", "crl 2", "cross", "cross", "root"]


def test_a_root_directory_that_lost_its_ledger_is_not_begun_anew(place: Place) -> None:
    found(place)
    (place.root / "ledger.db").unlink()
    ran = place.ceremony("yearly-crl", "--yes")
    assert ran.code == 2
    assert "ledger.db" in ran.err


def test_a_home_founds_itself_by_a_ceremony_too(
    place: Place, passphrases: tuple[Path, Path]
) -> None:
    """One machine, one file: what `init` does, with a transcript."""
    text = (EXAMPLES / "ceremonies" / "founding.toml").read_text("utf-8")
    file = place.exchange / "own.toml"
    file.write_text(re.sub(r"(?m)^request.*\n", "", text), "utf-8")
    keys, root = passphrases
    options = ("--passphrase-file", keys, "--root-passphrase-file", root)
    ran = place.home.run("ca", "ceremony", file, "--yes", *options)
    assert ran.code == 0, ran.err
    assert {one["profile"] for one in place.home.run("ca", "list", "--json").records} >= {"tsa"}


def test_a_rehearsal_sees_a_home_in_use_as_it_is(own: DemoHome) -> None:
    """What was written a moment ago may lie beside the file, in SQLite's WAL."""
    home = Home(own.directory, {})
    head = Head(
        id="x",
        title="x",
        place="x",
        on=date(2026, 1, 1),
        organization="x",
        uscc="x",
        pki_url="http://pki.example.gov.cn",
        demo=True,
    )
    with closing(home), closing(sqlite3.connect(own.directory / "registry.db")) as reader:
        reader.execute("SELECT count(*) FROM issuers").fetchone()  # so that the WAL stays
        root = home.ledger.list_issuers()[0]
        waiting = replace(root, issuer=IssuerId("root-2"), certificate=None)
        home.ledger.save_issuer(waiting, home.clock.now(), permit=MANAGE_CA)
        with open_rehearsal(home, None, head, MANAGE_CA) as desk:
            known = [one.issuer for one in desk.parts.ledger.list_issuers()]
    assert "root-2" in known
