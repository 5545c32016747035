"""Licences as PDF pages. One renderer a process; the same face always gives the same bytes."""

import hashlib
from datetime import datetime

from signing.document_properties import Properties, information, output_intent, packet, srgb_profile
from signing.face import LicenceFace, RenderedLicence
from signing.pdf_syntax import flate, stream
from signing.render import messages
from signing.render.fonts import COMPRESSION_LEVEL
from signing.render.layout import lay_out
from signing.render.page_content import FontUses, PageContent
from signing.render.page_parts import PageLayout
from signing.render.pdf_file import PdfFile
from signing.render.pictures import Pictures
from signing.render.table import SetTable
from signing.render.tagging import Element, TagTree
from signing.render.terms import PREVIEW, SAMPLE
from signing.render.typefaces import FontPin, load_fonts

LANGUAGE = "zh-CN"
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

    def layout(self, face: LicenceFace) -> tuple[PageLayout, ...]:
        """Return the layout of each page without drawing it. Raises like `render`."""
        return lay_out(face, self._fonts)

    def render(self, face: LicenceFace, *, created_at: datetime | None = None) -> RenderedLicence:
        """Return the pages without their seal.

        `created_at` (aware) becomes the file's dates; without it there are none. Raises
        `MissingGlyphError`, `FieldTooLongError`, `BadPhotoError`, `BadDesignError`, and
        `QrTooLongError` from `signing.qr`.
        """
        layouts = self.layout(face)
        file = PdfFile()
        root, info, pages, resources = (file.reserve() for _ in range(4))
        numbers = [file.reserve() for _ in layouts]
        tags, fonts, pictures = TagTree(file, numbers[0]), FontUses(), Pictures(file, face)
        drawn = hashlib.sha256(face.identifier.encode())
        seal_element = 0
        for at, (number, layout) in enumerate(zip(numbers, layouts, strict=True)):
            # (1) What stands on it, marked.
            content = PageContent(file, tags, number, fonts)
            place = tags.document if len(layouts) == 1 else content.element("Sect", tags.document)
            joined = self._draw(content, place, face, layout, pictures)
            if at == 0:
                seal_element = joined
            else:
                content.impression(pictures.impression(), layout.seal_centre)
            # (2) The page itself.
            shown, marks = content.finish()
            drawn.update(shown)
            stream_number = file.add(flate(shown, level=COMPRESSION_LEVEL))
            file.put(
                number,
                f"<< /Type /Page /Parent {pages} 0 R"
                f" /MediaBox [ 0 0 {layout.shape.width:.3f} {layout.shape.height:.3f} ]"
                f" /Resources {resources} 0 R /Contents {stream_number} 0 R {marks} >>",
            )
        # (3) What all pages share, and the file around them.
        tags.write()
        kids = " ".join(f"{number} 0 R" for number in numbers)
        file.put(pages, f"<< /Type /Pages /Kids [ {kids} ] /Count {len(numbers)} >>")
        file.put(resources, f"<< /Font {fonts.embed(file)} /XObject {pictures.resources()} >>")
        properties = _properties(face)
        file.put(info, information(properties, created_at))
        xmp = packet(properties, created_at, tagged=True)
        _write_catalogue(file, root, pages, tags.root, xmp)
        return RenderedLicence(
            file.write(root, info, drawn.digest()[:16]),
            layouts[0].seal_centre,
            seal_element,
            pictures.sealed,
        )

    def _draw(
        self,
        page: PageContent,
        place: Element,
        face: LicenceFace,
        layout: PageLayout,
        pictures: Pictures,
    ) -> int:
        """Draw a page in the order in which it is read; return the element that the seal joins."""
        # (1) What lies beneath the words.
        page.backdrop(pictures.backdrop(layout.shape))
        if face.sample or face.preview:
            mark = PREVIEW if face.preview else SAMPLE
            page.mark(page.element("P", place), layout.shape, self._fonts.bold, mark)
        page.rule(layout)
        page.plate(layout.small_print)
        if not face.preview:
            page.plate(layout.qr)
        # (2) Title and number, the photo, the fields.
        page.begin_texts()
        self._blocks(
            page,
            place,
            layout,
            ("title", "H1"),
            ("subtitle", "P"),
            ("heading", "P"),
            ("number", "P"),
        )
        page.end_texts()
        if layout.photo is not None:
            photo = pictures.photo(layout.photo)
            page.picture(photo, layout.photo, place, messages.PHOTO_READ_ALOUD)
        page.begin_texts()
        _draw_fields(page, place, layout)
        # (3) Authority and date, which the seal joins; the statement.
        seal = page.element("Div", place)
        for block in layout.named("authority"):
            page.texts(page.element("P", seal), block.texts)
        for block in layout.named("granted"):
            page.texts(page.element("P", seal), block.texts)
        self._blocks(page, place, layout, ("statement", "P"))
        page.end_texts()
        # (4) What it is verified by.
        code, site = layout.links
        if not face.preview:
            link = page.element("Link", place)
            words = messages.code_read_aloud(face.link)
            page.code(face.link, layout.qr, link, words)
            page.link(link, code, words)
        page.begin_texts()
        self._blocks(page, place, layout, ("caption", "P"))
        for block in layout.named("site"):
            paragraph = page.element("P", place)
            if face.preview:
                page.texts(paragraph, block.texts)
                continue
            link = page.element("Link", paragraph)
            page.texts(link, block.texts)
            page.link(link, site, messages.SITE_READ_ALOUD)
        self._blocks(page, place, layout, ("identifier", "P"), ("counted", "P"))
        page.end_texts()
        return seal.number

    def _blocks(
        self, page: PageContent, parent: Element, layout: PageLayout, *tags: tuple[str, str]
    ) -> None:
        for name, tag in tags:
            for block in layout.named(name):
                page.texts(page.element(tag, parent), block.texts)


def _draw_fields(page: PageContent, place: Element, layout: PageLayout) -> None:
    """Draw the fields: rows of one table, but for those that are tables themselves."""
    fields: Element | None = None
    for block in layout.named("field"):
        part = block.part
        assert part is not None
        if part.table is not None:
            page.end_texts()
            page.rules(part.table.rules, layout.tones.base)
            page.begin_texts()
            _draw_table(page, place, part.table)
            fields = None
            continue
        fields = fields or page.element("Table", place)
        row = page.element("TR", fields)
        page.texts(page.element("TH", row, _ROW), part.label)
        page.texts(page.element("TD", row), part.value)


def _draw_table(page: PageContent, place: Element, table: SetTable) -> None:
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


def _write_catalogue(file: PdfFile, root: int, pages: int, tree: int, xmp: bytes) -> None:
    metadata = file.add(stream(xmp, "/Type /Metadata /Subtype /XML"))
    intent = file.add(output_intent(f"{file.add(srgb_profile())} 0 R"))
    file.put(
        root,
        f"<< /Type /Catalog /Pages {pages} 0 R /Lang ({LANGUAGE})"
        f" /StructTreeRoot {tree} 0 R /MarkInfo << /Marked true >>"
        " /ViewerPreferences << /DisplayDocTitle true >>"
        f" /Metadata {metadata} 0 R /OutputIntents [ {intent} 0 R ] >>",
    )
