"""Sheets whose rows are kept on disk: judged as those in memory."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from unittest.mock import patch

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StorageError
from core.scratch import Items, Scratch
from registry.importing import sheets
from registry.importing.plans import Plan
from registry.importing.remarks import with_remarks
from registry.importing.row_judging import READ_AHEAD
from registry.importing.sheet_choice import Hidden, SheetChoice
from registry.importing.sheet_judging import plan, read_table
from registry.importing.sheets import BadTableError, copy_sheet, in_memory, on_disk
from tests.registry.importing.test_importing import FOOD, csv_text
from tests.registry.type_samples import FOOD_ROW, TODAY

CELLS = st.fixed_dictionaries(
    {},
    optional={
        "area": st.sampled_from(["x", "320100", "110101"]),
        "operator": st.sampled_from(["", "甲店", "乙店", "长" * 4001]),
        "uscc": st.sampled_from(["91110000100000000X", "1"]),
        "scope": st.sampled_from(["1-2", "热食类食品制售"]),
    },
)


def as_lists(found: Plan) -> list[Sequence[object]]:
    return [list(found.applications), list(found.problems), list(found.records)]


@given(st.lists(CELLS, min_size=1, max_size=READ_AHEAD * 5), st.sampled_from(["gb18030", "utf-16"]))
def test_rows_on_disk_are_judged_as_those_in_memory(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], encoding: str
) -> None:
    known = set(FOOD_ROW)
    said = [FOOD_ROW | {key: one for key, one in row.items() if key in known} for row in rows]
    data = csv_text(*said).encode(encoding)
    expected = plan(FOOD, read_table(Path("t.csv"), data=data), today=TODAY)
    with Scratch(tmp_path_factory.mktemp("t")) as scratch:
        table = read_table(Path("t.csv"), data=io.BytesIO(data), limits=on_disk(scratch))
        found = plan(FOOD, table, today=TODAY, keeping=scratch.keeping)
        assert isinstance(found.applications, Items | tuple)
        assert as_lists(found) == as_lists(expected)


@pytest.mark.parametrize("hidden", [None, Hidden.SKIP, Hidden.INCLUDE])
def test_a_workbook_on_disk_is_read_as_one_in_memory(tmp_path: Path, hidden: Hidden | None) -> None:
    """Texts that are shared, numbers, dates, blank rows, and rows that nobody sees."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["一", "二", "三"])
    for number in range(2, 300):
        sheet.append([f"甲{number % 90}", number * 1.5, TODAY if number % 7 else "=1+1"])
        sheet.row_dimensions[number].height = 20
    sheet["A1500"] = "末"
    for number in (5, 7, 140):
        sheet.row_dimensions[number].hidden = True
    path, choice = tmp_path / "t.xlsx", SheetChoice(hidden=hidden)
    book.save(path)
    expected = read_table(path, choice)
    with Scratch(tmp_path / "scratch") as scratch:
        copy = copy_sheet(path, scratch)
        found = read_table(path, choice, copy.file, on_disk(scratch))
        assert (found.header, found.first_rows) == (expected.header, expected.first_rows)
        assert list(found.rows) == list(expected.rows)
        assert list(found.problems) == list(expected.problems)
    skipped = 1 if hidden is Hidden.SKIP else 0  # of three, two with a formula are none anyway
    assert len(expected.rows) == 1 + 298 - 298 // 7 - skipped
    assert expected.rows[-1].number == 1500


def test_the_limit_of_rows_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    monkeypatch.setattr(sheets, "MAX_SHEET_BYTES", 1 << 20)
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n2\n3\n4\n", "utf-8")
    with Scratch(tmp_path / "scratch") as scratch:
        with pytest.raises(BadTableError, match="more than 3 rows"):
            read_table(path, data=copy_sheet(path, scratch).file, limits=on_disk(scratch))
        path.write_bytes(b"a\n" * (1 << 20))
        with pytest.raises(BadTableError, match="more than 1 MiB"):
            copy_sheet(path, scratch)
    assert in_memory().rows == 100_000


def test_a_row_over_any_number_of_lines_is_not_gathered() -> None:
    data = b"a,b\n" + b'"\n",' * 300_000 + b"x\n"
    with pytest.raises(BadTableError, match="Row 2"):
        read_table(Path("t.csv"), data=data)
    table = read_table(Path("t.csv"), data=b"a,b\n" + (b'"' + b"\n" * 3999 + b'x",\n') * 400)
    assert len(table.rows) == 400, "each row may be as long"


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_full_disk_is_not_taken_for_a_damaged_sheet(tmp_path: Path, ending: str) -> None:
    def full(**_: object) -> IO[bytes]:
        return Path("/dev/full").open("w+b", buffering=0)

    book, file = openpyxl.Workbook(), io.BytesIO(b"a,b\n1,2\n" * 10_000)
    if ending == ".xlsx":
        book.save(file := io.BytesIO())
    with patch("core.scratch.tempfile.TemporaryFile", full), Scratch(tmp_path) as scratch:
        out = scratch.temporary()
        with pytest.raises(StorageError, match="No space left"):
            with_remarks(Path(f"t{ending}"), file, SheetChoice(), {2: "x"}, "b", out)
