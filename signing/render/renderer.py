"""Licences as PDF pages. One renderer a process; the same face always gives the same bytes."""

from datetime import datetime

from core.text import Text
from signing.document_properties import Properties
from signing.face import LicenceFace, RenderedLicence
from signing.render import messages
from signing.render.design.colours import Rgb
from signing.render.file.draft import FileDraft
from signing.render.file.plan import PlannedElement
from signing.render.fitting import PageFit
from signing.render.layout import lay_out
from signing.render.page_content import PageContent
from signing.render.page_parts import Blocks, PageLayout
from signing.render.table import SetTable
from signing.render.terms import PREVIEW, SAMPLE
from signing.render.type.typefaces import FontPin, load_fonts

_ROW = " /A << /O /Table /Scope /Row >>"
_COLUMN = " /A << /O /Table /Scope /Column >>"
"""Of headers that name what stands beside or below them (ISO 32000-1 table 349)."""


class LicenceRenderer:
    """Draws licences. Loading the fonts takes half a second, so make it once and keep it.

    Not for use by several threads at once: rendering burns CPU and scales by processes.
    """

    def __init__(self, further: tuple[FontPin, ...] = ()) -> None:
        """`further` fonts are asked for what ours lack, in their order."""
        self._fonts = load_fonts(*further)
        self._fit = PageFit(self._fonts)

    def check(self, text: str, label: Text) -> None:
        """Raise `MissingGlyphError` for the first character that no font has."""
        self._fonts.regular.check(text, label)

    def is_rare(self, text: str) -> bool:
        """Tell whether some of a text is set in another font than the rest."""
        regular = self._fonts.regular
        return any(font is not regular.main for font, _ in regular.runs(text))

    def layout(self, face: LicenceFace) -> tuple[PageLayout, ...]:
        """Return the layout of each page without drawing it. Raises like `render`."""
        return lay_out(face, self._fonts)

    def refuse_unfit(self, face: LicenceFace) -> None:
        """Raise what `layout` raises; a face that fits with room to spare is not laid out."""
        if not self._fit.holds(face):
            self.layout(face)

    def render(self, face: LicenceFace, *, created_at: datetime | None = None) -> RenderedLicence:
        """Return the pages without their seal.

        `created_at` (aware) becomes the file's dates; without it there are none. Raises
        `MissingGlyphError`, `FieldTooLongError`, `BadPhotoError`, `BadDesignError`, and
        `QrTooLongError` from `signing.qr`.
        """
        layouts, draft = self.layout(face), FileDraft()
        seal = draft.planning.top
        for at, layout in enumerate(layouts):
            page = PageContent(draft, layout.shape, face.design.colour)
            top = draft.planning.top
            place = top if len(layouts) == 1 else page.element("Sect", top)
            joined = self._draw(page, place, face, layout)
            if at == 0:
                seal = joined
            else:
                page.impression(layout.seal_centre)
            page.finish()
        return draft.file(_properties(face), created_at, seal, layouts[0].seal_centre)

    def _draw(
        self, page: PageContent, place: PlannedElement, face: LicenceFace, layout: PageLayout
    ) -> PlannedElement:
        """Draw a page in the order in which it is read; return the element that the seal joins."""
        blocks = layout.by_kind()
        # (1) What lies beneath the words.
        page.backdrop()
        if face.sample or face.preview:
            mark = PREVIEW if face.preview else SAMPLE
            page.mark(page.element("P", place), self._fonts.bold, mark)
        page.rule(layout)
        page.plate(layout.small_print)
        if not face.preview:
            page.plate(layout.qr)
        # (2) Title and number, the photo, the fields.
        page.begin_texts()
        self._blocks(
            page,
            place,
            blocks,
            ("title", "H1"),
            ("subtitle", "P"),
            ("heading", "P"),
            ("number", "P"),
        )
        page.end_texts()
        if layout.photo is not None and face.photo is not None:
            page.photo(face.photo, layout.photo, place, messages.PHOTO_READ_ALOUD)
        page.begin_texts()
        _draw_fields(page, place, blocks, layout.tones.base)
        # (3) Authority and date, which the seal joins; the statement.
        seal = page.element("Div", place)
        for block in blocks["authority"]:
            page.texts(page.element("P", seal), block.texts)
        for block in blocks["granted"]:
            page.texts(page.element("P", seal), block.texts)
        self._blocks(page, place, blocks, ("statement", "P"))
        page.end_texts()
        # (4) What it is verified by.
        code, site = layout.links
        if not face.preview:
            link = page.element("Link", place)
            words = messages.code_read_aloud(face.link)
            page.code(face.link, layout.qr, link, words)
            page.link(link, code, words)
        page.begin_texts()
        self._blocks(page, place, blocks, ("caption", "P"))
        for block in blocks["site"]:
            paragraph = page.element("P", place)
            if face.preview:
                page.texts(paragraph, block.texts)
                continue
            link = page.element("Link", paragraph)
            page.texts(link, block.texts)
            page.link(link, site, messages.SITE_READ_ALOUD)
        self._blocks(page, place, blocks, ("identifier", "P"), ("counted", "P"))
        page.end_texts()
        return seal

    def _blocks(
        self, page: PageContent, parent: PlannedElement, blocks: Blocks, *tags: tuple[str, str]
    ) -> None:
        for name, tag in tags:
            for block in blocks[name]:
                page.texts(page.element(tag, parent), block.texts)


def _draw_fields(page: PageContent, place: PlannedElement, blocks: Blocks, tone: Rgb) -> None:
    """Draw the fields: rows of one table, but for those that are tables themselves."""
    fields: PlannedElement | None = None
    for block in blocks["field"]:
        part = block.part
        assert part is not None
        if part.table is not None:
            page.end_texts()
            page.rules(part.table.rules, tone)
            page.begin_texts()
            _draw_table(page, place, part.table)
            fields = None
            continue
        fields = fields or page.element("Table", place)
        row = page.element("TR", fields)
        page.texts(page.element("TH", row, _ROW), part.label)
        page.texts(page.element("TD", row), part.value)


def _draw_table(page: PageContent, place: PlannedElement, table: SetTable) -> None:
    whole = page.element("Table", place)
    page.texts(page.element("Caption", whole), table.title)
    heads = page.element("TR", whole)
    for cell in table.header:
        page.texts(page.element("TH", heads, _COLUMN), cell)
    for row in table.rows:
        line = page.element("TR", whole)
        for cell in row:
            page.texts(page.element("TD", line), cell)


def _properties(face: LicenceFace) -> Properties:
    return Properties(
        title=f"{face.design.title.zh} {face.identifier}",
        author=face.authority,
        subject=face.design.title.zh,
        identifier=face.identifier,
    )
