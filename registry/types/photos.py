"""Portraits: hostile bytes in, a plain JPEG without hidden data out.

No byte of them is parsed in this process: `signing.pictures` decodes them where nothing can happen.
"""

import io
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from PIL import Image, ImageStat

from registry.types import messages
from registry.types.row_problems import BadValueError
from signing.pictures.reader import BadPictureError, BrokenPictureError, OutOfBoundsError
from signing.pictures.wire import Bounds, Pixels

MAX_PHOTO_BYTES: Final = 2 * 1024 * 1024
"""A portrait straight from a phone, scaled for the web, has less."""
_MAX_SIDE: Final = 4000
"""Pixels; 16 megapixels take 64 MiB a layer once decoded, which one process can bear."""
_MIN_SIDE: Final = 120
"""Pixels; below, a face printed 25 mm wide cannot be recognised."""
_KEPT: Final = (480, 640)
"""Pixels at most: 25 × 33 mm at nearly 500 dpi."""
_MIN_KEPT: Final = 60
"""Pixels of the shorter side once scaled; the page refuses less."""
_QUALITY: Final = 88
_MIN_CONTRAST: Final = 4.0
"""Standard deviation of the grey values (0 to 255); dim portraits have 20 and more."""
_BOUNDS: Final = Bounds(_MIN_SIDE, _MAX_SIDE, _MAX_SIDE * _MAX_SIDE, _KEPT)

ReadPhoto = Callable[[bytes], bytes]
"""Makes a photo anew. Raises as `read_photo`."""
ReadPhotos = Callable[[Sequence[bytes]], list[bytes | BadValueError]]
"""Makes several anew, or says what is wrong with each."""


class ReadsPixels(Protocol):
    """Decodes pictures: `signing.pictures.reader.PictureReader` outside tests."""

    def pixels(self, data: bytes, bounds: Bounds) -> Pixels:
        """Return a picture's pixels, as there."""

    def pixels_of(self, files: Sequence[bytes], bounds: Bounds) -> list[Pixels | BadPictureError]:
        """Return each picture's pixels, as there."""


def read_photo(data: bytes, pictures: ReadsPixels) -> bytes:
    """Return a portrait as baseline RGB JPEG, upright, at most 480 × 640, without metadata.

    Taken anew because pictures carry places and devices (EXIF), and a decoder's quirks should
    not reach those who open the licence. Raises `BadValueError`: `photo_too_large`, `bad_photo`,
    `photo_size`, `photo_shape`, `blank_photo`, `unread_photo`; `UnreachableError` where none can be
    read here.
    """
    _refuse_large(data)
    try:
        found = pictures.pixels(data, _BOUNDS)
    except BadPictureError as error:
        raise _refusal(error) from error
    return _encode(found)


def read_photos(photos: Sequence[bytes], pictures: ReadsPixels) -> list[bytes | BadValueError]:
    """Return several photos, each made anew or refused as by `read_photo`, at less cost."""
    small = [one for one in photos if len(one) <= MAX_PHOTO_BYTES]
    decoded = iter(pictures.pixels_of(small, _BOUNDS))
    found: list[bytes | BadValueError] = []
    for one in photos:
        try:
            _refuse_large(one)
            known = next(decoded)
            if isinstance(known, BadPictureError):
                raise _refusal(known)
            found.append(_encode(known))
        except BadValueError as error:
            found.append(error)
    return found


def refuse_photo(data: bytes) -> bytes:
    """Refuse any photo: where none is expected, nothing decodes one."""
    del data
    raise BadValueError("unread_photo", messages.PHOTO_UNREAD)


def refuse_photos(photos: Sequence[bytes]) -> list[bytes | BadValueError]:
    """Refuse any photos."""
    return [BadValueError("unread_photo", messages.PHOTO_UNREAD) for _ in photos]


def _refuse_large(data: bytes) -> None:
    if len(data) > MAX_PHOTO_BYTES:
        raise BadValueError("photo_too_large", messages.PHOTO_TOO_LARGE)


def _refusal(error: BadPictureError) -> BadValueError:
    if isinstance(error, OutOfBoundsError):
        sides = messages.photo_side_out_of_range(min_side=_MIN_SIDE, max_side=_MAX_SIDE)
        return BadValueError("photo_size", sides)
    if isinstance(error, BrokenPictureError):
        return BadValueError("bad_photo", messages.PHOTO_DAMAGED)
    return BadValueError("unread_photo", messages.PHOTO_UNREAD)


def _encode(found: Pixels) -> bytes:
    if min(found.width, found.height) < _MIN_KEPT:
        raise BadValueError("photo_shape", messages.PHOTO_NOT_PORTRAIT_SHAPED)
    portrait = Image.frombytes("RGB", (found.width, found.height), found.rgb)
    _refuse_blank(portrait)
    out = io.BytesIO()
    portrait.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _refuse_blank(picture: Image.Image) -> None:
    """Refuse what is one colour, or nearly: no face has so little light and shade."""
    if ImageStat.Stat(picture.convert("L")).stddev[0] < _MIN_CONTRAST:
        raise BadValueError("blank_photo", messages.PHOTO_NEARLY_BLANK)
