"""Portraits: hostile bytes in, a plain JPEG without hidden data out."""

import io
import warnings
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from registry.rows import BadValueError

MAX_PHOTO_BYTES: Final = 2 * 1024 * 1024
"""A portrait straight from a phone, scaled for the web, has less."""
_MAX_SIDE: Final = 4000
"""Pixels; 16 megapixels take 48 MiB once decoded, which one process can bear."""
_MIN_SIDE: Final = 120
"""Pixels; below, a face printed 25 mm wide cannot be recognised."""
_KEPT: Final = (480, 640)
"""Pixels at most: 25 × 33 mm at nearly 500 dpi."""
_QUALITY: Final = 88


def read_photo(data: bytes) -> bytes:
    """Return a portrait as baseline RGB JPEG, upright, at most 480 × 640, without metadata.

    Taken anew because pictures carry places and devices (EXIF), and a decoder's quirks should
    not reach those who open the licence. Raises `BadValueError`: `photo_too_large`, `bad_photo`,
    `photo_size`.
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
        upright = _on_white(ImageOps.exif_transpose(picture))
    upright.thumbnail(_KEPT)
    upright.info = {}  # comments would be written again
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
