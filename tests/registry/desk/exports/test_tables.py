"""Tables are what spreadsheets and programs read back, and no cell is a formula."""

import csv
import io
import json
import tracemalloc
from typing import Any

import pytest
from openpyxl import load_workbook

from registry.desk.exports import workbook
from registry.desk.exports.tables import TableFormat, write_table
from registry.types.cells.formulas import guarded

HEADINGS = {"name": "名称", "number": "编号"}
ROWS: list[dict[str, Any]] = [
    {"name": "=1+1", "number": "0012", "other": "x"},
    {"name": "@甲", "number": None},
    {"name": "-乙,“丙”\n丁", "number": 7},
    {"name": "\x07戊", "number": "+86"},
]


def written(form: TableFormat) -> bytes:
    out = io.BytesIO()
    assert write_table(out, form, HEADINGS, iter(ROWS)) == len(ROWS)
    return out.getvalue()


def test_a_spreadsheet_reads_the_csv_and_computes_nothing() -> None:
    content = written(TableFormat.CSV)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["名称", "编号"]
    assert rows[1:4] == [["'=1+1", "0012"], ["'@甲", ""], ["'-乙,“丙”\n丁", "7"]]
    assert rows[4][1] == "'+86"


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@x", "\tx", "\rx", "\nx", "＝1+1", "＠x"])
def test_a_cell_that_begins_a_formula_is_text(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    assert guarded(f"x{cell}") == f"x{cell}"


def test_a_workbook_holds_texts_alone() -> None:
    (sheet,) = load_workbook(io.BytesIO(written(TableFormat.XLSX)))
    rows = list(sheet.iter_rows())
    assert [[cell.value for cell in row] for row in rows] == [
        ["名称", "编号"],
        ["=1+1", "0012"],
        ["@甲", None],
        ["-乙,“丙”\n丁", "7"],
        ["戊", "+86"],
    ]
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}


def test_lines_of_json_keep_what_they_were() -> None:
    lines = [json.loads(line) for line in written(TableFormat.JSONL).decode().splitlines()]
    assert lines == [{key: row[key] for key in HEADINGS} for row in ROWS]


def test_a_longer_table_goes_on_in_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    book = load_workbook(io.BytesIO(written(TableFormat.XLSX)))
    assert [sheet.max_row for sheet in book] == [4, 2]


def test_a_full_sheet_is_followed_by_another_with_the_headings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "MOST_OCTETS", 400)
    book = load_workbook(io.BytesIO(written(TableFormat.XLSX)))
    assert len(book.worksheets) > 1
    rows = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    assert [row for row in rows if row[0] == "名称"] == [["名称", "编号"]] * len(book.worksheets)
    assert len(rows) == len(ROWS) + len(book.worksheets)


@pytest.mark.parametrize("form", TableFormat)
def test_memory_stays_flat(form: TableFormat) -> None:
    class Nowhere(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            return len(data)  # type: ignore[arg-type]

    rows = ({"name": f"样例{n}" * 10, "number": n} for n in range(20_000))
    tracemalloc.start()
    write_table(Nowhere(), form, HEADINGS, rows)  # type: ignore[arg-type]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 1_000_000
