"""Scans of licences on paper: hostile bytes, looked at and kept as they are.

A PDF is judged in the sandbox, a picture is decoded once in a process as confined, within limits,
so that nobody keeps for decades what cannot be opened. The scan is evidence: no byte of it is
changed.
"""

from collections.abc import Callable
from typing import Final, Protocol

from core.errors import UnreachableError
from registry.importing import messages
from registry.types.row_problems import BadValueError
from signing.pictures.reader import BrokenPictureError, OutOfBoundsError, UnreadPictureError
from signing.pictures.wire import Bounds
from signing.report import Structure

MAX_SCAN_BYTES: Final = 20 * 1024 * 1024
_MIN_SIDE: Final = 200
"""Pixels; below, no licence can be read."""
_MAX_PIXELS: Final = 40_000_000
"""A4 at 600 dpi has 35 million: 105 MiB once decoded."""
_BOUNDS: Final = Bounds(_MIN_SIDE, _MAX_PIXELS, _MAX_PIXELS)
_READABLE: Final = frozenset((Structure.SIGNED, Structure.UNSIGNED))


class ChecksPictures(Protocol):
    """Opens pictures: `signing.pictures.reader.PictureReader` outside tests."""

    def check(self, data: bytes, bounds: Bounds) -> None:
        """See that a JPEG, PNG or TIFF can be opened, as there."""


def check_scan(
    data: bytes, structure_of: Callable[[bytes], Structure], pictures: ChecksPictures
) -> None:
    """Raise `BadValueError` unless it is a PDF, JPEG, PNG or TIFF that can be opened.

    `structure_of` judges a PDF where nothing can happen, `pictures` a picture; `UnreachableError`
    where they cannot.
    """
    if not data or len(data) > MAX_SCAN_BYTES:
        raise BadValueError("scan_too_large", messages.scan_too_large(MAX_SCAN_BYTES >> 20))
    if data.startswith(b"%PDF-"):
        structure = structure_of(data)
        if structure is Structure.FAILED:
            raise UnreachableError(messages.SCAN_NOT_JUDGED)
        if structure is Structure.LIMIT:
            raise BadValueError("scan_too_large", messages.SCAN_BEYOND_LIMITS)
        if structure not in _READABLE:
            raise BadValueError("bad_scan", messages.SCAN_DAMAGED)
        return
    try:
        pictures.check(data, _BOUNDS)
    except OutOfBoundsError as error:
        raise BadValueError("scan_size", messages.SCAN_SIZE) from error
    except BrokenPictureError as error:
        raise BadValueError("bad_scan", messages.SCAN_DAMAGED) from error
    except UnreadPictureError as error:
        raise UnreachableError(messages.SCAN_NOT_JUDGED) from error
