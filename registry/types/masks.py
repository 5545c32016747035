"""Masks over personal data where others may look: names, codes, birthdays in codes."""

from enum import StrEnum
from typing import Final

_BIRTHDAY: Final = slice(10, 14)
"""Month and day of birth in a resident ID (its 11th to 14th character)."""
_RESIDENT_ID_LENGTH: Final = 18


class Mask(StrEnum):
    """Kinds of mask over a value in public answers."""

    PERSON = "person"
    """A person's name: 张*三."""
    HOLDER = "holder"
    """A name that is masked where the holder is a person, and plain where it is a body."""
    CODE = "code"
    """A code: its first three characters. The last ones of a person's number tell sex and more."""


def mask_person(name: str) -> str:
    """Return 张*三, 李* or 买***江: first and last character stay, of two only the first."""
    if len(name) <= 1:
        return "*"
    tail = name[-1] if len(name) > 2 else ""  # noqa: PLR2004  # 李四 would stand there whole
    return name[0] + "*" * (len(name) - 1 - len(tail)) + tail


def mask_code(code: str) -> str:
    """Return the first three characters, the rest as asterisks."""
    hidden = len(code) - 3
    return code[:3] + "*" * hidden if hidden > 2 else "*" * len(code)  # noqa: PLR2004  # too short


def mask_birthday(code: str) -> str:
    """Return a resident ID with month and day of birth as ****, any other code unchanged.

    Licences that hang on a wall show the operator's number so.
    """
    if len(code) != _RESIDENT_ID_LENGTH:
        return code
    return code[: _BIRTHDAY.start] + "****" + code[_BIRTHDAY.stop :]
