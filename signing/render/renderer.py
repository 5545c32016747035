"""Licences as PDF pages. One renderer a process; the same face always gives the same bytes."""

from datetime import datetime
from io import BytesIO
from math import cos, radians, sin

from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfgen.canvas import Canvas

from core.text import Text
from signing.face import Box, LicenceFace, RenderedLicence
from signing.qr import qr_path
from signing.render.backdrop import backdrop
from signing.render.colours import WHITE, operands
from signing.render.document import canvas_document, finish, new_canvas, place_form
from signing.render.fonts import EM, Fonts, load_fonts
from signing.render.layout import PREVIEW, SAMPLE, PageLayout, lay_out
from signing.render.photo import photo_stream
from signing.render.setting import PlacedText
from signing.render.streams import Stream

SAMPLE_SIZE = 160
SAMPLE_ANGLE = radians(27)
SAMPLE_FILL, SAMPLE_EDGE = (0.915, 0.915, 0.92), (0.42, 0.42, 0.44)
SAMPLE_STROKE = 1.1
"""Dark and wide enough to outlive a copier that knows black and white alone (150 dpi)."""
BOLDER = 0.28
"""Points that outlines are drawn with beside their fill: the hairlines of a serif face (二, 日)
are half a point thin at 12 pt, and drop out of a black and white copy at 150 dpi."""
BOLDER_UP_TO = 20
"""Points; larger type needs no help."""


class LicenceRenderer:
    """Draws licences. Loading the fonts takes half a second, so make it once and keep it.

    Not for use by several threads at once: rendering burns CPU and scales by processes.
    """

    def __init__(self) -> None:
        self._fonts = load_fonts()

    def layout(self, face: LicenceFace) -> PageLayout:
        """Return the layout without drawing it. Raises like `render`."""
        return lay_out(face, self._fonts)

    def render(self, face: LicenceFace, *, created_at: datetime | None = None) -> RenderedLicence:
        """Return the page without its seal.

        `created_at` (aware) becomes /CreationDate; without it there is none. Raises
        `MissingGlyphError`, `FieldTooLongError`, `BadPhotoError`, `BadDesignError`, and
        `QrTooLongError` from `signing.qr`.
        """
        layout = self.layout(face)
        buffer = BytesIO()
        canvas = new_canvas(buffer, layout.shape, self._fonts, face, created_at)
        _draw_backdrop(canvas, face, layout)
        if face.sample or face.preview:
            _draw_mark(canvas, layout, self._fonts, PREVIEW if face.preview else SAMPLE)
        _draw_rule(canvas, layout)
        _draw_plate(canvas, layout.small_print)
        _draw_texts(canvas, layout.texts)
        if layout.photo is not None and face.photo is not None:
            _draw_photo(canvas, face.photo, layout.photo)
        if not face.preview:
            _draw_qr(canvas, face.link, layout.qr)
        finish(canvas, () if face.preview else layout.links)
        return RenderedLicence(buffer.getvalue(), layout.seal_centre)


def _draw_backdrop(canvas: Canvas, face: LicenceFace, layout: PageLayout) -> None:
    shape = layout.shape
    stream = Stream(
        "/Type /XObject /Subtype /Form /Filter /FlateDecode /Resources << >>"
        f" /BBox [ 0 0 {shape.width:.3f} {shape.height:.3f} ]",
        backdrop(face.design.colour, shape),
    )
    place_form(canvas, "backdrop", stream)


def _draw_rule(canvas: Canvas, layout: PageLayout) -> None:
    """Draw the ornament under the title: two tapering lines and a lozenge."""
    centre, y = layout.shape.width / 2, layout.rule
    tone = operands(layout.tones.base)
    canvas.addLiteral(
        f"q {tone} rg 1 0 0 1 {centre:.2f} {y:.2f} cm"
        " 0 3.2 m 5 0 l 0 -3.2 l -5 0 l f"
        " 10 0.7 m 128 0 l 10 -0.7 l f -10 0.7 m -128 0 l -10 -0.7 l f"
        " 9 0 m 7.4 1.2 l 5.8 0 l 7.4 -1.2 l f -9 0 m -7.4 1.2 l -5.8 0 l -7.4 -1.2 l f Q"
    )


def _draw_texts(canvas: Canvas, texts: tuple[PlacedText, ...]) -> None:
    """Show all texts in one text object; as literals they cost a quarter of ReportLab's."""
    document = canvas_document(canvas)
    canvas.addLiteral(f"q {BOLDER} w 1 j BT")
    for placed in texts:
        name = placed.font.getSubsetInternalName(0, document)
        tone, mode = operands(placed.colour), 2 if placed.size < BOLDER_UP_TO else 0
        canvas.addLiteral(
            f"{tone} rg {tone} RG {mode} Tr {name} {placed.size:g} Tf"
            f" 1 0 0 1 {placed.x:.3f} {placed.y:.3f} Tm {_shown(placed, document)}"
        )
    canvas.addLiteral("ET Q")


def _shown(placed: PlacedText, document: PDFDocument) -> str:
    """Return the operator that shows a text."""
    spacing = round(placed.spacing / placed.size * EM)
    codes = placed.font.encode(placed.text, document, spacing=spacing, spaced=placed.spaced)
    return f"<{codes.hex()}> Tj"


def _draw_mark(canvas: Canvas, layout: PageLayout, fonts: Fonts, mark: Text) -> None:
    """Print 样例 or the like across the page, beneath the words: outlined, in greys that hide
    nothing.
    """
    document, shape = canvas_document(canvas), layout.shape
    font, size = fonts.bold, min(SAMPLE_SIZE, shape.width / len(mark.zh))
    name = font.getSubsetInternalName(0, document)
    codes = font.encode(mark.zh, document).hex()
    c, s = cos(SAMPLE_ANGLE), sin(SAMPLE_ANGLE)
    x, y = -font.stringWidth(mark.zh, size) / 2, -0.38 * size  # its middle on the origin
    left = shape.width / 2 + x * c - y * s
    bottom = shape.height / 2 + x * s + y * c
    canvas.addLiteral(
        f"q {operands(SAMPLE_FILL)} rg {operands(SAMPLE_EDGE)} RG {SAMPLE_STROKE} w 1 j BT 2 Tr"
        f" {name} {size} Tf {c:.4f} {s:.4f} {-s:.4f} {c:.4f} {left:.2f} {bottom:.2f} Tm"
        f" <{codes}> Tj ET Q"
    )


def _draw_photo(canvas: Canvas, photo: bytes, box: Box) -> None:
    width, height = box.x2 - box.x1, box.y2 - box.y1
    canvas.saveState()
    canvas.transform(width, 0, 0, height, box.x1, box.y1)
    place_form(canvas, "photo", photo_stream(photo, width / height))
    canvas.restoreState()


def _draw_qr(canvas: Canvas, link: str, box: Box) -> None:
    _draw_plate(canvas, box)
    path = qr_path(link, box.x1, box.y1, box.x2 - box.x1)
    canvas.addLiteral(f"q {operands((0, 0, 0))} rg {path} Q")


def _draw_plate(canvas: Canvas, box: Box) -> None:
    """Clear the tinted paper away, so that copiers have nothing to screen there."""
    width, height = box.x2 - box.x1, box.y2 - box.y1
    canvas.addLiteral(
        f"q {operands(WHITE)} rg {box.x1:.2f} {box.y1:.2f} {width:.2f} {height:.2f} re f Q"
    )
