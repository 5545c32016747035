"""Portraits: hostile bytes in, a plain JPEG without hidden data out."""

import io
import warnings
from typing import Final

from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from registry.types.rows import BadValueError

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
        raise BadValueError(
            "photo_too_large",
            "照片超过 2 MiB。请缩小后再用。",
            "The photo is larger than 2 MiB. Scale it down.",
        )
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
        raise BadValueError(
            "bad_photo",
            "照片不是完好的 JPEG 或 PNG 图片。请换一张。",
            "The photo is not a sound JPEG or PNG picture. Use another.",
        ) from error


def _take_anew(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
        if not all(_MIN_SIDE <= side <= _MAX_SIDE for side in picture.size):
            raise BadValueError(
                "photo_size",
                f"照片每边应为 {_MIN_SIDE} 至 {_MAX_SIDE} 像素。",
                f"Each side of the photo must have {_MIN_SIDE} to {_MAX_SIDE} pixels.",
            )
        upright = _on_white(_in_eight_bits(ImageOps.exif_transpose(picture)))
    upright.thumbnail(_KEPT)
    if min(upright.size) < _MIN_KEPT:
        raise BadValueError(
            "photo_shape",
            "照片过宽或过长，缩放后看不清人像。请按证件照的比例裁剪。",
            "The photo is too wide or too tall for a portrait. Cut it to a portrait's shape.",
        )
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
        raise BadValueError(
            "blank_photo",
            "照片几乎只有一种颜色，看不出人像。请换一张。",
            "The photo is of nearly one colour and shows nobody. Use another.",
        )


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
