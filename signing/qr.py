"""QR codes as one path of run-length rectangles: small, fast and sharp at any resolution."""

import re

import segno

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


_DARK = re.compile(rb"\x01+")


class QrTooLongError(XinyinError):
    """The text holds more than a QR code of a legible module size."""

    code = "qr_too_long"


def qr_path(text: str, x: float, y: float, side: float) -> str:
    """Return operators that fill the dark modules of `text`'s QR code, in the current colour.

    The square of `side` points whose lower left corner is (x, y) includes the quiet zone; it must
    be at least `MIN_SIDE`. Level Q, version by length, mask fixed: the same text always gives the
    same modules. Raises `QrTooLongError` beyond 292 bytes of UTF-8.
    """
    rows = modules(text)
    module = side / (len(rows) + 2 * QUIET_ZONE)
    left, top = x + QUIET_ZONE * module, y + side - QUIET_ZONE * module
    path = " ".join(_runs(row, index) for index, row in enumerate(rows))
    return f"q {module:.5f} 0 0 {-module:.5f} {left:.4f} {top:.4f} cm {path} f Q"


def modules(text: str) -> tuple[bytearray, ...]:
    """Return the rows of modules, 1 being dark, from the top."""
    data = text.encode()
    for version, capacity in enumerate(CAPACITY, start=1):
        if len(data) <= capacity:
            code = segno.make_qr(
                data, error=LEVEL, version=version, mask=MASK, mode="byte", boost_error=False
            )
            return tuple(code.matrix)
    raise QrTooLongError(
        messages.qr_code_too_long(count=len(data), capacity=CAPACITY[-1]),
        length=len(data),
    )


def _runs(row: bytearray, index: int) -> str:
    spans = map(re.Match.span, _DARK.finditer(row))
    return " ".join([f"{start} {index} {end - start} 1 re" for start, end in spans])
