""".xlsx workbooks: the first sheet as text, within limits; formulas are refused.

A formula's stored result may be stale, absent or not what its author sees, so a licence is never
granted on one: the clerk pastes values instead.
"""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL, ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from core.text import Text
from registry.rows import FieldProblem
from registry.sheets import MAX_COLUMNS, BadTableError, Table, assemble, read_limited

_MAX_UNPACKED: Final = 512 * 1024 * 1024
"""Bytes of all parts together; 100,000 rows with twenty full columns take a third of it. The
archive's directory is believed: zipfile reads no more of a part than it announces."""
_MAX_PARTS: Final = 2000
"""Entries of the archive; a workbook with a hundred sheets has a few hundred."""
_LAST_ROW: Final = 1_048_576
"""As far as a sheet can reach; what claims to stand below is not read."""
_ALL_EMPTY: Final = {id(EMPTY_CELL)}
"""A million blank rows may stand between two others: they must cost little."""
_EXACT: Final = 10**15
"""Below, a spreadsheet's number (IEEE 754 double) keeps every digit of an integer."""
_BROKEN: Final = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # ParseError of the standard library, XMLSyntaxError of lxml
    RuntimeError,  # encrypted or oddly packed parts, nesting without end
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    EOFError,
)
"""What openpyxl was seen to raise on broken workbooks, or may by what it calls."""


def read_xlsx(path: Path) -> Table:
    """Read a workbook's first sheet. Raises `BadTableError` with what to do."""
    data = read_limited(path)
    _refuse_bombs(path, data)
    try:
        with warnings.catch_warnings():
            # It warns of what it leaves out: styles, validation rules, printing.
            warnings.filterwarnings("ignore", module=r"openpyxl\.")
            return _read(path, data)
    except _BROKEN as error:
        raise _not_a_workbook(path) from error


def _refuse_bombs(path: Path, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except _BROKEN as error:
        raise _not_a_workbook(path) from error
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED:
        raise BadTableError(
            f"“{path.name}”解压后过大（上限 512 MiB）。请只保留要导入的工作表，另存后再导入。",
            f"“{path.name}” is too large once unpacked (512 MiB at most). Keep only the sheet to "
            "be read and save it again.",
        )


def _read(path: Path, data: bytes) -> Table:
    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    try:
        problems: list[FieldProblem] = []
        header, rows = assemble(path, _records(workbook.worksheets[0], problems), problems)
        return Table(path, header, rows, tuple(problems), epoch=workbook.epoch)
    finally:
        workbook.close()


def _records(sheet: Any, problems: list[FieldProblem]) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    cells_of_rows = sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS + 1)
    for number, padded in enumerate(cells_of_rows, start=1):
        if set(map(id, padded)) == _ALL_EMPTY:
            continue
        cells = _without_padding(padded)
        flaws = [flaw for cell in cells if (flaw := _flaw(number, cell)) is not None]
        problems.extend(flaws)
        if not flaws:
            yield number, [_text(cell.value) for cell in cells]


def _without_padding(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    end = len(cells)
    while cells[end - 1] is EMPTY_CELL:
        end -= 1
    return cells[:end]


def _flaw(number: int, cell: Any) -> FieldProblem | None:
    if not isinstance(cell, ReadOnlyCell) or cell.data_type not in ("f", "e"):
        return None
    where = f"row {number}"
    if cell.data_type == "f":
        text = Text(
            "单元格是公式。请复制后“选择性粘贴为数值”，再保存。",
            "The cell holds a formula. Copy it and paste it as a value, then save.",
        )
        return FieldProblem(where, cell.coordinate, text, "formula")
    text = Text(
        "单元格是错误值（如 #N/A）。请更正。",
        "The cell holds an error such as #N/A. Correct it.",
    )
    return FieldProblem(where, cell.coordinate, text, "error_value")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value)


def _not_a_workbook(path: Path) -> BadTableError:
    return BadTableError(
        f"“{path.name}”不是完好的 .xlsx 工作簿（可能加了密码或已损坏）。"
        "请另存为 .xlsx 或“CSV UTF-8”。",
        f"“{path.name}” is not a sound .xlsx workbook (it may be protected or damaged). Save it "
        "as .xlsx or “CSV UTF-8”.",
    )
