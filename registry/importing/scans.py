"""Scans of licences on paper: hostile bytes, looked at and kept as they are.

A PDF is judged in the sandbox; a picture is decoded once, within limits, so that nobody keeps for
decades what cannot be opened. The scan is evidence: no byte of it is changed.
"""

import io
import warnings
from collections.abc import Callable
from typing import Final

from PIL import Image, UnidentifiedImageError

from core.errors import UnreachableError
from registry.importing import messages
from registry.types.row_problems import BadValueError
from signing.report import Structure

MAX_SCAN_BYTES: Final = 20 * 1024 * 1024
_MIN_SIDE: Final = 200
"""Pixels; below, no licence can be read."""
_MAX_PIXELS: Final = 40_000_000
"""A4 at 600 dpi has 35 million: 105 MiB once decoded."""
_FORMATS: Final = ("JPEG", "PNG", "TIFF")
_READABLE: Final = frozenset((Structure.SIGNED, Structure.UNSIGNED))


def check_scan(data: bytes, structure_of: Callable[[bytes], Structure]) -> None:
    """Raise `BadValueError` unless it is a PDF, JPEG, PNG or TIFF that can be opened.

    `structure_of` judges a PDF where nothing can happen; `UnreachableError` where it cannot.
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
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            _decode(data)
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
    ) as error:  # what Pillow raises on broken pictures
        raise BadValueError("bad_scan", messages.SCAN_DAMAGED) from error


def _decode(data: bytes) -> None:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
        width, height = picture.size
        if min(width, height) < _MIN_SIDE or width * height > _MAX_PIXELS:
            raise BadValueError("scan_size", messages.SCAN_SIZE)
        picture.load()
