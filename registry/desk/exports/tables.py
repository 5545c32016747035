"""Tables written for people and machines: CSV, XLSX, JSON lines; a row at a time, in flat memory.

CSV is UTF-8 with a byte-order mark, which spreadsheets want to see; a cell that a spreadsheet would
take for a formula begins with an apostrophe (OWASP, CSV injection). In XLSX every cell is a text,
so that nothing is computed and no number loses its zeros.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final

from registry.types.cells.formulas import guarded

MOST_ROWS: Final = 1_048_575
"""Of a sheet of a workbook, below its headings."""
_LONGEST_CELL: Final = 32_767
"""Characters, as Excel holds them."""
Row = Mapping[str, Any]


class TableFormat(StrEnum):
    """Format of a table."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


def format_of(path: Path) -> TableFormat | None:
    """Return the format that a file's name asks for; None where it asks for none."""
    ending = path.suffix.lower().removeprefix(".")
    return next((one for one in TableFormat if one == ending), None)


def write_table(
    out: BinaryIO, form: TableFormat, headings: Mapping[str, str], rows: Iterable[Row]
) -> int:
    """Write rows under their headings, by the keys of these; return how many."""
    return _WRITERS[form](out, headings, rows)


def _write_csv(out: BinaryIO, headings: Mapping[str, str], rows: Iterable[Row]) -> int:
    text = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=True)
    writer, count = csv.writer(text), 0
    writer.writerow(headings.values())
    for count, row in enumerate(rows, 1):  # noqa: B007  # the last one counts
        writer.writerow([guarded(_said(row[key])) for key in headings])
    text.detach()
    return count


def _write_jsonl(out: BinaryIO, headings: Mapping[str, str], rows: Iterable[Row]) -> int:
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007
        line = {key: row[key] for key in headings}
        out.write(json.dumps(line, ensure_ascii=False, default=str).encode() + b"\n")
    return count


def _write_xlsx(out: BinaryIO, headings: Mapping[str, str], rows: Iterable[Row]) -> int:
    from openpyxl import Workbook  # noqa: PLC0415  # takes a while, and few need it
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    book, count = Workbook(write_only=True), 0

    def begun() -> Any:
        sheet = book.create_sheet()
        sheet.append(list(headings.values()))
        return sheet

    def cell(sheet: Any, value: Any) -> Any:
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", _said(value))[:_LONGEST_CELL])
        made.data_type = "s"  # what begins with = is no formula
        return made

    sheet = begun()
    for count, row in enumerate(rows, 1):
        if count > 1 and count % MOST_ROWS == 1:
            sheet = begun()
        sheet.append([cell(sheet, row[key]) for key in headings])
    book.save(out)
    return count


def _said(value: Any) -> str:
    return "" if value is None else str(value)


_WRITERS: Final[
    Mapping[TableFormat, Callable[[BinaryIO, Mapping[str, str], Iterable[Row]], int]]
] = {
    TableFormat.CSV: _write_csv,
    TableFormat.XLSX: _write_xlsx,
    TableFormat.JSONL: _write_jsonl,
}
