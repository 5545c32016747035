"""The inside of the intake's process: warm up, then a fork for each file (`signing.workers.forks`).

The first byte of what a fork reads says what is asked: `T` a file to be taken in (a byte, 1 to
clean it), `W` a word to be found in one (its length in 2 bytes, UTF-8), `P` a picture of a page
(its number from 1 and the picture's width, in 4 bytes each), `D` pages to be drawn to see
whether they can be (the first, the last and the width; the answer is their number), `M` a file
within one by its name (as `W`; the answer begins with 1, or is 0 where there is none). It answers
with one frame, `A`.
"""

import json
import logging
import os
import struct
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from signing import inspection
from signing.inspection.preload import preload
from signing.intake.drawing.page_pictures import draw_page, draw_pages, warm_up_pictures
from signing.intake.looking import read_attachment
from signing.intake.report import encode
from signing.intake.taking import take
from signing.intake.word_places import find_words, warm_up_words
from signing.limits import Limits
from signing.workers import forks
from signing.workers.rights import watch_rights

_PAGE = struct.Struct(">II")
_SOME_PAGES = struct.Struct(">III")
_ONE_PAGE = b"P" + _PAGE.pack(1, 64)
_DRAWN = struct.Struct(">I")


def serve(limits: Limits) -> None:
    """Answer for files until the parent is gone."""
    logging.disable(logging.CRITICAL)  # what hostile bytes make pyHanko say goes nowhere
    warnings.simplefilter("ignore")
    preload()
    sample = Path(inspection.__path__[0]).joinpath("sample.pdf").read_bytes()
    warm_up_words()
    warm_up_pictures(sample)

    def rehearse() -> None:
        for request in (
            b"T\1" + sample,
            b"W\0\1a" + sample,
            _ONE_PAGE + sample,
            b"D" + _SOME_PAGES.pack(1, 1, 64) + sample,
            b"M\0\1a" + sample,
        ):
            if not list(_answer(request, limits)):
                raise RuntimeError("something was opened")

    forks.serve(limits, lambda request: _answer(request, limits), rehearse)


def _answer(request: bytes, limits: Limits) -> Iterator[bytes]:
    """Answer for one file, in a fork; not at all where something was opened meanwhile."""
    touched = watch_rights()
    kind, body = request[:1], request[1:]
    if kind == b"T":
        answer = encode(take(body[1:], limits, clean=body[:1] == b"\1"))
    elif kind == b"P":
        answer = draw_page(body[_PAGE.size :], *_PAGE.unpack_from(body))
    elif kind == b"D":
        first, last, wide = _SOME_PAGES.unpack_from(body)
        file, seconds = body[_SOME_PAGES.size :], limits.seconds / 2
        drawn = draw_pages(file, first, last, wide, seconds)
        answer = _DRAWN.pack(drawn)
    else:
        (length,) = struct.unpack_from(">H", body)
        word, file = body[2 : 2 + length].decode("utf-8", "replace"), body[2 + length :]
        if kind == b"M":
            found = read_attachment(file, word)
            answer = b"\0" if found is None else b"\1" + found
        else:
            answer = json.dumps(find_words(file, word)).encode()
    if not touched:
        yield b"A" + answer


def main(arguments: list[str]) -> None:
    """Serve with the limits given as one JSON argument."""
    serve(Limits(**json.loads(arguments[0])))
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
