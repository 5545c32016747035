"""Fonts of one file: the codes that its texts are shown by, and the objects that embed them.

Embedded as Type0 with Identity-H (ISO 32000-1 9.7), one subset each with a Unicode map, where
ReportLab's own TrueType support makes several simple fonts of 256 codes and cannot map characters
beyond the BMP.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, count
from typing import cast

from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFDocument

from signing.render.file.objects import Literal, deflated, gap, refer
from signing.render.type.files import EM, FontFile, Shown

BFCHAR_LIMIT = 100
"""Entries of one `beginbfchar` block (Adobe technical note 5411, 1.4.1)."""
KEPT = 64
"""Subsets of steady fonts that a process keeps; each takes about 12 KB."""


_USUAL = 1024
"""Characters that one font shows in a file, mostly."""
_DIGITS = tuple(f"{cid:04X}" for cid in range(1, _USUAL + 1))


class _Codes(dict[Shown, str]):
    """CIDs of what is shown, as four hexadecimal digits, numbered as they are asked for."""

    def __missing__(self, shown: Shown) -> str:
        at = len(self)
        code = self[shown] = _DIGITS[at] if at < _USUAL else f"{at + 1:04X}"
        return code


class UsedFonts:
    """The fonts of one file."""

    def __init__(self) -> None:
        self._codes: dict[FontFile, tuple[str, _Codes]] = {}

    @property
    def fonts(self) -> tuple[FontFile, ...]:
        """In the order in which they were first used."""
        return tuple(self._codes)

    def codes(self, font: FontFile, text: str, spacing: int = 0, spaced: int = 0) -> str:
        """Return `text` as CIDs, in hexadecimal digits, and note its characters for the subset.

        The first `spaced` characters are wider by `spacing` thousandths of an em.
        """
        of = self._of(font)[1].__getitem__
        if not spacing:
            return "".join(map(of, text))
        wide = [of((character, spacing)) for character in text[:spaced]]
        return "".join((*wide, *map(of, text[spaced:])))

    def resource(self, font: FontFile) -> str:
        """Return the name of a font as a resource."""
        return self._of(font)[0]

    def _of(self, font: FontFile) -> tuple[str, _Codes]:
        found = self._codes.get(font)
        if found is None:
            found = self._codes[font] = (f"/{_resource(len(self._codes))}", _Codes())
        return found

    def characters(self) -> str:
        """Return all characters, font by font, in the order of their CIDs."""
        return "\0".join("".join(one[0] for one in codes) for _, codes in self._codes.values())

    def values(self) -> dict[str, bytes]:
        """Return the filling of the gaps in the fonts' objects."""
        filled: dict[str, bytes] = {}
        for at, (font, (_, codes)) in enumerate(self._codes.items()):
            make = _kept if font.steady else _values
            for name, value in make(font, tuple(codes)):
                filled[f"{at} {name}"] = value
        return filled


def _values(font: FontFile, shown: tuple[Shown, ...]) -> tuple[tuple[str, bytes], ...]:
    glyphs, widths, points = zip(*map(font.ready.__getitem__, shown), strict=True)
    program = font.subset(glyphs)
    return (
        ("tag", _tag(one[0] for one in shown)),
        ("program", deflated(program, f"/Length1 {len(program)}")),
        ("unicode", deflated(to_unicode_map(points))),
        ("widths", " ".join(widths).encode("ascii")),
    )


_kept = lru_cache(maxsize=KEPT)(_values)


def embed(document: PDFDocument, at: int, font: FontFile) -> None:
    """Add the objects of a document's font number `at`, with gaps for what it shows."""

    def own(name: str) -> str:
        return gap(f"{at} {name}")

    name = f"/{own('tag')}+{font.fontName}"
    program = refer(document, Literal(own("program")))
    descriptor = refer(
        document,
        Literal(f"<< {font.descriptor()} /FontName {name} /FontFile2 {program} 0 R >>"),
    )
    unicode_map = refer(document, Literal(own("unicode")))
    descendant = refer(
        document,
        Literal(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont {name} /CIDToGIDMap /Identity"
            " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
            f" /FontDescriptor {descriptor} 0 R /DW {EM} /W [ 1 [ {own('widths')} ] ] >>"
        ),
    )
    fonts = cast("PDFDictionary", document.idToObject["BasicFonts"]).dict
    fonts[_resource(at)] = Literal(
        f"<< /Type /Font /Subtype /Type0 /BaseFont {name} /Encoding /Identity-H"
        f" /DescendantFonts [ {descendant} 0 R ] /ToUnicode {unicode_map} 0 R >>"
    )


def _resource(at: int) -> str:
    return f"F{at + 1}"


def to_unicode_map(points: Iterable[str]) -> bytes:
    """Return the CMap from CIDs 1, 2, … to characters in UTF-16BE (ISO 32000-1 9.10.3)."""
    further = (f"{cid:04X}" for cid in count(_USUAL + 1))
    pairs = [
        f"<{cid}> {point}" for cid, point in zip(chain(_DIGITS, further), points, strict=False)
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


def _tag(characters: Iterable[str]) -> bytes:
    """Return six capitals that name a subset (ISO 32000-1 9.6.4)."""
    digest = hashlib.sha256("".join(characters).encode()).digest()
    return bytes(ord("A") + byte % 26 for byte in digest[:6])
