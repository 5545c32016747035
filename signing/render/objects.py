"""Objects of ReportLab's documents that are written as they stand."""

from reportlab.pdfbase.pdfdoc import PDFDocument, PDFObject


class Literal(PDFObject):
    """An indirect object whose bytes are final."""

    __RefOnly__ = 1  # ReportLab: an indirect object

    def __init__(self, content: bytes | str) -> None:
        self._content = content.encode("ascii") if isinstance(content, str) else content

    def format(self, _document: PDFDocument) -> bytes:
        """Return the object's bytes; ReportLab calls this when it saves."""
        return self._content


def refer(document: PDFDocument, thing: PDFObject) -> int:
    """Make `thing` an indirect object and return its number."""
    name = document.Reference(thing).name  # type: ignore[no-untyped-call]
    number: int = document.idToObjectNumberAndVersion[name][0]
    return number
