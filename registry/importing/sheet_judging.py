"""Tables of holders: read, matched to a licence type, and judged row by row, all at once."""

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO, Final

from core.scratch import IN_MEMORY, Gathered, Keeping, whole
from registry.importing import messages
from registry.importing.csv_sheet import read_csv
from registry.importing.file_kinds import refuse_other_kind
from registry.importing.headings import header_below, match_columns
from registry.importing.photo_files import load_photo
from registry.importing.plans import Plan, RowRecord
from registry.importing.row_judging import JudgedRow, RowJudging
from registry.importing.sheet_choice import SheetChoice
from registry.importing.sheets import (
    BadTableError,
    SheetLimits,
    Table,
    TableRow,
    in_memory,
    read_limited,
)
from registry.licences.holdings import kind_of
from registry.licences.printability import Printability
from registry.model import Application
from registry.types.licence_type import LicenceType
from registry.types.photos import ReadPhotos, refuse_photos
from registry.types.row_problems import FieldProblem

MAX_PHOTOS_BYTES: Final = 512 * 1024 * 1024
"""Of all photos of one plan together; about 10,000 portraits."""
_CSV: Final = (".csv", ".txt")


def read_table(
    path: Path,
    choice: SheetChoice = SheetChoice(),  # noqa: B008 - frozen
    data: bytes | IO[bytes] | None = None,
    limits: SheetLimits | None = None,
) -> Table:
    """Read a table: CSV in UTF-8, UTF-16 or GB18030, or .xlsx, told by its ending.

    `data`: what the file holds, where there is none. `choice` says which sheet and rows of a
    workbook. `limits`: those of a sheet in memory, without. Raises `BadTableError` with the remedy.
    """
    ending = path.suffix.lower()
    if ending not in (".xlsx", *_CSV):
        raise BadTableError(messages.file_kind_unsupported(path.name))
    limits = limits or in_memory()
    data = read_limited(path) if data is None else data
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    refuse_other_kind(file)
    if ending == ".xlsx":
        from registry.importing.xlsx_sheet import read_xlsx  # noqa: PLC0415  # slow to import

        return read_xlsx(path, file, choice, limits)
    return replace(read_csv(path, file, limits), codes_compared=choice.codes_compared)


def plan(
    licence_type: LicenceType,
    table: Table,
    *,
    today: date,
    photos: Callable[[str], bytes] | None = None,
    read_photos: ReadPhotos = refuse_photos,
    pages: Printability | None = None,
    keeping: Keeping = IN_MEMORY,
    with_records: bool = True,
    passing: Iterable[TableRow] | None = None,
) -> Plan:
    """Judge every row of a table for a type, and whether `pages` can hold it; problems come in the
    order of the rows.

    `photos` returns a photo by its name; None: they are read from the table's folder. `read_photos`
    makes them anew; without it any photo is refused. With a wrong header no row is judged, and
    without one nothing is told of what stands there. `with_records`: rows are kept as they were
    read, too. `passing`: the table's rows, where somebody watches them pass. Raises `BadTableError`
    where the photos together are too much.
    """
    columns = match_columns(licence_type, table)
    below = header_below(licence_type, table)
    if below is not None:
        return Plan((), (below,))
    if columns.problems:
        return Plan((), columns.problems)
    find = photos or (lambda name: load_photo(table.path.parent, name))
    rows = RowJudging(licence_type, table, columns.keys, today, find, read_photos, pages)
    return _Planning(licence_type, table, rows, keeping, with_records=with_records).run(
        table.rows if passing is None else passing
    )


class _Planning:
    """One pass over a table: what its rows say together, and what is kept of them."""

    def __init__(
        self,
        licence_type: LicenceType,
        table: Table,
        rows: RowJudging,
        keeping: Keeping,
        *,
        with_records: bool,
    ) -> None:
        self._type = licence_type
        self._table = table
        self._rows = rows
        self._with_records = with_records
        self._photo_bytes = 0
        self._applications: Gathered[Application] = keeping.items()
        self._records: Gathered[RowRecord] = keeping.items()
        self._problems: Gathered[FieldProblem] = keeping.items()
        self._seen = keeping.firsts()

    def run(self, passing: Iterable[TableRow]) -> Plan:
        """Judge the rows as they pass. Raises as `plan`."""
        unread = iter(self._table.problems)
        waiting = next(unread, None)
        for judged in self._rows.judged(passing):
            while waiting is not None and _number(waiting) < judged.row.number:
                self._problems.append(waiting)
                waiting = next(unread, None)
            self._take(judged)
        if waiting is not None:
            self._problems.append(waiting)
            self._problems.extend(unread)
        return Plan(whole(self._applications), whole(self._problems), whole(self._records))

    def _take(self, judged: JudgedRow) -> None:
        row, found = judged.row, judged.application
        if self._note_repeated(row, row.cells, "", "repeated_row"):
            return
        self._problems.extend(judged.problems)
        if found is None or self._repeats(row, found):
            return
        if judged.unfit is not None:
            self._problems.append(judged.unfit)
            return
        self._photo_bytes += len(found.photo or b"")
        if self._photo_bytes > MAX_PHOTOS_BYTES:
            raise BadTableError(messages.PHOTOS_TOTAL_TOO_LARGE)
        self._applications.append(found)
        if self._with_records:
            self._records.append(RowRecord(row.number, judged.values))

    def _repeats(self, row: TableRow, application: Application) -> bool:
        number = application.number
        label = self._type.number.label.zh
        if number is not None and self._note_repeated(row, number, label, "repeated_number"):
            return True
        kind = kind_of(self._type, application.data, number)
        key = (application.holders[0].code, kind)
        label = self._type.label_of(self._type.holder.code)
        return self._note_repeated(row, key, label, "repeated_holder")

    def _note_repeated(self, row: TableRow, what: object, field: str, code: str) -> bool:
        first = self._seen.setdefault(what, row.number)
        if first == row.number:
            return False
        text = messages.duplicate_row(first)
        if code == "repeated_holder":
            text = messages.conflicting_row(first)
        self._problems.append(FieldProblem(row.source, field, text, code))
        return True


def _number(problem: FieldProblem) -> int:
    return int(problem.source.removeprefix("row "))
