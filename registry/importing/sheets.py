"""A table as it was read, whatever file it came from, and how large one may be."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Final, Protocol

from core.files import open_regular
from core.os_errors import cause_zh
from core.scratch import IN_MEMORY, FileCopy, Gathered, Keeping, Scratch, whole
from core.text import Text
from registry.importing import messages
from registry.model import RegistryError
from registry.types.row_problems import FieldProblem

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""Of a file that is held in memory: 100,000 rows of 600 bytes."""
MAX_ROWS: Final = 100_000
"""Of a sheet in memory."""
MAX_SHEET_BYTES: Final = 1024 * 1024 * 1024
"""Of a sheet on disk, and with it a million rows of a thousand bytes."""
MOST_ROWS: Final = 1_000_000
"""As many as a workbook's sheet has; larger ones are cut by authority or year."""
MAX_COLUMNS: Final = 100
"""As many as a licence type may have fields."""
MAX_CELL: Final = 4000
"""Characters; as many as the longest text field may have."""

_FIRST_ROWS: Final = 6
"""Rows in which the headings may stand below a title."""


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """Size at most of what is read, and where its rows are kept."""

    rows: int
    unpacked: int
    """Bytes of all parts of a workbook together. The archive's directory is believed: zipfile reads
    no more of a part than it announces."""
    keeping: Keeping = IN_MEMORY


def in_memory() -> SheetLimits:
    """Return the limits of a sheet whose rows are kept in memory.

    100,000 rows with twenty full columns come to a third of it.
    """
    return SheetLimits(MAX_ROWS, 512 * 1024 * 1024)


def on_disk(scratch: Scratch) -> SheetLimits:
    """Return the limits of a sheet whose rows are kept on disk."""
    return SheetLimits(MOST_ROWS, 6 * 1024 * 1024 * 1024, scratch.keeping)


class BadTableError(RegistryError):
    """A table cannot be read at all; nothing of it was used."""

    code = "bad_table"


class CellKind(StrEnum):
    """Contents of a workbook's cell that is no text."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    BOOLEAN = "boolean"


Kinds = tuple[tuple[int, CellKind], ...]
"""Cells of a row that are no text, by column from 0."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row as a reader finds it."""

    number: int
    cells: list[str]
    kinds: Kinds = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row with something in it."""

    number: int
    """As the spreadsheet shows it: the header is row 1, blank rows count."""
    cells: tuple[str, ...]
    kinds: Kinds = ()

    @property
    def source(self) -> str:
        """Place of the row, as messages name it."""
        return f"row {self.number}"


@dataclass(frozen=True, slots=True)
class Table:
    """The header and the rows of a file."""

    path: Path
    header: tuple[str, ...]
    rows: Sequence[TableRow]
    problems: Sequence[FieldProblem] = ()
    """Rows that could not be read, apart from what they say; in the order of the rows."""
    encoding: str | None = None
    """Of a CSV file: `utf-8`, `utf-8-sig`, `utf-16` or `gb18030`."""
    epoch: datetime | None = None
    """Of a workbook: the day from which its serial dates count."""
    first_rows: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """The first rows with something in them, by number: the headings may stand below a title."""
    pictures: Mapping[tuple[int, int], Callable[[], bytes] | None] = field(default_factory=dict)
    """Of a workbook: what reads the picture in a cell (row from 1, column from 0); None where it
    is not certain which one is meant."""
    codes_compared: bool = True
    """False: what looks as if a spreadsheet had rounded it was not compared with the original."""


def assemble(
    path: Path, records: Iterable[Record], problems: Gathered[FieldProblem], limits: SheetLimits
) -> tuple[tuple[str, ...], Sequence[TableRow], tuple[tuple[int, tuple[str, ...]], ...]]:
    """Return header, rows and the first rows of numbered records.

    Rows that do not fit are noted in `problems`.

    Raises `BadTableError` where there is no header or too much of anything.
    """
    header: tuple[str, ...] | None = None
    rows: Gathered[TableRow] = limits.keeping.items()
    first: list[tuple[int, tuple[str, ...]]] = []
    remarks: int | None = None
    for found in records:
        record = found
        if header is None:
            remarks = remarks_column(record.cells)
        if remarks is not None:
            record = _without(record, remarks)
        number, cells = record.number, trimmed(record.cells)
        if not cells:
            continue
        if len(first) < _FIRST_ROWS:
            first.append((number, tuple(cells)))
        if header is None:
            header = _header(path, cells)
            continue
        if len(rows) >= limits.rows:
            raise _too_much(path, messages.row_limit(limits.rows))
        flaw = _flaw(number, cells, len(header))
        if flaw is None:
            padding = ("",) * (len(header) - len(cells))
            rows.append(TableRow(number, tuple(cells) + padding, record.kinds))
        else:
            problems.append(flaw)
    if header is None:
        raise BadTableError(messages.table_empty(path.name))
    return header, whole(rows), tuple(first)


def remarks_column(cells: Sequence[str]) -> int | None:
    """Return the column of remarks among headings; None where the sheet is no remarked copy."""
    headings = (messages.REMARKS.zh, messages.REMARKS.en)
    return next((at for at, cell in enumerate(cells) if cell.startswith(headings)), None)


class Remarks(Protocol):
    """Remarks by the numbers of the rows, as the spreadsheet shows them."""

    def get(self, number: int, /) -> str | None:
        """Return the remarks on a row, if there are any."""
        ...


def header_remark(heading: str, remarks: Remarks, number: int) -> str:
    """Return the heading of the column, with what is to be mended in the headings themselves.

    Problems of these name the first row, wherever below blank ones they stand.
    """
    remark = remarks.get(number) or remarks.get(1)
    return f"{heading}：{remark}" if remark else heading


def _without(record: Record, column: int) -> Record:
    """Return a row without its remark."""
    cells = record.cells[:column] + record.cells[column + 1 :]
    kinds = tuple((at - (at > column), kind) for at, kind in record.kinds if at != column)
    return Record(record.number, cells, kinds)


def trimmed(cells: list[str]) -> list[str]:
    """Return the cells without the blank ones at the end."""
    end = len(cells)
    while end and (not cells[end - 1] or cells[end - 1].isspace()):
        end -= 1
    return cells[:end]


def _header(path: Path, cells: list[str]) -> tuple[str, ...]:
    if len(cells) > MAX_COLUMNS:
        raise _too_much(path, messages.column_limit(MAX_COLUMNS))
    if any(len(cell) > MAX_CELL for cell in cells):
        raise _too_much(path, messages.cell_limit(MAX_CELL))
    return tuple(cells)


def _flaw(number: int, cells: list[str], width: int) -> FieldProblem | None:
    if len(cells) > width:
        text = messages.surplus_cells(count=len(cells), column_count=width)
        return FieldProblem(f"row {number}", "", text, "too_many_cells")
    if any(len(cell) > MAX_CELL for cell in cells):
        text = messages.cell_too_long(MAX_CELL)
        return FieldProblem(f"row {number}", "", text, "cell_too_long")
    return None


def _too_much(path: Path, text: Text) -> BadTableError:
    return BadTableError(messages.table_too_large(file_name=path.name, limit=text))


def read_limited(path: Path) -> bytes:
    """Return a file's bytes. Raises `BadTableError` if it is missing, no file or too large."""
    with _opened(path) as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise _too_much(path, messages.size_limit(MAX_FILE_BYTES >> 20))
    return data


def copy_sheet(path: Path, scratch: Scratch) -> FileCopy:
    """Return a copy of a sheet. Raises as `read_limited`, and `StorageError`."""
    with _opened(path) as file:
        copy = scratch.copy(file, MAX_SHEET_BYTES)
    if copy is None:
        raise _too_much(path, messages.size_limit(MAX_SHEET_BYTES >> 20))
    return copy


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with open_regular(path) as file:
            yield file
    except OSError as error:
        raise BadTableError(
            messages.file_unreadable(
                file_name=path.name, cause_zh=cause_zh(error), strerror=error.strerror
            ),
        ) from error
