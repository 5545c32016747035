"""Signs that a spreadsheet took a code for a number: zeros lost, digits made zeros, 1.1E+17."""

import re
from typing import Final

from core.text import Text
from registry.types.cells import messages
from registry.types.row_problems import BadValueError

_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,3}")
_SIGNIFICANT: Final = 15
"""Decimal digits that a spreadsheet keeps of a number (IEEE 754 double); zeros follow."""

_LOST_ZEROS: Final = ("0", "00", "000", "0000")


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
