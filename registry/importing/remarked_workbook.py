"""A workbook's copy with a column of remarks: texts put into its sheet's XML, and nothing else.

No program's own parts are lost so, whatever they are: pictures, styles, other sheets, filters. What
is added are texts, which no spreadsheet computes.
"""

import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final
from xml.parsers import expat
from xml.sax.saxutils import escape

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import column_index_from_string, get_column_letter

from core.scratch import Gathered
from registry.importing import messages
from registry.importing.sheet_choice import SheetChoice, chosen_sheet
from registry.importing.sheets import (
    BadTableError,
    Remarks,
    SheetLimits,
    header_remark,
    remarks_column,
)
from registry.importing.workbook_package import BadWorkbookError, Package, open_workbook
from registry.importing.xlsx_sheet import BROKEN, refuse_bombs

_CHUNK: Final = 1 << 20
_LARGE: Final = 1 << 30
"""Bytes of a part from which on its copy may need ZIP64."""
_LAST_COLUMN: Final = 16_384
_LONGEST_CELL: Final = 32_767
"""Characters, as Excel holds them."""
_DIGITS: Final = "0123456789"
_HEAD: Final = 4
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
_FILLED: Final = ("v", "is", "f")
"""Children of a cell that has something in it."""
Splice = tuple[int, int, bytes]
"""Bytes of a part from here to there, and what takes their place."""


def remarked_workbook(  # noqa: PLR0917 (each of another type)
    path: Path,
    file: IO[bytes],
    choice: SheetChoice,
    remarks: Remarks,
    heading: str,
    out: IO[bytes],
    limits: SheetLimits,
) -> None:
    """Write the copy, as `registry.importing.remarks.with_remarks`. Raises `BadTableError`."""
    refuse_bombs(path, file, limits)
    package = Package(file)
    try:
        sheet = chosen_sheet(path, open_workbook(package, limits.keeping), choice)
        name, (number, before) = sheet._worksheet_path, _heading_row(sheet)  # noqa: SLF001
        with zipfile.ZipFile(file) as source, zipfile.ZipFile(out, "w") as copy:
            walked = _Walk(before)
            _walk(source, name, walked)
            places = _Places(
                before,
                target=min(walked.last + 1, _LAST_COLUMN),
                told=remarks,
                headings=number,
                heading=header_remark(heading, remarks, number),
                splices=limits.keeping.items(),
            )
            _walk(source, name, places)
            for entry in source.infolist():
                large = entry.file_size > _LARGE
                with (
                    source.open(entry) as part,
                    copy.open(_like(entry), "w", force_zip64=large) as written,
                ):
                    spliced = places.splices if entry.filename == name else ()
                    _splice(part, written, spliced)
    except (*BROKEN, expat.ExpatError, BadWorkbookError) as error:
        raise BadTableError(messages.workbook_damaged(path.name)) from error
    finally:
        package.close()


def _heading_row(sheet: Any) -> tuple[int, int | None]:
    """Return the number of the row of headings, and its column of remarks (from 1), if any."""
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = ["" if value is None else str(value) for value in values]
        if any(cell.strip() for cell in cells):
            at = remarks_column(cells)
            return number, None if at is None else at + 1
    return 1, None


@dataclass
class _Walk:
    """Goes through the cells of a sheet; finds the last column with something in it."""

    before: int | None
    """Column of remarks of a copy that is copied again."""
    last: int = 0
    _row: int = 0
    _column: int = 0
    _within: bool = False

    def start(self, tag: str, attributes: Mapping[str, str], at: int) -> None:
        """Take the start of an element."""
        prefix, _, name = tag.rpartition(":")
        if name == "sheetData":
            self._within = True
        elif not self._within:
            return
        elif name == "row":
            self._row, self._column = int(attributes.get("r") or self._row + 1), 0
            self.begin_row(prefix)
        elif name == "c":
            letters = attributes.get("r", "").rstrip(_DIGITS)
            self._column = column_index_from_string(letters) if letters else self._column + 1
            self.begin_cell(at)
        elif name in _FILLED and self._column != self.before:
            self.last = max(self.last, self._column)

    def end(self, tag: str, at: int) -> None:
        """Take the end of an element."""
        name = tag.rpartition(":")[2]
        if name == "sheetData":
            self._within = False
        elif self._within and name == "row":
            self.end_row(at)

    def begin_row(self, prefix: str) -> None:
        """Take the start of a row."""

    def begin_cell(self, at: int) -> None:
        """Take the start of a cell."""

    def end_row(self, at: int) -> None:
        """Take the end of a row."""


@dataclass
class _Places(_Walk):
    """Finds where the remarks go, and what gives way to them."""

    target: int = 0
    told: Remarks = field(default_factory=dict[int, str])
    headings: int = 1
    """Row of the headings."""
    heading: str = ""
    """Heading of the remarks."""
    splices: Gathered[Splice] = field(default_factory=list)
    """In the order of their places."""
    _in_row: list[Splice] = field(default_factory=list)
    _gone: int | None = None
    """Start of the cell that gives way, until its end is known."""
    _put: int | None = None
    """Place of the row's remark; None: at its end."""
    _prefix: str = ""

    def begin_row(self, prefix: str) -> None:
        self._gone = self._put = None
        self._prefix = f"{prefix}:" if prefix else ""

    def begin_cell(self, at: int) -> None:
        self._take_away(at)
        if self._column in (self.before, self.target):
            self._gone = at
        if self._column > self.target and self._put is None:
            self._put = at

    def end_row(self, at: int) -> None:
        self._take_away(at)
        told = self.heading if self._row == self.headings else self.told.get(self._row)
        if told is not None:
            place = at if self._put is None else self._put
            self._in_row.append((place, place, self._cell(told)))
        self.splices.extend(sorted(self._in_row))
        self._in_row.clear()

    def _take_away(self, at: int) -> None:
        if self._gone is not None:
            self._in_row.append((self._gone, at, b""))
            self._gone = None

    def _cell(self, told: str) -> bytes:
        text = ILLEGAL_CHARACTERS_RE.sub("", told)[:_LONGEST_CELL]
        tag, place = self._prefix, f"{get_column_letter(self.target)}{self._row}"
        return (
            f'<{tag}c r="{place}" t="inlineStr"><{tag}is><{tag}t xml:space="preserve">'
            f"{escape(text)}</{tag}t></{tag}is></{tag}c>"
        ).encode("ascii", "xmlcharrefreplace")  # whatever the part's encoding


def _walk(source: zipfile.ZipFile, name: str, walk: _Walk) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, found: walk.start(tag, found, parser.CurrentByteIndex)
    parser.EndElementHandler = lambda tag: walk.end(tag, parser.CurrentByteIndex)

    def refuse(*_: object) -> None:
        raise BadWorkbookError(name)

    parser.StartDoctypeDeclHandler = refuse
    with source.open(name) as part:
        head = part.read(_HEAD)
        if b"\0" in head or head.startswith(_UTF16_BOMS):
            refuse()  # what is put in is ASCII
        parser.Parse(head)
        parser.ParseFile(part)


def _splice(part: IO[bytes], out: IO[bytes], splices: Iterable[Splice]) -> None:
    """Copy a part with some bytes in the place of others."""
    at = 0
    for start, end, put in splices:
        while at < start:
            chunk = part.read(min(_CHUNK, start - at))
            if not chunk:
                raise EOFError
            out.write(chunk)
            at += len(chunk)
        at += len(part.read(end - at))
        out.write(put)
    shutil.copyfileobj(part, out, _CHUNK)


def _like(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Return an entry of the same name and date, to be packed anew."""
    made = zipfile.ZipInfo(entry.filename, entry.date_time)
    made.compress_type = zipfile.ZIP_DEFLATED
    made.external_attr = entry.external_attr
    return made
