"""Resident identity numbers (GB 11643): what is one, so that it can be checked or kept out.

Everything here takes the canonical spelling: ASCII, upper case, no blanks.
"""

import re
from datetime import date
from typing import Final

_WEIGHTS: Final = tuple(pow(2, 17 - i, 11) for i in range(17))
_CHECKS: Final = "10X98765432"
_RESIDENT_ID: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OLDEST_BIRTH_YEAR: Final = 1850
"""No living holder is older; a year before it is a slip."""
_WINDOW: Final = re.compile(r"(?=([1-9][0-9]{16}[0-9Xx]))")


def resident_id_check(first17: str) -> str:
    """Return the 18th character of a resident identity number (GB 11643).

    Raises `ValueError` unless given 17 digits.
    """
    if len(first17) != len(_WEIGHTS) or not (first17.isascii() and first17.isdigit()):
        raise ValueError("a resident identity number has 17 digits before its check")
    total = sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def is_resident_id(text: str) -> bool:
    """Tell whether `text` is a resident identity number (GB 11643) with date and check right.

    The area code is not looked up in GB/T 2260: codes of abolished areas stay valid for life.
    """
    return (
        _RESIDENT_ID.fullmatch(text) is not None
        and resident_id_check(text[:17]) == text[17]
        and resident_birth(text) is not None
    )


def resident_birth(text: str) -> date | None:
    """Return the birth date that a resident identity number carries, None if it is no date."""
    year, month, day = int(text[6:10]), int(text[10:12]), int(text[12:14])
    if year < _OLDEST_BIRTH_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def resident_is_male(text: str) -> bool:
    """Tell the sex that a resident identity number carries: odd 17th digit for men (GB 11643)."""
    return int(text[16]) % 2 == 1


def holds_resident_id(text: str) -> bool:
    """Tell whether a resident identity number stands anywhere in `text`, in either case."""
    return any(is_resident_id(found.upper()) for found in _WINDOW.findall(text))


def without_resident_ids(text: str) -> str:
    """Return `text` with each resident identity number in it, in either case, blotted out."""
    for found in _WINDOW.findall(text):
        if is_resident_id(found.upper()):
            text = text.replace(found, "<resident-id>")
    return text
