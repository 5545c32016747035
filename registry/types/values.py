"""Values of fields as people type them, read into their one spelling or refused."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from core.resident_ids import is_resident_id, resident_birth
from core.text import Text
from registry.codes import is_uscc
from registry.types.civil_dates import parse_date, parse_month
from registry.types.cleaning import (
    clean_code,
    clean_number,
    clean_person,
    clean_text,
    refuse_mangled,
)
from registry.types.fields import CodeCheck, FieldKind, FieldRule
from registry.types.rows import BadValueError

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
    return _fitting(rule, clean_text(raw, lines=rule.wide))


def _read_person(rule: FieldRule, raw: str, today: date) -> str:
    del today
    return _fitting(rule, clean_person(raw))


def _fitting(rule: FieldRule, text: str) -> str:
    if "+" in text:
        refuse_mangled(text)
    if len(text) < rule.min_length:
        raise BadValueError(
            "too_short",
            f"不足 {rule.min_length} 个字。请填写完整。",
            f"Shorter than {rule.min_length} characters. Write it in full.",
        )
    if len(text) > rule.max_length:
        raise BadValueError(
            "too_long",
            f"超过 {rule.max_length} 个字。请缩短。",
            f"Longer than {rule.max_length} characters. Shorten it.",
        )
    if rule.pattern is not None and not rule.pattern.fullmatch(text):
        refuse_mangled(text, rule.pattern)
        raise _wrong_shape(rule)
    return text


def _read_date(rule: FieldRule, raw: str, today: date) -> str:
    day = parse_month(raw) if rule.month_only else parse_date(raw)
    if rule.not_after_today and day > today:
        raise BadValueError(
            "future_date",
            "日期晚于今天。请核对。",
            "The date lies in the future. Look at it again.",
        )
    return day.isoformat()


def _read_choice(rule: FieldRule, raw: str, today: date) -> str:
    del today
    text = clean_text(raw)
    for choice in rule.choices:
        if text == choice.value:
            return text
    words = "、".join(choice.value for choice in rule.choices)
    raise BadValueError(
        "unknown_choice",
        f"只能填：{words}。",
        f"Must be one of: {words}.",
    )


def _read_code(rule: FieldRule, raw: str, today: date) -> str:
    code = clean_code(raw)
    if not is_code(rule, code):
        refuse_mangled(code, rule.pattern)
        raise _wrong_shape(rule) if rule.check is CodeCheck.PATTERN else _wrong_code(rule, code)
    if is_resident_id(code) and not _born_by(code, today):
        raise BadValueError(
            "future_date",
            "公民身份号码中的出生日期晚于今天。请核对。",
            "The birth date in the resident ID number lies in the future. Look at it again.",
        )
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
        return BadValueError(
            "old_resident_id",
            "这是 15 位旧公民身份号码。请填写 18 位号码。",
            "This is an old resident ID number of 15 digits. Enter the one of 18.",
        )
    if len(code) != _CODE_LENGTH:
        return BadValueError(
            "wrong_length",
            f"应为 18 位{name.zh}，现有 {len(code)} 位。请对照原件补正。",
            f"A {name.en} has 18 characters, this has {len(code)}. Compare it with the original.",
        )
    return BadValueError(
        "wrong_check",
        f"不是正确的{name.zh}：校验位、日期或字符不符，可能抄错了一位。请对照原件。",
        f"Not a correct {name.en}: check character, date or a letter does not match, so it was "
        "probably copied wrongly. Compare it with the original.",
    )


def _wrong_shape(rule: FieldRule) -> BadValueError:
    hint = rule.hint or Text("请对照说明填写", "see the description of the type")
    return BadValueError(
        "wrong_shape", f"格式不符：{hint.zh}。", f"Not in the right form: {hint.en}."
    )


def _read_area(rule: FieldRule, raw: str, today: date) -> str:
    del rule, today
    code = clean_code(raw)
    if not _AREA.fullmatch(code):
        refuse_mangled(code, _AREA)
        raise BadValueError(
            "wrong_shape",
            "行政区划代码应为 6 位数字。",
            "An area code has 6 digits.",
        )
    return code


def _read_number(rule: FieldRule, raw: str, today: date) -> str:
    del today
    text = clean_number(raw)
    if rule.unit is not None:
        text = text.removesuffix(rule.unit.zh).rstrip()
    if not _NUMBER.fullmatch(text):
        refuse_mangled(text)
        raise BadValueError(
            "bad_number",
            "应为数字，如 5000 或 1200.5。",
            "Must be a number such as 5000 or 1200.5.",
        )
    value = Decimal(text.replace(",", ""))
    _refuse_out_of_range(rule, value)
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _refuse_out_of_range(rule: FieldRule, value: Decimal) -> None:
    if value != round(value, rule.decimals):
        raise BadValueError(
            "too_precise",
            f"小数最多 {rule.decimals} 位。",
            f"At most {rule.decimals} decimals.",
        )
    low, high = rule.minimum, rule.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        zh = "至".join(str(one) for one in (low, high) if one is not None)
        en = " to ".join(str(one) for one in (low, high) if one is not None)
        raise BadValueError("out_of_range", f"超出范围（{zh}）。", f"Out of range ({en}).")


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
