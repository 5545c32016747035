"""PDF around the page: version, properties, catalogue, streams, as PDF/A requires.

ReportLab has no public way to some of this; its private parts are touched here and nowhere else.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import cast

from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFDocument, PDFObject, PDFPage, PDFString
from reportlab.pdfgen.canvas import Canvas

from signing.face import LicenceFace
from signing.render.fonts import Fonts
from signing.render.geometry import PageShape
from signing.render.layout import PageLink
from signing.render.streams import Literal, Stream, flate, refer

PDF_VERSION = (1, 7)
"""PDF/A-2 and -3 are 1.7 (ISO 19005-2 6.1.2), and a sealed file cannot be raised later."""
LANGUAGE = "zh-CN"
PRODUCER = "Xinyin"


class _Info(PDFObject):
    """The Info dictionary (ISO 32000-1 14.3.3), with a date only where one was given."""

    def __init__(self, entries: dict[str, str], created_at: datetime | None) -> None:
        self._entries = entries
        self._created_at = created_at

    def digest(self, md5: object) -> None:
        """Let the file's ID depend on the properties; ReportLab calls this when it saves."""
        md5.update("\0".join(self._entries.values()).encode())  # type: ignore[attr-defined]

    def format(self, document: PDFDocument) -> bytes:
        """Return the object's bytes; the identifier among them is plain ASCII."""
        entries = {key: PDFString(value) for key, value in self._entries.items()}
        if self._created_at is not None:
            moment = self._created_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
            entries["CreationDate"] = PDFString(moment)
        formatted: bytes = PDFDictionary(entries).format(document)
        return formatted


def new_canvas(
    buffer: BytesIO,
    shape: PageShape,
    fonts: Fonts,
    face: LicenceFace,
    created_at: datetime | None,
) -> Canvas:
    """Return an empty page whose document has everything but the page's content."""
    canvas = Canvas(
        buffer,
        pagesize=(round(shape.width, 3), round(shape.height, 3)),
        pageCompression=1,
        invariant=1,
        pdfVersion=PDF_VERSION,
        initialFontName=fonts.regular.fontName,  # type: ignore[arg-type]  # wrong in the stubs
        lang=LANGUAGE,
    )
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas_document(canvas).info = _Info(_properties(face), created_at)  # type: ignore[assignment]
    return canvas


def _properties(face: LicenceFace) -> dict[str, str]:
    return {
        "Title": f"{face.design.title.zh} {face.identifier}",
        "Author": face.authority,
        "Subject": face.design.title.zh,
        "Keywords": face.identifier,
        "Creator": PRODUCER,
        "Producer": PRODUCER,
    }


def canvas_document(canvas: Canvas) -> PDFDocument:
    """Return the document that a canvas draws into."""
    document: PDFDocument = canvas._doc  # type: ignore[attr-defined]  # noqa: SLF001
    return document


def place_form(canvas: Canvas, name: str, stream: Stream) -> None:
    """Add an XObject (form or image) to the document and draw it."""
    canvas_document(canvas).addForm(name, stream)
    canvas.doForm(name)


def finish(canvas: Canvas, links: Iterable[PageLink]) -> None:
    """Close the page, lay the links over it and write the file."""
    document = canvas_document(canvas)
    annotations = [refer(document, Literal(_link(link))) for link in links]
    canvas.showPage()
    page = cast("PDFPage", document.idToObject["Page1"])
    page.Contents = flate(page.stream.encode("latin-1"))
    page.Annots = Literal(f"[ {' '.join(annotations)} ]")
    page.Trans = None  # forbidden by PDF/A; ReportLab writes an empty one
    canvas.save()


def _link(link: PageLink) -> str:
    """Return a link annotation, without a border and printed (ISO 19005-3 6.3.2)."""
    box = link.box
    address = link.address.encode("ascii").hex()
    return (
        "<< /Type /Annot /Subtype /Link /F 4 /Border [ 0 0 0 ]"
        f" /Rect [ {box.x1:.2f} {box.y1:.2f} {box.x2:.2f} {box.y2:.2f} ]"
        f" /A << /Type /Action /S /URI /URI <{address}> >> >>"
    )
