"""Subsets of a TrueType font for CIDFontType2: the glyphs in the order that their CIDs have."""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack, unpack_from

from fontTools.ttLib import TTFont

_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO = 0x1, 0x8, 0x20, 0x40, 0x80


@dataclass(frozen=True, slots=True)
class Outlines:
    """What subsetting needs of one font; glyph data are views into the file's bytes."""

    glyf: bytes
    offsets: Sequence[int]
    metrics: Sequence[tuple[int, int]]
    """Advance width and left side bearing by glyph."""
    head: bytes
    hhea: bytes
    maxp: bytes

    def glyph(self, index: int) -> bytes:
        """Return the data of one glyph; empty for a blank."""
        return self.glyf[self.offsets[index] : self.offsets[index + 1]]


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


def make_subset(outlines: Outlines, glyphs: Sequence[int]) -> bytes:
    """Return a font file in which glyph i is `glyphs[i]`, components of composites appended.

    It holds the tables that ISO 32000-1 9.9 requires for CIDFontType2 and no more.
    """
    indices, data = _closure(outlines, glyphs)
    offsets = [0]
    for piece in data:
        offsets.append(offsets[-1] + len(piece))
    metrics = [outlines.metrics[index] for index in indices]
    head = bytearray(outlines.head)
    head[8:12] = bytes(4)  # checkSumAdjustment, of no use in a subset
    head[50:52] = b"\0\1"  # long loca
    return _font_file(
        {
            b"glyf": b"".join(data),
            b"head": bytes(head),
            b"hhea": outlines.hhea[:34] + pack(">H", len(indices)),
            b"hmtx": b"".join(pack(">Hh", *pair) for pair in metrics),
            b"loca": pack(f">{len(offsets)}L", *offsets),
            b"maxp": outlines.maxp[:4] + pack(">H", len(indices)) + outlines.maxp[6:],
        }
    )


def _closure(outlines: Outlines, glyphs: Sequence[int]) -> tuple[list[int], list[bytes]]:
    indices = list(glyphs)
    data: list[bytes] = []
    while len(data) < len(indices):
        glyph = outlines.glyph(indices[len(data)])
        if glyph and glyph[0] & 0x80:  # negative number of contours: a composite
            glyph = _renumber(glyph, indices)
        data.append(glyph + bytes(-len(glyph) % 4))
    return indices, data


def _renumber(glyph: bytes, indices: list[int]) -> bytes:
    """Let a composite's components point to their places in `indices`, appending new ones."""
    result = bytearray(glyph)
    position, flags = 10, _MORE
    while flags & _MORE:
        flags, component = unpack_from(">HH", glyph, position)
        indices.append(component)
        result[position + 2 : position + 4] = pack(">H", len(indices) - 1)
        position += 4 + (4 if flags & _WORDS else 2)
        position += 2 * bool(flags & _SCALE) + 4 * bool(flags & _XY_SCALE)
        position += 8 * bool(flags & _TWO_BY_TWO)
    return bytes(result)


def _font_file(tables: dict[bytes, bytes]) -> bytes:
    """Join tables, given in ascending order of their tags, into an sfnt file."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    directory = [
        pack(">LHHHH", 0x10000, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    ]
    position = 12 + 16 * count
    for tag, table in tables.items():
        directory.append(tag + pack(">LLL", _checksum(table), position, len(table)))
        position += len(table) + -len(table) % 4
    return b"".join(directory) + b"".join(t + bytes(-len(t) % 4) for t in tables.values())


def _checksum(table: bytes) -> int:
    padded = table + bytes(-len(table) % 4)
    return sum(unpack_from(f">{len(padded) // 4}L", padded)) & 0xFFFFFFFF
