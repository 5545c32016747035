"""Tables of holders: read, matched to a licence type, and judged row by row, all at once."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from registry.importing import messages
from registry.importing.csv_sheet import read_csv
from registry.importing.file_kinds import refuse_other_kind
from registry.importing.headings import header_below, match_columns
from registry.importing.photo_files import load_photo
from registry.importing.plans import Plan, RowRecord
from registry.importing.sheet_choice import SheetChoice
from registry.importing.sheets import BadTableError, CellKind, Table, TableRow, read_limited
from registry.licences.holdings import kind_of
from registry.model import Application
from registry.types.fields import FieldKind
from registry.types.licence_type import LicenceType
from registry.types.numbering import NUMBER
from registry.types.photos import ReadPhotos, refuse_photo, refuse_photos
from registry.types.row_check import check_row
from registry.types.row_problems import BadValueError, FieldProblem, RowProblems
from registry.types.validity import VALID_FROM, VALID_UNTIL

MAX_PHOTOS_BYTES: Final = 512 * 1024 * 1024
"""Of all photos of one plan together, which is held in memory; about 10,000 portraits."""
_READ_AHEAD: Final = 16
"""Rows whose photos are read together, of at most 2 MiB each."""
_LONGEST_SERIAL: Final = 5
"""Digits of a spreadsheet's serial date: 99999 is the year 2173."""
_CSV: Final = (".csv", ".txt")
_SIGNIFICANT: Final = 15
"""Decimal digits that a spreadsheet keeps of a number (IEEE 754 double); zeros follow."""
_BECAME: Final = {
    CellKind.DATE: messages.BECAME_DATE,
    CellKind.TIME: messages.BECAME_TIME,
    CellKind.BOOLEAN: messages.BECAME_BOOLEAN,
}


def read_table(
    path: Path,
    choice: SheetChoice = SheetChoice(),  # noqa: B008 - frozen
    data: bytes | None = None,
) -> Table:
    """Read a table: CSV in UTF-8 (BOM or none) or GB18030, or .xlsx, told by its ending.

    `data`: what the file holds, where there is none. `choice` says which sheet and rows of a
    workbook. Raises `BadTableError` with the remedy. Limits stand in `registry.importing.sheets`.
    """
    ending = path.suffix.lower()
    if ending not in (".xlsx", *_CSV):
        raise BadTableError(messages.file_kind_unsupported(path.name))
    data = read_limited(path) if data is None else data
    refuse_other_kind(data)
    if ending == ".xlsx":
        from registry.importing.xlsx_sheet import read_xlsx  # noqa: PLC0415  # slow to import

        return read_xlsx(path, data, choice)
    return replace(read_csv(path, data), codes_compared=choice.codes_compared)


def plan(
    licence_type: LicenceType,
    table: Table,
    *,
    today: date,
    photos: Callable[[str], bytes] | None = None,
    read_photos: ReadPhotos = refuse_photos,
) -> Plan:
    """Judge every row of a table for a type; problems come in the order of the rows.

    `photos` returns a photo by its name; None: they are read from the table's folder. `read_photos`
    makes them anew; without it any photo is refused. With a wrong header no row is judged, and
    without one nothing is told of what stands there. Raises `BadTableError` where the photos
    together are too much.
    """
    columns = match_columns(licence_type, table.header)
    below = header_below(licence_type, table)
    if below is not None:
        return Plan((), (below,))
    if columns.problems:
        return Plan((), columns.problems)
    find = photos or (lambda name: load_photo(table.path.parent, name))
    return _Planning(licence_type, table, columns.keys, today, find, read_photos).run()


@dataclass(slots=True)
class _Photo:
    """Photo of a row: as it was found, and made anew."""

    data: bytes | None = None
    problem: FieldProblem | None = None
    """Why there is none."""
    result: bytes | BadValueError | None = None

    @property
    def given(self) -> bytes:
        """The photo as it was found."""
        return self.data or b""

    def anew(self, data: bytes) -> bytes:
        """Return the photo made anew. Raises `BadValueError`."""
        if isinstance(self.result, bytes):
            return self.result
        if self.result is None:
            return refuse_photo(data)
        raise self.result


_NONE: Final = _Photo()


class _Planning:
    """One pass over a table."""

    def __init__(  # noqa: PLR0917 (each of another type)
        self,
        licence_type: LicenceType,
        table: Table,
        keys: tuple[str, ...],
        today: date,
        find_photo: Callable[[str], bytes],
        read_photos: ReadPhotos,
    ) -> None:
        self._type = licence_type
        self._table = table
        self._keys = keys
        self._today = today
        self._find_photo = find_photo
        self._read_photos = read_photos
        photo = licence_type.photo_field
        self._photo_key = photo.key if photo else None
        self._photo_label = photo.label.zh if photo else ""
        self._photo_bytes = 0
        self._ahead: dict[int, _Photo] = {}
        """Photos that were read ahead, by their rows."""
        self._dates = [
            at
            for at, key in enumerate(keys)
            if key in (VALID_FROM, VALID_UNTIL)
            or (key in licence_type.fields and licence_type.fields[key].kind is FieldKind.DATE)
        ]
        self._applications: list[Application] = []
        self._records: list[RowRecord] = []
        self._problems: list[tuple[int, FieldProblem]] = []
        self._seen: dict[object, int] = {}

    def run(self) -> Plan:
        for problem in self._table.problems:
            self._problems.append((int(problem.source.removeprefix("row ")), problem))
        for at in range(0, len(self._table.rows), _READ_AHEAD):
            rows = self._table.rows[at : at + _READ_AHEAD]
            self._read_ahead(rows)
            for row in rows:
                self._judge(row)
        self._problems.sort(key=lambda pair: pair[0])
        problems = tuple(problem for _, problem in self._problems)
        return Plan(tuple(self._applications), problems, tuple(self._records))

    def _judge(self, row: TableRow) -> None:
        if self._note_repeated(row, row.cells, "", "repeated_row"):
            return
        spoilt = [one for at, kind in row.kinds if (one := self._spoilt(row, at, kind))]
        if spoilt:
            self._problems.extend((row.number, one) for one in spoilt)
            return
        values = dict(zip(self._keys, self._with_dates(row.cells), strict=True))
        photo = self._ahead.get(row.number, _NONE)
        try:
            found = check_row(
                self._type, values, photo.data, self._today, row.source, read_photo=photo.anew
            )
        except RowProblems as error:
            for problem in error.problems:
                if photo.problem is None or problem.field != self._photo_label:
                    self._problems.append((row.number, problem))
            found = None
        if photo.problem is not None:
            self._problems.append((row.number, photo.problem))
        elif found is not None and self._ends_in_zeros(row, found):
            return
        elif found is not None and not self._repeats(row, found):
            self._keep(found)
            self._records.append(RowRecord(row.number, values))

    def _spoilt(self, row: TableRow, at: int, kind: CellKind) -> FieldProblem | None:
        """Describe a spreadsheet's change to a cell before anybody saw it, if that may be so."""
        key = self._keys[at]
        rule = self._type.fields.get(key)
        code = key == NUMBER or (rule is not None and rule.kind is FieldKind.CODE)
        text = rule is not None and rule.kind in (FieldKind.TEXT, FieldKind.PERSON)
        if code and kind is CellKind.NUMBER:
            return FieldProblem(
                row.source, self._type.label_of(key), messages.CODE_IN_NUMERIC_CELL, "numeric_code"
            )
        if (code or text) and kind is not CellKind.NUMBER:
            return FieldProblem(row.source, self._type.label_of(key), _BECAME[kind], "became_other")
        return None

    def _ends_in_zeros(self, row: TableRow, found: Application) -> bool:
        """Note codes of a sound row that a spreadsheet may have rounded; one in eleven fits."""
        if self._table.codes_compared:
            return False
        codes = {
            key: found.data.get(key, "")
            for key, rule in self._type.fields.items()
            if rule.kind is FieldKind.CODE
        } | ({NUMBER: found.number or ""} if NUMBER in self._keys else {})
        unsure = [key for key, code in codes.items() if _may_be_rounded(code)]
        self._problems += [
            (
                row.number,
                FieldProblem(
                    row.source,
                    self._type.label_of(key),
                    messages.CODE_ENDS_IN_ZEROS,
                    "ends_in_zeros",
                ),
            )
            for key in unsure
        ]
        return bool(unsure)

    def _keep(self, application: Application) -> None:
        self._photo_bytes += len(application.photo or b"")
        if self._photo_bytes > MAX_PHOTOS_BYTES:
            raise BadTableError(messages.PHOTOS_TOTAL_TOO_LARGE)
        self._applications.append(application)

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
        self._problems.append((row.number, FieldProblem(row.source, field, text, code)))
        return True

    def _with_dates(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        """Return the cells, a workbook's serial dates written out."""
        if self._table.epoch is None or not self._dates:
            return cells
        from openpyxl.utils.datetime import from_excel  # noqa: PLC0415  # as above

        written = list(cells)
        for at in self._dates:
            cell = cells[at]
            if cell.isascii() and cell.isdigit() and len(cell) <= _LONGEST_SERIAL:
                day = from_excel(int(cell), self._table.epoch)
                written[at] = str(day)[:10]
        return tuple(written)

    def _read_ahead(self, rows: Sequence[TableRow]) -> None:
        """Read the photos of some rows: together they cost less."""
        if self._photo_key is None:
            return
        at = self._keys.index(self._photo_key) if self._photo_key in self._keys else None
        self._ahead = {
            row.number: self._photo(row, "" if at is None else row.cells[at]) for row in rows
        }
        found = [one for one in self._ahead.values() if one.data is not None]
        for one, anew in zip(found, self._read_photos([one.given for one in found]), strict=True):
            one.result = anew

    def _photo(self, row: TableRow, name: str) -> "_Photo":
        try:
            if name.strip():
                return _Photo(self._find_photo(name))
            return _Photo(self._picture(row.number))
        except BadValueError as error:
            problem = FieldProblem(row.source, self._photo_label, error.text, error.flaw)
            return _Photo(None, problem)

    def _picture(self, number: int) -> bytes | None:
        """Return the picture in a row's cell for the photo, if there is one."""
        pictures = self._table.pictures
        in_row = [at for at in range(len(self._keys)) if (number, at) in pictures]
        if not in_row:
            return None
        at = self._keys.index(self._photo_key) if self._photo_key in self._keys else -1
        read = pictures.get((number, at))
        if read is None or in_row != [at]:
            raise BadValueError("unsure_picture", messages.PICTURE_UNSURE)
        try:
            return read()
        except (ValueError, OSError, RuntimeError, LookupError, EOFError, zlib.error) as error:
            raise BadValueError("embedded_photo", messages.PHOTO_EMBEDDED_IN_CELL) from error


def _may_be_rounded(code: str) -> bool:
    return (
        len(code) > _SIGNIFICANT
        and code.isascii()
        and code.isdigit()
        and not code[_SIGNIFICANT:].strip("0")
    )
