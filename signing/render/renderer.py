"""Licences as PDF pages. One renderer a process; the same face always gives the same bytes."""

from datetime import datetime
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from signing.face import Box, LicenceFace, RenderedLicence
from signing.qr import qr_path
from signing.render.backdrop import backdrop
from signing.render.colours import WHITE, Rgb, operands
from signing.render.document import finish, new_canvas, place_form
from signing.render.fonts import load_fonts
from signing.render.layout import SAMPLE, Layout, lay_out
from signing.render.photo import photo_stream
from signing.render.setting import PlacedText
from signing.render.streams import Stream


class LicenceRenderer:
    """Draws licences. Loading the fonts takes half a second, so make it once and keep it.

    Not for use by several threads at once: rendering burns CPU and scales by processes.
    """

    def __init__(self) -> None:
        self._fonts = load_fonts()

    def layout(self, face: LicenceFace) -> Layout:
        """Return where everything would stand. Raises like `render`."""
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
        if face.sample:
            _draw_sample(canvas, layout)
        _draw_rule(canvas, layout)
        _draw_texts(canvas, layout.texts)
        if layout.photo is not None and face.photo is not None:
            _draw_photo(canvas, face.photo, layout.photo)
        _draw_qr(canvas, face.link, layout.qr)
        finish(canvas)
        return RenderedLicence(buffer.getvalue(), layout.seal_centre)


def _draw_backdrop(canvas: Canvas, face: LicenceFace, layout: Layout) -> None:
    shape = layout.shape
    stream = Stream(
        "/Type /XObject /Subtype /Form /Filter /FlateDecode /Resources << >>"
        f" /BBox [ 0 0 {shape.width:.3f} {shape.height:.3f} ]",
        backdrop(face.design.colour, shape),
    )
    place_form(canvas, "backdrop", stream)


def _draw_rule(canvas: Canvas, layout: Layout) -> None:
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
    colour: Rgb | None = None
    for placed in texts:
        text = canvas.beginText(placed.x, placed.y)
        if placed.colour != colour:
            colour = placed.colour
            text.setFillColorRGB(*colour)
        text.setFont(placed.font.fontName, placed.size)
        if placed.spacing:
            text.setCharSpace(placed.spacing)
        text.textOut(placed.text)
        if placed.spacing:
            text.setCharSpace(0)
            spelled = placed.text.encode("utf-16-be").hex()
            canvas.addLiteral(f"/Span << /ActualText <feff{spelled}> >> BDC")
        canvas.drawText(text)
        if placed.spacing:
            canvas.addLiteral("EMC")


def _draw_sample(canvas: Canvas, layout: Layout) -> None:
    """Print 样例 across the page, beneath the words."""
    shape = layout.shape
    canvas.saveState()
    canvas.setFillColorRGB(0.86, 0.86, 0.87)
    canvas.translate(shape.width / 2, shape.height / 2)
    canvas.rotate(28)
    size = 150
    canvas.setFont("NotoSerifSC-Bold", size)
    canvas.drawCentredString(0, -0.36 * size, SAMPLE.zh)
    canvas.restoreState()


def _draw_photo(canvas: Canvas, photo: bytes, box: Box) -> None:
    width, height = box.x2 - box.x1, box.y2 - box.y1
    canvas.saveState()
    canvas.transform(width, 0, 0, height, box.x1, box.y1)
    place_form(canvas, "photo", photo_stream(photo, width / height))
    canvas.restoreState()


def _draw_qr(canvas: Canvas, link: str, box: Box) -> None:
    side = box.x2 - box.x1
    canvas.addLiteral(
        f"q {operands(WHITE)} rg {box.x1:.2f} {box.y1:.2f} {side:.2f} {side:.2f} re f"
        f" {operands((0, 0, 0))} rg {qr_path(link, box.x1, box.y1, side)} Q"
    )
