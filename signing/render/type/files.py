"""Font files, embedded as subsets with a Unicode map.

Embedded as Type0 with Identity-H (ISO 32000-1 9.7), one subset each, where ReportLab's own
TrueType support makes several simple fonts of 256 codes and cannot map characters beyond the BMP.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from struct import pack
from types import SimpleNamespace
from typing import cast
from weakref import WeakKeyDictionary

from fontTools.ttLib import TTFont
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFDocument

from signing.pdf_syntax import flate
from signing.render.objects import Literal, refer
from signing.render.type.subset import Outlines, make_subset, number_glyphs, read_outlines

EM = 1000
"""Units of the fonts' em square, as PDF wants widths (ISO 32000-1 9.7.4.3)."""
COMPRESSION_LEVEL = 3
"""zlib's; 6 takes half as long again for two per cent."""
BFCHAR_LIMIT = 100
"""Entries of one `beginbfchar` block (Adobe technical note 5411, 1.4.1)."""


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


class FontFile:
    """One font file: its characters, their widths and outlines.

    In the shape that ReportLab asks of its dynamic fonts.
    """

    _dynamicFont = True  # noqa: N815 (ReportLab's names, here and below)
    _multiByte = True  # noqa: N815

    def __init__(self, name: str, data: bytes) -> None:
        self.fontName = name
        self.face = SimpleNamespace(name=name)
        with TTFont(BytesIO(data), lazy=True) as font:
            number_glyphs(font)
            self.units: int = font["head"].unitsPerEm
            self.outlines = read_outlines(font)
            self._vertical = _read_vertical(font)
            self.glyphs = _drawable(_character_map(font), self.outlines)
        self._used: WeakKeyDictionary[PDFDocument, dict[tuple[str, int], int]] = WeakKeyDictionary()
        # CID by character and the space after it
        self.widths = {
            character: round(self.outlines.metrics[glyph][0] * EM / self.units)
            for character, glyph in self.glyphs.items()
        }
        """Advance by character, in thousandths of an em."""

    def encode(self, text: str, doc: PDFDocument, *, spacing: int = 0, spaced: int = 0) -> bytes:
        """Return `text` as CIDs, two bytes each, and note its characters for `doc`'s subset.

        The first `spaced` characters are wider by `spacing` thousandths of an em. That space is
        part of their glyphs: readers take a gap between glyphs for a space in the text.
        """
        used = self._used.setdefault(doc, {})
        codes = [
            used.setdefault((character, spacing if at < spaced else 0), len(used) + 1)
            for at, character in enumerate(text)
        ]
        return pack(f">{len(codes)}H", *codes)

    def resource(self, doc: PDFDocument) -> str:
        """Return the name of the font as a resource; `doc` will embed it."""
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
        glyphs = [0, *(self.glyphs[character] for character in characters)]
        own = [round(advance * self.units / EM) for advance in advances]
        program = make_subset(self.outlines, glyphs, [self.outlines.metrics[0][0], *own])
        file = refer(doc, _flate(program, f"/Length1 {len(program)}"))
        descriptor = refer(doc, Literal(_descriptor(self._vertical, name, file)))
        unicode_map = refer(doc, _flate(to_unicode_map(characters)))
        widths = " ".join(map(str, advances))
        descendant = refer(
            doc,
            Literal(
                f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity"
                " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
                f" /FontDescriptor {descriptor} 0 R /DW {EM} /W [ 1 [ {widths} ] ] >>"
            ),
        )
        fonts = cast("PDFDictionary", doc.idToObject["BasicFonts"]).dict
        fonts[self.resource(doc)[1:]] = Literal(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H"
            f" /DescendantFonts [ {descendant} 0 R ] /ToUnicode {unicode_map} 0 R >>"
        )


def _flate(data: bytes, entries: str = "") -> Literal:
    return Literal(flate(data, entries, COMPRESSION_LEVEL))


def _descriptor(vertical: _Vertical, name: str, program: int) -> str:
    return (
        f"<< /Type /FontDescriptor /FontName /{name} /Flags {_SYMBOLIC_SERIF}"
        f" /FontBBox [ {' '.join(map(str, vertical.box))} ] /ItalicAngle 0"
        f" /Ascent {vertical.ascent} /Descent {vertical.descent}"
        f" /CapHeight {vertical.cap_height} /StemV {vertical.stem} /FontFile2 {program} 0 R >>"
    )


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


def _subset_tag(characters: Iterable[str]) -> str:
    """Return six capitals that name the subset (ISO 32000-1 9.6.4)."""
    digest = hashlib.sha256("".join(characters).encode()).digest()
    return "".join(chr(ord("A") + byte % 26) for byte in digest[:6])
