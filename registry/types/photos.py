"""Portraits: hostile bytes in, a plain JPEG without hidden data out."""

import io
import warnings
from typing import Final

from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from registry.types import messages
from registry.types.row_problems import BadValueError

MAX_PHOTO_BYTES: Final = 2 * 1024 * 1024
"""A portrait straight from a phone, scaled for the web, has less."""
_MAX_SIDE: Final = 4000
"""Pixels; 16 megapixels take 48 MiB once decoded, which one process can bear."""
_MIN_SIDE: Final = 120
"""Pixels; below, a face printed 25 mm wide cannot be recognised."""
_KEPT: Final = (480, 640)
"""Pixels at most: 25 × 33 mm at nearly 500 dpi."""
_MIN_KEPT: Final = 60
"""Pixels of the shorter side once scaled; the page refuses less."""
_QUALITY: Final = 88
_MIN_CONTRAST: Final = 4.0
"""Standard deviation of the grey values (0 to 255); dim portraits have 20 and more."""


def read_photo(data: bytes) -> bytes:
    """Return a portrait as baseline RGB JPEG, upright, at most 480 × 640, without metadata.

    Taken anew because pictures carry places and devices (EXIF), and a decoder's quirks should
    not reach those who open the licence. Raises `BadValueError`: `photo_too_large`, `bad_photo`,
    `photo_size`, `blank_photo`.
    """
    if len(data) > MAX_PHOTO_BYTES:
        raise BadValueError("photo_too_large", messages.PHOTO_TOO_LARGE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _take_anew(data)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
    ) as error:  # what Pillow raises on broken pictures
        raise BadValueError("bad_photo", messages.PHOTO_DAMAGED) from error


def _take_anew(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
        if not all(_MIN_SIDE <= side <= _MAX_SIDE for side in picture.size):
            raise BadValueError(
                "photo_size",
                messages.photo_side_out_of_range(min_side=_MIN_SIDE, max_side=_MAX_SIDE),
            )
        upright = _on_white(_in_eight_bits(ImageOps.exif_transpose(picture)))
    upright.thumbnail(_KEPT)
    if min(upright.size) < _MIN_KEPT:
        raise BadValueError("photo_shape", messages.PHOTO_NOT_PORTRAIT_SHAPED)
    _refuse_blank(upright)
    upright.info = {}  # comments would be written again
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Return a picture of 16 bits a pixel in 8: Pillow itself makes all above 255 white."""
    if not picture.mode.startswith("I"):
        return picture
    return picture.convert("I").point(lambda value: value / 257).convert("L")


def _refuse_blank(picture: Image.Image) -> None:
    """Refuse what is one colour, or nearly: no face has so little light and shade."""
    if ImageStat.Stat(picture.convert("L")).stddev[0] < _MIN_CONTRAST:
        raise BadValueError("blank_photo", messages.PHOTO_NEARLY_BLANK)


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
