"""PDF streams for ReportLab's document, written as PDF/A wants them and never compressed twice."""

import zlib

from reportlab.pdfbase.pdfdoc import PDFDocument, PDFObject

COMPRESSION_LEVEL = 3
"""zlib's; 6 takes half as long again for two per cent."""


class Stream(PDFObject):
    """A stream whose data are final: `entries` is the dictionary's text but for /Length.

    Unlike ReportLab's own, it puts an end of line before `endstream` (ISO 19005-2 6.1.7.1).
    """

    __RefOnly__ = 1  # ReportLab: an indirect object

    def __init__(self, entries: str, data: bytes) -> None:
        self._entries = entries
        self._data = data

    def format(self, _document: PDFDocument) -> bytes:
        """Return the object's bytes (ISO 32000-1 7.3.8)."""
        head = f"<< {self._entries} /Length {len(self._data)} >>\nstream\n"
        return head.encode("ascii") + self._data + b"\nendstream"


class Literal(PDFObject):
    """An indirect object written as it stands."""

    __RefOnly__ = 1

    def __init__(self, text: str) -> None:
        self._text = text

    def format(self, _document: PDFDocument) -> bytes:
        """Return the object's bytes."""
        return self._text.encode("ascii")


def flate(data: bytes, entries: str = "", level: int = COMPRESSION_LEVEL) -> Stream:
    """Return a stream of `data`, deflated."""
    return Stream(f"{entries} /Filter /FlateDecode".strip(), zlib.compress(data, level))


def refer(document: PDFDocument, thing: PDFObject) -> str:
    """Make `thing` an indirect object and return the reference to it, as written."""
    return str(document.Reference(thing).format(document), "ascii")  # type: ignore[no-untyped-call]
