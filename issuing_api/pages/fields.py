"""Forms made from licence types: one input for each field, with its hints and its errors."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from core.text import Text
from core.web.limits.form_parts import FormParts
from issuing_api.pages import messages
from issuing_api.pages.record_labels import FIELD_LABELS
from issuing_api.pages.visits import MAX_LINE
from registry.desk.contents import GrantAsk
from registry.licences.reasons import MAX_DOCUMENT_NUMBER
from registry.model import Licence
from registry.types.fields import CodeCheck, FieldKind, FieldRule
from registry.types.licence_type import LicenceType
from registry.types.numbering import FROM_PAPER, FROM_PAPER_LABEL, NUMBER, NumberKind
from registry.types.photos import MAX_PHOTO_BYTES, ReadPhoto
from registry.types.row_problems import BadValueError, RowProblems
from registry.types.validity import LONG_TERM, VALID_FROM, VALID_UNTIL, ValidityKind

PREFIX = "f_"
"""Of the names of a type's fields in a form, so that none is taken for the page's own."""
BASIS = "basis"
NUMBER_OF_DOCUMENT = "document_number"
PHOTO = "photo"
KEPT_PHOTO = "kept_photo"
DROP_PHOTO = "drop_photo"
"""Of a form whose kept photo is not to be used."""
LOST_FILES = "lost_files"
"""Of a form that goes on after a sign-in: there were files, which did not come along."""
"""The photo that was sent before, as base64: browsers do not fill a file's field again."""
MAX_VALUE = 10_000
_FEW = 5
_SHORT = 60

_Kind = TypeVar("_Kind", bound=StrEnum)


class InputKind(StrEnum):
    """Kind of an input."""

    LINE = "line"
    LONG = "long"
    DATE = "date"
    RADIO = "radio"
    SELECT = "select"
    DIGITS = "digits"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class FormInput:
    """One input with what was typed, and what is wrong with it."""

    name: str
    label: Text
    kind: InputKind
    required: bool
    value: str = ""
    hint: Text | None = None
    choices: tuple[str, ...] = ()
    most: int = MAX_VALUE
    error: Text | None = None


@dataclass(frozen=True, slots=True)
class TypedForm:
    """Content of a form of a licence type, as it was typed."""

    record: Mapping[str, str]
    """By key, without what was left empty."""
    basis: str
    photo: bytes | None
    errors: Mapping[str, Text]
    """By name of the input, found before anything was judged."""
    document_number: str = ""

    @property
    def kept_photo(self) -> str:
        """The photo for the form that follows."""
        return "" if self.photo is None else base64.b64encode(self.photo).decode()


def read_typed(licence_type: LicenceType, form: FormParts, read_photo: ReadPhoto) -> TypedForm:
    """Return the content of a form; errors stand beside their inputs.

    Raises what `read_photo` raises, but for `BadValueError`.
    """
    record: dict[str, str] = {}
    errors: dict[str, Text] = {}
    for key in dict.fromkeys(licence_type.accepted.values()):
        value = form.fields.get(f"{PREFIX}{key}", "").replace("\r\n", "\n").strip()
        if len(value) > MAX_VALUE:
            errors[f"{PREFIX}{key}"] = messages.line_too_long(MAX_VALUE)
        if value:
            record[key] = value[:MAX_VALUE]
    basis, wrong = read_line(form, BASIS, required=False)
    if wrong is not None:
        errors[BASIS] = wrong
    number, wrong = read_line(form, NUMBER_OF_DOCUMENT, required=False)
    if wrong is None and len(number) > MAX_DOCUMENT_NUMBER:
        wrong = messages.line_too_long(MAX_DOCUMENT_NUMBER)
    if wrong is not None:
        errors[NUMBER_OF_DOCUMENT] = wrong
    photo = None
    rule = licence_type.photo_field
    if rule is not None:
        name = f"{PREFIX}{rule.key}"
        photo, wrong = _read_photo(form, read_photo)
        if wrong is not None:
            errors[name] = wrong
        record.pop(rule.key, None)
        if photo is not None:
            record[rule.key] = PHOTO
    return TypedForm(record, basis, photo, errors, number)


def typed_again(
    licence_type: LicenceType, licence: Licence, photo: bytes | None = None
) -> TypedForm:
    """Return the form of a licence's next version: what it says now, with its photo."""
    record = {
        key: value
        for key, value in licence.data.items()
        if key in licence_type.fields and licence_type.fields[key].kind is not FieldKind.PHOTO
    }
    if licence_type.number.kind is NumberKind.GIVEN:
        record[NUMBER] = licence.number
    if licence_type.validity.kind is ValidityKind.GIVEN:
        record[VALID_FROM] = licence.valid_from.isoformat()
        if licence.valid_until is not None:
            record[VALID_UNTIL] = licence.valid_until.isoformat()
        elif licence_type.validity.long_term_allowed:
            record[VALID_UNTIL] = LONG_TERM
    if photo is not None and licence_type.photo_field is not None:
        record[licence_type.photo_field.key] = PHOTO
    return TypedForm(record, "", photo, {})


def read_line(form: FormParts, name: str, *, required: bool = True) -> tuple[str, Text | None]:
    """Return a line of a form, and what is wrong with it."""
    value = " ".join(form.fields.get(name, "").split())
    if not value:
        return "", messages.LINE_MISSING if required else None
    if len(value) > MAX_LINE:
        return value[:MAX_LINE], messages.line_too_long(MAX_LINE)
    return value, None if value.isprintable() else messages.LINE_UNPRINTABLE


def _read_photo(form: FormParts, read_photo: ReadPhoto) -> tuple[bytes | None, Text | None]:
    """Return a photo, made anew where it is good, and what is wrong with it."""
    chosen = form.files.get(PHOTO)
    if chosen is not None:
        try:
            return read_photo(chosen), None
        except BadValueError as error:
            return None, error.text
    kept = "" if form.fields.get(DROP_PHOTO) else form.fields.get(KEPT_PHOTO, "")
    try:
        found = base64.b64decode(kept, validate=True)
    except (binascii.Error, ValueError):
        return None, messages.PHOTO_LOST
    return (found or None), None if len(found) <= MAX_PHOTO_BYTES else messages.PHOTO_LOST


def problems_by_input(licence_type: LicenceType, error: RowProblems) -> dict[str, Text]:
    """Return errors by the names of inputs; those of no input under the empty name."""
    found: dict[str, Text] = {}
    for one in error.problems:
        key = licence_type.accepted.get(one.field)
        found.setdefault("" if key is None else f"{PREFIX}{key}", one.text)
    return found


def inputs_of(
    licence_type: LicenceType,
    typed: TypedForm | None,
    errors: Mapping[str, Text],
    *,
    version: bool = False,
) -> list[FormInput]:
    """Return the inputs of a type, in the order of its face."""
    record = {} if typed is None else typed.record
    found = [_number(licence_type)] if licence_type.number.kind is NumberKind.GIVEN else []
    found += [_input(rule) for rule in licence_type.ordered]
    if licence_type.validity.kind is ValidityKind.GIVEN:
        found += _term(licence_type)
    if not version:
        found.append(_paper())
    filled = [_filled(one, record.get(one.name.removeprefix(PREFIX), ""), errors) for one in found]
    basis = FormInput(
        BASIS,
        FIELD_LABELS["basis"],
        InputKind.LINE,
        required=False,
        hint=FIELD_LABELS["basis_hint"],
        most=MAX_LINE,
    )
    number = FormInput(
        NUMBER_OF_DOCUMENT,
        FIELD_LABELS["document_number"],
        InputKind.LINE,
        required=False,
        hint=FIELD_LABELS["document_number_hint"],
        most=MAX_DOCUMENT_NUMBER,
    )
    return [
        *filled,
        _filled(basis, "" if typed is None else typed.basis, errors),
        _filled(number, "" if typed is None else typed.document_number, errors),
    ]


def _filled(one: FormInput, value: str, errors: Mapping[str, Text]) -> FormInput:
    return FormInput(
        one.name,
        one.label,
        one.kind,
        one.required,
        value,
        one.hint,
        one.choices,
        one.most,
        errors.get(one.name),
    )


def _number(licence_type: LicenceType) -> FormInput:
    return FormInput(f"{PREFIX}{NUMBER}", licence_type.number.label, InputKind.LINE, required=True)


def _paper() -> FormInput:
    hint = FIELD_LABELS["from_paper_hint"]
    return FormInput(
        f"{PREFIX}{FROM_PAPER}", FROM_PAPER_LABEL, InputKind.LINE, required=False, hint=hint
    )


def _term(licence_type: LicenceType) -> list[FormInput]:
    long_term = licence_type.validity.long_term_allowed
    last = InputKind.LINE if long_term else InputKind.DATE
    hint = FIELD_LABELS["until_hint"] if long_term else None
    return [
        FormInput(
            f"{PREFIX}{VALID_FROM}",
            FIELD_LABELS["valid_from"],
            InputKind.DATE,
            required=False,
            hint=FIELD_LABELS["from_hint"],
        ),
        FormInput(
            f"{PREFIX}{VALID_UNTIL}", FIELD_LABELS["valid_until"], last, required=True, hint=hint
        ),
    ]


def _input(rule: FieldRule) -> FormInput:
    choices = tuple(choice.value for choice in rule.choices)
    return FormInput(
        f"{PREFIX}{rule.key}",
        rule.label,
        _kind(rule, len(choices)),
        rule.required,
        hint=_hint(rule),
        choices=choices,
        most=rule.max_length if rule.kind in (FieldKind.TEXT, FieldKind.PERSON) else MAX_VALUE,
    )


def _kind(rule: FieldRule, choices: int) -> InputKind:
    match rule.kind:
        case FieldKind.DATE:
            return InputKind.DATE
        case FieldKind.CHOICE:
            return InputKind.RADIO if choices <= _FEW else InputKind.SELECT
        case FieldKind.NUMBER | FieldKind.AREA:
            return InputKind.DIGITS
        case FieldKind.PHOTO:
            return InputKind.PHOTO
        case FieldKind.TEXT if rule.wide or rule.max_length > _SHORT * 2:
            return InputKind.LONG
        case _:
            return InputKind.LINE


def _hint(rule: FieldRule) -> Text | None:
    """Return the hint for a field: the type's own words first."""
    unit = None
    if rule.unit is not None:
        words = FIELD_LABELS["unit_hint"]
        unit = Text(f"{words.zh}{rule.unit.zh}", f"{words.en}{rule.unit.en}")
    listed = FIELD_LABELS["listed_hint"] if rule.listed else None
    of_check = None if rule.check is None else _CHECK_HINTS.get(rule.check)
    return rule.hint or _KIND_HINTS.get(rule.kind) or listed or of_check or unit


_KIND_HINTS = {
    FieldKind.AREA: FIELD_LABELS["area_hint"],
    FieldKind.PHOTO: FIELD_LABELS["photo_hint"],
}
_CHECK_HINTS = {
    CodeCheck.USCC: FIELD_LABELS["uscc_hint"],
    CodeCheck.RESIDENT_ID: FIELD_LABELS["resident_hint"],
    CodeCheck.USCC_OR_RESIDENT_ID: FIELD_LABELS["either_hint"],
}


def content_rows(licence_type: LicenceType, ask: GrantAsk) -> list[tuple[Text, str]]:
    """Return the values asked for by label, in the type's order; the photo stands apart."""
    by_key = {licence_type.accepted.get(name, name): value for name, value in ask.record.items()}
    rows = []
    for rule in licence_type.ordered:
        value = by_key.pop(rule.key, "")
        if rule.kind is not FieldKind.PHOTO:
            rows.append((rule.label, value))
    for key, value in by_key.items():
        label = licence_type.label_of(key)
        rows.append((Text(label, label), value))
    return rows


def member_of(kind: type[_Kind], text: str | None) -> _Kind | None:
    """Return the member of a closed set that an address or form names; None for none."""
    return next((one for one in kind if one.value == text), None)
