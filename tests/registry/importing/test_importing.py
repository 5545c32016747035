"""Tables as they arrive: encodings, separators, spoilt numbers, workbooks, photos' paths."""

import io
import os
import random
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from registry.importing import sheet_judging as importing
from registry.importing import sheets
from registry.importing.csv_sheet import encoding_of
from registry.importing.plans import Plan
from registry.importing.sheet_judging import plan, read_table
from registry.importing.sheets import BadTableError, Table
from registry.types.licence_type import LicenceType
from tests.pictures import all_anew
from tests.registry.type_samples import (
    CONSTRUCTION_ROW,
    DISABILITY_ROW,
    EXAMPLES,
    FOOD_ROW,
    PORTRAIT,
    TODAY,
    example_type,
)

FOOD = example_type("food-operation")
DISABILITY = example_type("disability")
CONSTRUCTION = example_type("construction-qualification")
FOOD_LABELS = [FOOD.fields[key].label.zh for key in FOOD_ROW]


def csv_text(*rows: dict[str, str], separator: str = ",") -> str:
    lines = [separator.join(rows[0])]
    lines += [separator.join(f'"{value}"' for value in row.values()) for row in rows]
    return "\r\n".join(lines) + "\r\n"


def table_of(folder: Path, content: str | bytes, name: str = "t.csv") -> Table:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    return read_table(folder / name)


def plan_of(folder: Path, *rows: dict[str, str], licence_type: LicenceType = FOOD) -> Plan:
    return plan(licence_type, table_of(folder, csv_text(*rows)), today=TODAY, read_photos=all_anew)


def told(found: Plan) -> list[tuple[str, str, str]]:
    assert all(problem.text.zh and problem.text.en for problem in found.problems)
    return [(problem.source, problem.field, problem.code) for problem in found.problems]


def decode(name: str, data: bytes) -> tuple[str, str]:
    """Return the text of a file in the encoding that was found."""
    encoding = encoding_of(name, io.BytesIO(data))
    return data.decode(encoding), encoding


def labelled(row: dict[str, str]) -> dict[str, str]:
    return {FOOD.fields[key].label.zh: value for key, value in row.items()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_recognised(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    row = labelled(FOOD_ROW | {"representative": "欧阳䶮"})
    table = table_of(tmp_path, csv_text(row, separator=separator).encode(encoding))
    assert table.encoding == encoding
    found = plan(FOOD, table, today=TODAY)
    assert not found.problems
    assert found.applications[0].data["representative"] == "欧阳䶮"
    assert found.applications[0].source == "row 2"


@given(st.text("青岚市场张李王买提·阿，（）䶮㛃\U0002cc56 abc1", min_size=1), st.booleans())
def test_no_encoding_turns_text_into_other_text(text: str, chinese: bool) -> None:  # noqa: FBT001
    whole = f"经营者名称\n{text}" if chinese else text
    for encoding in ("utf-8", "gb18030"):
        try:
            assert decode("t.csv", whole.encode(encoding))[0] == whole
        except BadTableError:
            assert not chinese  # a whole table with a Chinese header is always told apart


@pytest.mark.parametrize(
    ("data", "told_en"),
    [
        ("名称\n张".encode("utf-16")[:-1], "damaged"),
        ("名称\n张\0".encode("utf-16"), "NUL"),
        (b"a,b\n1,\x00\n", "NUL"),
        ("名称,经营项目\n张三,饭\n".encode()[:-2] + b"\xff\n", "line 2"),
        ("名称\n张三丰\n".encode().replace("三".encode(), "三".encode()[:2]), "line 2"),
        (b"\xef\xbb\xbf" + "名称\n张三".encode("gb18030"), "line 1"),
        ("名称\n张三".encode("gb18030") + b"\xff", "line 2"),
        (b"name\n\xc2\xb7\n", "could be UTF-8 or GB18030"),  # 路, or the separator of names
        (b"", "empty"),
        (b"\r\n , \r\n", "empty"),
        (b'a,b\n"1,2\n', "Row 2"),
        (b'a,b\n"1"x,2\n', "Row 2"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused(
    tmp_path: Path, data: bytes, told_en: str
) -> None:
    with pytest.raises(BadTableError) as caught:
        table_of(tmp_path, data)
    assert told_en in caught.value.text.en
    assert "t.csv" in caught.value.text.zh


def test_rows_can_be_watched_as_they_are_judged(tmp_path: Path) -> None:
    table = table_of(tmp_path, csv_text(labelled(FOOD_ROW)).encode())
    passing = iter(table.rows)
    assert len(plan(FOOD, table, today=TODAY, passing=passing).applications) == 1
    assert next(passing, None) is None


TRADITIONAL = "name,address\n雲上便利店,臺北市大安區羅斯福路三段95號一樓\n"
JAPANESE = "name,address\nさくら食堂,東京都千代田区丸の内1丁目\n"


@pytest.mark.parametrize(
    ("text", "encoding"), [(TRADITIONAL, "big5"), (JAPANESE, "shift_jis"), (JAPANESE, "cp932")]
)
def test_another_encoding_is_not_taken_for_gb18030(
    tmp_path: Path, text: str, encoding: str
) -> None:
    """GB18030 decodes each of them without a fault, into characters that nobody meant."""
    text.encode(encoding).decode("gb18030")
    with pytest.raises(BadTableError) as caught:
        table_of(tmp_path, text.encode(encoding))
    for told in (caught.value.text.en, caught.value.text.zh):
        assert all(one in told for one in ("UTF-8", "UTF-16", "GB18030", "Big5"))


@pytest.mark.parametrize(
    "text",
    [
        TRADITIONAL,
        "name,address\n寿司の店,望川区云起路29号一层临街\n",
        "name,address\n欧阳䶮,㛃\n",
        "name,address\nئاشخانا,ཟ་ཁང\n",
    ],
)
def test_rare_characters_and_other_scripts_are_read_as_gb18030(tmp_path: Path, text: str) -> None:
    assert table_of(tmp_path, text.encode("gb18030")).encoding == "gb18030"


def test_headings_that_nobody_knows_may_be_in_another_encoding(tmp_path: Path) -> None:
    """EUC-KR comes out as common Chinese characters."""
    data = "이름,주소\n서울식당,서울특별시 종로구\n"
    said = {}
    for encoding in ("euc_kr", "utf-8"):
        found = plan(FOOD, table_of(tmp_path, data.encode(encoding)), today=TODAY)
        (problem,) = found.problems
        said[encoding] = problem.text
        assert problem.code == "no_header"
    assert "read as GB18030" in said["euc_kr"].en
    assert "按 GB18030 读取" in said["euc_kr"].zh
    assert "GB18030" not in said["utf-8"].en


def test_a_damaged_utf8_file_is_not_read_as_gb18030(tmp_path: Path) -> None:
    """Every cut of a UTF-8 file within a character is noticed, though GB18030 reads anything."""
    data = csv_text(FOOD_ROW).encode()
    for end in range(len(data) - 40, len(data)):
        try:
            data[:end].decode()
        except UnicodeDecodeError:
            with pytest.raises(BadTableError, match="damaged"):
                decode("t.csv", data[:end])


@pytest.mark.parametrize("name", ["t.xls", "t.ods", "t", "t.pdf"])
def test_other_kinds_of_file_are_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadTableError, match="not supported"):
        table_of(tmp_path, "x", name)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadTableError, match="No such file"):
        read_table(tmp_path / "none.csv")


def test_columns_are_known_by_key_label_and_habit(tmp_path: Path) -> None:
    row = labelled(FOOD_ROW)
    row["统一社会信用代码*"] = row.pop("统一社会信用代码")
    row[" 投诉举报电话 "] = row.pop("投诉举报电话")
    assert not plan_of(tmp_path, row).problems
    assert not plan_of(tmp_path, FOOD_ROW).problems


def test_wrong_columns_are_all_named(tmp_path: Path) -> None:
    row = labelled(FOOD_ROW)
    del row["行政区划代码"]
    content = csv_text(row | {"经营者姓名": "x", "": "y", "备用": "z"})
    content = content.replace("投诉举报电话", "hotline").replace("经营场所", "hotline", 1)
    found = plan(FOOD, table_of(tmp_path, content), today=TODAY)
    assert told(found) == [
        ("row 1", "hotline", "duplicate_column"),
        ("row 1", "经营者姓名", "unknown_column"),
        ("row 1", "#10", "unknown_column"),
        ("row 1", "备用", "unknown_column"),
        ("row 1", "经营场所", "missing_column"),
        ("row 1", "行政区划代码", "missing_column"),
    ]
    assert "经营者名称" in found.problems[1].text.en
    assert not found.applications


def test_optional_columns_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "p.jpg").write_bytes(PORTRAIT)
    row = DISABILITY_ROW | {"photo": "p.jpg"}
    assert "guardian" not in row
    found = plan_of(tmp_path, row, licence_type=DISABILITY)
    assert not found.problems
    assert found.applications[0].photo is not None


def test_the_number_column_is_required_where_numbers_are_given(tmp_path: Path) -> None:
    row = CONSTRUCTION_ROW.copy()
    del row["number"]
    found = plan_of(tmp_path, row, licence_type=CONSTRUCTION)
    assert told(found) == [("row 1", "证书编号", "missing_column")]


def test_bad_rows_are_all_told_and_good_ones_kept(tmp_path: Path) -> None:
    found = plan_of(
        tmp_path,
        FOOD_ROW | {"operator_code": "1.10E+17"},
        FOOD_ROW,
        FOOD_ROW | {"main_form": "餐厅", "area": ""},
        FOOD_ROW,
    )
    assert told(found) == [
        ("row 2", "统一社会信用代码", "mangled_number"),
        ("row 4", "主体业态", "unknown_choice"),
        ("row 4", "行政区划代码", "missing"),
        ("row 5", "", "repeated_row"),
    ]
    assert [one.source for one in found.applications] == ["row 3"]
    assert "row 3" in found.problems[-1].text.en


def test_the_same_number_twice_is_told(tmp_path: Path) -> None:
    other = CONSTRUCTION_ROW | {"enterprise": "另一家"}
    found = plan_of(tmp_path, CONSTRUCTION_ROW, other, licence_type=CONSTRUCTION)
    assert told(found) == [("row 3", "证书编号", "repeated_number")]


def test_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    lines = csv_text(
        FOOD_ROW | {"scope": "热食\n冷食"},
        FOOD_ROW | {"area": "x"},
    ).split("\r\n")
    lines.insert(2, "")
    lines.insert(3, "," * 11)
    found = plan(FOOD, table_of(tmp_path, "\r\n".join(lines)), today=TODAY)
    assert told(found) == [("row 5", "行政区划代码", "wrong_shape")]
    assert found.applications[0].data["scope"] == "热食\n冷食"


def test_rows_that_do_not_fit_are_told_with_the_others(tmp_path: Path) -> None:
    content = csv_text(FOOD_ROW | {"area": "x"}, FOOD_ROW, FOOD_ROW | {"scope": "长" * 4001})
    lines = content.split("\r\n")
    lines[2] += ",x"
    found = plan(FOOD, table_of(tmp_path, "\r\n".join(lines)), today=TODAY)
    assert told(found) == [
        ("row 2", "行政区划代码", "wrong_shape"),
        ("row 3", "", "too_many_cells"),
        ("row 4", "", "cell_too_long"),
    ]


def test_limits_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)
    with pytest.raises(BadTableError, match="2 rows"):
        table_of(tmp_path, "a\n1\n2\n3\n")
    with pytest.raises(BadTableError, match="100 columns"):
        table_of(tmp_path, ",".join(f"c{i}" for i in range(101)))
    with pytest.raises(BadTableError, match="4000 characters"):
        table_of(tmp_path, "x" * 4001)
    with pytest.raises(BadTableError, match="a cell too long"):
        table_of(tmp_path, "a\n" + "x" * 200_000)
    monkeypatch.setattr(sheets, "MAX_FILE_BYTES", 1 << 20)
    with pytest.raises(BadTableError, match="1 MiB"):
        table_of(tmp_path, "a\n" + "1234567890\n" * 100_000)


@pytest.mark.parametrize(
    "name",
    [
        "../p.jpg",
        "/etc/passwd",
        "photos/../../p.jpg",
        "..\\p.jpg",
        "C:\\p.jpg",
        "~/p.jpg",
        "./p.jpg",
        "a//p.jpg",
        "p\x1f.jpg",
        "x" * 201,
        "file:p.jpg",
    ],
)
def test_photos_lie_within_the_tables_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "p.jpg").write_bytes(PORTRAIT)
    (tmp_path / "photos").mkdir()
    folder = tmp_path / "inner"
    folder.mkdir()
    found = plan_of(folder, DISABILITY_ROW | {"photo": name}, licence_type=DISABILITY)
    assert told(found) == [("row 2", "照片", "photo_path")]


def test_links_lead_nowhere_outside(tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(PORTRAIT)
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    os.mkfifo(folder / "pipe.jpg")
    (folder / "true.jpg").write_bytes(PORTRAIT)
    (folder / "in.jpg").symlink_to(folder / "true.jpg")
    names = ["out.jpg", "up/secret.jpg", "loop.jpg", "pipe.jpg", "none.jpg", "in.jpg", ""]
    rows = [DISABILITY_ROW | {"photo": name} for name in names]
    found = plan_of(folder, *rows, licence_type=DISABILITY)
    assert [code for _, _, code in told(found)] == [
        "photo_path",
        "photo_path",
        "photo_missing",
        "photo_missing",
        "photo_missing",
        "missing",
    ]
    assert [one.source for one in found.applications] == ["row 7"]


def test_large_photos_are_refused_before_they_are_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "big.jpg").open("wb") as file:
        file.truncate(10 * 2**30)
    found = plan_of(tmp_path, DISABILITY_ROW | {"photo": "big.jpg"}, licence_type=DISABILITY)
    assert told(found) == [("row 2", "照片", "photo_too_large")]


def test_photos_are_limited_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.jpg").write_bytes(PORTRAIT)
    monkeypatch.setattr(importing, "MAX_PHOTOS_BYTES", 1000)
    with pytest.raises(BadTableError, match="512 MiB"):
        plan_of(tmp_path, DISABILITY_ROW | {"photo": "p.jpg"}, licence_type=DISABILITY)


def workbook_of(folder: Path, *rows: Sequence[object], mac: bool = False) -> Table:
    workbook = Workbook()
    if mac:
        workbook.epoch = CALENDAR_MAC_1904
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    workbook.save(folder / "t.xlsx")
    return read_table(folder / "t.xlsx")


@pytest.mark.parametrize("mac", [False, True])
def test_workbooks_give_dates_numbers_and_text(tmp_path: Path, mac: bool) -> None:  # noqa: FBT001
    (tmp_path / "p.jpg").write_bytes(PORTRAIT)
    header = [*DISABILITY_ROW, "photo"]
    cells = list((DISABILITY_ROW | {"photo": "p.jpg"}).values())
    serial = (date(1949, 12, 31) - (date(1904, 1, 1) if mac else date(1899, 12, 30))).days
    births: list[object] = [date(1949, 12, 31), datetime(1949, 12, 31), serial, "1949年12月31日"]  # noqa: DTZ001
    rows = [[birth if c == "1949-12-31" else c for c in cells] for birth in births]
    table = workbook_of(tmp_path, header, *rows, mac=mac)
    found = plan(DISABILITY, table, today=TODAY, read_photos=all_anew)
    # The four say the same, so all but the first repeat a number or a row.
    assert {code for _, _, code in told(found)} == {"repeated_number", "repeated_row"}
    assert len(found.problems) == 3
    assert found.applications[0].data["birth"] == "1949-12-31"


def test_numbers_spoilt_by_a_workbook_are_named(tmp_path: Path) -> None:
    header: list[object] = list(FOOD_ROW)
    spoilt = [110105194912310020, 9.9010219400917e17]
    rows = [
        [code if key == "operator_code" else value for key, value in FOOD_ROW.items()]
        for code in spoilt
    ]
    table = workbook_of(tmp_path, header, *rows)
    found = plan(FOOD, table, today=TODAY)
    codes = [(source, code) for source, _, code in told(found)]
    assert codes == [("row 2", "numeric_code"), ("row 3", "numeric_code")]


def test_whole_numbers_of_a_workbook_are_codes(tmp_path: Path) -> None:
    row: list[object] = [
        990102.0 if key == "area" else 12315 if key == "hotline" else value
        for key, value in FOOD_ROW.items()
    ]
    found = plan(FOOD, workbook_of(tmp_path, list(FOOD_ROW), row), today=TODAY)
    assert not found.problems
    assert found.applications[0].data["area"] == "990102"


def test_formulas_and_errors_are_refused_with_their_cell(tmp_path: Path) -> None:
    row: list[object] = list(FOOD_ROW.values())
    table = workbook_of(tmp_path, list(FOOD_ROW), ["=1+1", *row[1:]], ["#N/A", *row[1:]], row)
    found = plan(FOOD, table, today=TODAY)
    assert told(found) == [("row 2", "A2", "formula"), ("row 3", "A3", "error_value")]
    assert [one.source for one in found.applications] == ["row 4"]


def test_gaps_in_a_workbook_count_as_rows(tmp_path: Path) -> None:
    row: list[object] = list(FOOD_ROW.values())
    table = workbook_of(tmp_path, list(FOOD_ROW), [], [], row)
    assert [one.number for one in table.rows] == [4]


def rewritten(source: Path, change: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)))
    return out.getvalue()


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "'
    + b"a" * 1000
    + b'">'
    + b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 100) for i in range(1, 9)).replace(
        b"&a0;", b"&a;"
    )
    + b']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a8;</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize("part", [LAUGHS, b"<broken", b"", b"\x00"])
def test_hostile_workbooks_are_refused(tmp_path: Path, part: bytes) -> None:
    workbook_of(tmp_path, ["a"], ["1"])
    data = rewritten(tmp_path / "t.xlsx", {"xl/worksheets/sheet1.xml": part})
    with pytest.raises(BadTableError, match=r"not a sound \.xlsx|is empty"):
        table_of(tmp_path, data, "h.xlsx")


def test_damaged_workbooks_are_refused_not_crashed_on(tmp_path: Path) -> None:
    """Three hundred workbooks, each with one part damaged; none raises anything else."""
    chance = random.Random(1)
    workbook_of(tmp_path, ["a", "b"], ["张", date(2026, 1, 1)])
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    refused = 0
    for _ in range(300):
        name = chance.choice(sorted(parts))
        damaged = bytearray(parts[name])
        at = chance.randrange(len(damaged))
        damaged[at : at + chance.randint(1, 20)] = chance.randbytes(chance.randint(0, 2))
        try:
            table_of(tmp_path, rewritten(tmp_path / "t.xlsx", {name: bytes(damaged)}), "d.xlsx")
        except BadTableError:
            refused += 1
    assert refused > 100


def test_zip_bombs_are_not_unpacked(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(520):
            part.write(bytes(2**20))
    with pytest.raises(BadTableError, match="too large once unpacked"):
        table_of(tmp_path, bomb.getvalue(), "b.xlsx")


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + bytes(600), b"a,b\n1,2"]
)
def test_what_is_no_workbook_is_told(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadTableError, match=r"not a sound \.xlsx"):
        table_of(tmp_path, data, "n.xlsx")


def test_the_usual_errors_of_counters_are_each_named() -> None:
    table = read_table(EXAMPLES / "data" / "disability-with-errors.csv")
    found = plan(DISABILITY, table, today=TODAY, read_photos=all_anew)
    assert [one.source for one in found.applications] == ["row 2"]
    assert told(found) == [
        ("row 3", "公民身份号码", "mangled_number"),
        ("row 4", "公民身份号码", "mangled_number"),
        ("row 5", "公民身份号码", "wrong_check"),
        ("row 6", "出生年月", "no_such_date"),
        ("row 7", "出生年月", "serial_date"),
        ("row 8", "残疾类别", "unknown_choice"),
        ("row 9", "姓名", "missing"),
        ("row 10", "照片", "photo_path"),
        ("row 11", "照片", "photo_missing"),
    ]


@given(st.binary(max_size=300))
def test_whatever_bytes_arrive_they_are_judged(data: bytes) -> None:
    try:
        text, encoding = decode("t.csv", data)
    except BadTableError:
        return
    assert encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030")
    assert "\ufffd" not in text or "\ufffd".encode() in data or encoding == "gb18030"
