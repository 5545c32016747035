""".xlsx workbooks: the first sheet as text, within limits; formulas are refused.

A formula's stored result may be stale, absent or not what its author sees, so a licence is never
granted on one: the clerk pastes values instead.
"""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL, ReadOnlyCell
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from registry.importing import messages
from registry.importing.sheet_choice import (
    Hidden,
    SheetChoice,
    chosen_sheet,
    hidden_rows,
    undecided,
)
from registry.importing.sheets import (
    MAX_COLUMNS,
    BadTableError,
    CellKind,
    Record,
    Table,
    assemble,
)
from registry.types.row_problems import FieldProblem

_MAX_UNPACKED: Final = 512 * 1024 * 1024
"""Bytes of all parts together; 100,000 rows with twenty full columns take a third of it. The
archive's directory is believed: zipfile reads no more of a part than it announces."""
_USUAL_UNPACKED: Final = 32 * 1024 * 1024
_MAX_RATIO: Final = 100
"""Bytes out of one byte in, beyond what is usual: sheets of people come to ten or twenty; millions
of empty strings in a small file would take minutes and a gigabyte."""
_WORKBOOK: Final = "xl/workbook.xml"
_HEAD: Final = 4096
"""Bytes in which a part names its namespace."""
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


def read_xlsx(
    path: Path,
    data: bytes,
    choice: SheetChoice = SheetChoice(),  # noqa: B008 - frozen
) -> Table:
    """Read the sheet that was chosen, else the first that is not hidden.

    Raises `BadTableError` with what to do.
    """
    _refuse_bombs(path, data)
    try:
        with warnings.catch_warnings():
            # It warns of what it leaves out: styles, validation rules, printing.
            warnings.filterwarnings("ignore", module=r"openpyxl\.")
            return _read(path, data, choice)
    except _BROKEN as error:
        raise _not_a_workbook(path) from error


def _refuse_bombs(path: Path, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            strict = _is_strict(archive)
    except _BROKEN as error:
        raise _not_a_workbook(path) from error
    if strict:
        raise BadTableError(messages.strict_open_xml_unsupported(path.name))
    unpacked = sum(part.file_size for part in parts)
    most = min(_MAX_UNPACKED, _USUAL_UNPACKED + _MAX_RATIO * len(data))
    if len(parts) > _MAX_PARTS or unpacked > most:
        raise BadTableError(
            messages.unpacked_workbook_too_large(file_name=path.name, max_mib=most >> 20)
        )


def _is_strict(archive: zipfile.ZipFile) -> bool:
    """Tell whether a workbook is of ISO/IEC 29500 Strict, whose names openpyxl does not know."""
    if _WORKBOOK not in archive.namelist():
        return False
    with archive.open(_WORKBOOK) as part:
        return b"http://purl.oclc.org/ooxml/spreadsheetml/main" in part.read(_HEAD)


def _read(path: Path, data: bytes, choice: SheetChoice) -> Table:
    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    try:
        sheet = chosen_sheet(path, workbook, choice)
        problems: list[FieldProblem] = []
        header, rows, first = assemble(path, _records(sheet, problems), problems)
        unseen = hidden_rows(sheet) & {row.number for row in rows}
        problems += undecided(workbook, sheet, header, unseen, choice)
        if choice.hidden is Hidden.SKIP:
            rows = tuple(row for row in rows if row.number not in unseen)
            problems = [one for one in problems if one.source not in _named(unseen)]
        return Table(path, header, rows, tuple(problems), epoch=workbook.epoch, first_rows=first)
    finally:
        workbook.close()


def _named(rows: set[int]) -> set[str]:
    return {f"row {number}" for number in rows}


def _records(sheet: Any, problems: list[FieldProblem]) -> Iterator[Record]:
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    cells_of_rows = sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS + 1)
    for number, padded in enumerate(cells_of_rows, start=1):
        if set(map(id, padded)) == _ALL_EMPTY:
            continue
        cells = _without_padding(padded)
        flaws = [flaw for cell in cells if (flaw := _flaw(number, cell)) is not None]
        problems.extend(flaws)
        if not flaws:
            yield Record(number, [_text(cell.value) for cell in cells], _kinds(cells))


def _without_padding(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    end = len(cells)
    while cells[end - 1] is EMPTY_CELL:
        end -= 1
    return cells[:end]


def _flaw(number: int, cell: Any) -> FieldProblem | None:
    if not isinstance(cell, ReadOnlyCell) or cell.data_type not in ("f", "e"):
        return None
    where = f"row {number}"
    if cell.data_type == "f" and "DISPIMG(" in str(cell.value):
        text = messages.PHOTO_EMBEDDED_IN_CELL
        return FieldProblem(where, cell.coordinate, text, "embedded_photo")
    if cell.data_type == "f":
        text = messages.CELL_FORMULA
        return FieldProblem(where, cell.coordinate, text, "formula")
    text = messages.CELL_ERROR_VALUE
    return FieldProblem(where, cell.coordinate, text, "error_value")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < _EXACT
        return str(int(value)) if whole else f"{value:.15g}"
    if isinstance(value, str):
        return unescape(value)
    return str(value)


def _kinds(cells: tuple[Any, ...]) -> tuple[tuple[int, CellKind], ...]:
    """Return which cells are no text, by column; a boolean is no number."""
    return tuple(
        (at, kind) for at, cell in enumerate(cells) if (kind := _kind(cell.value)) is not None
    )


def _kind(value: object) -> CellKind | None:
    if isinstance(value, bool):
        return CellKind.BOOLEAN
    if isinstance(value, int | float):
        return CellKind.NUMBER
    if isinstance(value, time | timedelta):
        return CellKind.TIME
    return CellKind.DATE if isinstance(value, date) else None


def _not_a_workbook(path: Path) -> BadTableError:
    return BadTableError(messages.workbook_damaged(path.name))
