"""Values of fields as people type them, read into their one spelling or refused."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from core.resident_ids import is_resident_id, resident_birth
from core.text import Text
from registry.identifiers import is_uscc
from registry.types import messages
from registry.types.cells.civil_dates import parse_date, parse_month
from registry.types.cells.cleaning import (
    clean_code,
    clean_number,
    clean_person,
    clean_text,
)
from registry.types.cells.spreadsheet_damage import (
    refuse_computed,
    refuse_lost_character,
    refuse_mangled,
)
from registry.types.fields import MOST_ROWS, CodeCheck, FieldKind, FieldRule
from registry.types.row_problems import BadValueError

_CODE_LENGTH: Final = 18
"""USCC and resident ID alike."""
_OLD_RESIDENT_ID_LENGTH: Final = 15
_AREA: Final = re.compile(r"[1-9][0-9]{5}")
_NUMBER: Final = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,6})?")


def read_value(rule: FieldRule, raw: str, today: date) -> str:
    """Return a field's value in its one spelling. Raises `BadValueError`."""
    return _READERS[rule.kind](rule, raw, today)


def _read_text(rule: FieldRule, raw: str, today: date) -> str:
    del today
    text = clean_text(raw, lines=rule.wide)
    refuse_computed(text)
    return _fitting(rule, _tabular(rule, text) if rule.columns else text)


def _tabular(rule: FieldRule, text: str) -> str:
    """Return a table in its one spelling: `|` between cells, `；` between rows."""
    rows = rule.table_of(text)
    if any(len(row) != len(rule.columns) for row in rows):
        raise BadValueError("wrong_table", messages.wrong_table(rule.columns))
    if len(rows) > MOST_ROWS:
        raise BadValueError("too_long", messages.too_many_rows(MOST_ROWS))
    return "；".join("|".join(row) for row in rows)


def _read_person(rule: FieldRule, raw: str, today: date) -> str:
    del today
    name = clean_person(raw)
    refuse_computed(name)
    refuse_lost_character(name, in_name=True)
    return _fitting(rule, name)


def _fitting(rule: FieldRule, text: str) -> str:
    if "+" in text:
        refuse_mangled(text)
    if len(text) < rule.min_length:
        raise BadValueError("too_short", messages.value_too_short(rule.min_length))
    if len(text) > rule.max_length:
        raise BadValueError("too_long", messages.value_too_long(rule.max_length))
    if rule.pattern is not None and not rule.pattern.fullmatch(text):
        refuse_mangled(text, rule.pattern)
        raise _wrong_shape(rule)
    return text


def _read_date(rule: FieldRule, raw: str, today: date) -> str:
    day = parse_month(raw) if rule.month_only else parse_date(raw)
    if rule.not_after_today and day > today:
        raise BadValueError("future_date", messages.DATE_IN_FUTURE)
    return day.isoformat()


def _read_choice(rule: FieldRule, raw: str, today: date) -> str:
    del today
    text = clean_text(raw)
    for choice in rule.choices:
        if text == choice.value:
            return text
    words = "、".join(choice.value for choice in rule.choices)
    raise BadValueError("unknown_choice", messages.not_allowed_word(words))


def _read_code(rule: FieldRule, raw: str, today: date) -> str:
    code = clean_code(raw)
    if not is_code(rule, code):
        refuse_mangled(code, rule.pattern)
        raise _wrong_shape(rule) if rule.check is CodeCheck.PATTERN else _wrong_code(rule, code)
    if is_resident_id(code) and not _born_by(code, today):
        raise BadValueError("future_date", messages.BIRTH_DATE_IN_FUTURE)
    return code


def is_code(rule: FieldRule, code: str) -> bool:
    """Tell whether a cleaned code is one that the field takes, by its check character or shape."""
    return rule.check is None or _CHECKS[rule.check](rule, code)


def _born_by(code: str, today: date) -> bool:
    birth = resident_birth(code)
    return birth is not None and birth <= today


_CHECKS: Final[Mapping[CodeCheck, Callable[[FieldRule, str], bool]]] = {
    CodeCheck.USCC: lambda _, code: is_uscc(code),
    CodeCheck.RESIDENT_ID: lambda _, code: is_resident_id(code),
    CodeCheck.USCC_OR_RESIDENT_ID: lambda _, code: is_uscc(code) or is_resident_id(code),
    CodeCheck.PATTERN: lambda rule, code: (
        rule.pattern is not None and rule.pattern.fullmatch(code) is not None
    ),
}

_CODE_NAMES: Final = {
    CodeCheck.USCC: Text("统一社会信用代码", "unified social credit code"),
    CodeCheck.RESIDENT_ID: Text("公民身份号码", "resident ID number"),
    CodeCheck.USCC_OR_RESIDENT_ID: Text(
        "统一社会信用代码或公民身份号码", "unified social credit code or resident ID number"
    ),
}


def _wrong_code(rule: FieldRule, code: str) -> BadValueError:
    assert rule.check is not None
    name = _CODE_NAMES[rule.check]
    if len(code) == _OLD_RESIDENT_ID_LENGTH and rule.check is not CodeCheck.USCC:
        return BadValueError("old_resident_id", messages.OLD_RESIDENT_ID)
    if len(code) != _CODE_LENGTH:
        return BadValueError(
            "wrong_length", messages.code_length_wrong(code_name=name, count=len(code))
        )
    return BadValueError("wrong_check", messages.code_incorrect(name))


def _wrong_shape(rule: FieldRule) -> BadValueError:
    hint = rule.hint or messages.SEE_TYPE_DESCRIPTION
    return BadValueError("wrong_shape", messages.wrong_form(hint))


def _read_area(rule: FieldRule, raw: str, today: date) -> str:
    del rule, today
    code = clean_code(raw)
    if not _AREA.fullmatch(code):
        refuse_mangled(code, _AREA)
        raise BadValueError("wrong_shape", messages.AREA_CODE_MALFORMED)
    return code


def _read_number(rule: FieldRule, raw: str, today: date) -> str:
    del today
    text = clean_number(raw)
    if rule.unit is not None:
        text = text.removesuffix(rule.unit.zh).rstrip()
    if not _NUMBER.fullmatch(text):
        refuse_mangled(text)
        raise BadValueError("bad_number", messages.NOT_NUMBER)
    value = Decimal(text.replace(",", ""))
    _refuse_out_of_range(rule, value)
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _refuse_out_of_range(rule: FieldRule, value: Decimal) -> None:
    if value != round(value, rule.decimals):
        raise BadValueError("too_precise", messages.too_many_decimals(rule.decimals))
    low, high = rule.minimum, rule.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        zh = "至".join(str(one) for one in (low, high) if one is not None)
        en = " to ".join(str(one) for one in (low, high) if one is not None)
        raise BadValueError(
            "out_of_range", messages.number_out_of_range(bounds_zh=zh, bounds_en=en)
        )


def _read_photo(rule: FieldRule, raw: str, today: date) -> str:
    del rule, today
    return clean_text(raw)


_READERS: Final[Mapping[FieldKind, Callable[[FieldRule, str, date], str]]] = {
    FieldKind.TEXT: _read_text,
    FieldKind.PERSON: _read_person,
    FieldKind.DATE: _read_date,
    FieldKind.CHOICE: _read_choice,
    FieldKind.CODE: _read_code,
    FieldKind.AREA: _read_area,
    FieldKind.NUMBER: _read_number,
    FieldKind.PHOTO: _read_photo,
}
