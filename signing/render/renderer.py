"""Licences as PDF pages. One renderer a process; the same face always gives the same bytes."""

import hashlib
from datetime import datetime

from signing.document_properties import Properties, information, output_intent, packet, srgb_profile
from signing.face import LicenceFace, RenderedLicence
from signing.pdf_syntax import flate, stream
from signing.render import messages
from signing.render.backdrop import backdrop
from signing.render.fonts import COMPRESSION_LEVEL, load_fonts
from signing.render.layout import PREVIEW, SAMPLE, PageLayout, lay_out
from signing.render.page_content import FontUses, PageContent
from signing.render.pdf_file import PdfFile
from signing.render.photo import photo_stream
from signing.render.tagging import Element, TagTree

LANGUAGE = "zh-CN"
_ROW = " /A << /O /Table /Scope /Row >>"
"""Of a header that names what stands beside it (ISO 32000-1 table 349)."""


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

        `created_at` (aware) becomes its dates; without it there are none. Raises
        `MissingGlyphError`, `FieldTooLongError`, `BadPhotoError`, `BadDesignError`, and
        `QrTooLongError` from `signing.qr`.
        """
        layout = self.layout(face)
        file, fonts = PdfFile(), FontUses()
        root, info, pages, page = (file.reserve() for _ in range(4))
        structure = TagTree(file, page)
        content = PageContent(file, structure, page, fonts)
        seal_element = self._draw(content, structure.document, face, layout)
        drawn, marks = content.finish()
        structure.write()
        pictures = f"/Backdrop {_backdrop(file, face, layout)} 0 R"
        if layout.photo is not None and face.photo is not None:
            box = layout.photo
            aspect = (box.x2 - box.x1) / (box.y2 - box.y1)
            pictures += f" /Photo {file.add(photo_stream(face.photo, aspect))} 0 R"
        shown = file.add(flate(drawn, level=COMPRESSION_LEVEL))
        file.put(
            page,
            f"<< /Type /Page /Parent {pages} 0 R"
            f" /MediaBox [ 0 0 {layout.shape.width:.3f} {layout.shape.height:.3f} ]"
            f" /Resources << /Font {fonts.embed(file)} /XObject << {pictures} >> >>"
            f" /Contents {shown} 0 R {marks} >>",
        )
        file.put(pages, f"<< /Type /Pages /Kids [ {page} 0 R ] /Count 1 >>")
        properties = _properties(face)
        file.put(info, information(properties, created_at))
        _write_catalogue(
            file, root, pages, structure.root, packet(properties, created_at, tagged=True)
        )
        identifier = hashlib.sha256(drawn + face.identifier.encode()).digest()[:16]
        pdf = file.write(root, info, identifier)
        return RenderedLicence(pdf, layout.seal_centre, 0, seal_element)

    def _draw(
        self, page: PageContent, document: Element, face: LicenceFace, layout: PageLayout
    ) -> int:
        """Draw the page in the order in which it is read; return the seal's element's parent."""
        # (1) What lies beneath the words.
        page.backdrop("Backdrop")
        if face.sample or face.preview:
            mark = PREVIEW if face.preview else SAMPLE
            page.mark(page.element("P", document), layout.shape, self._fonts.bold, mark)
        page.rule(layout)
        page.plate(layout.small_print)
        if not face.preview:
            page.plate(layout.qr)
        # (2) Title and number, the photo, the fields.
        page.begin_texts()
        self._blocks(page, document, layout, ("title", "H1"), ("number", "P"))
        page.end_texts()
        if layout.photo is not None:
            page.picture("Photo", layout.photo, document, messages.PHOTO_READ_ALOUD)
        page.begin_texts()
        table = page.element("Table", document)
        for block in layout.named("field"):
            row = page.element("TR", table)
            label, *values = block.texts
            page.texts(page.element("TH", row, _ROW), (label,))
            page.texts(page.element("TD", row), tuple(values))
        # (3) Authority and date, which the seal joins; the statement.
        seal = page.element("Div", document)
        for block in layout.named("authority"):
            *name, day = block.texts
            page.texts(page.element("P", seal), tuple(name))
            page.texts(page.element("P", seal), (day,))
        self._blocks(page, document, layout, ("statement", "P"))
        page.end_texts()
        # (4) What it is verified by.
        code, site = layout.links
        if not face.preview:
            link = page.element("Link", document)
            words = messages.code_read_aloud(face.link)
            page.code(face.link, layout.qr, link, words)
            page.link(link, code, words)
        page.begin_texts()
        self._blocks(page, document, layout, ("caption", "P"))
        for block in layout.named("site"):
            paragraph = page.element("P", document)
            if face.preview:
                page.texts(paragraph, block.texts)
                continue
            link = page.element("Link", paragraph)
            page.texts(link, block.texts)
            page.link(link, site, messages.SITE_READ_ALOUD)
        self._blocks(page, document, layout, ("identifier", "P"))
        page.end_texts()
        return seal.number

    def _blocks(
        self, page: PageContent, parent: Element, layout: PageLayout, *tags: tuple[str, str]
    ) -> None:
        for name, tag in tags:
            for block in layout.named(name):
                page.texts(page.element(tag, parent), block.texts)


def _backdrop(file: PdfFile, face: LicenceFace, layout: PageLayout) -> int:
    shape = layout.shape
    return file.add(
        stream(
            backdrop(face.design.colour, shape),
            "/Type /XObject /Subtype /Form /Filter /FlateDecode /Resources << >>"
            f" /BBox [ 0 0 {shape.width:.3f} {shape.height:.3f} ]",
        )
    )


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
