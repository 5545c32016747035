"""Files that are no sheet are told for what they are, and nothing written in one is repeated."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from registry.importing.file_kinds import refuse_other_kind
from registry.importing.sheet_judging import plan, read_table
from registry.importing.sheets import BadTableError
from registry.types.types import parse_type

TYPE = Path(__file__).parents[3] / "examples" / "types" / "food-operation.toml"


def packed(*names: str) -> bytes:
    """Return a .zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8), ".xls"),
        (b"\xff\xd8\xff\xe0", "图片"),
        (b"\x89PNG\r\n", "图片"),
        (b"\xef\xbb\xbf  <HTML><table>", "网页"),
        (b"{\\rtf1", "RTF"),
        (b"Rar!\x1a", "压缩包"),
        (packed("a.jpg"), "压缩包"),
        (packed("word/document.xml"), "Word"),
        (packed("mimetype", "content.xml"), "OpenDocument"),
        (packed("xl/workbook.bin"), ".xlsb"),
    ],
)
def test_other_files_are_told_for_what_they_are(data: bytes, kind: str) -> None:
    for name in ("sheet.csv", "sheet.xlsx"):
        with pytest.raises(BadTableError) as raised:
            read_table(Path(name), data=data)
        assert kind in raised.value.text.zh
        assert ".xlsx" in raised.value.text.en


@pytest.mark.parametrize(
    "data", [b"", b"a,b\n", "编号,姓名\n".encode(), packed("xl/workbook.xml"), b"PK\3\4"]
)
def test_what_may_be_a_sheet_is_left_to_its_reader(data: bytes) -> None:
    refuse_other_kind(io.BytesIO(data))


def test_a_sheet_without_headings_repeats_nobodys_data() -> None:
    row = "林样,110101199003078515,样例路1号\n".encode()
    found = plan(
        parse_type(TYPE.read_text("utf-8")),
        read_table(Path("s.csv"), data=row),
        today=date(2026, 11, 30),
    )
    (problem,) = found.problems
    assert (problem.code, problem.field) == ("no_header", "")
    assert "统一社会信用代码" in problem.text.zh, "the columns that are wanted"
    for said in ("林样", "110101199003078515", "样例路"):
        assert said not in repr(found.problems)
