"""Drawing of one page: texts, pictures and ornaments, each marked as what it is."""

from math import cos, radians, sin

from core.text import Text
from signing.face import Box
from signing.pdf_syntax import text as pdf_text
from signing.qr import qr_path
from signing.render.colours import WHITE, Rgb, operands
from signing.render.fonts import EM, FontFile, FontUse
from signing.render.geometry import PageShape
from signing.render.page_parts import PageLayout, PageLink
from signing.render.pdf_file import PdfFile
from signing.render.setting import PlacedText
from signing.render.tagging import Element, MarkedContent, TagTree
from signing.render.typefaces import Typeface

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


class FontUses:
    """The fonts that one file uses."""

    def __init__(self) -> None:
        self._uses: dict[str, FontUse] = {}

    def of(self, font: FontFile) -> FontUse:
        """Return the use of a font."""
        use = self._uses.get(font.name)
        if use is None:
            use = self._uses[font.name] = FontUse(font, f"F{len(self._uses) + 1}")
        return use

    def embed(self, file: PdfFile) -> str:
        """Embed all; return the dictionary of the resources."""
        fonts = " ".join(f"/{use.name} {use.embed(file)} 0 R" for use in self._uses.values())
        return f"<< {fonts} >>"


class PageContent:
    """Content of one page. All operators are written here."""

    def __init__(self, file: PdfFile, structure: TagTree, page: int, fonts: FontUses) -> None:
        self._file = file
        self._structure = structure
        self._fonts = fonts
        self._content = MarkedContent(structure, page)
        self._annotations: list[int] = []
        self._page = page

    def element(self, tag: str, parent: Element, attributes: str = "") -> Element:
        """Add an element of this page to the structure."""
        return self._structure.element(tag, parent, self._page, attributes)

    def finish(self) -> tuple[bytes, str]:
        """Return the content, and the entries of the page's dictionary that the marks need."""
        content = self._content.finish()
        annotations = " ".join(f"{number} 0 R" for number in self._annotations)
        return content, (f"/StructParents {self._content.key} /Tabs /S /Annots [ {annotations} ]")

    # Ornaments

    def backdrop(self, name: str) -> None:
        """Draw the paper and the frame."""
        self._content.artifact(f"/{name} Do")

    def rule(self, layout: PageLayout) -> None:
        """Draw the ornament under the title: two tapering lines and a lozenge."""
        centre, y = layout.shape.width / 2, layout.rule
        tone = operands(layout.tones.base)
        self._content.artifact(
            f"q {tone} rg 1 0 0 1 {centre:.2f} {y:.2f} cm"
            " 0 3.2 m 5 0 l 0 -3.2 l -5 0 l f"
            " 10 0.7 m 128 0 l 10 -0.7 l f -10 0.7 m -128 0 l -10 -0.7 l f"
            " 9 0 m 7.4 1.2 l 5.8 0 l 7.4 -1.2 l f -9 0 m -7.4 1.2 l -5.8 0 l -7.4 -1.2 l f Q"
        )

    def plate(self, box: Box) -> None:
        """Clear the tinted paper away, so that copiers have nothing to screen there."""
        width, height = box.x2 - box.x1, box.y2 - box.y1
        self._content.artifact(
            f"q {operands(WHITE)} rg {box.x1:.2f} {box.y1:.2f} {width:.2f} {height:.2f} re f Q"
        )

    def rules(self, rules: tuple[Box, ...], tone: Rgb) -> None:
        """Draw the lines of a table."""
        lines = (f"{r.x1:.2f} {r.y1:.2f} m {r.x2:.2f} {r.y2:.2f} l S" for r in rules)
        self._content.artifact(f"q {operands(tone)} RG 0.6 w {' '.join(lines)} Q")

    def impression(self, name: str, centre: tuple[float, float]) -> None:
        """Draw the seal's impression around a point: a repetition of what the first page has."""
        self._content.artifact(f"q 1 0 0 1 {centre[0]:.2f} {centre[1]:.2f} cm /{name} Do Q")

    # Texts

    def begin_texts(self) -> None:
        """Begin a run of texts; nothing else may be drawn until `end_texts`."""
        self._content.plain(f"q {BOLDER} w 1 j BT")

    def end_texts(self) -> None:
        """End a run of texts."""
        self._content.plain("ET Q")

    def texts(self, element: Element, texts: tuple[PlacedText, ...]) -> None:
        """Show texts as what `element` stands for; English ones within an element of their own."""
        at = 0
        while at < len(texts):
            english, end = texts[at].english, at
            while end < len(texts) and texts[end].english == english:
                end += 1
            inner = self.element("Span", element, ENGLISH) if english else element
            with self._content.marked(inner) as operators:
                operators.extend(map(self._shown, texts[at:end]))
            at = end

    def _shown(self, placed: PlacedText) -> str:
        tone, mode = operands(placed.colour), 2 if placed.size < BOLDER_UP_TO else 0
        spacing, spaced = round(placed.spacing / placed.size * EM), placed.spaced
        shown = f"{tone} rg {tone} RG {mode} Tr 1 0 0 1 {placed.x:.3f} {placed.y:.3f} Tm"
        for font, text in placed.font.runs(placed.text):
            use = self._fonts.of(font)
            codes = use.encode(text, spacing=spacing, spaced=spaced)
            shown += f" /{use.name} {placed.size:g} Tf <{codes.hex()}> Tj"
            spaced = max(0, spaced - len(text))
        return shown

    def mark(self, element: Element, shape: PageShape, font: Typeface, mark: Text) -> None:
        """Print 样例 or the like across the page, beneath the words: outlined, in greys that hide
        nothing.
        """
        use, size = self._fonts.of(font.main), min(SAMPLE_SIZE, shape.width / len(mark.zh))
        codes = use.encode(mark.zh).hex()
        c, s = cos(SAMPLE_ANGLE), sin(SAMPLE_ANGLE)
        x, y = -font.width_at(mark.zh, size) / 2, -0.38 * size  # its middle on the origin
        left = shape.width / 2 + x * c - y * s
        bottom = shape.height / 2 + x * s + y * c
        with self._content.marked(element) as operators:
            operators.append(
                f"q {operands(SAMPLE_FILL)} rg {operands(SAMPLE_EDGE)} RG {SAMPLE_STROKE} w 1 j BT"
                f" 2 Tr /{use.name} {size} Tf {c:.4f} {s:.4f} {-s:.4f} {c:.4f} {left:.2f}"
                f" {bottom:.2f} Tm <{codes}> Tj ET Q"
            )

    # Pictures

    def picture(self, name: str, box: Box, parent: Element, words: Text) -> None:
        """Draw an image into a box."""
        width, height = box.x2 - box.x1, box.y2 - box.y1
        with self._content.marked(self._figure(box, parent, words)) as operators:
            operators.append(
                f"q {width:.3f} 0 0 {height:.3f} {box.x1:.3f} {box.y1:.3f} cm /{name} Do Q"
            )

    def code(self, link: str, box: Box, parent: Element, words: Text) -> None:
        """Draw a QR code into a box."""
        path = qr_path(link, box.x1, box.y1, box.x2 - box.x1)
        with self._content.marked(self._figure(box, parent, words)) as operators:
            operators.append(f"q {operands((0, 0, 0))} rg {path} Q")

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
        box, key = link.box, self._structure.key(f"{element.number} 0 R")
        address = link.address.encode("ascii").hex()
        annotation = self._file.add(
            "<< /Type /Annot /Subtype /Link /F 4 /Border [ 0 0 0 ]"
            f" /Rect [ {box.x1:.2f} {box.y1:.2f} {box.x2:.2f} {box.y2:.2f} ]"
            f" /Contents {pdf_text(f'{words.zh} {words.en}')} /StructParent {key}"
            f" /A << /Type /Action /S /URI /URI <{address}> >> >>"
        )
        element.kids.append(f"<< /Type /OBJR /Obj {annotation} 0 R /Pg {self._page} 0 R >>")
        self._annotations.append(annotation)
