"""Places of words on pages, by PDFium: numbers alone come of it, never a byte of the file.

A word counts where it is seen: each of its letters must change what is drawn. One that is drawn in
no way, in the page's own colour, off the page, clipped away, covered or too small to be read says
nothing to a reader, and would move a seal to where its maker wants it.

PDFium is native code, so that it runs where nothing can be reached, and its answer moves a seal at
most: what is sealed is written by `signing.intake.taking`.
"""

import ctypes
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
from pypdfium2 import raw

from signing.intake.drawing.stand_in import use_stand_in

MOST_FOUND = 500
_MOST_CHARACTERS = 2_000_000
_SEEN_MODES = frozenset({0, 1, 2, 4, 5, 6})
"""Text rendering modes that paint (ISO 32000-2 9.3.6)."""
_SCALE = 2.0
_MOST_PIXELS = 6_000_000
_CONTRAST = 48
"""Of 255, in one colour of one dot of a letter: what is fainter is not read."""
_SMALLEST = 3.0
"""Points: the height of a letter's line."""
_SMALLEST_FILE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1"
    b">>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter of a word that was found."""

    box: Box
    drawn_by: int
    """Address of the text object."""
    seen: bool
    """So far as its object tells."""


def find_words(data: bytes, word: str) -> list[list[float]]:
    """Return page (from 1) and the box (left, bottom, right, top) of each place of a word.

    White space within what pages say does not count: makers set Chinese text glyph by glyph.
    """
    wanted = "".join(word.split())
    found: list[list[float]] = []
    document = pdfium.PdfDocument(data)
    for number in range(len(document)):
        if len(found) >= MOST_FOUND or not wanted:
            break
        page = document[number]
        words = _on_page(page.get_textpage(), wanted, MOST_FOUND - len(found))
        seen = _seen(page, words) if words else []
        found += [[float(number + 1), *_around([one.box for one in letters])] for letters in seen]
    return found


def _on_page(text_page: pdfium.PdfTextPage, wanted: str, most: int) -> list[list[_Letter]]:
    count = min(text_page.count_chars(), _MOST_CHARACTERS)
    codes = (raw.FPDFText_GetUnicode(text_page, n) for n in range(count))
    text = (chr(one) if 0 < one < sys.maxunicode else " " for one in codes)
    letters = [(n, one) for n, one in enumerate(text) if not one.isspace()]
    said = "".join(one for _, one in letters)
    found: list[list[_Letter]] = []
    at = said.find(wanted)
    while at >= 0 and len(found) < most:
        places = [letters[n][0] for n in range(at, at + len(wanted))]
        found.append([_letter(text_page, one) for one in places])
        at = said.find(wanted, at + 1)
    return found


def _letter(text_page: pdfium.PdfTextPage, place: int) -> _Letter:
    box: Box = text_page.get_charbox(place)
    drawn_by = raw.FPDFText_GetTextObject(text_page, place)
    if not drawn_by:
        return _Letter(box, 0, seen=False)
    mode = raw.FPDFTextObj_GetTextRenderMode(drawn_by)
    line: Box = text_page.get_charbox(place, loose=True)
    large = line[3] - line[1] >= _SMALLEST and line[2] - line[0] > 0
    address = ctypes.cast(drawn_by, ctypes.c_void_p).value or 0
    return _Letter(box, address, seen=mode in _SEEN_MODES and large)


def _seen(page: pdfium.PdfPage, words: Sequence[list[_Letter]]) -> list[list[_Letter]]:
    """Return the words that are seen: without them each of their places is drawn otherwise."""
    words = [letters for letters in words if all(one.seen for one in letters)]
    objects = {one.drawn_by for letters in words for one in letters}
    if not objects:
        return []
    scale = min(_SCALE, (_MOST_PIXELS / max(1.0, page.get_width() * page.get_height())) ** 0.5)
    whole = _Drawing(page, scale)
    for one in objects:
        raw.FPDFPageObj_SetIsActive(ctypes.cast(one, raw.FPDF_PAGEOBJECT), False)
    without = _Drawing(page, scale)
    return [w for w in words if all(whole.differs(without, one.box) for one in w)]


class _Drawing:
    """A page as it is drawn in grey."""

    def __init__(self, page: pdfium.PdfPage, scale: float) -> None:
        self._scale = scale
        bitmap = page.render(scale=scale, grayscale=True, rotation=-page.get_rotation() % 360)
        self._stride, self.width, self.height = bitmap.stride, bitmap.width, bitmap.height
        self.data = bytes(bitmap.buffer)
        self._left, _, _, self._top = page.get_bbox()

    def differs(self, other: "_Drawing", box: Box) -> bool:
        """Tell whether something is drawn in a box that the other drawing has not."""
        left, top = (box[0] - self._left) * self._scale, (self._top - box[3]) * self._scale
        right, bottom = (box[2] - self._left) * self._scale, (self._top - box[1]) * self._scale
        columns = slice(max(0, int(left)), min(self.width, int(right) + 1))
        for row in range(max(0, int(top)), min(self.height, int(bottom) + 1)):
            start = row * self._stride
            ours = self.data[start + columns.start : start + columns.stop]
            theirs = other.data[start + columns.start : start + columns.stop]
            if any(abs(a - b) >= _CONTRAST for a, b in zip(ours, theirs, strict=True)):
                return True
        return False


def _around(boxes: Sequence[Box]) -> Box:
    return (
        min(one[0] for one in boxes),
        min(one[1] for one in boxes),
        max(one[2] for one in boxes),
        max(one[3] for one in boxes),
    )


def warm_up_words() -> None:
    """Have PDFium loaded before the rights to open files are gone."""
    use_stand_in()
    find_words(_SMALLEST_FILE, "x")
