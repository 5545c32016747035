"""Parts of definitions of licence types.

A type comes as TOML and is nothing but data, so its models are its one declaration: pydantic judges
them as they are read, and nothing changes them afterwards.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from core.text import Text
from registry.types import messages

Loc = tuple[str | int, ...]
"""Place in a definition: keys, and positions in lists."""
LONGEST: Final = 200
"""Characters of a label, a word or a pattern."""
ONE_LINE: Final = r"^\S(.*\S)?$"
COLOUR: Final = r"^#[0-9a-f]{6}$"


@dataclass(frozen=True, slots=True)
class Unsound:
    """One thing that cannot stand in a definition, with its remedy."""

    loc: Loc
    """Within the part that was judged."""
    text: Text


class UnsoundError(ValueError):
    """A part of a definition cannot stand; pydantic hands it on with all that it found."""

    def __init__(self, found: Iterable[Unsound]) -> None:
        self.found = tuple(found)
        super().__init__(" ".join(one.text.en for one in self.found))


def refuse(found: Iterable[Unsound]) -> None:
    """Raise `UnsoundError` with all findings, if there are any."""
    if every := tuple(found):
        raise UnsoundError(every)


class Definition(BaseModel):
    """A part of a licence type; a key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def unsound_words(words: Text, key: Loc = ()) -> list[Unsound]:
    """Return the flaws of a label, for each language."""
    return [
        Unsound((*key, language), messages.words_must_be_one_line(LONGEST))
        for language, text in words.as_json().items()
        if len(text) > LONGEST or not re.fullmatch(ONE_LINE, text)
    ]


def _check_words(words: Text) -> Text:
    refuse(unsound_words(words))
    return words


def _compile(pattern: Any) -> Any:
    if not isinstance(pattern, str):
        return pattern  # pydantic says that it must be a string
    if not 1 <= len(pattern) <= LONGEST:
        raise UnsoundError([Unsound((), messages.pattern_length(LONGEST))])
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UnsoundError(
            [Unsound((), messages.pattern_unreadable(pattern=pattern, error=error))]
        ) from error


KEY: Final = r"^[a-z][a-z0-9_]{0,39}$"
Key = Annotated[str, StringConstraints(pattern=KEY)]
Colour = Annotated[str, StringConstraints(pattern=COLOUR)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=ONE_LINE)]
Words = Annotated[Text, AfterValidator(_check_words)]
Pattern = Annotated[re.Pattern[str], BeforeValidator(_compile)]
