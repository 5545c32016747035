"""Subsets of a TrueType font for CIDFontType2: the glyphs in the order that their CIDs have."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from struct import pack, unpack_from
from typing import NamedTuple

from fontTools.ttLib import TTFont


@dataclass(frozen=True, slots=True)
class Outlines:
    """Tables of one font that subsetting needs; glyph data are views into the file's bytes."""

    glyf: bytes
    offsets: Sequence[int]
    metrics: Sequence[tuple[int, int]]
    """Advance width and left side bearing by glyph."""
    head: bytes
    hhea: bytes
    maxp: bytes

    def is_composite(self, index: int) -> bool:
        """Say whether a glyph is put together from others: its number of contours is negative."""
        return bool(self.glyph(index)[:1] >= b"\x80")

    def glyph(self, index: int) -> bytes:
        """Return the data of one glyph; empty for a blank."""
        return self.glyf[self.offsets[index] : self.offsets[index + 1]]

    def cut(self, index: int, advance: int) -> "CutGlyph":
        """Return a glyph as it stands in a subset, so wide."""
        data, bearing = self.glyph(index), self.metrics[index][1]
        return CutGlyph(_padded(data), _checksum(data), pack(">Hh", advance, bearing), advance)


class CutGlyph(NamedTuple):
    """A glyph as it stands in a subset."""

    data: bytes
    checksum: int
    """Its part of the table's."""
    metrics: bytes
    """Its entry in `hmtx`."""
    advance: int


def number_glyphs(font: TTFont) -> None:
    """Call glyphs by their numbers, before anything is read from the font.

    Else fontTools makes names for all of its 30,000, most of what opening it takes.
    """
    font.setGlyphOrder([str(number) for number in range(font["maxp"].numGlyphs)])


def read_outlines(font: TTFont) -> Outlines:
    """Take from an open font what subsetting needs."""
    metrics = font["hmtx"].metrics
    return Outlines(
        glyf=font.reader["glyf"],
        offsets=font["loca"].locations,
        metrics=[metrics[name] for name in font.getGlyphOrder()],
        head=font.reader["head"],
        hhea=font.reader["hhea"],
        maxp=font.reader["maxp"],
    )


def make_subset(outlines: Outlines, glyphs: Sequence[CutGlyph]) -> bytes:
    """Return a font file in which glyph i is `glyphs[i]`.

    It holds the tables that ISO 32000-1 9.9 requires for CIDFontType2 and no more.
    """
    data, sums, metrics, widths = zip(*glyphs, strict=True)
    offsets = [0, *accumulate(map(len, data))]
    head = bytearray(outlines.head)
    head[8:12] = bytes(4)  # checkSumAdjustment, of no use in a subset
    head[50:52] = b"\0\1"  # long loca
    return _font_file(
        {
            b"glyf": b"".join(data),
            b"head": bytes(head),
            b"hhea": (
                outlines.hhea[:10]
                + pack(">H", max(widths))
                + outlines.hhea[12:34]
                + pack(">H", len(glyphs))
            ),
            b"hmtx": b"".join(metrics),
            b"loca": pack(f">{len(offsets)}L", *offsets),
            b"maxp": outlines.maxp[:4] + pack(">H", len(glyphs)) + outlines.maxp[6:],
        },
        sum(sums) & 0xFFFFFFFF,
    )


def _font_file(tables: dict[bytes, bytes], glyphs_checksum: int) -> bytes:
    """Join tables, given in ascending order of their tags, into an sfnt file."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    directory = [
        pack(">LHHHH", 0x10000, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    ]
    position = 12 + 16 * count
    for tag, table in tables.items():
        checksum = glyphs_checksum if tag == b"glyf" else _checksum(table)
        directory.append(tag + pack(">LLL", checksum, position, len(table)))
        position += len(table) + -len(table) % 4
    return b"".join((*directory, *map(_padded, tables.values())))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _checksum(table: bytes) -> int:
    padded = _padded(table)
    words: tuple[int, ...] = unpack_from(f">{len(padded) // 4}L", padded)
    return sum(words) & 0xFFFFFFFF
