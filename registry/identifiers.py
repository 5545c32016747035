"""Check characters and identifiers: ISO/IEC 7064, GB 32100, GB/T 36904.

Everything here takes the canonical spelling (ASCII, upper case, no blanks); `is_x` answers False
to anything else and never raises. Clean what people type before (`registry.types.cells.cleaning`).
"""

import re
from dataclasses import dataclass
from typing import Final

from core.ids import LicenceIdentifier
from core.text import Text
from registry import messages
from registry.model import RegistryError

_ALNUM: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALNUM_VALUE: Final = {character: value for value, character in enumerate(_ALNUM)}

_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100: no I, O, Z, S, V."""
_USCC_VALUE: Final = {character: value for value, character in enumerate(_USCC_ALPHABET)}
_USCC_WEIGHTS: Final = tuple(pow(3, i, 31) for i in range(17))
_USCC: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
"""Registering department and kind of body, area (6 digits), body (9), check."""

_ROOT: Final = "1.2.156.3005.2"
"""GB/T 36904: the object identifier under which all e-licences of China are named."""
_MAX_SEQUENCE: Final = 64
"""The standard leaves the length open; the longest seen in use has 32 characters."""
_TYPE_CODE: Final = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
_SEQUENCE: Final = re.compile(rf"[0-9A-Z]{{1,{_MAX_SEQUENCE}}}")
MAX_VERSION: Final = 999
_MAX_IDENTIFIER: Final = 256
"""Longer text is not looked at: root, parts and dots come to less than 130 characters."""

IDENTIFIER_PATTERN: Final = re.compile(
    r"(?<![0-9A-Za-z.])1\.2\.156\.3005\.2"
    r"\.[0-9A-Z]{21}\.[0-9A-Z]{6,18}"
    rf"\.[0-9A-Z]{{1,{_MAX_SEQUENCE}}}\.[0-9]{{3}}\.[0-9A-Z](?![0-9A-Za-z])"
)
"""Finds whole identifiers, root included, in running text; what it finds may still be misspelt."""
_PARTS: Final = re.compile(
    r"(?:1\.2\.156\.3005\.2\.)?([0-9A-Z]{21})\.([0-9A-Z]{6,18})"
    rf"\.([0-9A-Z]{{1,{_MAX_SEQUENCE}}})\.([0-9]{{3}})\.([0-9A-Z])"
)


class MalformedIdentifierError(RegistryError):
    """Not a licence identifier (GB/T 36904), or one that was copied wrongly."""

    code = "malformed_identifier"


def mod37_36(text: str) -> str:
    """Return the check character of digits and capitals: ISO/IEC 7064 MOD 37,36.

    Raises `ValueError` on any other character.
    """
    product = 36
    for character in text:
        value = _ALNUM_VALUE.get(character)
        if value is None:
            raise ValueError("MOD 37,36 takes digits and capital letters only")
        product = ((product + value) % 36 or 36) * 2 % 37
    return _ALNUM[(37 - product) % 36]


def mod11_10(digits: str) -> str:
    """Return the check digit of digits: ISO/IEC 7064 MOD 11,10 (GB/T 17710).

    Raises `ValueError` on any other character.
    """
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("MOD 11,10 takes digits only")
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def uscc_check(first17: str) -> str:
    """Return the 18th character of a unified social credit code (GB 32100).

    Raises `ValueError` unless given 17 characters of its alphabet (no I, O, S, V, Z).
    """
    if len(first17) != len(_USCC_WEIGHTS) or not _USCC_VALUE.keys() >= set(first17):
        raise ValueError("a USCC has 17 characters before its check, without I, O, S, V, Z")
    total = sum(
        _USCC_VALUE[character] * weight
        for character, weight in zip(first17, _USCC_WEIGHTS, strict=True)
    )
    return _USCC_ALPHABET[-total % 31]


def is_uscc(text: str) -> bool:
    """Tell whether `text` is a unified social credit code with the right check (GB 32100)."""
    return _USCC.fullmatch(text) is not None and uscc_check(text[:17]) == text[17]


@dataclass(frozen=True, slots=True)
class LicenceIdentifierParts:
    """The parts of a licence identifier (GB/T 36904), its check character found right."""

    type_code: str
    """USCC of the body that defined the type, and 3 digits."""
    authority: str
    """USCC of the issuing body; a 6-digit area code in some old licences."""
    sequence: str
    version: int
    """1 to 999."""
    check: str

    @property
    def identifier(self) -> LicenceIdentifier:
        """The whole identifier in its one spelling, root included."""
        return LicenceIdentifier(
            f"{_ROOT}.{self.type_code}.{self.authority}.{self.sequence}"
            f".{self.version:03d}.{self.check}"
        )


def build_identifier(
    type_code: str, authority_uscc: str, sequence: str, version: int
) -> LicenceIdentifier:
    """Return a new licence's identifier (GB/T 36904).

    Strict: both bodies' codes must be right, the sequence digits and capitals (at most 64), the
    version 1 to 999. Raises `MalformedIdentifierError`.
    """
    if not (_TYPE_CODE.fullmatch(type_code) and is_uscc(type_code[:18])):
        raise _cannot_build(messages.TYPE_CODE)
    if not is_uscc(authority_uscc):
        raise _cannot_build(messages.AUTHORITY_CODE)
    if not _SEQUENCE.fullmatch(sequence):
        raise _cannot_build(messages.SEQUENCE_NUMBER)
    if not 1 <= version <= MAX_VERSION:
        raise _cannot_build(messages.VERSION_NUMBER)
    check = mod37_36(f"{type_code}{authority_uscc}{sequence}{version:03d}")
    return LicenceIdentifierParts(type_code, authority_uscc, sequence, version, check).identifier


def parse_identifier(text: str) -> LicenceIdentifierParts:
    """Take a licence identifier apart; a missing root and small letters are forgiven.

    Raises `MalformedIdentifierError` where it has another shape or its check character is wrong.
    """
    match = _PARTS.fullmatch(text.strip().upper()) if len(text) <= _MAX_IDENTIFIER else None
    if match is None or match[4] == "000":
        raise MalformedIdentifierError(messages.MALFORMED_LICENCE_IDENTIFIER)
    type_code, authority, sequence, version, check = match.groups()
    if mod37_36(type_code + authority + sequence + version) != check:
        raise MalformedIdentifierError(messages.IDENTIFIER_CHECK_CHARACTER_WRONG)
    return LicenceIdentifierParts(type_code, authority, sequence, int(version), check)


def _cannot_build(text: Text) -> MalformedIdentifierError:
    return MalformedIdentifierError(messages.identifier_part_nonconforming(text))
