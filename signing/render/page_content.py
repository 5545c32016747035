"""Drawing of one page: texts, pictures and ornaments, each marked as what it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from math import cos, radians, sin
from operator import attrgetter

from core.text import Text
from signing.face import Box
from signing.pdf_syntax import stream
from signing.pdf_syntax import text as pdf_text
from signing.qr import QUIET_ZONE, qr_code
from signing.render.design.colours import WHITE, Rgb, operands
from signing.render.file.document import form_name
from signing.render.file.draft import FileDraft
from signing.render.file.objects import gap
from signing.render.file.plan import (
    CODE,
    IMPRESSION,
    PHOTO,
    Linked,
    PictureDrawn,
    PlannedElement,
    backdrop_name,
)
from signing.render.geometry import PageShape
from signing.render.page_parts import PageLayout, PageLink
from signing.render.photo import photo_stream
from signing.render.setting import PlacedText
from signing.render.type.files import EM, FontFile
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
CODE_ALOUD = "code read aloud"
"""The gap for what is read aloud at the code."""


class PageContent:
    """Content of one page. All operators are written here."""

    def __init__(self, draft: FileDraft, shape: PageShape, colour: str) -> None:
        self._draft = draft
        self._planning = draft.planning
        self._shape = shape
        self._operators: list[str] = []
        self._draw = self._operators.append
        self._fonts = draft.fonts
        self._tone: tuple[Rgb, bool] | None = None
        """Colour of the text shown last, and whether its outlines are drawn."""
        self._type: tuple[FontFile, float] | None = None
        """Its font and size."""
        self.element = draft.planning.element
        draft.planning.begin_page(shape, colour)

    def finish(self) -> None:
        """End the page."""
        self._draft.contents.append("\n".join(self._operators).encode("ascii"))

    @contextmanager
    def _artifact(self) -> Iterator[None]:
        """Mark what has no meaning of its own (ISO 32000-1 14.8.2.2)."""
        self._draw("/Artifact BMC")
        yield
        self._draw("EMC")

    def _picture(self, name: str) -> None:
        self._planning.steps.append(PictureDrawn(name))
        self._draw(f"{form_name(name)} Do")

    # Ornaments

    def backdrop(self) -> None:
        """Draw the paper and the frame."""
        with self._artifact():
            self._picture(backdrop_name(self._shape))

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
        with self._artifact():
            self._draw(f"q 1 0 0 1 {centre[0]:.2f} {centre[1]:.2f} cm")
            self._picture(IMPRESSION)
            self._draw("Q")

    def _ornament(self, operators: str) -> None:
        self._draw(f"/Artifact BMC\n{operators}\nEMC")

    # Texts

    def begin_texts(self) -> None:
        """Begin a run of texts; nothing else may be drawn until `end_texts`."""
        self._draw(f"q {BOLDER} w 1 j BT")
        self._tone, self._type = None, None

    def end_texts(self) -> None:
        """End a run of texts."""
        self._draw("ET Q")

    def texts(self, element: PlannedElement, texts: tuple[PlacedText, ...]) -> None:
        """Show texts as what `element` stands for; English ones within an element of their own."""
        for english, run in groupby(texts, attrgetter("english")):
            inner = self.element("Span", element, ENGLISH) if english else element
            self._draw(self._planning.mark(inner))
            for placed in run:
                if placed.text:
                    self._show(placed)
            self._draw("EMC")

    def _show(self, placed: PlacedText) -> None:
        """Show a text; what it has in common with the one before is not set again."""
        words, x, y, typeface, size, ink, spacing, spaced, _ = placed
        tone = (ink, size < BOLDER_UP_TO)
        if tone != self._tone:
            colour = operands(ink)
            self._draw(f"{colour} rg {colour} RG {2 if tone[1] else 0} Tr")
            self._tone = tone
        self._draw(f"1 0 0 1 {x:.3f} {y:.3f} Tm")
        spacing = round(spacing / size * EM) if spaced else 0
        for font, text in typeface.runs(words):
            if self._type != (font, size):
                self._draw(f"{self._fonts.resource(font)} {size:g} Tf")
                self._type = (font, size)
            self._draw(f"<{self._fonts.codes(font, text, spacing, spaced)}> Tj")
            spaced = max(0, spaced - len(text))

    def mark(self, element: PlannedElement, typeface: Typeface, mark: Text) -> None:
        """Print 样例 or the like across the page, beneath the words: outlined, in greys that hide
        nothing.
        """
        shape, font = self._shape, typeface.main
        size = min(SAMPLE_SIZE, shape.width / len(mark.zh))
        codes = self._fonts.codes(font, mark.zh)
        c, s = cos(SAMPLE_ANGLE), sin(SAMPLE_ANGLE)
        x, y = -typeface.width_at(mark.zh, size) / 2, -0.38 * size  # its middle on the origin
        left = shape.width / 2 + x * c - y * s
        bottom = shape.height / 2 + x * s + y * c
        self._draw(self._planning.mark(element))
        self._draw(
            f"q {operands(SAMPLE_FILL)} rg {operands(SAMPLE_EDGE)} RG {SAMPLE_STROKE} w 1 j BT"
            f" 2 Tr {self._fonts.resource(font)} {size} Tf"
            f" {c:.4f} {s:.4f} {-s:.4f} {c:.4f} {left:.2f} {bottom:.2f} Tm <{codes}> Tj ET Q\nEMC"
        )

    # Pictures

    def photo(self, photo: bytes, box: Box, parent: PlannedElement, words: Text) -> None:
        """Draw the holder's photo into a box, cropped to it."""
        width, height = box.x2 - box.x1, box.y2 - box.y1
        values = self._draft.values
        if PHOTO not in values:
            values[PHOTO] = photo_stream(photo, width / height)
        figure = self._figure(box, parent, pdf_text(f"{words.zh} {words.en}"))
        self._place(figure, PHOTO, f"{width:.3f} 0 0 {height:.3f} {box.x1:.3f} {box.y1:.3f}")

    def code(self, link: str, box: Box, parent: PlannedElement, words: Text) -> None:
        """Draw a QR code into a box: a mask of one bit for each module, through which black falls.

        Raises `QrTooLongError`.
        """
        code = qr_code(link)
        values = self._draft.values
        values[CODE_ALOUD] = pdf_text(f"{words.zh} {words.en}").encode("ascii")
        values[CODE] = stream(
            code.bits,
            f"/Type /XObject /Subtype /Image /Width {code.side} /Height {code.side}"
            " /ImageMask true /BitsPerComponent 1 /Decode [ 1 0 ]",
        )
        module = (box.x2 - box.x1) / (code.side + 2 * QUIET_ZONE)
        edge, side = QUIET_ZONE * module, code.side * module
        figure = self._figure(box, parent, gap(CODE_ALOUD))
        place = f"{side:.4f} 0 0 {side:.4f} {box.x1 + edge:.4f} {box.y1 + edge:.4f}"
        self._place(figure, CODE, place, f"{operands((0, 0, 0))} rg ")

    def _place(self, figure: PlannedElement, picture: str, place: str, ahead: str = "") -> None:
        """Draw a picture of one unit, transformed to its place, as a figure."""
        self._draw(f"{self._planning.mark(figure)}\nq {ahead}{place} cm")
        self._picture(picture)
        self._draw("Q\nEMC")

    def _figure(self, box: Box, parent: PlannedElement, aloud: str) -> PlannedElement:
        place = f"{box.x1:.2f} {box.y1:.2f} {box.x2:.2f} {box.y2:.2f}"
        attributes = f" /Alt {aloud} /A << /O /Layout /BBox [ {place} ] >>"
        return self.element("Figure", parent, attributes)

    # Links

    def link(self, element: PlannedElement, link: PageLink, words: Text) -> None:
        """Lay a link over what `element` stands for."""
        box, address = link.box, link.address.encode("ascii").hex()
        self._planning.steps.append(Linked(element.number))
        where = (
            f" /Rect [ {box.x1:.2f} {box.y1:.2f} {box.x2:.2f} {box.y2:.2f} ]"
            f" /Contents {pdf_text(f'{words.zh} {words.en}')}"
            f" /A << /Type /Action /S /URI /URI <{address}> >>"
        )
        self._draft.links.append(where.encode("ascii"))
