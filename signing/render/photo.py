"""The holder's photo: hostile until decoded under limits, then made anew as a small plain JPEG."""

import warnings
from io import BytesIO

from PIL import Image, ImageOps

from core.text import Text
from signing.pdf_syntax import stream
from signing.render import messages
from signing.render.errors import BadPhotoError

MAX_BYTES = 8 * 1024 * 1024
"""Of the file: more than any ID photo has."""
MAX_PIXELS = 24_000_000
"""What a phone's camera gives; decoded, 72 MB."""
MIN_SIDE = 60
"""Pixels; fewer cannot show a face."""
FORMATS = ("JPEG", "PNG")
WIDTH = 413
"""Pixels across: 35 mm at 300 dpi, at which photo shops' files pass without resampling."""
QUALITY = 85


def photo_stream(data: bytes, aspect: float) -> bytes:
    """Return the photo as an image XObject, cropped to `aspect` (width by height).

    Orientation is applied; EXIF, profiles and transparency are left behind. Raises `BadPhotoError`.
    """
    image = _decode(data)
    size = (WIDTH, round(WIDTH / aspect))
    fitted = ImageOps.fit(image, size, method=Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    encoded = BytesIO()
    fitted.save(encoded, "JPEG", quality=QUALITY, optimize=False)
    return stream(
        encoded.getvalue(),
        f"/Type /XObject /Subtype /Image /Width {size[0]} /Height {size[1]}"
        " /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode",
    )


def _decode(data: bytes) -> Image.Image:
    """Decode to RGB on white, upright. The size is judged before any pixel is decoded."""
    if len(data) > MAX_BYTES:
        raise _bad(messages.photo_too_many_bytes(MAX_BYTES))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=FORMATS) as image:
                _check_size(image)
                image.draft("RGB", (WIDTH * 2, WIDTH * 3))
                image.load()
                return _flatten(ImageOps.exif_transpose(image))
    except BadPhotoError:
        raise
    except Exception as error:  # named boundary: decoders raise anything on hostile bytes
        raise _bad(messages.PHOTO_UNDECODABLE) from error


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _bad(messages.photo_too_many_pixels(MAX_PIXELS))
    if min(width, height) < MIN_SIDE:
        raise _bad(messages.photo_too_small(MIN_SIDE))


def _flatten(image: Image.Image) -> Image.Image:
    """Return the image as RGB, what is transparent on white."""
    if "transparency" not in image.info and image.mode not in {"RGBA", "LA", "PA"}:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    ground = Image.new("RGB", layered.size, "white")
    ground.paste(layered, mask=layered.getchannel("A"))
    return ground


def _bad(text: Text) -> BadPhotoError:
    return BadPhotoError(messages.photo_unusable(text))
