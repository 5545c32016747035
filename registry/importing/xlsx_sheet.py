""".xlsx workbooks: the first sheet as text, within limits; formulas are refused.

A formula's stored result may be stale, absent or not what its author sees, so a licence is never
granted on one: the clerk pastes values instead.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any, Final
from xml.parsers import expat

from openpyxl.cell.read_only import EMPTY_CELL, ReadOnlyCell
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from core.scratch import Gathered, whole
from registry.importing import messages
from registry.importing.cell_pictures import (
    UNSURE,
    Cell,
    named_pictures,
    placed_pictures,
    reader_of,
)
from registry.importing.sheet_choice import (
    LAST_ROW,
    Hidden,
    HiddenRows,
    SheetChoice,
    Unseen,
    chosen_sheet,
    undecided,
)
from registry.importing.sheets import (
    MAX_COLUMNS,
    BadTableError,
    CellKind,
    Record,
    SheetLimits,
    Table,
    TableRow,
    assemble,
)
from registry.importing.workbook_package import Package, open_workbook
from registry.types.row_problems import FieldProblem

_USUAL_UNPACKED: Final = 32 * 1024 * 1024
_MAX_RATIO: Final = 100
"""Bytes out of one byte in, beyond what is usual: sheets of people come to ten or twenty; millions
of empty strings in a small file would take minutes and a gigabyte."""
_DISPIMG: Final = re.compile(r'^=(?:_xlfn\.)?DISPIMG\("([^"]+)"')
"""Formula by which WPS puts a picture in a cell."""
_RICH_VALUES: Final = "xl/richData/"
"""Part in which Excel keeps pictures of cells; the cells themselves hold #VALUE!."""
_MAX_PARTS: Final = 2000
"""Entries of the archive; a workbook with a hundred sheets has a few hundred."""
_ALL_EMPTY: Final = {id(EMPTY_CELL)}
"""A million blank rows may stand between two others: they must cost little."""
_EXACT: Final = 10**15
"""Below, a spreadsheet's number (IEEE 754 double) keeps every digit of an integer."""
BROKEN: Final = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
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


def read_xlsx(path: Path, file: IO[bytes], choice: SheetChoice, limits: SheetLimits) -> Table:
    """Read the sheet that was chosen, else the first that is not hidden.

    Raises `BadTableError` with what to do.
    """
    refuse_bombs(path, file, limits)
    try:
        with warnings.catch_warnings():
            # It warns of what it leaves out: styles, validation rules, printing.
            warnings.filterwarnings("ignore", module=r"openpyxl\.")
            return _read(path, file, choice, limits)
    except BROKEN as error:
        raise _not_a_workbook(path) from error


def refuse_bombs(path: Path, file: IO[bytes], limits: SheetLimits) -> None:
    """Raise `BadTableError` for what unpacks to too much."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except BROKEN as error:
        raise _not_a_workbook(path) from error
    unpacked = sum(part.file_size for part in parts)
    most = min(limits.unpacked, _USUAL_UNPACKED + _MAX_RATIO * file.seek(0, io.SEEK_END))
    if len(parts) > _MAX_PARTS or unpacked > most:
        raise BadTableError(
            messages.unpacked_workbook_too_large(file_name=path.name, max_mib=most >> 20)
        )


def _read(path: Path, file: IO[bytes], choice: SheetChoice, limits: SheetLimits) -> Table:
    package = Package(file)
    try:
        workbook = open_workbook(package, limits.keeping)
        sheet = chosen_sheet(path, workbook, choice)
        flaws: Gathered[FieldProblem] = limits.keeping.items()
        pictures = _Pictures(package, sheet)
        records = _records(sheet, flaws, pictures)
        header, rows, first = assemble(path, records, flaws, limits)
        hidden, unseen = HiddenRows(sheet), Unseen()
        for row in rows:
            if row.number in hidden:
                unseen.add(row.number)
        problems: Gathered[FieldProblem] = limits.keeping.items()
        problems.extend(undecided(workbook, sheet, header, unseen, choice))
        skipped = choice.hidden is Hidden.SKIP
        problems.extend(one for one in flaws if not (skipped and _number(one) in hidden))
        if skipped:
            seen: Gathered[TableRow] = limits.keeping.items()
            seen.extend(row for row in rows if row.number not in hidden)
            rows = whole(seen)
        return Table(
            path,
            header,
            rows,
            whole(problems),
            epoch=workbook.epoch,
            first_rows=first,
            pictures=pictures.readers(),
        )
    except BaseException:
        package.close()  # else it stays open for the pictures
        raise


class _Pictures:
    """The pictures of a sheet by cell, as they are found."""

    def __init__(self, package: Package, sheet: Any) -> None:
        self._package = package
        self._found = placed_pictures(package, sheet._worksheet_path)  # noqa: SLF001
        self._named = named_pictures(package)
        self.rich = any(name.startswith(_RICH_VALUES) for name in package.names)

    def take(self, number: int, cell: Any) -> bool:
        """Tell whether a formula is WPS's of a picture that is there, and note it."""
        match = _DISPIMG.match(str(cell.value))
        part = self._named.get(match[1]) if match else None
        if part is not None:
            at = (number, cell.column - 1)
            self._found[at] = part if at not in self._found else UNSURE
        return part is not None

    def readers(self) -> dict[Cell, Callable[[], bytes] | None]:
        """Return the reader of each; None where it is not certain which one is meant."""
        return {
            cell: reader_of(self._package, part) if part else None
            for cell, part in self._found.items()
        }


def _number(problem: FieldProblem) -> int:
    return int(problem.source.removeprefix("row "))


def _records(sheet: Any, problems: Gathered[FieldProblem], pictures: _Pictures) -> Iterator[Record]:
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    cells_of_rows = sheet.iter_rows(max_row=LAST_ROW, max_col=MAX_COLUMNS + 1)
    blank: object = None
    for number, padded in enumerate(cells_of_rows, start=1):
        if padded is blank:  # rows that are missing are all the same
            continue
        if set(map(id, padded)) == _ALL_EMPTY:
            blank = padded
            continue
        cells = _without_padding(padded)
        flaws = [flaw for cell in cells if (flaw := _flaw(number, cell, pictures)) is not None]
        problems.extend(flaws)
        if not flaws:
            yield Record(number, [_text(_said(cell)) for cell in cells], _kinds(cells))


def _without_padding(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    end = len(cells)
    while cells[end - 1] is EMPTY_CELL:
        end -= 1
    return cells[:end]


def _said(cell: Any) -> object:
    """Return the text of a cell; none where it holds a picture."""
    return None if getattr(cell, "data_type", "") == "f" else cell.value


def _flaw(number: int, cell: Any, pictures: _Pictures) -> FieldProblem | None:
    if not isinstance(cell, ReadOnlyCell) or cell.data_type not in ("f", "e"):
        return None
    where = f"row {number}"
    if cell.data_type == "f" and pictures.take(number, cell):
        return None
    embedded = pictures.rich and cell.value == "#VALUE!"
    if embedded or "DISPIMG(" in str(cell.value):
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
