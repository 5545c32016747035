"""`xinyin batch …`: planning, granting, dying half-way, and going on."""

import csv
import hashlib
import shutil
from pathlib import Path

import openpyxl
import pytest

from cli.demo_world import examples_directory
from registry.granting.granting import GrantStep
from tests import forked
from tests.cli.commands import Ran, environment
from tests.cli.conftest import DemoHome
from tests.cli.holders import rows_csv

DATA = examples_directory() / "data"


def run(home: DemoHome, data: Path, out: Path, *more: str) -> Ran:
    """Grant food licences."""
    arguments = ("--type", "food-operation", "--data", data, "--out", out)
    return home.run("batch", "run", *arguments, *more)


def licences(home: DemoHome) -> list[str]:
    """Return every licence's state beyond the demo's three."""
    listed = home.run("licence", "list", "--json").records[3:]
    return [one["state"] for one in listed]


def test_plan_names_every_row_and_field_with_errors(shared: DemoHome) -> None:
    data = DATA / "disability-with-errors.csv"
    arguments = ("batch", "plan", "--type", "disability", "--data", data)
    ran = shared.run(*arguments, "--json")
    assert (ran.code, ran.err) == (3, "")
    *problems, total = ran.records
    assert total["problems"] == len(problems) >= 9
    for one in problems:
        assert set(one) == {"source", "field", "code", "message"}
        assert set(one["message"]) == {"zh", "en"}
    found = {(one["field"], one["code"]) for one in problems}
    fields = {field for field, _ in found}
    assert {"姓名", "出生年月", "公民身份号码", "残疾类别", "照片"} <= fields
    assert "mangled_number" in {code for _, code in found}
    rows = {one["source"] for one in problems}
    lines = data.read_text("utf-8-sig").splitlines()
    assert len(rows) + total["good"] == len(lines) - 1


def test_plan_speaks_to_people_on_stderr(shared: DemoHome) -> None:
    arguments = ("--type", "disability", "--data", DATA / "disability-with-errors.csv")
    english = shared.run("batch", "plan", *arguments)
    chinese = shared.run("batch", "plan", *arguments, env={"XINYIN_LANG": "zh"})
    for ran in (english, chinese):
        assert (ran.code, ran.out) == (3, "")
        assert "公民身份号码" in ran.err
        assert "990121197301072533" not in ran.err, "no holder's data in messages"
    assert "problems" in english.err
    assert "处问题" in chinese.err


def test_a_good_plan_grants_nothing(shared: DemoHome) -> None:
    data = DATA / "food-operation.csv"
    ran = shared.run("batch", "plan", "--type", "food-operation", "--data", data, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["problems"] == 0
    assert ran.json["good"] > 0
    assert licences(shared) == []


def test_bad_rows_stop_the_whole_batch_unless_told_otherwise(own: DemoHome, tmp_path: Path) -> None:
    data, out = rows_csv(tmp_path / "a.csv", range(10, 13), main_form="无"), tmp_path / "out"
    stopped = run(own, data, out, "--json")
    assert (stopped.code, licences(own), out.exists()) == (3, [], False)
    went_on = run(own, data, out, "--json", "--on-error", "continue")
    assert went_on.code == 20
    good = [one for one in went_on.records if "identifier" in one]
    bad = [one for one in went_on.records if "code" in one]
    assert len(good) == len(list(out.iterdir())) == 1
    assert {one["field"] for one in bad} == {"主体业态"}
    assert len(bad) == 2
    assert own.run("verify", good[0]["path"]).code == 0


def test_again_grants_nothing_twice(own: DemoHome, tmp_path: Path) -> None:
    data, out = rows_csv(tmp_path / "a.csv", range(20, 22)), tmp_path / "out"
    first, again = (run(own, data, out, "--json") for _ in "12")
    assert (first.code, again.code) == (0, 0)
    assert again.records == [one | {"repeated": True} for one in first.records]
    assert not any(one["repeated"] for one in first.records)
    known = first.records[0]["identifier"]
    planned = own.run("batch", "plan", "--type", "food-operation", "--data", data, "--json")
    rows = [one for one in planned.records if "source" in one]
    assert [(one["source"], one["code"]) for one in rows] == [
        ("row 2", "granted"),
        ("row 3", "granted"),
    ]
    planned = own.run("batch", "plan", "--type", "food-operation", "--data", data)
    assert f"row 2: granted before as {known}; not granted again" in planned.err
    assert licences(own) == ["IN_FORCE"] * 2
    (out / Path(first.records[0]["path"]).name).unlink()
    told = run(own, data, out)
    assert told.out.splitlines() == [one["path"] for one in first.records]
    first_line, closing = told.err.splitlines()
    assert first_line == "2 of them were granted before and are not granted again; 0 are new."
    assert closing.startswith("0 granted, 2 granted before, 0 left alone, 0 failed, 0 not tried. ")
    assert len(list(out.glob("*.pdf"))) == 2, "and a lost file is written again"
    (*_, results) = sorted(out.glob("results-*.csv"))
    taken = own.run("batch", "plan", "--type", "food-operation", "--data", results)
    assert (taken.code, "holds the results of a run, not its sheet" in taken.err) == (3, True)


def test_a_row_whose_licence_was_cancelled_is_not_granted_again(
    own: DemoHome, tmp_path: Path
) -> None:
    data, out = rows_csv(tmp_path / "a.csv", range(23, 24)), tmp_path / "out"
    granted = run(own, data, out, "--json").json["identifier"]
    own.run("licence", "cancel", granted, "--reason", "ANNULLED", "--basis", "测试", "--yes")
    again = run(own, data, out)
    assert (again.code, again.out) == (0, "")
    assert "CANCELLED" in again.err
    planned = own.run("batch", "plan", "--type", "food-operation", "--data", data)
    assert f"row 2: granted before as {granted} and out of force; stays so" in planned.err
    assert licences(own) == ["CANCELLED"]


# Each step on both engines: tests/registry/granting/test_granting.py.
@pytest.mark.parametrize("step", [GrantStep.RESERVED, GrantStep.STORED])
def test_killed_half_way_and_run_again(own: DemoHome, tmp_path: Path, step: GrantStep) -> None:
    data, out = rows_csv(tmp_path / "a.csv", range(30, 33)), tmp_path / "out"
    arguments = ("--type", "food-operation", "--data", data, "--out", out)
    command = ("batch", "run", *arguments, "--home", own.directory)
    ended, handed, said = forked.run(
        "tests.cli.killed_batch", step, "2", *command, env=environment()
    )
    assert ended == -9, said
    assert len(handed.splitlines()) == 1, "the first was handed out"
    assert not [one for one in out.iterdir() if one.suffix != ".pdf"]
    again = run(own, data, out, "--json")
    assert again.code == 0, again.err
    assert licences(own) == ["IN_FORCE"] * 3
    numbers = [one["number"] for one in again.records]
    assert len(set(numbers)) == 3
    assert [number[-7:-1] for number in numbers] == ["000004", "000005", "000006"], "none is lost"
    assert {one.stem for one in out.iterdir()} == {one["identifier"] for one in again.records}
    for one in again.records:
        known = own.run("licence", "show", one["identifier"], "--json").json["revisions"]
        digest = hashlib.sha256(Path(one["path"]).read_bytes()).hexdigest()
        assert [revision["sha256"] for revision in known] == [digest]


def test_a_spreadsheet_with_photos(own: DemoHome, tmp_path: Path) -> None:
    with (DATA / "disability.csv").open(encoding="gb18030") as file:
        rows = list(csv.reader(file))[:3]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    shutil.copytree(DATA / "photos", tmp_path / "photos")
    arguments = ("--type", "disability", "--data", tmp_path / "a.xlsx")
    ran = own.run("batch", "run", *arguments, "--out", tmp_path / "out", "--json")
    assert ran.code == 0, ran.out
    for one in ran.records:
        assert own.run("verify", one["path"]).code == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gone.csv", None),
        ("a.csv", b""),
        ("a.csv", b"\xff\xff\xff"),
        ("a.xlsx", b"PK\x03\x04 no workbook"),
        ("a.csv", "甲,乙\n1,2\n".encode()),
    ],
)
def test_a_table_that_cannot_be_read(
    shared: DemoHome, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ran = run(shared, tmp_path / name, tmp_path / "out")
    assert (ran.code, ran.out, (tmp_path / "out").exists()) == (3, "", False)
    assert ran.err
    assert "Traceback" not in ran.err


def test_a_place_that_takes_no_files(own: DemoHome, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"a file")
    ran = run(own, rows_csv(tmp_path / "a.csv", range(40, 41)), tmp_path / "out")
    assert (ran.code, licences(own)) == (2, []), ran.err
    assert "folder" in ran.err


def test_a_row_taken_out_or_mended_grants_no_other_again(own: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = run(own, rows_csv(tmp_path / "a.csv", range(50, 53)), out, "--json")
    assert first.code == 0, first.err
    fewer = run(own, rows_csv(tmp_path / "renamed.csv", range(51, 53)), out, "--json")
    assert [one["identifier"] for one in fewer.records] == [
        one["identifier"] for one in first.records[1:]
    ]
    mended = rows_csv(tmp_path / "a.csv", range(50, 53), representative="张小三")
    planned = own.run("batch", "plan", "--type", "food-operation", "--data", mended, "--json")
    *changes, known, total = planned.records
    assert (known["source"], known["code"]) == ("row 2", "granted")
    assert (planned.code, total["good"], total["granted"], total["changed"]) == (3, 0, 1, 2)
    assert [one["identifier"] for one in changes] == [one["identifier"] for one in fewer.records]
    assert {tuple(one["fields"]) for one in changes} == {("法定代表人（负责人）",)}
    undecided = run(own, mended, out)
    assert (undecided.code, len(licences(own))) == (3, 3)
    assert "--changed" in undecided.err
    left = run(own, mended, out, "--changed", "skip", "--json")
    assert (left.code, len(left.records), len(licences(own))) == (0, 1, 3)
    assert run(own, mended, out, "--changed", "correct").code == 2, "no basis"
    corrected = run(own, mended, out, "--changed", "correct", "--basis", "更正", "--json")
    assert corrected.code == 0, corrected.err
    assert [one["number"] for one in corrected.records] == [one["number"] for one in first.records]
    assert sorted(licences(own)) == ["IN_FORCE"] * 3 + ["REPLACED"] * 2
    again = own.run("batch", "plan", "--type", "food-operation", "--data", mended, "--json")
    assert (again.code, again.records[-1]["granted"]) == (0, 3)


def test_one_more_for_a_holder_that_has_one_is_said_to_be_meant(
    own: DemoHome, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert run(own, rows_csv(tmp_path / "a.csv", range(54, 55)), out).code == 0
    data = rows_csv(tmp_path / "b.csv", range(53, 55), premises="青岚市云溪区另一处1号")
    stopped = run(own, data, out)
    assert (stopped.code, len(licences(own))) == (3, 1)
    assert "--further" in stopped.err
    ran = run(own, data, out, "--further", "--json")
    assert (ran.code, len(ran.records), len(licences(own))) == (0, 2, 3)


def test_two_rows_of_one_licence_are_told(shared: DemoHome, tmp_path: Path) -> None:
    data = rows_csv(tmp_path / "a.csv", range(60, 62))
    lines = data.read_text("utf-8").splitlines()
    data.write_text("\n".join([*lines, lines[1].replace("欧阳䶮", "张小三")]) + "\n", "utf-8")
    ran = shared.run("batch", "plan", "--type", "food-operation", "--data", data, "--json")
    (problem, _) = ran.records
    assert (ran.code, problem["source"], problem["code"]) == (3, "row 4", "repeated_holder")
