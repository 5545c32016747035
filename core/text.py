"""Text in Chinese and English, carried together until the edge knows the reader."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in Chinese and English."""

    zh: str
    en: str

    def to(self, language: Language) -> str:
        """Return the sentence in `language`."""
        return self.zh if language == "zh" else self.en

    def as_json(self) -> dict[str, str]:
        """Return the form that answers carry on the wire."""
        return {"zh": self.zh, "en": self.en}


def counted(number: object, noun: str, verb: str = "", verbs: str = "") -> str:
    """Return a number with its English noun, given in the singular, and a verb that fits it."""
    if number == 1:
        return f"{number} {noun} {verb}".rstrip()
    vowel = noun[-2:-1] in "aeiou"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and not vowel else f"{noun}s"
    return f"{number} {plural} {verbs}".rstrip()
