"""A licence's document and canvas, as PDF/A and PDF/UA require.

ReportLab has no public way to some of this; its private parts are touched here and nowhere else,
but for what `signing.render.type.files` is asked for.
"""

from collections.abc import Callable
from io import BytesIO

from reportlab.pdfbase.pdfdoc import PDFDocument, PDFObject, xObjectName
from reportlab.pdfgen.canvas import Canvas

from signing.document_properties import output_intent, srgb_profile
from signing.render.file.objects import Literal, gap, refer
from signing.render.type.files import FontFile

PDF_VERSION = (1, 7)
"""PDF/A-3 is 1.7 (ISO 19005-3 6.1.2), and a sealed file cannot be raised later."""
LANGUAGE = "zh-CN"


INFORMATION, METADATA = "information", "metadata"
"""Gaps for the Info dictionary and the XMP packet's stream."""


class _Info(Literal):
    """The Info dictionary."""

    def digest(self, md5: object) -> None:
        """Leave the file's ID to whoever fills the gaps; ReportLab calls this when it saves."""


def new_canvas(buffer: BytesIO, font: FontFile) -> Canvas:
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
    document.info = _Info(gap(INFORMATION))  # type: ignore[assignment]
    profile = refer(document, Literal(srgb_profile()))
    set_in_catalogue(
        canvas,
        MarkInfo="<< /Marked true >>",
        Metadata=Literal(gap(METADATA)),
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


def place_form(canvas: Canvas, name: str, make: Callable[[], bytes | str]) -> None:
    """Draw an XObject (form or image); it is made when it is first drawn."""
    if not canvas.hasForm(name):
        canvas_document(canvas).addForm(name, Literal(make()))
    canvas.doForm(name)


def form_name(name: str) -> str:
    """Return the name by which a page's content draws an XObject."""
    return f"/{xObjectName(name)}"


def form_number(canvas: Canvas, name: str) -> int | None:
    """Return the number of an XObject; None: it was never drawn."""
    if not canvas.hasForm(name):
        return None
    document = canvas_document(canvas)
    return refer(document, document.idToObject[document.getXObjectName(name)])


def finish_page(canvas: Canvas, content: str, key: int, annotations: list[int]) -> int:
    """Close a page; return its number.

    `content` stands for the stream of what is drawn; `key` is the parent tree's for its marks.
    """
    canvas.showPage()
    document = canvas_document(canvas)
    page = document.Pages.pages[-1]  # type: ignore[attr-defined]
    _set(
        page,
        Annots=Literal(f"[ {' '.join(f'{number} 0 R' for number in annotations)} ]"),
        Contents=Literal(content),
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
