"""Cells that a spreadsheet changed before anybody saw them, and rows that nobody saw."""

import zipfile
from collections.abc import Sequence
from datetime import date, time
from pathlib import Path

import pytest
from openpyxl import Workbook

from registry.importing.plans import Plan
from registry.importing.sheet_choice import Hidden, SheetChoice
from registry.importing.sheet_judging import plan, read_table
from registry.importing.sheets import BadTableError
from registry.types.cells.cleaning import clean_person, clean_text
from registry.types.row_check import check_row
from registry.types.row_problems import BadValueError, RowProblems
from registry.types.values import read_value
from tests.pictures import anew
from tests.registry.type_samples import EXAMPLES, TODAY, example_type

FOOD = example_type("food-operation")
DISABILITY = example_type("disability")


def good_row(number: int = 0) -> dict[str, object]:
    """Return a row of the examples."""
    table = read_table(EXAMPLES / "data" / "food-operation.csv")
    return dict(zip(table.header, table.rows[number].cells, strict=True))


def rows_of(*rows: dict[str, object]) -> list[list[object]]:
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def book(path: Path, rows: Sequence[Sequence[object]], *, hidden: int | None = None) -> Path:
    """Write a workbook of one sheet, with one row hidden."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    if hidden is not None:
        sheet.row_dimensions[hidden].hidden = True
    workbook.save(path)
    return path


def codes(found: Plan) -> list[tuple[str, str]]:
    return [(one.source, one.code) for one in found.problems]


def planned(path: Path, choice: SheetChoice = SheetChoice()) -> Plan:  # noqa: B008 - frozen
    return plan(FOOD, read_table(path, choice), today=TODAY)


def test_a_code_in_a_numeric_cell_is_refused_whatever_its_check_digit(tmp_path: Path) -> None:
    """Of codes with zeros for their last digits one in eleven has a fitting check digit."""
    row = good_row() | {"统一社会信用代码": 110105194912310000}
    found = planned(book(tmp_path / "t.xlsx", rows_of(row)))
    assert codes(found) == [("row 2", "numeric_code")]
    assert "前 15 位" in found.problems[0].text.zh


@pytest.mark.parametrize("value", [date(2026, 1, 2), time(8, 30), True])
def test_text_that_became_something_else_is_refused(value: object, tmp_path: Path) -> None:
    found = planned(book(tmp_path / "t.xlsx", rows_of(good_row() | {"经营场所": value})))
    assert codes(found) == [("row 2", "became_other")]


def test_a_number_is_what_people_see(tmp_path: Path) -> None:
    written = book(tmp_path / "w.xlsx", [["注册资本", "b"], [1200.3, "甲_x0041_乙"]])
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(written) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():  # openpyxl rounds what it writes, a spreadsheet does not
            part = before.read(name).replace(b"<v>1200.3</v>", b"<v>1200.3000000000002</v>")
            after.writestr(name, part)
    assert read_table(path).rows[0].cells == ("1200.3", "甲A乙")


def test_hidden_rows_wait_for_a_decision(tmp_path: Path) -> None:
    path = book(tmp_path / "h.xlsx", rows_of(good_row(0), good_row(3)), hidden=3)
    asked = planned(path)
    assert codes(asked) == [("row 1", "hidden_rows")]
    assert "有 1 行被隐藏或筛选掉（第 3 行）" in asked.problems[0].text.zh
    skipped = planned(path, SheetChoice(hidden=Hidden.SKIP))
    both = planned(path, SheetChoice(hidden=Hidden.INCLUDE))
    assert (len(skipped.applications), len(both.applications)) == (1, 2)
    assert not skipped.problems
    assert not both.problems


def test_the_first_sheet_that_is_seen_is_read_and_a_second_alike_is_named(tmp_path: Path) -> None:
    workbook = Workbook()
    first = workbook.active
    assert first is not None
    first.title, first.sheet_state = "去年", "hidden"
    second = workbook.create_sheet("今年")
    for sheet, number in ((first, 3), (second, 0)):
        for row in rows_of(good_row(number)):
            sheet.append(row)
    path = tmp_path / "s.xlsx"
    workbook.save(path)
    asked = planned(path)
    assert codes(asked) == [("row 1", "other_sheet")]
    assert "读取的是工作表“今年”" in asked.problems[0].text.zh
    chosen = planned(path, SheetChoice(sheet="今年"))
    assert [one.data["operator"] for one in chosen.applications] == [good_row(0)["经营者名称"]]
    with pytest.raises(BadTableError, match="去年"):
        planned(path, SheetChoice(sheet="明年"))


def test_a_title_above_the_header_is_recognised(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", [["2026 年第三批"], *rows_of(good_row())])
    assert codes(planned(path)) == [("row 2", "header_below")]
    wide = ["2026 年第三批", *[""] * (len(good_row()) - 2), "第 1 页"]
    path = book(tmp_path / "w.xlsx", [wide, *rows_of(good_row())])
    assert codes(planned(path)) == [("row 2", "header_below")]


def test_a_line_that_names_the_separator_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"sep=;\r\na;b\r\n1,5;2\r\n")
    table = read_table(tmp_path / "t.csv")
    assert table.header == ("a", "b")
    assert [(row.number, row.cells) for row in table.rows] == [(3, ("1,5", "2"))]


def csv_of(path: Path, row: dict[str, object], encoding: str) -> Path:
    """Write a sheet of one row as CSV."""
    lines = (",".join(map(str, one)) for one in rows_of(row))
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("#N/A", "error_value"),
        ("#REF!", "error_value"),
        ("#DIV/0!", "error_value"),
        ("#NAME?", "error_value"),
        ("#SPILL!", "error_value"),
        ("#####", "error_value"),
        ("Err:502", "error_value"),
        ("=VLOOKUP(A2;B:C;2;0)", "formula"),
        ("=A2&B2", "formula"),
        ("=Sheet2!$B$7", "formula"),
        ("='名单'!B7", "formula"),
    ],
)
@pytest.mark.parametrize("field", ["经营者名称", "法定代表人（负责人）"])
def test_an_error_or_a_formula_that_became_text_is_refused(
    tmp_path: Path, field: str, cell: str, code: str
) -> None:
    """CSV keeps what the spreadsheet showed, and no kinds of cells."""
    row = good_row() | {field: cell}
    found = planned(csv_of(tmp_path / "t.csv", row, "utf-8-sig"))
    assert [(one.field, one.code) for one in found.problems] == [(field, code)]
    found = planned(book(tmp_path / "t.xlsx", rows_of(good_row() | {field: f"{cell} "})))
    assert codes(found) == [("row 2", code)]


@pytest.mark.parametrize("name", ["#1 面馆", "＝味", "E=mc²咖啡", "=味=", "N/A 酒吧", "A1 面馆"])
def test_a_name_that_only_looks_like_one_is_kept(tmp_path: Path, name: str) -> None:
    found = planned(csv_of(tmp_path / "t.csv", good_row() | {"经营者名称": name}, "utf-8-sig"))
    assert [one.data["operator"] for one in found.applications] == [name]


def test_a_character_that_gbk_could_not_hold_is_not_granted_as_a_question_mark(
    tmp_path: Path,
) -> None:
    """Excel and WPS write `?` for it when they save CSV in the old Chinese encoding."""
    saved = "欧阳𰻞".encode("gbk", "replace").decode("gbk")
    row = good_row() | {"法定代表人（负责人）": saved}
    for encoding in ("utf-8-sig", "gb18030"):
        found = planned(csv_of(tmp_path / "t.csv", row, encoding))
        assert codes(found) == [("row 2", "lost_character")]
    row = good_row() | {"经营者名称": "𰻞𰻞面馆".encode("gbk", "replace").decode("gbk")}
    found = planned(csv_of(tmp_path / "t.csv", row, "gb18030"))
    assert [(one.field, one.code) for one in found.problems] == [("经营者名称", "lost_character")]
    row["经营者名称"] = "吃了吗？面馆 (Why?)"
    assert not planned(csv_of(tmp_path / "t.csv", row, "gb18030")).problems


@pytest.mark.parametrize("dot", "·•‧∙⋅・･．●")
def test_the_dot_in_a_name_is_one(dot: str) -> None:
    assert clean_person(f"阿依古丽{dot}买买提") == "阿依古丽·买买提"


def test_private_characters_of_the_first_gb18030_are_read_as_the_second_has_them() -> None:
    assert clean_text(bytes.fromhex("fe59fe61").decode("gb18030")) == "\u9fb4\u9fb5"
    assert clean_text("\ue816") == "\U00020087"
    with pytest.raises(BadValueError):
        clean_text("\ue001")


@pytest.mark.parametrize("month", ["1994-12", "1994/12", "1994.12", "1994年12月", "1994-12-01"])
def test_a_month_is_taken_where_a_month_is_asked_for(month: str) -> None:
    assert read_value(DISABILITY.fields["birth"], month, TODAY) == "1994-12-01"


def test_what_comes_to_hundreds_of_times_its_size_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "strings.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"<si><t/></si>" * 4_000_000)
    assert path.stat().st_size < 200_000
    with pytest.raises(BadTableError, match="too large once unpacked"):
        read_table(path)


def test_a_photo_in_a_cell_is_named(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", [["照片"], ['=_xlfn.DISPIMG("ID_1",1)']])
    assert [one.code for one in read_table(path).problems] == ["embedded_photo"]


def test_the_id_knows_the_day_of_a_month_of_birth() -> None:
    table = read_table(EXAMPLES / "data" / "disability.csv")
    row = dict(zip(table.header, table.rows[0].cells, strict=True))
    born = row["公民身份号码"][6:14]
    photo = (EXAMPLES / "data" / row["照片"]).read_bytes()
    month = row | {"出生年月": f"{born[:4]}.{int(born[4:6])}"}
    checked = check_row(DISABILITY, month, photo, TODAY, "row 2", read_photo=anew)
    assert checked.data["birth"] == f"{born[:4]}-{born[4:6]}-{born[6:]}"
    other = row | {"出生年月": f"{int(born[:4]) - 1}.{int(born[4:6])}"}
    with pytest.raises(RowProblems):
        check_row(DISABILITY, other, photo, TODAY, "row 2", read_photo=anew)


def test_a_code_that_ends_in_zeros_is_compared_before_it_is_granted(tmp_path: Path) -> None:
    """CSV has no numeric cells: 990121197712271000 may be what was left of another number."""
    row = good_row() | {"统一社会信用代码": "990121197712271000"}
    lines = [",".join(map(str, one)) for one in rows_of(row)]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    assert codes(planned(tmp_path / "t.csv")) == [("row 2", "ends_in_zeros")]
    agreed = planned(tmp_path / "t.csv", SheetChoice(codes_compared=True))
    assert (len(agreed.applications), agreed.problems) == (1, ())
    text = planned(book(tmp_path / "t.xlsx", rows_of(row)))
    assert (len(text.applications), text.problems) == (1, ()), "text in a workbook was never one"
