"""The inside of the pictures' process: warm up, then a fork for each request.

Each answer leaves as soon as it is known: what a file could do to the fork that decodes it cannot
reach those before it.
"""

import ctypes
import io
import json
import logging
import os
import sys
import warnings
from collections.abc import Iterator

from PIL import (  # noqa: F401 — what Pillow loads when it first needs it
    ExifTags,
    Image,
    ImageChops,
    ImageColor,
    ImageFile,
    ImageMode,
    ImageOps,
    ImagePalette,
    ImageSequence,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    TiffTags,
)

from signing.limits import Limits
from signing.pictures.decoding import answer_for
from signing.pictures.wire import OPENS, PIXELS, Bounds, decode_request, encode_request
from signing.workers import forks
from signing.workers.rights import watch_rights

_SIDE = 16
_BOUNDS = Bounds(1, _SIDE, _SIDE * _SIDE, (_SIDE, _SIDE))
_ORIENTATION = 0x0112
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
_KEPT_BYTES = 256 * 1024 * 1024
_MAPPED_BYTES = 32 * 1024 * 1024


def serve(limits: Limits) -> None:
    """Answer for pictures until the parent is gone."""
    _keep_memory()
    logging.disable(logging.CRITICAL)  # what hostile bytes make Pillow say goes nowhere
    warnings.simplefilter("ignore")  # showing one would open its source
    samples = list(_samples())
    for sample in samples:  # so that nothing is left to load
        _judge(sample)

    def answer(request: bytes) -> Iterator[bytes]:
        touched = watch_rights()
        kind, bounds, files = decode_request(request)
        for data in files:
            found = answer_for(kind, bounds, data)
            if touched:
                return
            yield b"A" + found

    def rehearse() -> None:
        touched = watch_rights()
        for sample in samples:
            _judge(sample)
        if touched:
            raise RuntimeError("something was opened")

    forks.serve(limits, answer, rehearse)


def _keep_memory() -> None:
    """Have what a picture took used for the next: fetching pages costs more than decoding."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, _MAPPED_BYTES)


def _judge(request: bytes) -> None:
    """Have a sample decoded, which must succeed."""
    kind, bounds, files = decode_request(request)
    if any(answer_for(kind, bounds, data)[:1] not in (PIXELS, OPENS) for data in files):
        raise RuntimeError("a sample is not decoded")


def _samples() -> Iterator[bytes]:
    """Return requests that take every path of the decoders that a picture may take."""
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    for mode, kind, more in (
        ("RGB", "JPEG", {"exif": exif}),
        ("CMYK", "JPEG", {}),
        ("L", "JPEG", {"progressive": True}),
        ("RGBA", "PNG", {"exif": exif}),
        ("P", "PNG", {"transparency": 0}),
        ("I;16", "PNG", {}),
    ):
        yield encode_request(PIXELS, _BOUNDS, _written(mode, kind, **more))
    for compression in ("tiff_deflate", "tiff_lzw", "jpeg", "group4", "packbits", "raw"):
        mode = "1" if compression == "group4" else "RGB"
        yield encode_request(OPENS, _BOUNDS, _written(mode, "TIFF", compression=compression))


def _written(mode: str, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (_SIDE, _SIDE)).save(out, kind, **more)
    return out.getvalue()


def main(arguments: list[str]) -> None:
    """Serve with the limits given as one JSON argument."""
    serve(Limits(**json.loads(arguments[0])))
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
