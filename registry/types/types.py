"""Licence types, read from TOML."""

from collections.abc import Sequence
from typing import Final

from registry.model import RegistryError
from registry.types import messages
from registry.types.flaws import Flaw, read_definition
from registry.types.licence_type import LicenceType

_SHOWN_FLAWS: Final = 20
"""Of a definition that is wrong throughout, as many flaws are told as fit on a screen."""


class BadTypeError(RegistryError):
    """A licence type's definition cannot hold."""

    code = "bad_type"


def parse_type(toml_text: str) -> LicenceType:
    """Read a licence type from TOML. Raises `BadTypeError` naming each key and its remedy."""
    licence_type, flaws = read_definition(toml_text)
    if licence_type is None:
        raise _bad_type(flaws[:_SHOWN_FLAWS])
    return licence_type


def _bad_type(flaws: Sequence[Flaw]) -> BadTypeError:
    return BadTypeError(
        messages.type_definition_invalid(
            zh="\n".join(one.told.zh for one in flaws),
            en="\n".join(one.told.en for one in flaws),
        ),
        keys=", ".join(one.place for one in flaws),
    )
