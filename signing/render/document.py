"""A licence's document and canvas, as PDF/A and PDF/UA require.

ReportLab has no public way to some of this; its private parts are touched here and nowhere else,
but for what `signing.render.type.files` is asked for.
"""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

from reportlab.pdfbase.pdfdoc import PDFDocument, PDFObject
from reportlab.pdfgen.canvas import Canvas

from signing.document_properties import (
    Claim,
    Properties,
    information,
    output_intent,
    packet,
    srgb_profile,
)
from signing.pdf_syntax import flate, stream
from signing.render.objects import Literal, refer
from signing.render.type.files import COMPRESSION_LEVEL, FontFile

PDF_VERSION = (1, 7)
"""PDF/A-3 is 1.7 (ISO 19005-3 6.1.2), and a sealed file cannot be raised later."""
LANGUAGE = "zh-CN"


class _Info(Literal):
    """The Info dictionary."""

    def digest(self, md5: object) -> None:
        """Let the file's ID depend on the properties; ReportLab calls this when it saves."""
        md5.update(self._content)  # type: ignore[attr-defined]


def new_canvas(
    buffer: BytesIO, font: FontFile, properties: Properties, created_at: datetime | None
) -> Canvas:
    """Return a canvas without pages, whose document claims to be tagged."""
    canvas = Canvas(
        buffer,
        invariant=1,
        pdfVersion=PDF_VERSION,
        initialFontName=font.fontName,  # type: ignore[arg-type]  # wrong in the stubs
        lang=LANGUAGE,
    )
    canvas.setViewerPreference("DisplayDocTitle", "true")
    document = canvas_document(canvas)
    document.info = _Info(information(properties, created_at))  # type: ignore[assignment]
    xmp = packet(properties, created_at, Claim.ACCESSIBLE)
    profile = refer(document, Literal(srgb_profile()))
    set_in_catalogue(
        canvas,
        MarkInfo="<< /Marked true >>",
        Metadata=Literal(stream(xmp, "/Type /Metadata /Subtype /XML")),
        OutputIntents=f"[ {refer(document, Literal(output_intent(f'{profile} 0 R')))} 0 R ]",
    )
    return canvas


def set_in_catalogue(canvas: Canvas, **entries: object) -> None:
    """Set entries of the document's catalogue."""
    _set(canvas_document(canvas).Catalog, **entries)  # type: ignore[attr-defined]


def canvas_document(canvas: Canvas) -> PDFDocument:
    """Return the document that a canvas draws into."""
    document: PDFDocument = canvas._doc  # type: ignore[attr-defined]  # noqa: SLF001
    return document


def place_form(canvas: Canvas, name: str, make: Callable[[], bytes]) -> None:
    """Draw an XObject (form or image); it is made when it is first drawn."""
    if not canvas.hasForm(name):
        canvas_document(canvas).addForm(name, Literal(make()))
    canvas.doForm(name)


def form_number(canvas: Canvas, name: str) -> int | None:
    """Return the number of an XObject; None: it was never drawn."""
    if not canvas.hasForm(name):
        return None
    document = canvas_document(canvas)
    return refer(document, document.idToObject[document.getXObjectName(name)])


def finish_page(canvas: Canvas, key: int, annotations: list[int]) -> int:
    """Close a page; return its number. `key` is the parent tree's for its marks."""
    canvas.showPage()
    document = canvas_document(canvas)
    page = document.Pages.pages[-1]  # type: ignore[attr-defined]
    content = page.stream.encode("ascii")
    document.updateSignature(content)
    _set(
        page,
        Annots=Literal(f"[ {' '.join(f'{number} 0 R' for number in annotations)} ]"),
        Contents=Literal(flate(content, level=COMPRESSION_LEVEL)),
        StructParents=key,
        Tabs="/S",
        Trans=None,  # forbidden by PDF/A; ReportLab writes an empty one
    )
    return refer(document, page)


def _set(thing: PDFObject, **entries: object) -> None:
    """Set entries of a page or the catalogue, those too that ReportLab does not know."""
    thing.__NoDefault__ = {*thing.__NoDefault__, *entries}  # type: ignore[attr-defined]
    for name, value in entries.items():
        setattr(thing, name, value)
