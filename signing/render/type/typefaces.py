"""Typefaces of licences: a main font, and further ones for the characters that it lacks.

The main font has the whole of the URO with its extensions, and extension A; HanaMinB has extensions
B to F, and so all the rest of GB 18030-2022. What an operator adds is asked first, in its order.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from reportlab.pdfbase import pdfmetrics

from core.errors import ConfigurationError
from core.text import Text
from signing.render.errors import MissingGlyphError
from signing.render.type import messages
from signing.render.type.files import EM, FontFile, needs_shaping


@dataclass(frozen=True, slots=True)
class FontPin:
    """A font file, and what it must be."""

    path: Path
    sha256: str


RARE = "HanaMinB.ttf"
RARE_SHA256 = "829543436cdf7b4c6730e2af5806fa406f8ddf0d4b656e0cd49c58d4db1c8d3c"


class FurtherFonts:
    """Fonts for what the main one lacks; ours for rare characters is loaded when it is needed."""

    def __init__(self, pins: tuple[FontPin, ...]) -> None:
        """Raise `ConfigurationError` for the first font that is not what its pin says."""
        self._own = [_load_pinned(pin, f"Further{at}") for at, pin in enumerate(pins, start=1)]
        self._found: dict[str, FontFile | None] = {}

    def font_of(self, character: str) -> FontFile | None:
        """Return the first font that has a character."""
        if character not in self._found:
            having = (font for font in self._fonts() if character in font.glyphs)
            self._found[character] = next(having, None)
        return self._found[character]

    def _fonts(self) -> Iterator[FontFile]:
        yield from self._own
        yield _load_rare()


class _Widths(dict[str, int]):
    """Advances of the main font, and of others' characters once they were asked for."""

    def __init__(self, main: FontFile, further: FurtherFonts) -> None:
        super().__init__(main.widths)
        self._further = further

    def __missing__(self, character: str) -> int:
        font = self._further.font_of(character)
        if font is None:
            raise KeyError(character)
        width: int = font.widths[character]
        self[character] = width
        return width


class Typeface:
    """A main font, and what stands in for it."""

    def __init__(self, main: FontFile, further: FurtherFonts) -> None:
        self.main = main
        self._further = further
        self._coverage = frozenset(main.glyphs)
        self.widths = _Widths(main, further)
        """Advance by character, in thousandths of an em."""

    @property
    def name(self) -> str:
        """Name of the main font."""
        return self.main.fontName

    def covers(self, text: str) -> bool:
        """Tell whether the main font has all characters of a text."""
        return self._coverage.issuperset(text)

    def check(self, text: str, label: Text) -> None:
        """Raise `MissingGlyphError` for the first character that no font has."""
        if self.covers(text):
            return
        for character in text:
            if character not in self._coverage and self._further.font_of(character) is None:
                raise MissingGlyphError(label, character, shaped=needs_shaping(character))

    def width(self, text: str) -> int:
        """Return the advance of `text` in thousandths of an em; all characters are drawable."""
        return sum(map(self.widths.__getitem__, text))

    def width_at(self, text: str, size: float) -> float:
        """Return the advance of `text` in points."""
        return self.width(text) * size / EM

    def runs(self, text: str) -> list[tuple[FontFile, str]]:
        """Return `text` in pieces of one font each."""
        if self._coverage.issuperset(text):
            return [(self.main, text)]
        runs: list[tuple[FontFile, str]] = []
        for character in text:
            font = self.main
            if character not in self._coverage:
                font = self._further.font_of(character) or font
            if runs and runs[-1][0] is font:
                runs[-1] = (font, runs[-1][1] + character)
            else:
                runs.append((font, character))
        return runs


@dataclass(frozen=True, slots=True)
class Fonts:
    """The weights that a licence is set in."""

    regular: Typeface
    bold: Typeface


@cache
def load_fonts(*further: FontPin) -> Fonts:
    """Load the fonts, once per process (0.5 s); `further` are asked for what the main ones lack.

    Raises `ConfigurationError` for the first of these that is not what its pin says.
    """
    rest = FurtherFonts(further)
    return Fonts(*(Typeface(_load(f"NotoSerifSC-{one}"), rest) for one in ("Regular", "Bold")))


@cache
def _load(name: str) -> FontFile:
    data = (files("signing") / "fonts" / f"{name}.ttf").read_bytes()
    font = FontFile(name, data, steady=name.endswith("Bold"))
    pdfmetrics.registerFont(font)  # a canvas begins with a font by name
    return font


@cache
def _load_rare() -> FontFile:
    with as_file(files("signing") / "fonts" / RARE) as path:
        return _load_pinned(FontPin(path, RARE_SHA256), Path(RARE).stem)


def _load_pinned(pin: FontPin, name: str) -> FontFile:
    try:
        data = pin.path.read_bytes()
    except OSError as error:
        raise ConfigurationError(messages.font_unreadable(pin.path)) from error
    if hashlib.sha256(data).hexdigest() != pin.sha256:
        raise ConfigurationError(messages.font_not_the_pinned_one(pin.path))
    try:
        return FontFile(name, data)
    except Exception as error:  # named boundary: fontTools raises anything on what is no font
        raise ConfigurationError(messages.font_unreadable(pin.path)) from error
