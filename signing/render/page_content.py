"""Drawing of one page: texts, pictures and ornaments, each marked as what it is."""

from itertools import groupby
from math import cos, radians, sin
from operator import attrgetter

from reportlab.pdfgen.canvas import Canvas

from core.text import Text
from signing.face import Box
from signing.pdf_syntax import stream
from signing.pdf_syntax import text as pdf_text
from signing.qr import qr_path
from signing.render.design.backdrop import backdrop
from signing.render.design.colours import WHITE, Rgb, operands
from signing.render.document import (
    canvas_document,
    finish_page,
    form_number,
    place_form,
)
from signing.render.geometry import PageShape
from signing.render.objects import Literal, refer
from signing.render.page_parts import PageLayout, PageLink
from signing.render.photo import photo_stream
from signing.render.setting import PlacedText
from signing.render.tagging import Element, Page, PageMarks, TagTree
from signing.render.type.files import EM
from signing.render.type.typefaces import Typeface

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
ENGLISH = " /Lang (en)"


_FORM = "/Type /XObject /Subtype /Form"
_IMPRESSION = "Seal"


class PageContent:
    """Content of one page. All operators are written here."""

    def __init__(self, canvas: Canvas, tree: TagTree, shape: PageShape) -> None:
        canvas.setPageSize((round(shape.width, 3), round(shape.height, 3)))
        self._canvas = canvas
        self._document = canvas_document(canvas)
        self._tree = tree
        self._shape = shape
        self._page = Page()
        self._marks = PageMarks(canvas, tree)
        self._links: list[int] = []
        self._draw = canvas.addLiteral

    def element(self, tag: str, parent: Element, attributes: str = "") -> Element:
        """Add an element of this page to the structure."""
        return self._tree.element(tag, parent, self._page, attributes)

    def finish(self) -> None:
        """End the page."""
        self._page.number = finish_page(self._canvas, self._marks.finish(), self._links)

    # Ornaments

    def backdrop(self, colour: str) -> None:
        """Draw the paper and the frame."""
        shape = self._shape
        entries = (
            f"{_FORM} /Filter /FlateDecode /Resources << >>"
            f" /BBox [ 0 0 {shape.width:.3f} {shape.height:.3f} ]"
        )
        name = "Backdrop" if shape.width > shape.height else "BackdropPortrait"
        with self._marks.artifact():
            place_form(self._canvas, name, lambda: stream(backdrop(colour, shape), entries))

    def rule(self, layout: PageLayout) -> None:
        """Draw the ornament under the title: two tapering lines and a lozenge."""
        centre, y = layout.shape.width / 2, layout.rule
        tone = operands(layout.tones.base)
        self._ornament(
            f"q {tone} rg 1 0 0 1 {centre:.2f} {y:.2f} cm"
            " 0 3.2 m 5 0 l 0 -3.2 l -5 0 l f"
            " 10 0.7 m 128 0 l 10 -0.7 l f -10 0.7 m -128 0 l -10 -0.7 l f"
            " 9 0 m 7.4 1.2 l 5.8 0 l 7.4 -1.2 l f -9 0 m -7.4 1.2 l -5.8 0 l -7.4 -1.2 l f Q"
        )

    def plate(self, box: Box) -> None:
        """Clear the tinted paper away, so that copiers have nothing to screen there."""
        width, height = box.x2 - box.x1, box.y2 - box.y1
        self._ornament(
            f"q {operands(WHITE)} rg {box.x1:.2f} {box.y1:.2f} {width:.2f} {height:.2f} re f Q"
        )

    def rules(self, rules: tuple[Box, ...], tone: Rgb) -> None:
        """Draw the lines of a table."""
        lines = (f"{r.x1:.2f} {r.y1:.2f} m {r.x2:.2f} {r.y2:.2f} l S" for r in rules)
        self._ornament(f"q {operands(tone)} RG 0.6 w {' '.join(lines)} Q")

    def impression(self, centre: tuple[float, float]) -> None:
        """Draw the seal's impression around a point: a repetition of what the first page has.

        Its form is empty until the file is sealed.
        """
        with self._marks.artifact():
            self._draw(f"q 1 0 0 1 {centre[0]:.2f} {centre[1]:.2f} cm")
            place_form(self._canvas, _IMPRESSION, lambda: stream(b"", f"{_FORM} /BBox [ 0 0 0 0 ]"))
            self._draw("Q")

    def _ornament(self, operators: str) -> None:
        with self._marks.artifact():
            self._draw(operators)

    # Texts

    def begin_texts(self) -> None:
        """Begin a run of texts; nothing else may be drawn until `end_texts`."""
        self._draw(f"q {BOLDER} w 1 j BT")

    def end_texts(self) -> None:
        """End a run of texts."""
        self._draw("ET Q")

    def texts(self, element: Element, texts: tuple[PlacedText, ...]) -> None:
        """Show texts as what `element` stands for; English ones within an element of their own."""
        for english, run in groupby(texts, attrgetter("english")):
            inner = self.element("Span", element, ENGLISH) if english else element
            with self._marks.marked(inner):
                for placed in run:
                    self._show(placed)

    def _show(self, placed: PlacedText) -> None:
        """Show a text; as literals they cost a quarter of ReportLab's."""
        tone, mode = operands(placed.colour), 2 if placed.size < BOLDER_UP_TO else 0
        spacing, spaced = round(placed.spacing / placed.size * EM), placed.spaced
        shown = f"{tone} rg {tone} RG {mode} Tr 1 0 0 1 {placed.x:.3f} {placed.y:.3f} Tm"
        for font, text in placed.font.runs(placed.text):
            codes = font.encode(text, self._document, spacing=spacing, spaced=spaced)
            shown += f" {font.resource(self._document)} {placed.size:g} Tf <{codes.hex()}> Tj"
            spaced = max(0, spaced - len(text))
        self._draw(shown)

    def mark(self, element: Element, typeface: Typeface, mark: Text) -> None:
        """Print 样例 or the like across the page, beneath the words: outlined, in greys that hide
        nothing.
        """
        shape, font = self._shape, typeface.main
        size = min(SAMPLE_SIZE, shape.width / len(mark.zh))
        codes = font.encode(mark.zh, self._document).hex()
        c, s = cos(SAMPLE_ANGLE), sin(SAMPLE_ANGLE)
        x, y = -typeface.width_at(mark.zh, size) / 2, -0.38 * size  # its middle on the origin
        left = shape.width / 2 + x * c - y * s
        bottom = shape.height / 2 + x * s + y * c
        with self._marks.marked(element):
            self._draw(
                f"q {operands(SAMPLE_FILL)} rg {operands(SAMPLE_EDGE)} RG {SAMPLE_STROKE} w 1 j BT"
                f" 2 Tr {font.resource(self._document)} {size} Tf"
                f" {c:.4f} {s:.4f} {-s:.4f} {c:.4f} {left:.2f} {bottom:.2f} Tm <{codes}> Tj ET Q"
            )

    # Pictures

    def photo(self, photo: bytes, box: Box, parent: Element, words: Text) -> None:
        """Draw the holder's photo into a box, cropped to it."""
        width, height = box.x2 - box.x1, box.y2 - box.y1
        with self._marks.marked(self._figure(box, parent, words)):
            self._draw(f"q {width:.3f} 0 0 {height:.3f} {box.x1:.3f} {box.y1:.3f} cm")
            place_form(self._canvas, "Photo", lambda: photo_stream(photo, width / height))
            self._draw("Q")

    def code(self, link: str, box: Box, parent: Element, words: Text) -> None:
        """Draw a QR code into a box."""
        path = qr_path(link, box.x1, box.y1, box.x2 - box.x1)
        with self._marks.marked(self._figure(box, parent, words)):
            self._draw(f"q {operands((0, 0, 0))} rg {path} Q")

    def _figure(self, box: Box, parent: Element, words: Text) -> Element:
        place = f"{box.x1:.2f} {box.y1:.2f} {box.x2:.2f} {box.y2:.2f}"
        read_aloud = pdf_text(f"{words.zh} {words.en}")
        attributes = f" /Alt {read_aloud} /A << /O /Layout /BBox [ {place} ] >>"
        return self.element("Figure", parent, attributes)

    # Links

    def link(self, element: Element, link: PageLink, words: Text) -> None:
        """Lay a link over what `element` stands for, without a border and printed (ISO 19005-3
        6.3.2).
        """
        box, key = link.box, self._tree.key(f"{element.number} 0 R")
        address = link.address.encode("ascii").hex()
        annotation = Literal(
            "<< /Type /Annot /Subtype /Link /F 4 /Border [ 0 0 0 ]"
            f" /Rect [ {box.x1:.2f} {box.y1:.2f} {box.x2:.2f} {box.y2:.2f} ]"
            f" /Contents {pdf_text(f'{words.zh} {words.en}')} /StructParent {key}"
            f" /A << /Type /Action /S /URI /URI <{address}> >> >>"
        )
        number = refer(self._document, annotation)
        element.kids.append(f"<< /Type /OBJR /Obj {number} 0 R >>")
        self._links.append(number)


def impression_of(canvas: Canvas) -> int | None:
    """Return the number of the impressions' form, which sealing fills; None: there are none."""
    return form_number(canvas, _IMPRESSION)
