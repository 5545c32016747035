"""Licence types, read from TOML."""

import tomllib
from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError

from registry.model import RegistryError
from registry.types import messages
from registry.types.licence_type import LicenceType

_MAX_SOURCE: Final = 256 * 1024
"""Characters; a type with a hundred fields has a tenth of it."""
_SHOWN_FLAWS: Final = 20
"""Of a definition that is wrong throughout, as many flaws are told as fit on a screen."""


class BadTypeError(RegistryError):
    """A licence type's definition cannot hold."""

    code = "bad_type"


def parse_type(toml_text: str) -> LicenceType:
    """Read a licence type from TOML. Raises `BadTypeError` naming each key and its remedy."""
    if len(toml_text) > _MAX_SOURCE:
        raise _bad_type([("(file)", f"longer than {_MAX_SOURCE} characters")])
    try:
        return LicenceType.model_validate(tomllib.loads(toml_text), context=toml_text)
    except tomllib.TOMLDecodeError as error:
        raise _bad_type([("TOML", str(error))]) from error
    except ValidationError as error:
        flaws = error.errors(include_url=False, include_input=False)[:_SHOWN_FLAWS]
        raise _bad_type(
            [(".".join(map(str, flaw["loc"])) or "(type)", flaw["msg"]) for flaw in flaws]
        ) from error


def _bad_type(flaws: Sequence[tuple[str, str]]) -> BadTypeError:
    lines = "\n".join(f"{key}: {flaw}" for key, flaw in flaws)
    return BadTypeError(
        messages.type_definition_invalid(lines),
        keys=", ".join(key for key, _ in flaws),
    )
