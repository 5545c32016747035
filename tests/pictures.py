"""One reader of pictures for all tests of this process: starting one takes half a second of CPU."""

import atexit
from collections.abc import Sequence
from functools import cache

from registry.types.photos import read_photo, read_photos
from registry.types.row_problems import BadValueError
from signing.pictures.reader import BadPictureError, PictureReader
from signing.pictures.wire import Bounds, Pixels


class LentPictures:
    """Stands in for `PictureReader` where homes open one; reads really."""

    def pixels(self, data: bytes, bounds: Bounds) -> Pixels:
        """Return a picture's pixels."""
        return _kept().pixels(data, bounds)

    def pixels_of(self, files: Sequence[bytes], bounds: Bounds) -> list[Pixels | BadPictureError]:
        """Return each picture's pixels."""
        return _kept().pixels_of(files, bounds)

    def check(self, data: bytes, bounds: Bounds) -> None:
        """See that a picture can be opened."""
        _kept().check(data, bounds)

    def close(self) -> None:
        """Give it back."""


@cache
def _kept() -> PictureReader:
    made = PictureReader(processes=1)
    atexit.register(made.close)
    return made


def anew(data: bytes) -> bytes:
    """Return a photo made anew."""
    return read_photo(data, LentPictures())


def all_anew(photos: Sequence[bytes]) -> list[bytes | BadValueError]:
    """Return photos made anew."""
    return read_photos(photos, LentPictures())
