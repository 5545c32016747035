"""`xinyin verify`: every exit code, every kind of target, and what stands on stdout."""

import hashlib
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

import registry.db.engines
from registry.db.database import Database
from tests.cli.conftest import DemoHome

TOP = {"outcome", "summary", "checks", "licence", "signatures", "policy", "checked_at"}
TOP |= {"sha256", "receipt", "document_checked", "registered_length"}
LICENCE = {"identifier", "number", "type", "authority", "state", "reason", "valid_from"}
LICENCE |= {"valid_until", "replaced_by"}
SIGNATURE = {"field", "kind", "signer", "level", "indication", "sub_indication"}
SIGNATURE |= {"claimed_time", "best_time", "coverage", "later_changes", "notes"}
SIGNATURE |= {"organization", "identity_issuer", "only_claims"}

NOWHERE = {"XINYIN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"}


def write_unsigned(path: Path) -> None:
    """Write a PDF of nobody's."""
    page = Canvas(str(path))
    page.drawString(100, 100, "a page")
    page.save()


def record(home: DemoHome) -> dict[str, Any]:
    """Return what is on record of the first licence."""
    return home.run("licence", "show", home.document("in_force")["identifier"], "--json").json


def change(home: DemoHome, statement: str, *values: object) -> None:
    """Change the register behind the command's back."""
    with sqlite3.connect(home.directory / "registry.db") as connection:
        connection.execute(statement, values)
    connection.close()


@pytest.mark.parametrize(
    ("outcome", "code", "integrity"),
    [("in_force", 0, "passed"), ("not_in_force", 13, "passed"), ("altered", 11, "failed")],
)
def test_a_file(shared: DemoHome, outcome: str, code: int, integrity: str) -> None:
    path = shared.path(outcome)
    ran = shared.run("verify", path, "--json")
    assert (ran.code, ran.json["outcome"], ran.err) == (code, outcome, "")
    assert ran.json["checks"]["integrity"]["result"] == integrity
    assert ran.json["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_json_has_the_keys_of_the_contract(shared: DemoHome) -> None:
    answer = shared.run("verify", shared.path("in_force"), "--json").json
    assert set(answer) == TOP
    assert set(answer["summary"]) == {"zh", "en"}
    assert set(answer["checks"]) == {"integrity", "issuer", "status"}
    for check in answer["checks"].values():
        assert set(check) == {"result", "code", "message"}
    assert set(answer["licence"]) >= LICENCE
    kinds = []
    for signature in answer["signatures"]:
        assert set(signature) == SIGNATURE
        assert signature["indication"] == "TOTAL-PASSED"
        kinds.append((signature["kind"], signature["level"], signature["coverage"]))
    assert kinds == [("seal", "B-LT", "whole_file")]


def test_in_a_process_of_its_own_stdout_holds_the_answer_alone(shared: DemoHome) -> None:
    data = shared.path("altered").read_bytes()
    ran = shared.process("verify", "-", "--json", stdin=data)
    assert (ran.code, ran.err, ran.out.count("\n")) == (11, "", 1)
    assert ran.json["outcome"] == "altered"


def test_for_people_in_both_languages(shared: DemoHome) -> None:
    path = shared.path("in_force")
    english = shared.run("verify", path)
    chinese = shared.run("verify", path, env={"XINYIN_LANG": "zh"})
    number = shared.document("in_force")["number"]
    for ran in (english, chinese):
        assert (ran.code, ran.err) == (0, "")
        assert number in ran.out
    assert "Unaltered" in english.out
    assert "内容完整吗" in chinese.out


def test_what_was_altered_names_nobody_as_a_fact(shared: DemoHome) -> None:
    genuine, altered = (shared.run("verify", shared.path(one)) for one in ("in_force", "altered"))
    assert "claims to be" not in genuine.out
    (line,) = [one for one in altered.out.splitlines() if "  Seal: " in one]
    assert "  Seal: claims to be “" in line
    told = [
        shared.run("verify", shared.path(one), "--json").json for one in ("in_force", "altered")
    ]
    assert [one["signatures"][0]["only_claims"] for one in told] == [False, True]


def test_the_registered_part_of_an_altered_file_is_named_as_that(
    shared: DemoHome, tmp_path: Path
) -> None:
    path = tmp_path / "spoilt.pdf"
    path.write_bytes(shared.path("in_force").read_bytes() + b"garbage")
    ran = shared.run("verify", path)
    assert "passed for what was signed, not for this file (TOTAL-PASSED" in ran.out
    said, _, record = ran.out.partition("The registered part that the file begins with")
    assert ran.code == 11
    assert shared.document("in_force")["number"] in record
    assert shared.document("in_force")["number"] not in said


@pytest.mark.parametrize("outcome", ["in_force", "not_in_force", "altered"])
def test_in_chinese_english_words_are_codes_in_brackets(shared: DemoHome, outcome: str) -> None:
    ran = shared.run("verify", shared.path(outcome), env={"XINYIN_LANG": "zh"})
    prose = re.sub(r"（[A-Z0-9_, -]+）|1\.2\.156\.\S+|PDF|[A-Z]+\d+", "", ran.out)
    assert not re.search("[A-Za-z]", prose), prose


def test_stdin(shared: DemoHome) -> None:
    ran = shared.run("verify", "-", "--json", stdin=shared.path("in_force").read_bytes())
    assert (ran.code, ran.json["outcome"]) == (0, "in_force")


def test_a_record_alone_is_never_zero(shared: DemoHome) -> None:
    known = record(shared)
    number = shared.document("in_force")["number"]
    link = known["link"]
    for target in (
        known["identifier"],
        known["identifier"].lower(),
        number,
        f"编号：{number.lower()}",
        link,
        link.rpartition("/")[2],
    ):
        ran = shared.run("verify", target, "--json")
        assert (ran.code, ran.json["outcome"]) == (16, "in_force"), target
        assert ran.json["checks"]["integrity"]["result"] == "skipped"
        assert ran.json["document_checked"] is False
        assert ran.json["licence"]["identifier"] == known["identifier"]


def test_a_digest(shared: DemoHome) -> None:
    known = shared.run("verify", f"sha256:{record(shared)['revisions'][-1]['sha256']}", "--json")
    assert known.code == 0
    assert known.json["checks"]["integrity"]["result"] == "passed"
    unknown = shared.run("verify", f"sha256:{'0' * 64}", "--json")
    assert unknown.code == 12
    assert unknown.json["checks"]["integrity"]["code"] == "unknown_digest"


@pytest.mark.parametrize(
    "target", ["JY0000000000000", "http://elsewhere.example/v/AAAAAAAAAAAAAAAAAAAAAAAAAAA", "何芳"]
)
def test_what_nobody_issued(shared: DemoHome, target: str) -> None:
    ran = shared.run("verify", target, "--json")
    assert (ran.code, ran.json["outcome"], ran.json["licence"]) == (12, "not_issued_here", None)
    assert ran.json["checks"]["integrity"]["message"] == "No document was looked at."


def test_an_unsigned_pdf(shared: DemoHome, tmp_path: Path) -> None:
    path = tmp_path / "unsigned.pdf"
    write_unsigned(path)
    ran = shared.run("verify", path, "--json")
    assert (ran.code, ran.json["outcome"]) == (10, "not_issued_here")
    assert ran.json["checks"]["integrity"]["result"] == "skipped"


def test_a_truncated_licence_is_altered_not_unreadable(shared: DemoHome, tmp_path: Path) -> None:
    data = shared.path("in_force").read_bytes()
    path = tmp_path / "cut.pdf"
    for length in (data.index(b"/ByteRange") + 20, len(data) - 10):
        path.write_bytes(data[:length])
        assert shared.run("verify", path).code == 11


def test_a_licence_of_another_home(shared: DemoHome, bare: DemoHome) -> None:
    ran = bare.run("verify", shared.path("in_force"), "--json")
    assert (ran.code, ran.json["outcome"]) == (12, "not_issued_here")
    assert ran.json["signatures"][0]["indication"] == "INDETERMINATE"


def test_a_record_that_was_lost(own: DemoHome) -> None:
    """The journal knows the document: that is our failure, and no forger's work."""
    identifier = own.document("in_force")["identifier"]
    for table in ("revisions", "licences"):
        change(own, f"DELETE FROM {table} WHERE identifier = ?", identifier)
    ran = own.run("verify", own.path("in_force"), "--json")
    assert (ran.code, ran.json["outcome"]) == (15, "could_not_check")
    assert ran.json["checks"]["issuer"]["code"] == "record_lost"


def test_nothing_given_is_a_slip_of_the_hand(shared: DemoHome) -> None:
    assert shared.run("verify", " ").code == 2


def test_a_past_date_does_not_change_what_is_said_of_a_licence(shared: DemoHome) -> None:
    ran = shared.run("verify", shared.path("in_force"), "--at", "2020-01-01")
    assert ran.code == 0
    assert "--at" in ran.err


def test_the_registered_part_is_taken_out(shared: DemoHome, tmp_path: Path) -> None:
    data = shared.path("in_force").read_bytes()
    spoilt, out = tmp_path / "spoilt.pdf", tmp_path / "registered.pdf"
    spoilt.write_bytes(data + b"\n\n")
    ran = shared.run("verify", spoilt, "--extract", out, "--json")
    assert (ran.code, ran.json["outcome"]) == (15, "could_not_check")
    assert ran.json["checks"]["integrity"]["code"] == "unregistered_addition"
    assert ran.json["registered_length"] == len(data)
    assert out.read_bytes() == data
    again = shared.run("verify", spoilt, "--extract", out)
    assert (again.code, again.out) == (2, "")
    assert "--force" in again.err
    spoilt.write_bytes(data + b"garbage")
    ran = shared.run("verify", spoilt, "--extract", out, "--force")
    assert ran.code == 11
    assert out.read_bytes() == data


def test_where_nothing_is_registered_nothing_is_taken_out(shared: DemoHome, tmp_path: Path) -> None:
    path, out = tmp_path / "unsigned.pdf", tmp_path / "registered.pdf"
    write_unsigned(path)
    assert shared.run("verify", path, "--extract", out).code == 10
    assert not out.exists()


def test_under_a_root_without_a_home(shared: DemoHome, tmp_path: Path) -> None:
    nothing = DemoHome(tmp_path / "none", {})
    assert shared.run("ca", "export", tmp_path / "pki").code == 0
    root = tmp_path / "pki" / "root.pem"
    ran = nothing.run("verify", shared.path("in_force"), "--root", root, "--json")
    assert (ran.code, ran.json["outcome"], ran.err) == (15, "could_not_check", "")
    assert ran.json["signatures"][0]["indication"] == "TOTAL-PASSED"
    checks = {name: check["code"] for name, check in ran.json["checks"].items()}
    assert checks == {
        "integrity": "signatures_intact",
        "issuer": "trusted_root",
        "status": "no_register",
    }
    altered = nothing.run("verify", shared.path("altered"), "--root", root)
    assert altered.code == 11
    unsigned = tmp_path / "unsigned.pdf"
    write_unsigned(unsigned)
    assert nothing.run("verify", unsigned, "--root", root).code == 10
    assert not nothing.directory.exists(), "nothing was made"


def test_under_another_root_it_is_not_trusted(
    shared: DemoHome, bare: DemoHome, tmp_path: Path
) -> None:
    assert bare.run("ca", "export", tmp_path / "pki").code == 0
    root = tmp_path / "pki" / "root.pem"
    ran = shared.run("verify", shared.path("in_force"), "--root", root, "--json")
    assert (ran.code, ran.json["checks"]["issuer"]["code"]) == (12, "not_under_root")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("JY1", "--root", "root.cer"), 2),
        (("JY1", "--extract", "out.pdf"), 2),
        (("JY1", "--at", "2026-01-01"), 2),
    ],
)
def test_options_of_files_go_with_files(
    shared: DemoHome, arguments: tuple[str, ...], code: int
) -> None:
    assert shared.run("verify", *arguments).code == code


def test_a_root_and_a_date_that_are_none(shared: DemoHome, tmp_path: Path) -> None:
    path, root = shared.path("in_force"), tmp_path / "root.cer"
    root.write_bytes(b"no certificate")
    assert shared.run("verify", path, "--root", root).code == 3
    assert shared.run("verify", path, "--at", "yesterday").code == 2
    assert shared.run("verify", path, "--at", "2020-01-01").code == 0


def test_expired(own: DemoHome) -> None:
    identifier = own.document("in_force")["identifier"]
    change(
        own,
        "UPDATE licences SET valid_until = '2020-01-01' WHERE identifier = ?",
        identifier,
    )
    ran = own.run("verify", own.path("in_force"), "--json")
    assert (ran.code, ran.json["outcome"]) == (14, "not_in_force")
    assert ran.json["licence"]["state"] == "EXPIRED"
    assert own.run("verify", identifier).code == 14


@pytest.mark.parametrize(
    "content",
    [b"not a PDF", b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"],
)
def test_not_a_pdf(shared: DemoHome, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    ran = shared.run("verify", path, "--json")
    assert (ran.code, ran.out) == (3, "")
    assert "PDF" in ran.err


def test_a_missing_file_and_one_that_is_a_directory(shared: DemoHome, tmp_path: Path) -> None:
    ran = shared.run("verify", tmp_path / "missing.pdf")
    assert (ran.code, ran.out) == (3, "")
    assert "missing.pdf" in ran.err
    directory = tmp_path / "directory.pdf"
    directory.mkdir()
    assert shared.run("verify", directory).code == 3


def test_a_path_that_is_not_there_is_said_to_be_missing(shared: DemoHome, tmp_path: Path) -> None:
    ran = shared.run("verify", tmp_path / "licence")
    assert ran.code == 3, "a mistyped path must not read as “not issued here”"


def test_too_large(shared: DemoHome, tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(32 * 1024 * 1024 + 1)
    ran = shared.run("verify", path)
    assert (ran.code, ran.out) == (3, "")
    assert "32 MiB" in ran.err


def test_encrypted(shared: DemoHome, tmp_path: Path, qpdf: Any) -> None:
    plain, path = tmp_path / "plain.pdf", tmp_path / "encrypted.pdf"
    write_unsigned(plain)
    qpdf("--encrypt", "open", "own", "256", "--", plain, path)
    ran = shared.run("verify", path)
    assert (ran.code, ran.out) == (3, "")
    assert "encrypted" in ran.err


def test_could_not_check_where_the_database_is_out_of_reach(shared: DemoHome) -> None:
    ran = shared.run("verify", shared.path("in_force"), "--json", env=NOWHERE)
    assert (ran.code, ran.json["outcome"]) == (15, "could_not_check"), ran.err
    assert ran.json["licence"] is None
    altered = shared.run("verify", shared.path("altered"), "--json", env=NOWHERE)
    assert altered.code == 11, "broken signatures show without the register"


def test_what_keeps_it_from_checking_is_told(own: DemoHome) -> None:
    (own.directory / "registry.db").rename(own.directory / "elsewhere.db")
    ran = own.run("verify", own.path("in_force"))
    assert ran.code == 15
    assert "registry.db” is not in its place" in ran.err
    assert "Try again shortly" not in ran.err


def test_could_not_check_where_the_database_is_locked(
    own: DemoHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.db.engines, "_BUSY_TIMEOUT_MS", 100)
    with sqlite3.connect(own.directory / "registry.db") as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        holder.execute("UPDATE licences SET basis = basis")
        ran = own.run("verify", own.path("in_force"), "--json")
    holder.close()
    assert (ran.code, ran.json["outcome"]) == (15, "could_not_check"), ran.err


def test_someone_who_writes_does_not_keep_others_from_verifying(
    own: DemoHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.db.engines, "_BUSY_TIMEOUT_MS", 100)
    with sqlite3.connect(own.directory / "registry.db") as writer:
        writer.execute("BEGIN IMMEDIATE")
        ran = own.run("verify", own.path("in_force"))
        writer.rollback()
    writer.close()
    assert ran.code == 0, ran.err


def test_a_home_that_is_none(tmp_path: Path, shared: DemoHome) -> None:
    nothing = DemoHome(tmp_path / "none", {})
    ran = nothing.run("verify", shared.path("in_force"))
    assert (ran.code, ran.out) == (2, "")
    assert "xinyin init" in ran.err


@pytest.mark.parametrize("whose", ["an empty one", "another home's"])
def test_could_not_check_with_a_register_that_is_not_the_home_s(
    shared: DemoHome, bare: DemoHome, tmp_path: Path, whose: str
) -> None:
    """Nothing that was granted may be called unknown because the database's address is wrong."""
    path = tmp_path / "registry.db"
    if whose == "an empty one":
        database = Database(f"sqlite:///{path}")
        database.create()
        database.close()
    else:
        shutil.copyfile(bare.directory / "registry.db", path)
    document = shared.document("in_force")
    env = {"XINYIN_DATABASE_URL": f"sqlite:///{path}"}
    for target in (document["path"], document["number"], document["identifier"]):
        ran = shared.run("verify", target, "--json", env=env)
        assert (ran.code, ran.json["outcome"]) == (15, "could_not_check"), target
        assert "Check the database's address" in ran.err
    if whose == "an empty one":
        ran = shared.run("licence", "list", env=env)
        assert (ran.code, ran.out) == (5, "")
        assert "there was another" in ran.err
