"""QR codes as modules of one bit: drawn by tables that are made once for each version."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter

import segno
from segno import consts

from core.errors import XinyinError
from signing import messages

QUIET_ZONE = 4
"""Modules of white on each side (ISO/IEC 18004 9.1)."""
MIN_SIDE = 25 / 25.4 * 72
"""Points; smaller ones are hard to read from worn paper."""
MASK = 4
"""One fixed mask: choosing the best of eight takes 4 ms and readers do not need it. With mask 3 a
lost row can look like a finder pattern."""
LEVEL = "q"
"""Error correction: at level M a fold that takes one row of modules can defeat a reader."""
CAPACITY = (11, 20, 32, 46, 60, 74, 86, 108, 130, 151, 177, 203, 241, 258, 292)
"""Bytes that versions 1 to 15 hold at level Q (ISO/IEC 18004 table 7)."""
_BLOCKS = (
    (13, 1, 13, 0), (22, 1, 22, 0), (18, 2, 17, 0), (26, 2, 24, 0), (18, 2, 15, 2),
    (24, 4, 19, 0), (18, 2, 14, 4), (22, 4, 18, 2), (20, 4, 16, 4), (24, 6, 19, 2),
    (28, 4, 22, 4), (26, 4, 20, 6), (24, 8, 20, 4), (20, 11, 16, 5), (30, 5, 24, 7),
)  # fmt: skip
"""Of the same at level Q (table 9): codewords for correction in each block; so many blocks of so
many codewords of data; further blocks of one more."""
_LONG_COUNT = 10
"""From this version on a text's length has two bytes (table 3)."""
_BYTES_FOLLOW = 0b0100
"""Mode indicator (table 2)."""
_PADDING = b"\0" + b"\xec\x11" * 150
"""Fills up the data (7.4.10), which readers leave unread; the 0 is segno's habit, and keeps the
modules those that it makes."""
_POLYNOMIAL = 0x11D
"""Of the field GF(256) that corrections are computed in (7.5.2)."""
_PATTERNS = frozenset(
    {
        consts.TYPE_ALIGNMENT_PATTERN_DARK,
        consts.TYPE_ALIGNMENT_PATTERN_LIGHT,
        consts.TYPE_VERSION_DARK,
        consts.TYPE_VERSION_LIGHT,
    }
)
_TIMING = 6
"""Row and column of the timing patterns (6.3.5)."""
_CORNER = 9
"""Modules of a finder pattern with its separator and the format's row or column (7.9)."""


class QrTooLongError(XinyinError):
    """The text holds more than a QR code of a legible module size."""

    code = "qr_too_long"


@dataclass(frozen=True, slots=True)
class QrCode:
    """Modules of a code, without the quiet zone."""

    side: int
    """Modules in a row, and rows."""
    bits: bytes
    """The rows from the top, each in whole bytes from its left, 1 being dark."""

    @property
    def width(self) -> int:
        """Bytes of a row."""
        return -(-self.side // 8)


def qr_code(text: str) -> QrCode:
    """Return the code of `text`: level Q, version by length, the same modules each time.

    Raises `QrTooLongError` beyond 292 bytes of UTF-8.
    """
    data = text.encode()
    for version, capacity in enumerate(CAPACITY, start=1):
        if len(data) <= capacity:
            return _symbol(version).code(data)
    raise QrTooLongError(
        messages.qr_code_too_long(count=len(data), capacity=CAPACITY[-1]),
        length=len(data),
    )


class _Symbol:
    """One version at level Q.

    Its fixed patterns are learnt from a code that segno makes; where each bit of data and
    correction goes is one permutation, interleaving included.
    """

    def __init__(self, version: int) -> None:
        rows = [list(row) for row in _by_segno(version).matrix_iter(border=0, verbose=True)]
        self._side = len(rows)
        self._correction, few, size, more = _BLOCKS[version - 1]
        self._sizes = [size] * few + [size + 1] * more
        self._room = sum(self._sizes)
        self._count_bits = 16 if version >= _LONG_COUNT else 8
        self._table = _remainders(self._correction)
        places = dict(zip(_way(rows), self._order(), strict=False))
        # What holds no data is the bit after the last, which is 0.
        blank = 8 * (self._room + self._correction * len(self._sizes))
        width = -(-self._side // 8) * 8
        cells = [(x, y) for y in range(self._side) for x in range(width)]
        self._pick = itemgetter(*(places.get(cell, blank) for cell in cells))
        self._pattern = int("".join(_fixed(rows, x, y) for x, y in cells), 2)
        self._octets = len(cells) // 8

    def code(self, data: bytes) -> QrCode:
        """Return the code of bytes that it has room for."""
        # (1) Mode, length, data and terminator; padding (7.4).
        count = len(data)
        head = (_BYTES_FOLLOW << self._count_bits | count) << 8 * count
        filled = ((head | int.from_bytes(data)) << 4).to_bytes(1 + self._count_bits // 8 + count)
        filled += _PADDING[: self._room - len(filled)]
        # (2) Correction of each block (7.5).
        blocks, start = [filled], 0
        for size in self._sizes:
            blocks.append(self._corrected(filled[start : start + size]))
            start += size
        # (3) Each bit to its place, over the fixed patterns and under the mask (7.7, 7.8).
        words = b"".join(blocks)
        bits = f"{int.from_bytes(words):0{8 * len(words)}b}0"
        picked = int("".join(self._pick(bits)), 2) ^ self._pattern
        return QrCode(self._side, picked.to_bytes(self._octets))

    def _corrected(self, block: bytes) -> bytes:
        """Return the remainder of a block divided by the generator polynomial."""
        table, top = self._table, 8 * (self._correction - 1)
        low, rest = (1 << top) - 1, 0
        for word in block:
            rest = (rest & low) << 8 ^ table[rest >> top ^ word]
        return rest.to_bytes(self._correction)

    def _order(self) -> Iterator[int]:
        """Yield which bits follow one another in the code: interleaved, data first (7.6)."""
        starts = [sum(self._sizes[:at]) for at in range(len(self._sizes))]
        words = [
            start + at
            for at in range(max(self._sizes))
            for start, size in zip(starts, self._sizes, strict=True)
            if at < size
        ]
        words += [
            self._room + block * self._correction + at
            for at in range(self._correction)
            for block in range(len(self._sizes))
        ]
        for word in words:
            yield from range(8 * word, 8 * word + 8)


@cache
def _symbol(version: int) -> _Symbol:
    return _Symbol(version)


def _by_segno(version: int) -> segno.QRCode:
    code = segno.make_qr(
        b"0", error=LEVEL, version=version, mask=MASK, mode="byte", boost_error=False
    )
    assert isinstance(code, segno.QRCode)
    return code


def _holds_data(rows: list[list[int]], x: int, y: int) -> bool:
    """Say whether a module is no part of a fixed pattern (6.3)."""
    far = len(rows) - _CORNER + 1
    corner = (x < _CORNER and (y < _CORNER or y >= far)) or (x >= far and y < _CORNER)
    return not corner and _TIMING not in {x, y} and rows[y][x] not in _PATTERNS


def _way(rows: list[list[int]]) -> Iterator[tuple[int, int]]:
    """Yield the places for data, as they are filled: two columns at a time, up and down (7.7.3)."""
    side = len(rows)
    right, upward = side - 1, True
    while right > 0:
        if right == _TIMING:
            right -= 1
        for y in reversed(range(side)) if upward else range(side):
            for x in (right, right - 1):
                if _holds_data(rows, x, y):
                    yield x, y
        right, upward = right - 2, not upward


def _fixed(rows: list[list[int]], x: int, y: int) -> str:
    """Return a module's bit apart from its data: its pattern's, or that of mask 4 (7.8.2)."""
    if x >= len(rows):
        return "0"
    masked = (y // 2 + x // 3) % 2 == 0
    dark = masked if _holds_data(rows, x, y) else rows[y][x] >> 8 != 0
    return "1" if dark else "0"


def _remainders(degree: int) -> list[int]:
    """Return the remainder by the generator polynomial of each byte ahead of `degree` others."""
    generator, root = [1], 1
    for _ in range(degree):
        shifted = [*generator, 0]
        for at, factor in enumerate(generator):
            shifted[at + 1] ^= _product(factor, root)
        generator, root = shifted, _product(root, 2)
    return [
        int.from_bytes(_product(word, factor) for factor in generator[1:]) for word in range(256)
    ]


def _product(first: int, second: int) -> int:
    """Multiply in GF(256)."""
    product = 0
    while second:
        if second & 1:
            product ^= first
        first <<= 1
        if first & 0x100:
            first ^= _POLYNOMIAL
        second >>= 1
    return product
