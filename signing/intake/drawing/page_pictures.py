"""Pages as pictures, for people who decide on a seal: drawn where the file is read.

What leaves the confined process is a width, a height and dots, and no picture's format: whoever
takes it over in there can show other dots, and nothing else. The PNG is written outside.
"""

import struct
import time
import zlib
from dataclasses import dataclass
from typing import Final

import pypdfium2 as pdfium

from signing.intake.drawing.stand_in import use_stand_in

MOST_DOTS: Final = 4_000_000
MOST_WIDE: Final = 1600
LEAST_WIDE: Final = 64
_SIZE: Final = struct.Struct(">II")
_COLOURS: Final = 3
_BEGINNING: Final = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS_RGB: Final = b"\x08\x02\x00\x00\x00"
_LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as it is shown."""

    width: int
    height: int
    dots: bytes
    """Red, green and blue, row by row."""

    def png(self) -> bytes:
        """Return it as PNG (ISO/IEC 15948), each row unfiltered."""
        row = self.width * _COLOURS
        lines = b"".join(
            b"\0" + self.dots[start : start + row] for start in range(0, len(self.dots), row)
        )
        head = _SIZE.pack(self.width, self.height) + _EIGHT_BITS_RGB
        chunks = (b"IHDR", head), (b"IDAT", zlib.compress(lines, _LEVEL)), (b"IEND", b"")
        return _BEGINNING + b"".join(_chunk(*one) for one in chunks)


def draw_page(data: bytes, number: int, wide: int) -> bytes:
    """Draw a page (from 1), in the confined process. Raises `ValueError` where there is none."""
    document = pdfium.PdfDocument(data)
    document.init_forms()  # seals that a document bears are drawn as its fields
    if not 1 <= number <= len(document):
        raise ValueError("no such page")
    page = document[number - 1]
    across, high = max(1.0, page.get_width()), max(1.0, page.get_height())
    scale = min(max(LEAST_WIDE, min(wide, MOST_WIDE)) / across, (MOST_DOTS / across / high) ** 0.5)
    bitmap = page.render(scale=scale, rev_byteorder=True)
    stride, row = bitmap.stride, bitmap.width * _COLOURS
    held = bytes(bitmap.buffer)
    dots = b"".join(held[at * stride : at * stride + row] for at in range(bitmap.height))
    return _SIZE.pack(bitmap.width, bitmap.height) + dots


def draw_pages(data: bytes, first: int, last: int, wide: int, seconds: float) -> int:
    """Draw pages one after the other and keep none, in the confined process; return how many.

    It ends with the last one, before a page that took more than `seconds` of CPU, or where all
    together took that long: less than what a fork is given, so that a page that was drawn here can
    be drawn again on a busier machine.
    """
    began, done = time.process_time(), 0
    for number in range(first, last + 1):
        before = time.process_time()
        draw_page(data, number, wide)
        now = time.process_time()
        if now - before > seconds:
            break
        done += 1
        if now - began > seconds:
            break
    return done


def read_picture(answer: bytes) -> PagePicture:
    """Read what `draw_page` gave. Raises `ValueError` for anything else: it ate hostile bytes."""
    try:
        width, height = _SIZE.unpack_from(answer)
    except struct.error as error:
        raise ValueError("no picture") from error
    dots = answer[_SIZE.size :]
    # A dot more in each direction: sizes are rounded up.
    fits = 0 < width <= MOST_WIDE + 1 and height > 0 and width * height <= 2 * MOST_DOTS
    if not fits or len(dots) != width * height * _COLOURS:
        raise ValueError("no picture")
    return PagePicture(width, height, dots)


def warm_up_pictures(sample: bytes) -> None:
    """Have all that drawing needs loaded before the rights to open files are gone."""
    use_stand_in()
    draw_page(sample, 1, LEAST_WIDE)


def _chunk(name: bytes, body: bytes) -> bytes:
    check = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)
