"""`xinyin type`: from an empty directory to a page to look at, before anything is granted."""

import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from registry.types.types import parse_type
from tests.cli.commands import environment, xinyin
from tests.registry.type_samples import EXAMPLES

FOOD = EXAMPLES / "types" / "food-operation.toml"
FLAGS = (
    "type", "init", "--name-zh", "养老机构登记证", "--name-en", "Elderly Care Registration",
    "--uscc", "11990000MB00990170", "--holder", "body", "--field", "床位数,Beds,number,public",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_flags_to_a_page_without_a_home(folder: Path) -> None:
    written = xinyin(*FLAGS)
    assert written.code == 0
    assert "xinyin type lint elderly-care-registration.toml" in written.err
    checked = xinyin("type", "lint", "elderly-care-registration.toml")
    assert (checked.code, checked.out) == (0, "")
    shown = xinyin("type", "preview", "elderly-care-registration.toml", "--json").json
    assert shown["public"]["法定代表人"] == "样*某"
    assert (folder / shown["pdf"]).read_bytes().startswith(b"%PDF")
    assert (folder / shown["png"]).read_bytes().startswith(b"\x89PNG")
    again = xinyin(*FLAGS)
    assert again.code == 2
    assert "--force" in again.err


def test_the_comments_are_in_the_language_of_messages(folder: Path) -> None:
    xinyin(*FLAGS, env={"XINYIN_LANG": "zh"})
    assert "# 命令中使用的短名。" in (folder / "elderly-care-registration.toml").read_text("utf-8")


def test_what_is_missing_is_told_at_once(folder: Path) -> None:
    del folder
    told = xinyin("type", "init", "--name-zh", "证")
    assert told.code == 2
    assert "--name-en, --uscc, --holder" in told.err
    assert xinyin(*FLAGS, "--field", "床位数,number").code == 2
    assert xinyin(*FLAGS, "--field", "类型,Form,choice").code == 2
    assert xinyin(*FLAGS, "--uscc", "11990000MB00990171").code == 2


def test_on_a_terminal_it_asks(folder: Path) -> None:
    """Answers a question at a time, as a person does; a wrong code is asked for again."""
    main, side = pty.openpty()
    command = [sys.executable, "-c", "from cli.main import run; run()", "type", "init"]
    env = environment() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        command, stdin=side, stdout=side, stderr=side, cwd=folder, env=env
    ) as ran:
        os.close(side)
        for question, answer in (
            ("Chinese name", "测试证"), ("English name", "Test licence"), ("Short name", ""),
            ("social credit code", "123"), ("social credit code", "11990000MB00990170"),
            ("Who holds", "person"), ("Numbers", "derived"), ("begin with", ""), ("Term", "years"),
            ("Years", "3"), ("portrait", "y"), ("One more", "等级"), ("English label", "Grade"),
            ("kind", "choice"), ("words", "甲|乙"), ("scans the code", "y"), ("One more", ""),
        ):  # fmt: skip
            _read_until(main, question)
            os.write(main, f"{answer}\n".encode())
        _read_until(main, "Wrote")
        assert ran.wait(20) == 0
    os.close(main)
    written = parse_type((folder / "test-licence.toml").read_text("utf-8"))
    assert [one.key for one in written.ordered][-2:] == ["grade", "photo"]
    assert written.number_holds_holder_code
    assert written.validity.years == 3


def _read_until(descriptor: int, text: str) -> None:
    seen, until = b"", time.monotonic() + 30
    while text.encode() not in seen:
        assert time.monotonic() < until, seen.decode(errors="replace")
        seen += os.read(descriptor, 1024)


def test_lint_tells_all_in_the_language_of_who_reads_and_in_json_in_both(folder: Path) -> None:
    file = folder / "bad.toml"
    file.write_text(
        FOOD.read_text("utf-8")
        .replace("years = 5", "years = 500")
        .replace('kind = "area"', 'kind = "aera"')
    )
    told = xinyin("type", "lint", file)
    assert told.code == 3
    assert f"{file}:30: validity.years: Must be 100 at most." in told.out
    assert not re.search("[\u4e00-\u9fff]", told.out.replace("为限", ""))
    chinese = xinyin("type", "lint", file, env={"XINYIN_LANG": "zh"})
    assert f"{file}:30: validity.years: 不能大于 100。" in chinese.out
    assert "Must be" not in chinese.out
    records = xinyin("type", "lint", file, "--json").records
    assert {one["level"] for one in records} == {"error"}
    assert all(one["line"] and one["text"]["zh"] for one in records)
    file.write_text(FOOD.read_text("utf-8").replace("max_length = 400", "max_length = 4000"))
    advised = xinyin("type", "lint", file, "--json")
    assert advised.code == 0
    assert [one["level"] for one in advised.records] == ["advice"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('code = "X"\n', ": design: design is missing"),
        ("code = [1,\n\n", ":1: TOML: "),
        ("a = 1\nb = ]\n", ":2: TOML: "),
    ],
)
def test_lint_names_a_real_line_or_none(folder: Path, source: str, said: str) -> None:
    file = folder / "bad.toml"
    file.write_text(source)
    told = xinyin("type", "lint", file)
    assert f"{file}{said}" in told.out
    assert ":0:" not in told.out
    lines = {one["line"] for one in xinyin("type", "lint", file, "--json").records}
    assert 0 not in lines


def test_one_flaw_is_one(folder: Path) -> None:
    file = folder / "bad.toml"
    file.write_text(FOOD.read_text("utf-8").replace("years = 5", "years = 500"))
    assert "has 1 flaw:" in xinyin("type", "lint", file).err


def test_samples_and_differences(folder: Path) -> None:
    record = xinyin("type", "sample", FOOD).json
    (folder / "record.json").write_text(json.dumps(record | {"operator": "某某面馆"}))
    assert xinyin("type", "preview", FOOD, "--data", "record.json").code == 0
    assert "经营者名称" in xinyin("type", "sample", FOOD, "--csv").out.splitlines()[0]
    newer = folder / "newer.toml"
    newer.write_text(FOOD.read_text("utf-8").replace('mask = "holder"', 'mask = "person"'))
    told = xinyin("type", "diff", FOOD, newer)
    assert "For verifiers" in told.out
    assert "For officers" not in told.out
    assert xinyin("type", "diff", FOOD, newer, "--json").records[0]["concerns"] == "verifiers"
    assert "say the same" in xinyin("type", "diff", FOOD, FOOD).err


def test_a_table_is_previewed_as_a_table(folder: Path) -> None:
    """Structured for machines, each cell behind its heading for people."""
    columns = 'columns = [{ zh = "名称", en = "Name" }, { zh = "数量", en = "Number" }]'
    field = f"""
[[fields]]
key = "equipment"
label = {{ zh = "设备", en = "Equipment" }}
kind = "text"
wide = true
public = true
{columns}
"""
    file = folder / "table.toml"
    file.write_text(FOOD.read_text("utf-8").replace("\n[reasons]", f"{field}\n[reasons]", 1))
    record = xinyin("type", "sample", file).json | {"equipment": "冷柜|2；灭菌灯|1"}
    (folder / "record.json").write_text(json.dumps(record))
    shown = xinyin("type", "preview", file, "--data", "record.json", "--json").json
    rows = [{"名称": "冷柜", "数量": "2"}, {"名称": "灭菌灯", "数量": "1"}]
    assert shown["public"]["设备"] == rows
    people = xinyin("type", "preview", file, "--data", "record.json").out
    assert people.count("Name 冷柜，Number 2；Name 灭菌灯，Number 1") == 2


def test_a_type_is_shown(folder: Path) -> None:
    del folder
    told = xinyin("type", "show", FOOD, "--json").json
    assert told["slug"] == "food-operation"
    assert told["fields"][0]["mask"] == "holder"
    assert "经营者名称" in xinyin("type", "show", FOOD, env={"XINYIN_LANG": "zh"}).out
    assert xinyin("type", "show", FOOD, "--toml").out == FOOD.read_text("utf-8")
