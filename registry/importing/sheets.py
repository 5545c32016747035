"""A table as it was read, whatever file it came from, and how large one may be."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.files import open_regular
from core.os_errors import cause_zh
from core.text import Text
from registry.model import RegistryError
from registry.types.rows import FieldProblem

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""100,000 rows of 600 bytes; the whole file is held in memory."""
MAX_ROWS: Final = 100_000
"""What one operator can answer for in one batch; larger ones are cut by authority or month."""
MAX_COLUMNS: Final = 100
"""As many as a licence type may have fields."""
MAX_CELL: Final = 4000
"""Characters; as many as the longest text field may have."""


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
    rows: tuple[TableRow, ...]
    problems: tuple[FieldProblem, ...] = ()
    """Rows that could not be read, apart from what they say."""
    encoding: str | None = None
    """Of a CSV file: `utf-8`, `utf-8-sig` or `gb18030`."""
    epoch: datetime | None = None
    """Of a workbook: the day from which its serial dates count."""


def assemble(
    path: Path, records: Iterable[Record], problems: list[FieldProblem]
) -> tuple[tuple[str, ...], tuple[TableRow, ...]]:
    """Return header and rows of numbered records; notes rows that do not fit into `problems`.

    Raises `BadTableError` where there is no header or too much of anything.
    """
    header: tuple[str, ...] | None = None
    rows: list[TableRow] = []
    for record in records:
        number, trimmed = record.number, _trim(record.cells)
        if not trimmed:
            continue
        if header is None:
            header = _header(path, trimmed)
            continue
        if len(rows) >= MAX_ROWS:
            raise _too_much(path, f"{MAX_ROWS} 行", f"{MAX_ROWS} rows")
        flaw = _flaw(number, trimmed, len(header))
        if flaw is None:
            padding = ("",) * (len(header) - len(trimmed))
            rows.append(TableRow(number, tuple(trimmed) + padding, record.kinds))
        else:
            problems.append(flaw)
    if header is None:
        raise BadTableError(
            f"“{path.name}”是空的。第一行应为列名。",
            f"“{path.name}” is empty. Its first row should hold the names of the columns.",
        )
    return header, tuple(rows)


def _trim(cells: list[str]) -> list[str]:
    end = len(cells)
    while end and (not cells[end - 1] or cells[end - 1].isspace()):
        end -= 1
    return cells[:end]


def _header(path: Path, cells: list[str]) -> tuple[str, ...]:
    if len(cells) > MAX_COLUMNS:
        raise _too_much(path, f"{MAX_COLUMNS} 列", f"{MAX_COLUMNS} columns")
    if any(len(cell) > MAX_CELL for cell in cells):
        raise _too_much(path, f"每格 {MAX_CELL} 字", f"{MAX_CELL} characters a cell")
    return tuple(cells)


def _flaw(number: int, cells: list[str], width: int) -> FieldProblem | None:
    if len(cells) > width:
        text = Text(
            f"有 {len(cells)} 格，列名只有 {width} 个。请检查是否多了分隔符，或引号不成对。",
            f"Has {len(cells)} cells under {width} column names. Look for a separator too many, "
            "or for quotes without their pair.",
        )
        return FieldProblem(f"row {number}", "", text, "too_many_cells")
    if any(len(cell) > MAX_CELL for cell in cells):
        text = Text(
            f"有单元格超过 {MAX_CELL} 字。请缩短；若引号不成对，请补上。",
            f"Has a cell longer than {MAX_CELL} characters. Shorten it, or close its quotes.",
        )
        return FieldProblem(f"row {number}", "", text, "cell_too_long")
    return None


def _too_much(path: Path, zh: str, en: str) -> BadTableError:
    return BadTableError(
        f"“{path.name}”超过{zh}的上限。请拆分后再导入。",
        f"“{path.name}” holds more than {en}. Split it.",
    )


def read_limited(path: Path) -> bytes:
    """Return a file's bytes. Raises `BadTableError` if it is missing, no file or too large."""
    try:
        with open_regular(path) as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadTableError(
            f"无法读取“{path.name}”：{cause_zh(error)}。",
            f"Could not read “{path.name}”: {error.strerror}.",
        ) from error
    if len(data) > MAX_FILE_BYTES:
        raise _too_much(path, " 64 MiB ", "64 MiB")
    return data
