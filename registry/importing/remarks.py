"""A copy of a sheet with what is to be mended beside each row, in the form of the sheet.

The copy is mended and read in the sheet's place: its column of remarks is no part of the table. In
CSV, what a spreadsheet would take for a formula is escaped, and read back as it was; a workbook is
copied part by part, with its other sheets and its pictures.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final

from registry.importing.csv_sheet import encoding_of, head_of, list_records, separator_line
from registry.importing.sheet_choice import SheetChoice
from registry.importing.sheets import (
    Record,
    Remarks,
    SheetLimits,
    header_remark,
    in_memory,
    remarks_column,
    trimmed,
)
from registry.types.cells.formulas import escaped, unescaped

_XLSX: Final = ".xlsx"


def with_remarks(  # noqa: PLR0917 (each of another type)
    path: Path,
    file: IO[bytes],
    choice: SheetChoice,
    remarks: Remarks,
    heading: str,
    out: IO[bytes],
    limits: SheetLimits | None = None,
) -> None:
    """Write a copy of a sheet; `remarks` by the number of the row, as the spreadsheet shows it.

    `heading` is one of `messages.REMARKS`. Raises `BadTableError`.
    """
    if path.suffix.lower() == _XLSX:
        from registry.importing.remarked_workbook import (  # noqa: PLC0415  # slow to import
            remarked_workbook,
        )

        remarked_workbook(path, file, choice, remarks, heading, out, limits or in_memory())
        return
    encoding = encoding_of(path.name, file)
    head = head_of(file, encoding)
    line, delimiter = separator_line(head)
    end = "\r\n" if "\r\n" in head or "\n" not in head else "\n"
    written = io.TextIOWrapper(out, encoding, newline="", write_through=True)
    try:
        written.write(line)
        writer = csv.writer(written, delimiter=delimiter, lineterminator=end)
        writer.writerows(_remarked(list_records(path, file, encoding), remarks, heading))
    finally:
        written.detach()


def _remarked(records: Iterable[Record], remarks: Remarks, heading: str) -> Iterator[list[str]]:
    """Yield the rows, each remark in the column after the last of the headings."""
    width, before = 0, None
    for record in records:
        cells, remark = record.cells, remarks.get(record.number)
        if not width and trimmed(cells):
            before = remarks_column(cells)
            width = len(trimmed(_without(cells, before)))
            remark = header_remark(heading, remarks, record.number)
        if before is not None:  # of a copy that is copied again
            cells = [unescaped(one) for one in _without(cells, before)]
        cells = trimmed(cells) if len(cells) > width else cells
        if remark is not None:
            cells = cells + [""] * (width - len(cells))
        if remark is not None or len(cells) > width > 0:
            cells = [*cells[:width], remark or "", *cells[width:]]
        yield [escaped(one) for one in cells]


def _without(cells: list[str], at: int | None) -> list[str]:
    return cells if at is None else cells[:at] + cells[at + 1 :]
