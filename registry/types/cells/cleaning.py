"""Cleaning of typed text where no question is needed."""

import re
from typing import Final

from registry.types.cells import messages
from registry.types.row_problems import BadValueError

_EDGES: Final = " \t\r\n\u00a0\u3000\ufeff\u200b"
"""Blanks that nobody means at the end of a cell, no-break, ideographic and zero-width too."""

_UNSEEN: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
"""Characters that do not print, turn the writing direction round, or mean something only to one
font: with them a face could show other words than the record holds. Line feed is judged apart."""

_NARROW: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Full-width forms (U+FF01 to U+FF5E) to ASCII."""
_BLANKS: Final = re.compile(r"\s+")
_DOTS: Final = re.compile(r"\s*[·•‧∙⋅・･．●]\s*")
"""What keyboards offer for the separator in the names of several peoples."""

_GB18030_2022: Final = {
    0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8,
    0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB, 0xE816: 0x20087, 0xE817: 0x20089,
    0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE,
}  # fmt: skip
"""Characters that GB 18030-2000 had to put into the private area, where GB 18030-2022 has them."""


def clean_text(raw: str, *, lines: bool = False) -> str:
    """Return `raw` without blanks at its ends; inner line breaks stay if `lines` is true.

    Raises `BadValueError`: `unseen_character`, `line_break`.
    """
    text = raw.strip(_EDGES).translate(_GB18030_2022)
    if "\n" in text or "\r" in text:
        if not lines:
            raise BadValueError("line_break", messages.LINE_BREAK_IN_CELL)
        text = "\n".join(line for one in text.splitlines() if (line := one.strip(_EDGES)))
    if _UNSEEN.search(text):
        raise BadValueError("unseen_character", messages.UNPRINTABLE_CHARACTERS)
    return text


def clean_person(raw: str) -> str:
    """Return a person's name, the separator of its parts written as U+00B7 (·).

    Raises `BadValueError` as `clean_text` does.
    """
    return _BLANKS.sub(" ", _DOTS.sub("·", clean_text(raw)))


def clean_code(raw: str) -> str:
    """Return a code in ASCII capitals without blanks: safe, since its check or shape is judged.

    Raises `BadValueError` as `clean_text` does.
    """
    return _BLANKS.sub("", clean_text(raw).translate(_NARROW)).upper()


def clean_number(raw: str) -> str:
    """Return digits and their signs in ASCII, letters as they are.

    Raises `BadValueError` as `clean_text` does.
    """
    return clean_text(raw).translate(_NARROW)
