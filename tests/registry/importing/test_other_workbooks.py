"""Workbooks as Excel, WPS and others write them, which openpyxl's own reader does not take."""

import csv
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor

from registry.importing.plans import Plan
from registry.importing.sheet_judging import plan, read_table
from registry.importing.sheets import BadTableError, CellKind
from tests.pictures import all_anew, anew
from tests.registry.type_samples import EXAMPLES, TODAY, example_type

DATA = EXAMPLES / "data"
FOOD = example_type("food-operation")
DISABILITY = example_type("disability")
Change = Callable[[str, bytes], bytes]
STRICT = (
    (b"http://schemas.openxmlformats.org/spreadsheetml/2006/", b"http://purl.oclc.org/ooxml/spreadsheetml/"),
    (b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"),
)  # fmt: skip


def rows(name: str, encoding: str, count: int = 3) -> list[list[str]]:
    with (DATA / name).open(encoding=encoding) as file:
        return list(csv.reader(file))[:count]


def written(
    path: Path, cells: list[list[str]], more: Callable[[Workbook], None] | None = None
) -> Path:
    workbook = Workbook()
    assert workbook.active is not None
    for row in cells:
        workbook.active.append(row)
    if more is not None:
        more(workbook)
    workbook.save(path)
    return path


def changed(path: Path, change: Change, added: Mapping[str, bytes] | None = None) -> Path:
    """Write a package anew, each part changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(name, content))
        for name, content in (added or {}).items():
            archive.writestr(name, content)
    return path


def in_styles(pattern: bytes, content: bytes) -> Change:
    def change(name: str, part: bytes) -> bytes:
        return re.sub(pattern, content, part) if name == "xl/styles.xml" else part

    return change


def strict(_: str, part: bytes) -> bytes:
    for usual, other in STRICT:
        part = part.replace(usual, other)
    return part


def broken_properties(name: str, part: bytes) -> bytes:
    return part.replace(b"Z<", b"<").replace(b"202", b"x") if "core.xml" in name else part


@pytest.mark.parametrize(
    "change",
    [
        strict,
        in_styles(b"<fills.*?</fills>", b"<fills><fill/><fill/></fills>"),
        in_styles(b"<cellStyles.*?</cellStyles>", b"<cellStyles><cellStyle/></cellStyles>"),
        broken_properties,
    ],
)  # fmt: skip
def test_what_does_not_matter_does_not_hinder(change: Change, tmp_path: Path) -> None:
    cells = rows("food-operation.csv", "utf-8-sig")
    path = changed(written(tmp_path / "t.xlsx", cells), change)
    found = plan(FOOD, read_table(path), today=TODAY)
    assert (len(found.applications), found.problems) == (2, ())


def test_a_chart_before_the_sheet_is_no_sheet(tmp_path: Path) -> None:
    def chart_first(workbook: Workbook) -> None:
        chart = BarChart()
        chart.add_data(Reference(workbook.worksheets[0], min_col=1, min_row=1, max_row=2))
        workbook.create_chartsheet("图", 0).add_chart(chart)

    cells = rows("food-operation.csv", "utf-8-sig")
    table = read_table(written(tmp_path / "t.xlsx", cells, chart_first))
    assert len(table.rows) == 2


@pytest.mark.parametrize("form", [31, 57, 58, 27])
def test_dates_of_chinese_spreadsheets_are_dates(form: int, tmp_path: Path) -> None:
    """Formats that a Chinese spreadsheet has built in stand nowhere in the file."""
    path = written(tmp_path / "t.xlsx", [["甲"], ["x"]])

    def dated(name: str, part: bytes) -> bytes:
        if name == "xl/styles.xml":
            one = b'<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="%d"/></cellXfs>' % form
            return re.sub(b"<cellXfs.*?</cellXfs>", one, part)
        if name == "xl/worksheets/sheet1.xml":
            return re.sub(b'<c r="A2".*?</c>', b'<c r="A2" s="1"><v>46024</v></c>', part)
        return part

    (row,) = read_table(changed(path, dated)).rows
    assert (row.cells, row.kinds) == (("2026-01-02",), ((0, CellKind.DATE),))


@pytest.mark.parametrize("how", [b' ht="0" customHeight="1"', b' hidden="true"'])
def test_a_row_without_height_is_hidden(how: bytes, tmp_path: Path) -> None:
    cells = rows("food-operation.csv", "utf-8-sig")

    def flat(name: str, part: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return part
        return part.replace(b'<row r="3"', b'<row r="3"' + how)

    found = read_table(changed(written(tmp_path / "t.xlsx", cells), flat))
    assert [one.code for one in found.problems] == ["hidden_rows"]


def test_more_shared_texts_than_cells_can_show_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.importing.workbook_package._MAX_STRINGS", 1000)
    texts = b"<sst>" + b"<si><t/></si>" * 1001 + b"</sst>"
    path = written(tmp_path / "t.xlsx", [["甲"], ["x"]])

    def shared(name: str, part: bytes) -> bytes:
        if name == "xl/_rels/workbook.xml.rels" and b"sharedStrings" not in part:
            one = b'<Relationship Id="s" Type="x/sharedStrings" Target="sharedStrings.xml"/>'
            return part.replace(b"</Relationships>", one + b"</Relationships>")
        return part

    with zipfile.ZipFile(path) as archive:
        assert "xl/sharedStrings.xml" not in archive.namelist()
    changed(path, shared, {"xl/sharedStrings.xml": texts})
    with pytest.raises(BadTableError):
        read_table(path)


def with_photos(path: Path, ends: int) -> Path:
    """Write two rows with a portrait each, laid from its cell down over `ends` rows."""
    cells = rows("disability.csv", "gb18030")
    at = cells[0].index("照片")
    names = [row[at] for row in cells[1:]]

    def place(workbook: Workbook) -> None:
        sheet = workbook.worksheets[0]
        for number, name in enumerate(names, start=1):
            picture = Image(str(DATA / name))
            first = AnchorMarker(col=at, row=number, colOff=1000, rowOff=1000)
            last = AnchorMarker(col=at, row=number + ends, colOff=90000, rowOff=90000)
            picture.anchor = TwoCellAnchor(_from=first, to=last)
            sheet.add_image(picture)

    for row in cells[1:]:
        row[at] = ""
    return written(path, cells, place)


def planned(path: Path) -> Plan:
    return plan(DISABILITY, read_table(path), today=TODAY, read_photos=all_anew)


def photos_of(found: Plan) -> list[bytes | None]:
    return [one.photo for one in found.applications]


def expected() -> list[bytes]:
    cells = rows("disability.csv", "gb18030")
    at = cells[0].index("照片")
    return [anew((DATA / row[at]).read_bytes()) for row in cells[1:]]


def test_pictures_that_lie_in_their_rows_are_the_photos(tmp_path: Path) -> None:
    found = plan(
        DISABILITY,
        read_table(with_photos(tmp_path / "t.xlsx", 0)),
        today=TODAY,
        read_photos=all_anew,
    )
    assert found.problems == ()
    assert photos_of(found) == expected()


def test_a_picture_over_several_rows_is_nobodys(tmp_path: Path) -> None:
    found = plan(
        DISABILITY,
        read_table(with_photos(tmp_path / "t.xlsx", 1)),
        today=TODAY,
        read_photos=all_anew,
    )
    assert [(one.source, one.code) for one in found.problems] == [
        ("row 2", "unsure_picture"),
        ("row 3", "unsure_picture"),
    ]
    assert found.applications == ()


def wps(path: Path, kept: int) -> Path:
    """Write a workbook as WPS does: each photo in its cell, the first `kept` of them there."""
    cells = rows("disability.csv", "gb18030")
    at = cells[0].index("照片")
    names = [row[at] for row in cells[1:]]
    for number, row in enumerate(cells[1:]):
        row[at] = f'=_xlfn.DISPIMG("ID_{number}",1)'
    pictures = "".join(
        f'<e:cellImage><x:pic><x:nvPicPr><x:cNvPr id="{n}" name="ID_{n}"/></x:nvPicPr><x:blipFill>'
        f'<a:blip r:embed="r{n}"/></x:blipFill></x:pic></e:cellImage>'
        for n in range(kept)
    )
    spaces = (
        'xmlns:e="http://www.wps.cn/officeDocument/2017/etCustomData" '
        'xmlns:x="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    )
    image = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{image}" Target="media/image{n}.jpeg"/>' for n in range(2)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return changed(
        written(path, cells),
        lambda _, part: part,
        {
            "xl/cellimages.xml": f"<e:cellImages {spaces}>{pictures}</e:cellImages>".encode(),
            "xl/_rels/cellimages.xml.rels": (
                f'<Relationships xmlns="{space}">{relations}</Relationships>'.encode()
            ),
            **{f"xl/media/image{n}.jpeg": (DATA / one).read_bytes() for n, one in enumerate(names)},
        },
    )  # fmt: skip


def test_pictures_that_wps_keeps_in_cells_are_the_photos(tmp_path: Path) -> None:
    found = plan(
        DISABILITY, read_table(wps(tmp_path / "t.xlsx", 2)), today=TODAY, read_photos=all_anew
    )
    assert found.problems == ()
    assert photos_of(found) == expected()


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = plan(
        DISABILITY, read_table(wps(tmp_path / "t.xlsx", 1)), today=TODAY, read_photos=all_anew
    )
    assert [(one.source, one.code) for one in found.problems] == [("row 3", "embedded_photo")]
    assert photos_of(found) == expected()[:1]


def test_a_document_type_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path / "t.xlsx", [["甲"], ["x"]])

    def declared(name: str, part: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return part
        return b'<!DOCTYPE w [<!ENTITY a "b">]>' + re.sub(rb"^<\?xml.*?\?>", b"", part)

    with pytest.raises(BadTableError):
        read_table(changed(path, declared))


def test_the_day_of_a_workbook_of_1904(tmp_path: Path) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.active.append(["甲"])
    workbook.active.append([date(2026, 1, 2)])
    path = tmp_path / "t.xlsx"
    workbook.save(path)

    def from_1904(name: str, part: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return part
        return re.sub(rb"<workbookPr[^>]*/>", b'<workbookPr date1904="1"/>', part)

    (row,) = read_table(changed(path, from_1904)).rows
    assert row.cells == ("2030-01-03",), "the same number counts from four years later"


def test_how_a_text_is_read_aloud_is_no_part_of_it(tmp_path: Path) -> None:
    texts = (
        "<sst><si><r><t>东</t></r><r><t>京</t></r><rPh sb='0' eb='1'><t>トウ</t></rPh></si></sst>"
    ).encode()
    path = written(tmp_path / "t.xlsx", [["甲"], ["x"]])

    def shared(name: str, part: bytes) -> bytes:
        if name == "xl/_rels/workbook.xml.rels":
            one = b'<Relationship Id="s" Type="x/sharedStrings" Target="sharedStrings.xml"/>'
            return part.replace(b"</Relationships>", one + b"</Relationships>")
        if name == "xl/worksheets/sheet1.xml":
            return re.sub(b'<c r="A2".*?</c>', b'<c r="A2" t="s"><v>0</v></c>', part)
        return part

    (row,) = read_table(changed(path, shared, {"xl/sharedStrings.xml": texts})).rows
    assert row.cells == ("东京",)


def of_rows(path: Path, *data: str) -> Path:
    """Write a workbook whose rows stand in XML."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    said = f'<worksheet xmlns="{main}"><sheetData>{"".join(data)}</sheetData></worksheet>'
    sheet = "xl/worksheets/sheet1.xml"
    return changed(written(path, []), lambda name, old: said.encode() if name == sheet else old)


def row(at: int, *texts: str) -> str:
    cells = "".join(f'<c t="inlineStr"><is><t>{one}</t></is></c>' for one in texts)
    return f'<row r="{at}">{cells}</row>'


@pytest.mark.parametrize(
    "further",
    [
        [row(3, "c", "d"), row(2, "e", "f")],
        [row(2, "c", "d"), row(2, "e", "f")],
        [f"<row>{'<c/>' * 70_000}</row>"],
        [row(2, "x" * (9 << 20))],
    ],
    ids=["out of order", "twice", "endless cells", "endless text"],
)
def test_rows_that_would_be_lost_or_have_no_end_are_refused(
    tmp_path: Path, further: list[str]
) -> None:
    with pytest.raises(BadTableError, match="not a sound"):
        read_table(of_rows(tmp_path / "t.xlsx", row(1, "a", "b"), *further))


def of_shared_texts(path: Path, texts: list[str]) -> Path:
    """Write a workbook of one column, whose cells refer to texts."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    said = "".join(f"<si><t>{one}</t></si>" for one in texts)
    cells = (f'<row><c t="s"><v>{at}</v></c></row>' for at in range(len(texts)))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    further = f'<Relationship Id="s" Type="{kind}" Target="texts.xml"/></Relationships>'.encode()
    return changed(
        of_rows(path, *cells),
        lambda _, old: old.replace(b"</Relationships>", further),
        {"xl/texts.xml": f'<sst xmlns="{main}">{said}</sst>'.encode()},
    )


def test_a_shared_text_without_end_is_refused(tmp_path: Path) -> None:
    table = read_table(of_shared_texts(tmp_path / "t.xlsx", ["a", "b"]))
    assert (table.header, table.rows[0].cells) == (("a",), ("b",))
    with pytest.raises(BadTableError, match="not a sound"):
        read_table(of_shared_texts(tmp_path / "t.xlsx", ["a", "x" * (9 << 20)]))


def test_all_rows_together_may_be_longer_than_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.importing.workbook_package._LONGEST_ROW", 200_000)
    monkeypatch.setattr("registry.importing.workbook_package._MOST_IN_ROW", 16)
    said = [row(at, f"{at:0500}", "b") for at in range(1, 2001)]
    assert len(read_table(of_rows(tmp_path / "t.xlsx", *said)).rows) == 1999
    path = of_shared_texts(tmp_path / "s.xlsx", [f"{at:0500}" for at in range(2000)])
    assert len(read_table(path).rows) == 1999
