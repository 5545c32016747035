"""Headings of what commands print: Chinese in Chinese, the keys of `--json` in English."""

import re

import pytest

from cli.shell.output import Output
from core.text import Language
from tests.cli.conftest import DemoHome

LISTS = (
    "authority list",
    "seal list",
    "type list",
    "key list",
    "ca list",
    "journal show",
    "licence list",
    "archive status",
)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh", ["编号  状态", "1     x", "编号      1", "有效期至  2"]),
        ("en", ["number  state", "1       x", "number       1", "valid_until  2"]),
    ],
)
def test_what_is_printed_is_headed_in_the_language_of_who_reads(
    capsys: pytest.CaptureFixture[str], language: Language, told: list[str]
) -> None:
    output = Output(as_json=False, language=language)
    output.records([{"number": "1", "state": "x"}])
    output.facts({"number": "1", "valid_until": "2"})
    assert [one.rstrip() for one in capsys.readouterr().out.splitlines()] == told


def test_records_within_facts_are_a_table_below(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=False, language="zh")
    roles = [{"role": "sealer", "authority": None}, {"role": "operator", "authority": "m"}]
    output.facts({"name": "李梅", "roles": roles, "types": ["a", "b"]})
    assert [one.rstrip() for one in capsys.readouterr().out.splitlines()] == [
        "名称      李梅",
        "证照类型  a, b",
        "",
        "角色",
        "角色      颁发机构",
        "sealer",
        "operator  m",
    ]


@pytest.mark.parametrize("command", LISTS)
def test_lists_have_chinese_headings(shared: DemoHome, command: str) -> None:
    ran = shared.run(*command.split(), env={"XINYIN_LANG": "zh"})
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    heads = [one.split()[0] for one in lines if one.strip()] if "show" in command else [lines[0]]
    assert not re.search("[a-z]", " ".join(heads)), heads


def test_json_keeps_its_keys(shared: DemoHome) -> None:
    ran = shared.run("key", "list", "--json", env={"XINYIN_LANG": "zh"})
    assert {"key", "purpose", "state"} <= set(ran.records[0])
