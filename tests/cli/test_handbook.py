"""The departments' handbook: what it shows is done here, word by word."""

import re
import shlex
from pathlib import Path

import openpyxl
import pytest

from registry.types.drafting.samples import SAMPLE_USCC
from tests.cli.conftest import DemoHome

DOCS = Path(__file__).parents[2] / "docs"
_FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(name: str) -> list[list[str]]:
    """Return the commands of an edition's blocks, in order."""
    text = "".join(_FENCE.findall((DOCS / name).read_text("utf-8")))
    return [shlex.split(line)[1:] for line in text.replace("\\\n", " ").splitlines()]


def fill_in(path: Path) -> None:
    """Fill one row of the empty sheet in, as the handbook's picture has it."""
    book = openpyxl.load_workbook(path)
    values = ("青岚市夕照养老院", SAMPLE_USCC, "顾晚晴", "青岚市听松区石桥街11号", "120", "公办")
    for at, value in enumerate(values, start=1):
        book.worksheets[0].cell(2, at).value = value
    book.save(path)


def test_both_editions_show_the_same() -> None:
    assert commands("departments-handbook.md") == commands("departments-handbook.zh.md")


def test_from_the_first_type_to_a_licence_in_its_holders_hand(
    own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in commands("departments-handbook.md"):
        ran = own.run(*command)
        assert ran.code == 0, (command, ran.err)
        if command[:2] == ["type", "sheet"]:
            fill_in(tmp_path / "elderly-care.xlsx")
    assert "elderly-care" in ran.out, "the run is on record"
    assert (tmp_path / "elderly-care.preview.png").is_file()
    (licence,) = (tmp_path / "licences").glob("*.pdf")
    assert own.run("verify", licence).code == 0
