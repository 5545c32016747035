"""Decoding of a stranger's picture. For confined processes: nothing else imports this."""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from signing.pictures.wire import (
    BROKEN,
    OPENS,
    OUT_OF_BOUNDS,
    PIXELS,
    Bounds,
    Pixels,
    encode_pixels,
)

_PORTRAITS: Final = ("JPEG", "PNG")
_SCANS: Final = ("JPEG", "PNG", "TIFF")


class _OutOfBoundsError(Exception):
    """Its sides are not what they may be."""


def answer_for(kind: bytes, bounds: Bounds, data: bytes) -> bytes:
    """Return the answer about one file (`signing.pictures.wire`)."""
    work: Callable[[bytes, Bounds], bytes] = _pixels if kind == PIXELS else _open
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return work(data, bounds)
    except _OutOfBoundsError:
        return OUT_OF_BOUNDS
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        EOFError,
        MemoryError,
    ):  # what Pillow raises on broken pictures
        return BROKEN


@contextmanager
def _opened(data: bytes, formats: tuple[str, ...], bounds: Bounds) -> Iterator[Image.Image]:
    """Open a picture whose sides are in bounds; no pixel of it is decoded yet."""
    with Image.open(io.BytesIO(data), formats=formats) as picture:
        width, height = picture.size
        fits = bounds.min_side <= min(width, height) and max(width, height) <= bounds.max_side
        if not fits or width * height > bounds.max_pixels:
            raise _OutOfBoundsError
        yield picture


def _open(data: bytes, bounds: Bounds) -> bytes:
    with _opened(data, _SCANS, bounds) as picture:
        picture.load()
    return OPENS


def _pixels(data: bytes, bounds: Bounds) -> bytes:
    """Return a picture upright, on white, in 8 bits, scaled down to what is kept."""
    with _opened(data, _PORTRAITS, bounds) as picture:
        ImageOps.exif_transpose(picture, in_place=True)
        upright = _on_white(_in_eight_bits(picture))
        upright.thumbnail(bounds.kept)
        return encode_pixels(Pixels(*upright.size, upright.tobytes()))


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Return a picture of 16 bits a pixel in 8: Pillow itself makes all above 255 white."""
    if not picture.mode.startswith("I"):
        return picture
    return picture.convert("I").point(lambda value: value / 257).convert("L")


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
