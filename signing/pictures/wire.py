"""Requests about pictures, and the answers, as bytes.

A request is a byte for its kind (`P` pixels, `O` whether it opens), the bounds (5 numbers of 4
bytes) and the files, each after its length (4 bytes). Each has an answer, in the same order: `A`,
then `P` with width, height (4 bytes each) and 3 bytes a pixel; `O` it opens; `S` its sides are out
of bounds; `B` it is broken.
"""

import struct
from dataclasses import dataclass
from typing import Final

PIXELS, OPENS, OUT_OF_BOUNDS, BROKEN = b"P", b"O", b"S", b"B"
_BOUNDS: Final = struct.Struct(">IIIII")
_SIZE: Final = struct.Struct(">II")
_LENGTH: Final = struct.Struct(">I")
_CHANNELS: Final = 3


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a picture, judged before any pixel is decoded."""

    min_side: int
    max_side: int
    max_pixels: int
    kept: tuple[int, int] = (0, 0)
    """Pixels across and down into which it is scaled where it has more."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture without a format: red, green and blue of each pixel, a byte each."""

    width: int
    height: int
    rgb: bytes | memoryview


def encode_request(kind: bytes, bounds: Bounds, *files: bytes) -> bytes:
    """Return a request."""
    numbers = (bounds.min_side, bounds.max_side, bounds.max_pixels, *bounds.kept)
    sized = (part for one in files for part in (_LENGTH.pack(len(one)), one))
    return b"".join((kind, _BOUNDS.pack(*numbers), *sized))


def decode_request(request: bytes) -> tuple[bytes, Bounds, list[bytes]]:
    """Return kind, bounds and files of a request."""
    min_side, max_side, max_pixels, *kept = _BOUNDS.unpack_from(request, 1)
    bounds = Bounds(min_side, max_side, max_pixels, (kept[0], kept[1]))
    files, at = [], 1 + _BOUNDS.size
    while at < len(request):
        (length,) = _LENGTH.unpack_from(request, at)
        at += _LENGTH.size + length
        files.append(request[at - length : at])
    return request[:1], bounds, files


def encode_pixels(pixels: Pixels) -> bytes:
    """Return the answer that holds pixels."""
    return b"".join((PIXELS, _SIZE.pack(pixels.width, pixels.height), pixels.rgb))


def decode_pixels(answer: memoryview, bounds: Bounds) -> Pixels:
    """Return the pixels of an answer. Raises `ValueError` for anything but a picture in bounds.

    Nothing here is parsed but two numbers: whoever wrote the answer chose colours, no more.
    """
    if answer[:1] != PIXELS or len(answer) < 1 + _SIZE.size:
        raise ValueError("not pixels")
    width, height = _SIZE.unpack_from(answer, 1)
    rgb = answer[1 + _SIZE.size :]
    if not (0 < width <= bounds.kept[0] and 0 < height <= bounds.kept[1]):
        raise ValueError("out of bounds")
    if len(rgb) != _CHANNELS * width * height:
        raise ValueError("not as many pixels as were named")
    return Pixels(width, height, rgb)
