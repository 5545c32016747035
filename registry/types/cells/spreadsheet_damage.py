"""Signs of what a spreadsheet did to a cell: errors and formulas written out as text, characters
lost, a code taken for a number (zeros lost, digits made zeros, 1.1E+17).
"""

import re
from typing import Final

from core.text import Text
from registry.types.cells import messages
from registry.types.row_problems import BadValueError

_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,3}")
_SIGNIFICANT: Final = 15
"""Decimal digits that a spreadsheet keeps of a number (IEEE 754 double); zeros follow."""

_LOST_ZEROS: Final = ("0", "00", "000", "0000")

_ERROR: Final = re.compile(r"#(?:[A-Z][A-Z0-9_/]*[!?]|N/A|DIV/0!|GETTING_DATA)|#{3,}|Err:[0-9]{3}")
"""Error values of Excel, WPS and LibreOffice, and a column that is too narrow for a number."""
_FORMULA: Final = re.compile(
    r"=[+-]?(?:[A-Za-z][A-Za-z0-9.]*\(.*|(?:[^!]*!)?\$?[A-Z]{1,3}\$?[0-9]+\b.*)",
    re.DOTALL,
)
_HAN: Final = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LOST: Final = re.compile(rf"(?<=[{_HAN}·])\?|\?(?=[{_HAN}·])")


def refuse_computed(text: str) -> None:
    """Refuse a text that is the error value or the formula of a cell, as CSV files have them.

    Raises `BadValueError` (`error_value`, `formula`) with the remedy.
    """
    if _ERROR.fullmatch(text):
        raise BadValueError("error_value", messages.ERROR_VALUE_AS_TEXT)
    if _FORMULA.fullmatch(text):
        raise BadValueError("formula", messages.FORMULA_AS_TEXT)


def refuse_lost_character(text: str, *, in_name: bool = False) -> None:
    """Refuse `?` in a person's name, and among Chinese characters anywhere: there a spreadsheet
    that saved in GBK may have lost a character. As punctuation it is `？` there.

    Raises `BadValueError` (`lost_character`) with the remedy.
    """
    if (in_name and "?" in text) or _LOST.search(text):
        raise BadValueError("lost_character", messages.LOST_CHARACTER)


def refuse_mangled(code: str, shape: re.Pattern[str] | None = None) -> None:
    """Recognise a code that a spreadsheet took for a number; call it once the code proved wrong.

    `shape` is what such codes look like: if zeros in front make one of it, they were lost.
    Raises `BadValueError` (`mangled_number`) with the remedy; returns if nothing points to it.
    """
    if _SCIENTIFIC.fullmatch(code):
        raise _mangled(messages.SCIENTIFIC_NOTATION)
    if not (code.isascii() and code.isdigit()):
        return
    if len(code) > _SIGNIFICANT and not code[_SIGNIFICANT:].strip("0"):
        raise _mangled(messages.TRAILING_DIGITS_ZEROED)
    if shape is not None and any(shape.fullmatch(zeros + code) for zeros in _LOST_ZEROS):
        raise _mangled(messages.LEADING_ZEROS_DROPPED)


def _mangled(text: Text) -> BadValueError:
    return BadValueError("mangled_number", messages.code_mangled_by_spreadsheet(text))
