"""`xinyin document sign`: one file, a folder, dying half-way, and going on."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from cli.demo_world import examples_directory
from cli.licences.documents.folder import ChangedFileError, gather_files
from cli.licences.documents.options import options_of
from core.errors import UsageError
from registry.granting.granting import GrantStep
from tests import forked
from tests.cli.commands import Ran, environment
from tests.cli.conftest import DemoHome
from tests.forked import Forked
from tests.signing.intake.drawings import changed, plain, script_at_opening

TYPE = examples_directory() / "types" / "official-document.toml"


@pytest.fixture
def office(own: DemoHome) -> DemoHome:
    """A home with a document type."""
    added = own.run("type", "add", TYPE, "--seal", "qinglan-market")
    assert added.code == 0, added.err
    assert "xinyin document sign FILE.pdf --type official-document" in added.err
    assert "licence" not in added.err
    return own


def sign(office: DemoHome, source: Path, *more: str | Path) -> Ran:
    one = () if source.is_dir() or "--sample" in more else ("--yes",)
    return office.run("document", "sign", source, "--type", "official-document", *one, *more)


def folder(directory: Path, count: int) -> Path:
    letters = directory / "letters"
    (letters / "more").mkdir(parents=True)
    for number in range(1, count + 1):
        place = letters / "more" if number == count else letters
        (place / f"{number}.pdf").write_bytes(plain(number))
    (letters / "not-a-letter.txt").write_text("x")
    return letters


def test_one_file_and_its_answer(office: DemoHome, tmp_path: Path) -> None:
    source, out, config = (tmp_path / name for name in ("a.pdf", "b.pdf", "c.toml"))
    source.write_bytes(plain())
    config.write_text('type = "food-operation"\nat = [60, 70]\nshow = ["date"]\nreason = "发文"\n')
    ran = sign(office, source, "--config", config, "--page", "1", "--out", out, "--json")
    assert (ran.code, ran.err) == (0, ""), ran.err
    told = ran.json
    assert (told["outcome"], told["state"], told["path"]) == ("signed", "IN_FORCE", str(out))
    assert told["fonts_not_embedded"] == ["Helvetica"]
    verified = office.run("verify", out, "--json")
    assert verified.code == 0
    assert verified.json["licence"]["kind"] == "document"
    assert verified.json["signatures"][0]["level"] == "B-LT"
    assert office.run("verify", told["link"]).code == 16
    by_people = office.run("verify", out, env={"XINYIN_LANG": "zh"})
    assert "公文" in by_people.out
    refused = sign(office, source, "--config", config, "--page", "1", "--out", out)
    assert refused.code == 2, "nothing is overwritten"
    again = sign(
        office, source, "--config", config, "--page", "1", "--out", out, "--force", "--json"
    )
    assert (again.code, again.json["outcome"]) == (0, "signed_before")
    assert again.json["sha256"] == told["sha256"]
    cancelled = office.run(
        "licence", "cancel", told["number"], "--reason", "RECALLED", "--basis", "测试", "--yes"
    )
    assert cancelled.code == 0
    assert office.run("verify", out).code == 13
    pdfsig = subprocess.run(["pdfsig", out], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in pdfsig
    assert "Total document signed" in pdfsig


def test_a_hostile_file_is_refused_by_name_and_cleaned_when_asked(
    office: DemoHome, tmp_path: Path
) -> None:
    source, out = tmp_path / "a.pdf", tmp_path / "b.pdf"
    source.write_bytes(changed(script_at_opening))
    refused = sign(office, source, "--out", out)
    assert (refused.code, out.exists()) == (3, False)
    assert "/OpenAction" in refused.err
    for options, says in (
        (("--at", "1"), "--at"),
        (("--at", "1,2", "--keyword", "x"), "--keyword"),
        (("--page", "0"), "cannot be used"),
        (("--clean", "--at", "1,1"), "beyond the page"),
        (("--clean", "--keyword", "nowhere"), "nowhere"),
        (("--clean", "--field", "Seal"), "empty signature field"),
        (("--clean", "--page", "9"), "no such page"),
    ):
        wrong = sign(office, source, "--out", out, *options)
        assert (wrong.code, out.exists()) == (2, False), options
        assert says in wrong.err
    cleaned = sign(office, source, "--out", out, "--clean", "--json")
    assert cleaned.code == 0, cleaned.err
    (taken_out,) = cleaned.json["cleaned"]
    assert (taken_out["code"], taken_out["page"]) == ("active_content", None)
    assert b"JavaScript" not in out.read_bytes()


def test_a_folder_is_signed_once_its_sample_is_agreed_to(office: DemoHome, tmp_path: Path) -> None:
    letters = folder(tmp_path, 3)
    out = letters / "out"  # what is signed is not signed again
    (letters / "bad.pdf").write_bytes(changed(script_at_opening))
    asked = sign(office, letters, "--out", out, "--json")
    assert (asked.code, out.exists()) == (2, False)
    sample = asked.json
    assert b"/ByteRange" not in Path(sample["sample"]).read_bytes()
    assert office.run("verify", sample["sample"]).code == 10
    assert len(sample["code"]) == 32
    for code in ("0" * 32, sample["code"][:31], ""):
        assert sign(office, letters, "--out", out, "--agree", code).code == 2
    wrong = sign(office, letters, "--out", out, "--agree", "0" * 32)
    assert (wrong.code, out.exists()) == (2, False)
    moved = sign(office, letters, "--out", out, "--agree", sample["code"], "--page", "1")
    assert (moved.code, out.exists()) == (2, False), "other terms are not agreed to"
    ran = sign(office, letters, "--out", out, "--agree", sample["code"], "--json")
    assert ran.code == 20
    by_name = {Path(one["source"]).name: one for one in ran.records if "source" in one}
    assert by_name["bad.pdf"]["outcome"] == "refused"
    assert by_name["bad.pdf"]["findings"][0]["code"] == "active_content"
    signed = [one for one in ran.records if one.get("outcome") == "signed"]
    assert len(signed) == 3
    assert {one["path"] for one in signed} == {
        str(out / "1.pdf"), str(out / "2.pdf"), str(out / "more" / "3.pdf")
    }  # fmt: skip
    for one in signed:
        assert office.run("verify", one["path"]).code == 0
    (letters / "bad.pdf").unlink()
    fewer = sign(office, letters, "--out", out, "--agree", sample["code"])
    assert fewer.code == 2, "fewer files are others than those agreed to"
    code = sign(office, letters, "--out", out, "--json").json["code"]
    again = sign(office, letters, "--out", out, "--agree", code, "--json")
    assert again.code == 0
    assert [one["outcome"] for one in again.records] == ["signed_before"] * 3
    assert [one["sha256"] for one in again.records] == [one["sha256"] for one in signed]


def test_one_file_is_sealed_once_somebody_agreed(office: DemoHome, tmp_path: Path) -> None:
    """Sealing cannot be undone: --yes, the code of what was looked at, or an answer."""
    source, out = tmp_path / "关于检查的通知.pdf", tmp_path / "b.pdf"
    source.write_bytes(plain())
    asked = ("document", "sign", source, "--type", "official-document", "--out", out)
    refused = office.run(*asked)
    assert (refused.code, out.exists()) == (2, False)
    for said in ("Title: A notice", "Pages: 2", "Place: page 2", "青岚市市场监督管理局", "--yes"):
        assert said in refused.err
    code = refused.err.partition("--agree ")[2].split()[0]
    wrong = office.run(*asked, "--agree", "0" * 32)
    assert (wrong.code, out.exists()) == (2, False)
    other = office.run(*asked, "--agree", code, "--title", "另一标题")
    assert (other.code, out.exists()) == (2, False), "another title was not agreed to"
    answers = {}
    for answer in ("n", "y"):
        main, secondary = pty.openpty()
        answers[answer] = Forked(
            [*asked, "--home", office.directory],
            stdin=secondary, stderr=subprocess.STDOUT, env=environment(),
        )  # fmt: skip
        os.close(secondary)
        os.write(main, f"{answer}\n".encode())
        told, _ = answers[answer].communicate(timeout=100)
        os.close(main)
        assert "Title: A notice" in told
        assert "b-preview.pdf" in told
        assert "This cannot be undone. Go on?" in told
        assert (answers[answer].returncode, out.exists()) == (
            (2, False) if answer == "n" else (0, True)
        )
        assert not (tmp_path / "b-preview.pdf").exists()
    out.unlink()
    again = office.run(*asked, "--json")
    assert (again.code, again.json["outcome"]) == (0, "signed_before"), "nothing more is sealed"


def test_documents_are_found_by_title_and_end_in_their_own_words(
    office: DemoHome, tmp_path: Path
) -> None:
    source, out = tmp_path / "a.pdf", tmp_path / "b.pdf"
    source.write_bytes(plain())
    told = sign(office, source, "--out", out, "--title", "关于检查的通知", "--json").json
    (found,) = office.run("document", "list", "--title", "检查", "--json").records
    assert (found["title"], found["number"]) == ("关于检查的通知", told["number"])
    assert office.run("document", "list", "--title", "废止").out == ""
    licence = office.document("in_force")["number"]
    for command in ("show", "cancel"):
        more = () if command == "show" else ("--reason", "废止", "--basis", "b", "--yes")
        wrong = office.run("document", command, licence, *more)
        assert (wrong.code, "no official document" in wrong.err) == (2, True)
    assert "关于检查的通知" in office.run("verify", out).out
    penalty = office.run(
        "document", "cancel", told["number"], "--reason", "FORFEITED", "--basis", "b", "--yes"
    )
    assert penalty.code == 2
    ended = office.run(
        "document", "cancel", told["number"], "--reason", "废止", "--basis", "测试", "--yes",
        env={"XINYIN_LANG": "zh"},
    )  # fmt: skip
    assert (ended.code, "已废止" in ended.err) == (0, True)
    shown = office.run("document", "show", told["number"], env={"XINYIN_LANG": "zh"})
    assert "已废止" in shown.out
    assert "证照" not in shown.out.replace("证照与", "")
    assert "已废止" in office.run("verify", out, env={"XINYIN_LANG": "zh"}).out
    listed = office.run("licence", "list", "--number", told["number"], env={"XINYIN_LANG": "zh"})
    assert "已废止" in listed.out


def test_a_folder_that_is_partly_signed_is_cleaned_and_gone_on_with(
    office: DemoHome, tmp_path: Path
) -> None:
    letters, out = folder(tmp_path, 2), tmp_path / "out"
    (letters / "bad.pdf").write_bytes(changed(script_at_opening))
    code = sign(office, letters, "--out", out, "--json").json["code"]
    assert sign(office, letters, "--out", out, "--agree", code).code == 20
    cleaned = sign(office, letters, "--out", out, "--clean", "--json").json["code"]
    again = sign(office, letters, "--out", out, "--clean", "--agree", cleaned, "--json")
    assert again.code == 0, again.out
    outcomes = {Path(one["source"]).name: one["outcome"] for one in again.records}
    assert outcomes == {"1.pdf": "signed_before", "2.pdf": "signed_before", "bad.pdf": "signed"}
    plainly = sign(office, letters / "bad.pdf", "--out", tmp_path / "c.pdf")
    assert plainly.code == 2, "what was taken out is not handed out to who did not ask for that"


def test_what_a_folder_signs_is_what_was_agreed_to(office: DemoHome, tmp_path: Path) -> None:
    letters, out, elsewhere = folder(tmp_path, 2), tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "9.pdf").write_bytes(plain(3))
    (letters / "link.pdf").symlink_to(elsewhere / "9.pdf")
    (letters / "linked").symlink_to(elsewhere)
    asked = sign(office, letters, "--out", out, "--json")
    assert "link.pdf" in asked.err
    code = asked.json["code"]
    last = letters / "more" / "2.pdf"
    agreed = last.read_bytes()
    for change in (
        lambda: last.write_bytes(plain(4)),
        lambda: (letters / "3.pdf").write_bytes(plain(3)),
        last.unlink,
    ):
        change()
        ran = sign(office, letters, "--out", out, "--agree", code)
        assert (ran.code, out.exists()) == (2, False)
        (letters / "3.pdf").unlink(missing_ok=True)
        last.write_bytes(agreed)
    ran = sign(office, letters, "--out", out, "--agree", code, "--json")
    assert ran.code == 0
    signed = [one for one in ran.records if one.get("outcome") == "signed"]
    assert [Path(one["source"]).name for one in signed] == ["1.pdf", "2.pdf"]


def test_a_file_that_is_swapped_after_it_was_agreed_to_is_not_read(tmp_path: Path) -> None:
    letters = folder(tmp_path, 2)
    files = gather_files(letters, None, None)
    first, second = files
    first.write_bytes(plain(5))
    with pytest.raises(ChangedFileError):
        files.read(first)
    assert files.read(second) == plain(2)
    assert gather_files(letters, None, None).digest() != files.digest()


@pytest.mark.parametrize(
    "line",
    [
        'approval = "false"',
        'edge = "no"',
        "clean = 1",
        "level = 1",
        "authority = 7",
        "basis = true",
        "field = 3",
        "type = 5",
        'at = ["1", "2"]',
        "at = [true, 2]",
        "page = 1.0",
        "title = 5",
        'show = "odd"',
        "keyword = 1",
    ],
)
def test_options_of_a_file_are_what_they_say(tmp_path: Path, line: str) -> None:
    config = tmp_path / "c.toml"
    config.write_text(line + "\n")
    given = {"config": config, "type": None if line.startswith("type") else "x"}
    with pytest.raises(UsageError):
        options_of(given)


@pytest.mark.parametrize("step", [GrantStep.RESERVED, GrantStep.STORED])
def test_killed_half_way_and_run_again(office: DemoHome, tmp_path: Path, step: GrantStep) -> None:
    letters, out = folder(tmp_path, 3), tmp_path / "out"
    code = sign(office, letters, "--out", out, "--json").json["code"]
    arguments = (letters, "--type", "official-document", "--out", out, "--agree", code)
    command = ("document", "sign", *arguments, "--json", "--home", office.directory)
    ended, handed, said = forked.run(
        "tests.cli.killed_batch", step, "2", *command, env=environment()
    )
    assert ended == -9, said
    (handed_out,) = [json.loads(line) for line in handed.splitlines()]
    again = sign(office, letters, "--out", out, "--agree", code, "--json")
    assert again.code == 0, again.err
    numbers = [one["number"] for one in again.records]
    assert numbers[0] == handed_out["number"]
    assert [one[2:11] for one in numbers] == ["000000001", "000000002", "000000003"]
    states = office.run("licence", "list", "--type", "official-document", "--json").records
    assert [one["state"] for one in states] == ["IN_FORCE"] * 3
    for one in again.records:
        assert office.run("verify", one["path"]).code == 0
    assert office.run("audit", "verify").code == 0
