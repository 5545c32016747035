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

from registry.desk.exports.workbook import WorkbookWriter
from registry.types.cells.formulas import guarded

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
    count = 0
    with WorkbookWriter(out, list(headings.values())) as book:
        for count, row in enumerate(rows, 1):  # noqa: B007
            book.write(_said(row[key]) for key in headings)
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
