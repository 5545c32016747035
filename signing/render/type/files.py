"""Font files: their characters, widths and outlines, and subsets of them."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from types import SimpleNamespace
from typing import NamedTuple

from fontTools.ttLib import TTFont

from signing.render.type.subset import (
    CutGlyph,
    Outlines,
    make_subset,
    number_glyphs,
    read_outlines,
)

EM = 1000
"""Units of the fonts' em square, as PDF wants widths (ISO 32000-1 9.7.4.3)."""

_SYMBOLIC_SERIF = 1 << 2 | 1 << 1
"""Font flags (ISO 32000-1 table 123)."""


@dataclass(frozen=True, slots=True)
class _Vertical:
    """Figures of the font descriptor (ISO 32000-1 table 122), in thousandths of an em."""

    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int
    stem: int


def _read_vertical(font: TTFont) -> _Vertical:
    head, os2 = font["head"], font["OS/2"]
    units: int = head.unitsPerEm

    def scaled(length: int) -> int:
        return round(length * EM / units)

    return _Vertical(
        box=(scaled(head.xMin), scaled(head.yMin), scaled(head.xMax), scaled(head.yMax)),
        ascent=scaled(os2.sTypoAscender),
        descent=scaled(os2.sTypoDescender),
        cap_height=scaled(getattr(os2, "sCapHeight", 0) or os2.sTypoAscender),
        stem=50 + (os2.usWeightClass // 65) ** 2,  # customary: the file does not tell
    )


def _character_map(font: TTFont) -> dict[int, int]:
    return {point: font.getGlyphID(name) for point, name in font.getBestCmap().items()}


Shown = str | tuple[str, int]
"""A character, or one that is so many thousandths of an em wider. That space is part of its glyph:
readers take a gap between glyphs for a space in the text."""
KEPT = 1 << 14
"""Glyphs of one font that a process keeps ready; each takes some 600 bytes."""


class ReadyGlyph(NamedTuple):
    """A glyph with its parts of the objects that embed it."""

    cut: CutGlyph
    width: str
    """In thousandths of an em."""
    point: str
    """Its character, as a Unicode map has it."""


class FontFile:
    """One font file: its characters, their widths and outlines.

    In the shape that ReportLab asks of the dynamic font that a canvas begins with.
    """

    _dynamicFont = True  # noqa: N815 (ReportLab's names, here and below)
    _multiByte = True  # noqa: N815

    def __init__(self, name: str, data: bytes, *, steady: bool = False) -> None:
        """`steady`: only words of a type are set in it, the same on all its pages."""
        self.fontName = name
        self.steady = steady
        self.face = SimpleNamespace(name=name)
        with TTFont(BytesIO(data), lazy=True) as font:
            number_glyphs(font)
            self.units: int = font["head"].unitsPerEm
            self.outlines = read_outlines(font)
            self._vertical = _read_vertical(font)
            self.glyphs = _drawable(_character_map(font), self.outlines)
        self.widths = {
            character: round(self.outlines.metrics[glyph][0] * EM / self.units)
            for character, glyph in self.glyphs.items()
        }
        """Advance by character, in thousandths of an em."""

        self.ready = _ReadyGlyphs(self)
        """What was shown, ready to be embedded."""

    def subset(self, glyphs: Sequence[CutGlyph]) -> bytes:
        """Return a font file whose glyphs from 1 on are these."""
        nothing = self.outlines.cut(0, self.outlines.metrics[0][0])
        return make_subset(self.outlines, [nothing, *glyphs])

    def descriptor(self) -> str:
        """Return the entries of its descriptor (ISO 32000-1 table 122) but name and program."""
        vertical = self._vertical
        return (
            f"/Type /FontDescriptor /Flags {_SYMBOLIC_SERIF}"
            f" /FontBBox [ {' '.join(map(str, vertical.box))} ] /ItalicAngle 0"
            f" /Ascent {vertical.ascent} /Descent {vertical.descent}"
            f" /CapHeight {vertical.cap_height} /StemV {vertical.stem}"
        )


class _ReadyGlyphs(dict[Shown, ReadyGlyph]):
    """Glyphs of one font that were shown; a process keeps the latest."""

    def __init__(self, font: FontFile) -> None:
        super().__init__()
        self._font = font

    def __missing__(self, shown: Shown) -> ReadyGlyph:
        """Make what is not there. Raises KeyError for a character that the font does not have."""
        font, character = self._font, shown[0]
        width = font.widths[character] + (shown[1] if isinstance(shown, tuple) else 0)
        cut = font.outlines.cut(font.glyphs[character], round(width * font.units / EM))
        if len(self) >= KEPT:
            self.clear()
        point = character.encode("utf-16-be").hex().upper()
        ready = self[shown] = ReadyGlyph(cut, str(width), f"<{point}>")
        return ready


def needs_shaping(character: str) -> bool:
    """Tell whether a character belongs to a script whose letters join, stack or run leftward.

    Drawn one by one they would be wrong, however good the font.
    """
    return (
        unicodedata.bidirectional(character) in {"R", "AL"}
        or any(first <= ord(character) <= last for first, last in _SHAPED)
        or unicodedata.combining(character) != 0
    )


_SHAPED = (
    (0x0900, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x18AF), (0x1A20, 0x1AAF), (0xA840, 0xA87F),
)  # fmt: skip
"""Indic scripts, Tibetan and Myanmar, Khmer and Mongolian, Tai Tham, Phags-pa."""


def _drawable(cmap: dict[int, int], outlines: Outlines) -> dict[str, int]:
    """Return the glyph of each character that leaves ink, or is a space.

    Left out are control, format, private and combining characters (they need a shaping engine, or
    print nothing and would make what is read differ from what is seen), inkless blanks, and scripts
    that need shaping. So are composite glyphs, of which our fonts have none: subsets hold just what
    is asked for.
    """
    glyphs: dict[str, int] = {}
    for point, glyph in cmap.items():
        character = chr(point)
        category = unicodedata.category(character)
        inked = outlines.glyph(glyph) and not outlines.is_composite(glyph)
        drawn = inked and category[0] not in "CM" and not needs_shaping(character)
        if category == "Zs" or drawn:
            glyphs[character] = glyph
    return glyphs
