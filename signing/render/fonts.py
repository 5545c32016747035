"""The licence's two fonts: loaded once per process, embedded as subsets with a Unicode map.

Embedded as Type0 with Identity-H (ISO 32000-1 9.7), one subset each, where ReportLab's own
TrueType support makes several simple fonts of 256 codes and cannot map characters beyond the BMP.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from struct import pack
from typing import cast
from weakref import WeakKeyDictionary

from fontTools.ttLib import TTFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFDocument

from core.errors import ConfigurationError
from core.text import Text
from signing.render import messages
from signing.render.errors import MissingGlyphError
from signing.render.streams import Literal, flate, refer
from signing.render.subset import Outlines, make_subset, number_glyphs, read_outlines

EM = 1000
"""Units of the fonts' em square, as PDF wants widths (ISO 32000-1 9.7.4.3)."""
BFCHAR_LIMIT = 100
"""Entries of one `beginbfchar` block (Adobe technical note 5411, 1.4.1)."""


@dataclass(frozen=True, slots=True)
class _Face:
    name: str


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


def _check_units(font: TTFont, name: str) -> None:
    if font["head"].unitsPerEm != EM:
        raise ConfigurationError(messages.font_units_per_em_wrong(name=name, units_per_em=EM))


def _read_vertical(font: TTFont) -> _Vertical:
    head, os2 = font["head"], font["OS/2"]
    return _Vertical(
        box=(head.xMin, head.yMin, head.xMax, head.yMax),
        ascent=os2.sTypoAscender,
        descent=os2.sTypoDescender,
        cap_height=os2.sCapHeight,
        stem=50 + (os2.usWeightClass // 65) ** 2,  # customary: the file does not tell
    )


def _character_map(font: TTFont) -> dict[int, int]:
    return {point: font.getGlyphID(name) for point, name in font.getBestCmap().items()}


class EmbeddedFont:
    """One font file, in the shape that ReportLab asks of its dynamic fonts."""

    _dynamicFont = True  # noqa: N815 (ReportLab's names, here and below)
    _multiByte = True  # noqa: N815
    shapable = False

    def __init__(self, name: str, path: Path) -> None:
        self.fontName = name
        self.face = _Face(name)
        with TTFont(path, lazy=True) as font:
            number_glyphs(font)
            _check_units(font, name)
            self._outlines = read_outlines(font)
            self._vertical = _read_vertical(font)
            self._glyphs = _drawable(_character_map(font), self._outlines)
        self._used: WeakKeyDictionary[PDFDocument, dict[tuple[str, int], int]] = WeakKeyDictionary()
        # CID by character and the space after it
        self.widths = {
            character: self._outlines.metrics[glyph][0] for character, glyph in self._glyphs.items()
        }
        """Advance by character, in thousandths of an em."""
        self._coverage = frozenset(self._glyphs)

    def check(self, text: str, label: Text) -> None:
        """Raise `MissingGlyphError` for the first character that cannot be drawn."""
        if not self._coverage.issuperset(text):
            missing = next(character for character in text if character not in self._coverage)
            raise MissingGlyphError(label, missing)

    def width(self, text: str) -> int:
        """Return the advance of `text` in thousandths of an em; all characters are drawable."""
        return sum(map(self.widths.__getitem__, text))

    def stringWidth(self, text: str, size: float, encoding: str = "") -> float:  # noqa: ARG002, N802
        """Return the width in points; ReportLab hands in an encoding that means nothing here."""
        return self.width(text) * size / EM

    def splitString(self, text: str, doc: PDFDocument) -> list[tuple[int, bytes]]:  # noqa: N802
        """Return `text` as CIDs, two bytes each, all in the one subset."""
        return [(0, self.encode(text, doc))]

    def encode(self, text: str, doc: PDFDocument, *, spacing: int = 0, spaced: int = 0) -> bytes:
        """Return `text` as CIDs, two bytes each, and note its characters for `doc`'s subset.

        The first `spaced` characters are wider by `spacing` thousandths of an em. That space is
        part of their glyphs: readers take a gap between glyphs for a space in the text.
        """
        used = self._used.setdefault(doc, {})
        glyphs = [(one, spacing if at < spaced else 0) for at, one in enumerate(text)]
        codes = [used.setdefault(glyph, len(used) + 1) for glyph in glyphs]
        return pack(f">{len(codes)}H", *codes)

    def getSubsetInternalName(self, _subset: int, doc: PDFDocument) -> str:  # noqa: N802
        """Return the name of the font as a resource."""
        if self.fontName not in doc.fontMapping:
            doc.fontMapping[self.fontName] = f"/F{len(doc.fontMapping) + 1}"
            doc.delayedFonts.append(self)
        return str(doc.fontMapping[self.fontName])

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802
        """Embed the characters that `doc` uses. ReportLab calls this when it saves."""
        used = list(self._used.pop(doc, {}))
        characters = [character for character, _ in used]
        advances = [self.widths[character] + space for character, space in used]
        name = f"{_subset_tag(characters)}+{self.fontName}"
        glyphs = [0, *(self._glyphs[character] for character in characters)]
        program = make_subset(self._outlines, glyphs, [self._outlines.metrics[0][0], *advances])
        file = refer(doc, flate(program, f"/Length1 {len(program)}"))
        descriptor = refer(doc, Literal(self._descriptor(name, file)))
        unicode_map = refer(doc, flate(to_unicode_map(characters)))
        widths = " ".join(map(str, advances))
        descendant = refer(
            doc,
            Literal(
                f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity"
                " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
                f" /FontDescriptor {descriptor} /DW {EM} /W [ 1 [ {widths} ] ] >>"
            ),
        )
        fonts = cast("PDFDictionary", doc.idToObject["BasicFonts"]).dict
        fonts[doc.fontMapping[self.fontName][1:]] = Literal(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H"
            f" /DescendantFonts [ {descendant} ] /ToUnicode {unicode_map} >>"
        )

    def _descriptor(self, name: str, file: str) -> str:
        vertical = self._vertical
        return (
            f"<< /Type /FontDescriptor /FontName /{name} /Flags {_SYMBOLIC_SERIF}"
            f" /FontBBox [ {' '.join(map(str, vertical.box))} ] /ItalicAngle 0"
            f" /Ascent {vertical.ascent} /Descent {vertical.descent}"
            f" /CapHeight {vertical.cap_height} /StemV {vertical.stem} /FontFile2 {file} >>"
        )


@dataclass(frozen=True, slots=True)
class Fonts:
    """The weights that a licence is set in."""

    regular: EmbeddedFont
    bold: EmbeddedFont


@cache
def load_fonts() -> Fonts:
    """Load the fonts, once per process (0.5 s), and make them known to ReportLab."""
    fonts = Fonts(*(_load(weight) for weight in ("Regular", "Bold")))
    pdfmetrics.registerFont(fonts.regular)
    pdfmetrics.registerFont(fonts.bold)
    return fonts


def _load(weight: str) -> EmbeddedFont:
    name = f"NotoSerifSC-{weight}"
    with as_file(files("signing") / "fonts" / f"{name}.ttf") as path:
        return EmbeddedFont(name, path)


def to_unicode_map(characters: Iterable[str]) -> bytes:
    """Return the CMap from CIDs 1, 2, … to `characters` (ISO 32000-1 9.10.3), UTF-16BE."""
    pairs = [
        f"<{cid:04X}> <{character.encode('utf-16-be').hex()}>"
        for cid, character in enumerate(characters, start=1)
    ]
    blocks = [pairs[start : start + BFCHAR_LIMIT] for start in range(0, len(pairs), BFCHAR_LIMIT)]
    lines = [f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks]
    return _CMAP.format("\n".join(lines)).encode("ascii")


_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def _drawable(cmap: dict[int, int], outlines: Outlines) -> dict[str, int]:
    """Return the glyph of each character that leaves ink, or is a space.

    Left out are control, format, private and combining characters (they need a shaping engine, or
    print nothing and would make what is read differ from what is seen), and inkless blanks.
    So are composite glyphs, of which our fonts have none: subsets hold just what is asked for.
    """
    glyphs: dict[str, int] = {}
    for point, glyph in cmap.items():
        category = unicodedata.category(chr(point))
        inked = outlines.glyph(glyph) and not outlines.is_composite(glyph)
        if category == "Zs" or (inked and category[0] not in "CM"):
            glyphs[chr(point)] = glyph
    return glyphs


def _subset_tag(characters: Iterable[str]) -> str:
    """Return six capitals that name the subset (ISO 32000-1 9.6.4)."""
    digest = hashlib.sha256("".join(characters).encode()).digest()
    return "".join(chr(ord("A") + byte % 26) for byte in digest[:6])
