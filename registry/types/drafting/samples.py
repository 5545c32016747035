"""Sample data of a licence type: made up from its own rules, so that a page can be shown.

Codes begin with 99, which is no province of GB/T 2260; their check characters are right.
"""

import io
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

from core.resident_ids import resident_birth, resident_id_check, resident_is_male
from registry.identifiers import uscc_check
from registry.types.cells.civil_dates import years_later
from registry.types.drafting.pattern_samples import sample_of
from registry.types.fields import MOST_ROWS, CodeCheck, FieldKind, FieldRule
from registry.types.licence_type import LicenceType
from registry.types.numbering import NUMBER, NumberKind
from registry.types.validity import VALID_UNTIL, ValidityKind

_BODY: Final = "91990100MA0000001"
_PERSON: Final = "99010119900101002"
SAMPLE_USCC: Final = _BODY + uscc_check(_BODY)
SAMPLE_RESIDENT_ID: Final = _PERSON + resident_id_check(_PERSON)
SAMPLE_AREA: Final = "990100"
_SAMPLE_AMOUNT: Final = Decimal(100)
_SAMPLE_YEARS: Final = 5
_SIZE: Final = (360, 480)


def sample_row(licence_type: LicenceType, today: date) -> dict[str, str]:
    """Return a row that the type takes; a field that no sample was found for is left out."""
    row = {}
    for key, rule in licence_type.fields.items():
        value = sample_value(rule, today)
        if value is not None and rule.kind is not FieldKind.PHOTO:
            row[key] = value
    if licence_type.number.kind is NumberKind.GIVEN:
        row[NUMBER] = sample_of(licence_type.number_shape) or ""
    if licence_type.validity.kind is ValidityKind.GIVEN:
        years = licence_type.validity.years or _SAMPLE_YEARS
        row[VALID_UNTIL] = years_later(today, years).isoformat()
    return row


def sample_value(rule: FieldRule, today: date) -> str | None:
    """Return a field's own example, or one made from its rule; None if none is found."""
    return rule.example or _SAMPLES[rule.kind](rule, today)


def longest_value(rule: FieldRule) -> str | None:
    """Return a text as long as the field takes; None where its length follows from its kind."""
    if rule.kind not in (FieldKind.TEXT, FieldKind.PERSON) or rule.pattern is not None:
        return None
    return _longest_table(rule) if rule.columns else "样" * rule.max_length


def _longest_table(rule: FieldRule) -> str | None:
    """Return as many rows as the field takes, their first cells as long as they may be then."""
    width = 2 * len(rule.columns)
    count = min(MOST_ROWS, (rule.max_length + 1) // width)
    if count == 0:
        return None
    longer = (rule.max_length + 1 - count * width) // count
    row = "|".join(["样" * (1 + longer), *("样" for _ in rule.columns[1:])])
    return "；".join([row] * count)


def _text(rule: FieldRule, today: date) -> str | None:
    del today
    if rule.pattern is not None:
        return sample_of(rule.pattern)
    if rule.columns:
        cells = "|".join(f"{one.zh}样例" for one in rule.columns)
        row = cells if len(cells) <= rule.max_length else "|".join("样" for _ in rule.columns)
        return row.ljust(rule.min_length, "样") if len(row) <= rule.max_length else None
    return f"{rule.label.zh}样例"[: rule.max_length].ljust(rule.min_length, "样")


def _person(rule: FieldRule, today: date) -> str | None:
    return "样本某" if rule.pattern is None and rule.max_length > 2 else _text(rule, today)  # noqa: PLR2004


def _date(rule: FieldRule, today: date) -> str | None:
    return str(resident_birth(SAMPLE_RESIDENT_ID)) if rule.birth_in else today.isoformat()


def _choice(rule: FieldRule, today: date) -> str | None:
    del today
    if rule.sex_in:
        return "男" if resident_is_male(SAMPLE_RESIDENT_ID) else "女"
    return rule.choices[0].value


def _code(rule: FieldRule, today: date) -> str | None:
    del today
    if rule.check is CodeCheck.PATTERN:
        return sample_of(rule.pattern) if rule.pattern else None
    return SAMPLE_RESIDENT_ID if rule.check is CodeCheck.RESIDENT_ID else SAMPLE_USCC


def _number(rule: FieldRule, today: date) -> str | None:
    del today
    low = rule.minimum if rule.minimum is not None else Decimal(0)
    high = rule.maximum if rule.maximum is not None else max(low, _SAMPLE_AMOUNT)
    return f"{min(max(low, _SAMPLE_AMOUNT), high):f}"


_SAMPLES: Final[Mapping[FieldKind, Callable[[FieldRule, date], str | None]]] = {
    FieldKind.TEXT: _text,
    FieldKind.PERSON: _person,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.CODE: _code,
    FieldKind.AREA: lambda _rule, _today: SAMPLE_AREA,
    FieldKind.NUMBER: _number,
    FieldKind.PHOTO: lambda _rule, _today: None,
}


@lru_cache(maxsize=1)
def sample_portrait() -> bytes:
    """Return a drawn head and shoulders, as JPEG."""
    picture = Image.new("RGB", _SIZE, "#dfe9f3")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((40, 320, 320, 640), fill="#4d6a8c")
    draw.ellipse((110, 100, 250, 290), fill="#e8bd97")
    draw.pieslice((105, 85, 255, 260), 180, 360, fill="#3a332f")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
