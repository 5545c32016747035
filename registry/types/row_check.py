"""One row on its way to an application."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date

from core.ids import LicenceNumber
from core.resident_ids import is_resident_id, resident_birth, resident_is_male
from core.text import Text
from registry.model import BODY, RESIDENT, Application, Holder
from registry.types import messages
from registry.types.cells.cleaning import clean_code
from registry.types.cells.spreadsheet_damage import refuse_mangled
from registry.types.fields import FieldKind
from registry.types.licence_type import LicenceType
from registry.types.numbering import FROM_PAPER, FROM_PAPER_LABEL, NUMBER, NumberKind
from registry.types.photos import ReadPhoto, refuse_photo
from registry.types.row_problems import BadValueError, FieldProblem, RowProblems
from registry.types.validity import VALID_FROM, VALID_UNTIL
from registry.types.values import read_value


def check_row(
    licence_type: LicenceType,
    row: Mapping[str, str],
    photo: bytes | None,
    today: date,
    source: str,
    *,
    read_photo: ReadPhoto = refuse_photo,
) -> Application:
    """Turn a row into an application, or raise `RowProblems` with all that is wrong with it.

    `row` is keyed by field keys or Chinese labels; `source` says where it stands (`row 12`).
    `read_photo` makes the photo anew; without it any photo is refused.
    """
    return _RowCheck(licence_type, row, photo, today, source, read_photo).run()


class _RowCheck:
    """Collects problems instead of stopping at the first."""

    def __init__(  # noqa: PLR0917 (each of another type)
        self,
        licence_type: LicenceType,
        row: Mapping[str, str],
        photo: bytes | None,
        today: date,
        source: str,
        read_photo: ReadPhoto,
    ) -> None:
        self._type = licence_type
        self._photo = photo
        self._today = today
        self._source = source
        self._read_photo = read_photo
        self._problems: list[FieldProblem] = []
        self._row = self._by_key(row)

    def run(self) -> Application:
        """Return the application. Raises `RowProblems`."""
        if self._type.is_document:
            self._note("", "document_type", messages.DOCUMENT_TYPE)
            raise RowProblems(self._problems)
        data = self._read_fields()
        self._compare_with_id(data)
        photo = self._read_portrait()
        number = self._read_number(data)
        valid_from, valid_until = self._read_term()
        from_paper = self._read_paper()
        if self._problems:
            raise RowProblems(self._problems)
        return Application(
            type_code=self._type.code,
            holders=(self._holder(data),),
            data=data,
            number=number,
            valid_from=valid_from,
            valid_until=valid_until,
            photo=photo,
            source=self._source,
            stated=self._digest(),
            from_paper=from_paper,
        )

    def _digest(self) -> str:
        said = json.dumps(sorted(self._row.items()), ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()

    def _by_key(self, row: Mapping[str, str]) -> dict[str, str]:
        by_key: dict[str, str] = {}
        for name, value in row.items():
            key = self._type.accepted.get(name)
            if key is None:
                self._note(name, "unknown_field", messages.NO_SUCH_FIELD)
            elif key in by_key:
                self._note(name, "duplicate_field", messages.DUPLICATE_FIELD)
            else:
                by_key[key] = value
        return by_key

    def _note(self, field: str, flaw: str, text: Text) -> None:
        self._problems.append(FieldProblem(self._source, field, text, flaw))

    def _note_empty(self, field: str) -> None:
        self._note(field, "missing", messages.REQUIRED_FIELD_EMPTY)

    def _note_error(self, field: str, error: BadValueError) -> None:
        self._note(field, error.flaw, error.text)

    def _read_fields(self) -> dict[str, str]:
        data = {}
        for key, rule in self._type.fields.items():
            if rule.kind is FieldKind.PHOTO:
                continue
            raw = self._row.get(key, "")
            if not raw or raw.isspace():
                if rule.required:
                    self._note_empty(rule.label.zh)
                continue
            try:
                data[key] = read_value(rule, raw, self._today)
            except BadValueError as error:
                self._note_error(rule.label.zh, error)
        return data

    def _compare_with_id(self, data: dict[str, str]) -> None:
        for key, rule in self._type.fields.items():
            holder_id = data.get(rule.birth_in or rule.sex_in or "", "")
            if key not in data or not is_resident_id(holder_id):
                continue
            if rule.birth_in:
                expected = str(resident_birth(holder_id))
                if rule.month_only and data[key] == f"{expected[:7]}-01":
                    data[key] = expected  # the month was given, the ID knows the day
            else:
                expected = "男" if resident_is_male(holder_id) else "女"
            if data[key] != expected:
                self._note(
                    rule.label.zh,
                    "differs_from_id",
                    messages.RESIDENT_ID_MISMATCH,
                )

    def _read_portrait(self) -> bytes | None:
        rule = self._type.photo_field
        if rule is None:
            return None
        if self._photo is None:
            if rule.required:
                self._note(rule.label.zh, "missing", messages.PHOTO_MISSING)
            return None
        try:
            return self._read_photo(self._photo)
        except BadValueError as error:
            self._note_error(rule.label.zh, error)
            return None

    def _read_number(self, data: Mapping[str, str]) -> LicenceNumber | None:
        if self._type.number.kind is NumberKind.GIVEN:
            return self._read_given_number()
        if self._type.number.kind is NumberKind.DERIVED and not self._problems:
            return self._type.number.write(self._type.fields, data)
        return None

    def _read_paper(self) -> LicenceNumber | None:
        """Return the number of the licence on paper whose place it takes."""
        if FROM_PAPER in self._type.fields:  # a field of the type's own
            return None
        try:
            number = clean_code(self._row.get(FROM_PAPER, ""))
        except BadValueError as error:
            self._note_error(FROM_PAPER_LABEL.zh, error)
            return None
        return LicenceNumber(number) if number else None

    def _read_given_number(self) -> LicenceNumber | None:
        label = self._type.number.label.zh
        try:
            number = clean_code(self._row.get(NUMBER, ""))
            if not number:
                self._note_empty(label)
            elif self._type.number_shape.fullmatch(number):
                return LicenceNumber(number)
            else:
                refuse_mangled(number, self._type.number_shape)
                self._note(
                    label,
                    "wrong_shape",
                    messages.LICENCE_NUMBER_MALFORMED,
                )
        except BadValueError as error:
            self._note_error(label, error)
        return None

    def _read_term(self) -> tuple[date, date | None]:
        rule, first, last = self._type.validity, self._today, None
        field = VALID_FROM
        try:
            first = rule.first_day(self._row, self._today)
            field = VALID_UNTIL
            last = rule.last_day(self._row, first, self._today)
        except BadValueError as error:
            self._note_error(self._type.label_of(field), error)
        return first, last

    def _holder(self, data: Mapping[str, str]) -> Holder:
        code = data[self._type.holder.code]
        # What could be either is taken as a person's: then it is masked.
        code_type = RESIDENT if is_resident_id(code) else BODY
        return Holder(data[self._type.holder.name], code_type, code)
