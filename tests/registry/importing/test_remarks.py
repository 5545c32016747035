"""A copy of a sheet with remarks: in the sheet's form, safe to open, and read in its place."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.drawing.image import Image as Picture
from PIL import Image

from registry.importing.remarks import with_remarks
from registry.importing.sheet_choice import SheetChoice
from registry.importing.sheet_judging import read_table
from registry.importing.sheets import BadTableError, Table

HEADING = "批注（系统添加）"
CHOICE = SheetChoice()
REMARKS = {2: "姓名：必填，未填写。", 4: "=1+1"}


def remarked(path: Path, data: bytes, remarks: dict[int, str], heading: str = HEADING) -> bytes:
    """Return the copy of a sheet."""
    out = io.BytesIO()
    with_remarks(path, io.BytesIO(data), CHOICE, remarks, heading, out)
    return out.getvalue()


def told(table: Table) -> list[tuple[int, tuple[str, ...]]]:
    """Return all that stands in a table."""
    return [(1, table.header), *((row.number, row.cells) for row in table.rows)]


@pytest.mark.parametrize(
    ("encoding", "first", "comma", "end"),
    [
        ("gb18030", "", ",", "\r\n"),
        ("utf-8-sig", "sep=;\r\n", ";", "\r\n"),
        ("utf-8", "", "\t", "\n"),
    ],
)
def test_a_csv_copy_keeps_its_form_and_is_read_as_the_sheet(
    encoding: str, first: str, comma: str, end: str
) -> None:
    lines = ["姓名,说明", "张三,=2+3", "", "李四,'=a", "王五,", "赵六,-1,丁"]
    data = (first + end.join(one.replace(",", comma) for one in lines) + end).encode(encoding)
    path, header = Path("t.csv"), 2 if first else 1
    remarks = {header + 1: "姓名：必填，未填写。", header + 3: "=1+1"}
    copy = remarked(path, data, remarks)
    text = copy.decode(encoding)
    assert text.startswith(first)
    assert text.endswith(end)
    assert text.removeprefix(first).split(end) == [
        one.replace(",", comma)
        for one in (
            f"姓名,说明,{HEADING}",
            "张三,'=2+3,姓名：必填，未填写。",
            "",
            "李四,''=a,'=1+1",
            "王五,",
            "赵六,'-1,,丁",
            "",
        )
    ]
    before, after = (read_table(path, data=one) for one in (data, copy))
    assert told(after) == told(before)
    assert after.problems == before.problems
    assert remarked(path, copy, remarks) == copy


def workbook(path: Path) -> bytes:
    """Return a workbook with a second sheet, a picture, a filter, a cell too many."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["姓名", "说明"], [None, "甲"], ["李四", "乙"], ["王五", "丙", None, "丁"]):
        sheet.append(row)
    sheet.auto_filter.ref = "A1:B4"
    picture = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(picture, "PNG")
    placed = Picture(picture)
    placed.anchor = "F2"
    sheet.add_image(placed)
    book.create_sheet("别的")["A1"] = "=1+1"
    book.save(path)
    return path.read_bytes()


def test_a_workbook_keeps_everything_else(tmp_path: Path) -> None:
    data = workbook(tmp_path / "t.xlsx")
    copy = remarked(tmp_path / "t.xlsx", data, REMARKS)
    (tmp_path / "copy.xlsx").write_bytes(copy)
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(io.BytesIO(copy)) as after,
    ):
        assert after.namelist() == before.namelist()
        changed = [one for one in after.namelist() if after.read(one) != before.read(one)]
    assert changed == ["xl/worksheets/sheet1.xml"]
    sheet = openpyxl.load_workbook(tmp_path / "copy.xlsx")["Sheet"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["姓名", "说明", None, None, HEADING],
        [None, "甲", None, None, REMARKS[2]],
        ["李四", "乙", None, None, None],
        ["王五", "丙", None, "丁", REMARKS[4]],
    ]
    assert sheet["E4"].data_type == "s", "no formula"
    first, second = (read_table(tmp_path / "t.xlsx", data=one) for one in (data, copy))
    assert told(second) == told(first)
    assert second.problems == first.problems
    english = "Remarks (added by the system)"
    again = remarked(tmp_path / "t.xlsx", copy, {3: "又", 1: "列名"}, english)
    (tmp_path / "again.xlsx").write_bytes(again)
    sheet = openpyxl.load_workbook(tmp_path / "again.xlsx")["Sheet"]
    assert [row[4].value for row in sheet.iter_rows()] == [
        f"{english}：列名",
        None,
        "又",
        None,
    ]


def test_cells_without_addresses_and_with_a_prefix(tmp_path: Path) -> None:
    data = workbook(tmp_path / "t.xlsx")
    rows = "".join(
        f"<x:row><x:c t='inlineStr'><x:is><x:t>{one}</x:t></x:is></x:c><x:c s='0'/></x:row>"
        for one in ("姓名", "甲")
    )
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    part = f"<x:worksheet xmlns:x='{namespace}'><x:sheetData>{rows}</x:sheetData></x:worksheet>"
    changed = replaced(data, part.encode())
    copy = remarked(tmp_path / "t.xlsx", changed, {2: "a<b\x07&"})
    (tmp_path / "copy.xlsx").write_bytes(copy)
    sheet = openpyxl.load_workbook(tmp_path / "copy.xlsx")["Sheet"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["姓名", HEADING],
        ["甲", "a<b&"],
    ]
    for hostile in (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + part.encode(), part.encode("utf-16")):
        with pytest.raises(BadTableError):
            remarked(tmp_path / "t.xlsx", replaced(data, hostile), {2: "a"})


def replaced(data: bytes, part: bytes) -> bytes:
    """Return a workbook with another first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            after.writestr(name, part if name.endswith("sheet1.xml") else before.read(name))
    return out.getvalue()
