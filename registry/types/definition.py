"""Parts of definitions of licence types.

A type comes as TOML and is nothing but data, so its models are its one declaration: pydantic judges
them as they are read, and nothing changes them afterwards.
"""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from core.text import Text

_LONGEST: Final = 200
_ONE_LINE: Final = r"^\S(.*\S)?$"
COLOUR: Final = r"^#[0-9a-f]{6}$"


class Definition(BaseModel):
    """A part of a licence type; a key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def check_words(words: Text, key: str = "") -> Text:
    """Refuse what no label can be. Raises `ValueError` naming the language, after `key`."""
    for language, text in words.as_json().items():
        if len(text) > _LONGEST or not re.fullmatch(_ONE_LINE, text):
            raise ValueError(
                f"{key}{language} must be one line of 1 to {_LONGEST} characters, with no blanks "
                "at its ends"
            )
    return words


def _compile(pattern: Any) -> Any:
    if not isinstance(pattern, str):
        return pattern  # pydantic says that it must be a string
    if not 1 <= len(pattern) <= _LONGEST:
        raise ValueError(f"a pattern has 1 to {_LONGEST} characters")
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"pattern “{pattern}”: {error}") from error


Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Colour = Annotated[str, StringConstraints(pattern=COLOUR)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST, pattern=_ONE_LINE)]
Words = Annotated[Text, AfterValidator(check_words)]
Pattern = Annotated[re.Pattern[str], BeforeValidator(_compile)]
