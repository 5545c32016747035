"""Objects of ReportLab's documents that are written as they stand, and gaps in them."""

import re

from isal import isal_zlib
from reportlab.pdfbase.pdfdoc import PDFDocument, PDFObject

from signing.pdf_syntax import stream

GAP = re.compile(rb"\0([^\0]+)\0")
"""Mark of a part that differs from file to file, by its name. PDF's own syntax has no such byte
outside strings and streams, and those of a skeleton are ours."""
_LEVEL = 2
"""Of an outline's 28 KB, 0.08 ms to 0.7 of zlib's 3, which leaves a hundredth less of it."""


class Literal(PDFObject):
    """An indirect object whose bytes are final."""

    __RefOnly__ = 1  # ReportLab: an indirect object

    def __init__(self, content: bytes | str) -> None:
        self._content = content.encode("ascii") if isinstance(content, str) else content

    def format(self, _document: PDFDocument) -> bytes:
        """Return the object's bytes; ReportLab calls this when it saves."""
        return self._content


def gap(name: str) -> str:
    """Return the mark in an object for bytes that each file has its own of."""
    return f"\0{name}\0"


def deflated(data: bytes, entries: str = "") -> bytes:
    """Return a stream of data that one file alone has: deflated in a seventh of zlib's time."""
    return stream(isal_zlib.compress(data, _LEVEL), f"{entries} /Filter /FlateDecode".strip())


def refer(document: PDFDocument, thing: PDFObject) -> int:
    """Make `thing` an indirect object and return its number."""
    name = document.Reference(thing).name  # type: ignore[no-untyped-call]
    number: int = document.idToObjectNumberAndVersion[name][0]
    return number
