"""A workbook with the columns of a licence type and nothing in it, with what helps to fill it in.

Every cell is formatted as text, so that no spreadsheet makes a date or a number of a code. Choices
drop down; a second sheet says what belongs into each column.
"""

import io
from collections.abc import Iterator
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from core.text import Text
from registry.importing import messages
from registry.types.drafting.samples import SAMPLE_AREA, SAMPLE_RESIDENT_ID, SAMPLE_USCC
from registry.types.fields import CodeCheck, FieldKind, FieldRule
from registry.types.licence_type import LicenceType
from registry.types.numbering import NUMBER
from registry.types.validity import VALID_FROM

_PREPARED: Final = 1000
"""Rows with text format and choices; further ones are formatted by the column."""
_NARROWEST: Final = 20
_WIDEST: Final = 40
_TEXT: Final = "@"
_CODES: Final = {
    CodeCheck.USCC: SAMPLE_USCC,
    CodeCheck.RESIDENT_ID: SAMPLE_RESIDENT_ID,
    CodeCheck.USCC_OR_RESIDENT_ID: SAMPLE_USCC,
}


def blank_workbook(licence_type: LicenceType) -> bytes:
    """Return an .xlsx; headings of columns that must be filled in have a star."""
    book: Any = Workbook()
    rows = book.active
    rows.title = messages.ROWS_SHEET
    told = book.create_sheet(messages.EXPLAINED_SHEET)
    told.append([text.zh for text in messages.EXPLAINED_HEADINGS])
    told.append([text.en for text in messages.EXPLAINED_HEADINGS])
    columns = [(label, key) for label, key in licence_type.columns.items() if label != key]
    choice_at = len(messages.EXPLAINED_HEADINGS) + 2
    for at, (label, key) in enumerate(columns, start=1):
        rule = licence_type.fields.get(key)
        required = key != VALID_FROM if rule is None else rule.required
        head = rows.cell(1, at, f"{label}*" if required else label)
        head.font, head.fill = Font(bold=True), PatternFill("solid", start_color="E8EEF7")
        letter = get_column_letter(at)
        width = rows.column_dimensions[letter]
        width.width, width.number_format = min(_WIDEST, max(_NARROWEST, 2 * len(label) + 6)), _TEXT
        for number in range(2, _PREPARED + 2):
            rows.cell(number, at).number_format = _TEXT
        line = (label, *_explained(rule, key, required=required))
        for place, words in enumerate(line, start=1):
            told.cell(at + 2, place, words)  # below two rows of headings; choices stand beside it
        help_ = DataValidation(allow_blank=True, showErrorMessage=False)
        if rule is not None and rule.choices:
            _list_choices(told, choice_at, label, rule)
            last = len(rule.choices) + 2
            column = get_column_letter(choice_at)
            where = f"'{messages.EXPLAINED_SHEET}'!${column}$3:${column}${last}"
            help_ = DataValidation(type="list", formula1=where, allow_blank=True)
            choice_at += 1
        help_.promptTitle, help_.prompt = label[:32], _prompt(rule, key)[:255]
        help_.showInputMessage = True
        rows.add_data_validation(help_)
        help_.add(f"{letter}2:{letter}{_PREPARED + 1}")
    rows.freeze_panes = "A2"
    _make_readable(told)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _explained(rule: FieldRule | None, key: str, *, required: bool) -> Iterator[str]:
    """Yield the notes on a column: required, what to enter, an example."""
    needed = messages.REQUIRED_WORD if required else messages.OPTIONAL_WORD
    what = _what(rule, key)
    yield f"{needed.zh} {needed.en}"
    yield what.zh
    yield what.en
    yield _example(rule) or ""


def _what(rule: FieldRule | None, key: str) -> Text:
    if rule is None:
        return messages.GIVEN_NUMBER if key == NUMBER else messages.ENTER_DATE
    if rule.hint is not None:
        return Text(rule.hint.zh, rule.hint.en)
    if rule.kind is FieldKind.DATE:
        return messages.ENTER_MONTH if rule.month_only else messages.ENTER_DATE
    if rule.kind in (FieldKind.TEXT, FieldKind.PERSON):
        return messages.enter_text(rule.max_length)
    return messages.ENTER[rule.kind.value]


def _example(rule: FieldRule | None) -> str | None:
    if rule is None or rule.example:
        return rule.example if rule else None
    if rule.kind is FieldKind.CODE:
        return _CODES.get(rule.check) if rule.check else None
    return SAMPLE_AREA if rule.kind is FieldKind.AREA else None


def _prompt(rule: FieldRule | None, key: str) -> str:
    what = _what(rule, key)
    return f"{what.zh}\n{what.en}"


def _list_choices(told: Any, at: int, label: str, rule: FieldRule) -> None:
    told.cell(1, at, messages.CHOICES_OF.zh)
    told.cell(2, at, label)
    for number, choice in enumerate(rule.choices, start=3):
        told.cell(number, at, choice.value).number_format = _TEXT


def _make_readable(told: Any) -> None:
    for cell in (*told[1], *told[2]):
        cell.font = Font(bold=True)
    for at, width in enumerate((22, 16, 46, 46, 24), start=1):
        told.column_dimensions[get_column_letter(at)].width = width
    for row in told.iter_rows(min_row=3):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = _TEXT
    told.freeze_panes = "A3"
