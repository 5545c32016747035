"""Rows of a table, each judged by itself: what it says, its photo, whether a page can hold it."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Final

from registry.importing import messages
from registry.importing.sheets import CellKind, Table, TableRow
from registry.licences.printability import Printability
from registry.model import Application
from registry.types.cells.spreadsheet_damage import refuse_lost_character
from registry.types.fields import FieldKind
from registry.types.licence_type import LicenceType
from registry.types.numbering import NUMBER
from registry.types.photos import ReadPhotos, refuse_photo
from registry.types.row_check import check_row
from registry.types.row_problems import BadValueError, FieldProblem, RowProblems
from registry.types.validity import VALID_FROM, VALID_UNTIL

READ_AHEAD: Final = 16
"""Rows whose photos are read together, of at most 2 MiB each."""
_LONGEST_SERIAL: Final = 5
"""Digits of a spreadsheet's serial date: 99999 is the year 2173."""
_SIGNIFICANT: Final = 15
"""Decimal digits that a spreadsheet keeps of a number (IEEE 754 double); zeros follow."""
_BECAME: Final = {
    CellKind.DATE: messages.BECAME_DATE,
    CellKind.TIME: messages.BECAME_TIME,
    CellKind.BOOLEAN: messages.BECAME_BOOLEAN,
}


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


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A row, and what is wrong with it; else what it asks for."""

    row: TableRow
    problems: tuple[FieldProblem, ...] = ()
    application: Application | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    """By field key."""
    unfit: FieldProblem | None = None
    """Why no page can hold it."""


class RowJudging:
    """Judges rows of one table, in any order."""

    def __init__(  # noqa: PLR0917 (each of another type)
        self,
        licence_type: LicenceType,
        table: Table,
        keys: tuple[str, ...],
        today: date,
        find_photo: Callable[[str], bytes],
        read_photos: ReadPhotos,
        pages: Printability | None,
    ) -> None:
        self._type = licence_type
        self._table = table
        self._keys = keys
        self._today = today
        self._find_photo = find_photo
        self._read_photos = read_photos
        self._pages = pages
        photo = licence_type.photo_field
        self._photo_key = photo.key if photo else None
        self._photo_label = photo.label.zh if photo else ""
        self._dates = [
            at
            for at, key in enumerate(keys)
            if key in (VALID_FROM, VALID_UNTIL)
            or (key in licence_type.fields and licence_type.fields[key].kind is FieldKind.DATE)
        ]

    def judged(self, of: Iterable[TableRow]) -> Iterator[JudgedRow]:
        """Yield rows of the table, judged, in their order."""
        rows = iter(of)
        while some := list(islice(rows, READ_AHEAD)):
            yield from self.judge(some)

    def judge(self, rows: Sequence[TableRow]) -> Iterator[JudgedRow]:
        """Yield some rows, judged; their photos are read together."""
        photos = self._read_ahead(rows)
        for row in rows:
            yield self._judge(row, photos.get(row.number, _NONE))

    def _judge(self, row: TableRow, photo: "_Photo") -> JudgedRow:
        spoilt = [one for at, kind in row.kinds if (one := self._spoilt(row, at, kind))]
        if spoilt:
            return JudgedRow(row, tuple(spoilt))
        values = dict(zip(self._keys, self._with_dates(row.cells), strict=True))
        problems: list[FieldProblem] = []
        found: Application | None = None
        try:
            found = check_row(
                self._type, values, photo.data, self._today, row.source, read_photo=photo.anew
            )
        except RowProblems as error:
            problems += [
                problem
                for problem in error.problems
                if photo.problem is None or problem.field != self._photo_label
            ]
        if photo.problem is not None:
            problems.append(photo.problem)
        elif found is not None:
            problems += self._ending_in_zeros(row, found)
            problems += self._lost_characters(row, found)
        if problems or found is None:
            return JudgedRow(row, tuple(problems))
        unfit = None if self._pages is None else self._pages.problem(found)
        return JudgedRow(row, (), found, values, unfit)

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

    def _ending_in_zeros(self, row: TableRow, found: Application) -> list[FieldProblem]:
        """Return codes of a sound row that a spreadsheet may have rounded; one in eleven fits."""
        if self._table.codes_compared:
            return []
        codes = {
            key: found.data.get(key, "")
            for key, rule in self._type.fields.items()
            if rule.kind is FieldKind.CODE
        } | ({NUMBER: found.number or ""} if NUMBER in self._keys else {})
        text = messages.CODE_ENDS_IN_ZEROS
        return [
            FieldProblem(row.source, self._type.label_of(key), text, "ends_in_zeros")
            for key, code in codes.items()
            if _may_be_rounded(code)
        ]

    def _lost_characters(self, row: TableRow, found: Application) -> list[FieldProblem]:
        """Return texts of a sound row in which GBK, as spreadsheets save it, has no character."""
        if self._table.encoding != "gb18030":
            return []
        problems = []
        for key, text in found.data.items():
            if "?" not in text:
                continue
            try:
                refuse_lost_character(text)
            except BadValueError as error:
                label = self._type.label_of(key)
                problems.append(FieldProblem(row.source, label, error.text, error.flaw))
        return problems

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

    def _read_ahead(self, rows: Sequence[TableRow]) -> dict[int, "_Photo"]:
        """Read the photos of some rows: together they cost less."""
        if self._photo_key is None:
            return {}
        at = self._keys.index(self._photo_key) if self._photo_key in self._keys else None
        photos = {row.number: self._photo(row, "" if at is None else row.cells[at]) for row in rows}
        found = [one for one in photos.values() if one.data is not None]
        for one, anew in zip(found, self._read_photos([one.given for one in found]), strict=True):
            one.result = anew
        return photos

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
