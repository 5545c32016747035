"""Places of words on pages, by PDFium: numbers alone come of it, never a byte of the file.

PDFium is native code, so that it runs where nothing can be reached, and its answer moves a seal at
most: what is sealed is written by `signing.intake.taking`.
"""

import sys

import pypdfium2 as pdfium
from pypdfium2 import raw

MOST_FOUND = 500
_MOST_CHARACTERS = 2_000_000
_SMALLEST = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1"
    b">>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def find_words(data: bytes, word: str) -> list[list[float]]:
    """Return page (from 1) and the box (left, bottom, right, top) of each place of a word.

    White space within what pages say does not count: makers set Chinese text glyph by glyph.
    """
    wanted = "".join(word.split())
    found: list[list[float]] = []
    document = pdfium.PdfDocument(data)
    for number in range(len(document)):
        text_page = document[number].get_textpage()
        count = min(text_page.count_chars(), _MOST_CHARACTERS)
        codes = (raw.FPDFText_GetUnicode(text_page, n) for n in range(count))
        text = (chr(one) if 0 < one < sys.maxunicode else " " for one in codes)
        letters = [(n, one) for n, one in enumerate(text) if not one.isspace()]
        said = "".join(one for _, one in letters)
        at = said.find(wanted)
        while at >= 0 and len(found) < MOST_FOUND:
            places = [letters[n][0] for n in range(at, at + len(wanted))]
            boxes = [text_page.get_charbox(place) for place in places]
            found.append(
                [
                    float(number + 1),
                    min(one[0] for one in boxes),
                    min(one[1] for one in boxes),
                    max(one[2] for one in boxes),
                    max(one[3] for one in boxes),
                ]
            )
            at = said.find(wanted, at + 1)
    return found


def warm_up_words() -> None:
    """Have PDFium loaded before the rights to open files are gone."""
    find_words(_SMALLEST, "x")
