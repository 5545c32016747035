"""Layout of a licence's pages: header, fields, photo, QR code, authority and seal."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.text import Text
from signing.face import Box, FaceField, LicenceFace
from signing.render.body import Body, MeasuredField, make_entry
from signing.render.continuing import continued
from signing.render.errors import FieldTooLongError
from signing.render.foot import (
    ENGLISH_FOOT,
    SmallPrint,
    set_authority,
    set_qr,
    set_small_print,
    set_statement,
)
from signing.render.geometry import PHOTO_HEIGHT, PHOTO_WIDTH, SEAL_RADIUS
from signing.render.header import set_header
from signing.render.page_parts import PageDraft, PageLayout, PageLink
from signing.render.terms import (
    ADDRESS,
    GRANTED,
    HEADING,
    IDENTIFIER,
    PAGE_OF,
    STATEMENT,
    TITLE,
    english_validity,
    host_of,
    site_of,
    validity,
)
from signing.render.type.typefaces import Fonts

UNCOUNTED: Final = PAGE_OF.zh.format(99, 99)
"""Of a page whose number is not known yet: none is longer."""


def lay_out(face: LicenceFace, fonts: Fonts) -> tuple[PageLayout, ...]:
    """Lay the pages of a licence out.

    Raises `MissingGlyphError`, `FieldTooLongError` or `BadDesignError` before anything is drawn.
    """
    pages = face.pages()
    for one in pages:
        check_glyphs(one, fonts)
    parts = [part for one in pages for part in _parts(one, fonts)]
    count = len(parts)
    return tuple(
        _lay_out_page(one, fonts, counted(at, count), roomy=roomy)
        for at, (one, roomy) in enumerate(parts, start=1)
    )


def counted(at: int, count: int) -> str:
    """Return the words by which a page says which of how many it is."""
    return PAGE_OF.zh.format(at, count) if count > 1 else ""


def _parts(face: LicenceFace, fonts: Fonts) -> list[tuple[LicenceFace, bool]]:
    """Return the pages that a page's face takes, and whether each is to be roomy.

    A page that may be continued is, before its type gets small; text that even alone needs small
    type gets it.
    """
    if not face.design.continued:
        return [(face, False)]

    def fits(one: LicenceFace) -> bool:
        try:
            _lay_out_page(one, fonts, UNCOUNTED, roomy=True)
        except FieldTooLongError:
            return False
        return True

    if fits(face):
        return [(face, True)]
    parts = continued(face, fits)
    return [(face, False)] if parts is None else [(one, True) for one in parts]


@dataclass(frozen=True, slots=True)
class PageFrame:
    """A page with everything on it but its fields, and the room that is left for these."""

    page: PageDraft
    rule: float
    small: SmallPrint
    qr: Box
    centre: tuple[float, float]
    photo: Box | None
    room: Box

    @property
    def hole(self) -> Box | None:
        """Part of the room that the photo takes."""
        photo = self.photo
        return Box(photo.x1 - 20, photo.y1 - 8, photo.x2, photo.y2) if photo else None


def make_frame(face: LicenceFace, fonts: Fonts, counted: str) -> PageFrame:
    """Set everything but the fields. Raises `FieldTooLongError`."""
    page = PageDraft(face, fonts, counted)
    rule, top = set_header(page, face)
    small = set_small_print(page, face)
    foot = small.box.y2 + (7 if not face.design.bilingual else 7 + ENGLISH_FOOT)
    qr = set_qr(page, foot)
    centre = set_authority(page, face, foot)
    if face.design.statement:
        set_statement(page, face.design, qr)
    photo = _photo(page, top) if face.photo is not None else None
    margin = page.shape.margin
    room = Box(margin.x1, centre[1] + SEAL_RADIUS + 8, margin.x2, top)
    return PageFrame(page, rule, small, qr, centre, photo, room)


def _lay_out_page(face: LicenceFace, fonts: Fonts, counted: str, *, roomy: bool) -> PageLayout:
    frame = make_frame(face, fonts, counted)
    page, qr = frame.page, frame.qr
    _body(frame, face, roomy=roomy)
    links = (PageLink(qr, face.link), PageLink(frame.small.host, site_of(face.link)))
    return PageLayout(
        page.shape,
        page.tones,
        tuple(page.blocks),
        frame.rule,
        qr,
        frame.small.box,
        links,
        frame.photo,
        frame.centre,
    )


def check_glyphs(face: LicenceFace, fonts: Fonts) -> None:
    """Raise `MissingGlyphError` for the first character of the face that cannot be drawn.

    Both weights have the same characters. In a field's value alone a newline may stand.
    """
    plain = (
        (TITLE, face.design.title.zh),
        (face.design.authority_label, face.design.authority_label.zh + face.authority),
        (face.design.validity_label, face.design.validity_label.zh),
        (GRANTED, face.design.granted_label.zh if face.design.granted_label else ""),
        (STATEMENT, face.design.statement or ""),
        (HEADING, face.design.heading.zh if face.design.heading else ""),
        *(_english(face) if face.design.bilingual else ()),
        (IDENTIFIER, face.identifier),
        (ADDRESS, host_of(face.link)),
        (face.number_label, face.number_label.zh),
        (face.number_label, face.number),
    )
    drawn = [text for _, text in plain]
    for field in face.fields:
        drawn.append(field.value.replace("\n", ""))
        for words in (field.label, *field.columns):
            drawn += (words.zh, words.en if face.design.bilingual else "")
    if fonts.regular.covers("".join(drawn)):
        return
    for label, text in plain:
        fonts.regular.check(text, label)
    for field in face.fields:
        for words in (field.label, *field.columns):
            fonts.regular.check(words.zh, field.label)
            fonts.regular.check(words.en if face.design.bilingual else "", field.label)
        fonts.regular.check(field.value.replace("\n", ""), field.label)


def _english(face: LicenceFace) -> Iterator[tuple[Text, str]]:
    """Yield the English of a bilingual page but for that of its fields."""
    design = face.design
    yield TITLE, design.title.en
    yield design.authority_label, design.authority_label.en
    yield design.validity_label, design.validity_label.en
    yield STATEMENT, design.statement_english or ""
    yield HEADING, design.heading.en if design.heading else ""
    yield face.number_label, face.number_label.en
    if design.granted_label is not None:
        yield design.granted_label, design.granted_label.en


def _photo(page: PageDraft, top: float) -> Box:
    right = page.shape.margin.x2
    return page.keep("photo", Box(right - PHOTO_WIDTH, top - PHOTO_HEIGHT, right, top))


def _body(frame: PageFrame, face: LicenceFace, *, roomy: bool) -> None:
    page, bilingual = frame.page, face.design.bilingual
    entries = _entries(face, page.fonts)
    body = Body(entries, frame.room, frame.hole, page.fonts, bilingual=bilingual)
    for part in body.set(page.shape.body_size, page.tones.ink, roomy=roomy):
        page.add_part(part)


def _entries(face: LicenceFace, fonts: Fonts) -> Iterator[MeasuredField]:
    for field in face.fields:
        yield make_entry(field, fonts, bilingual=face.design.bilingual)
    if face.design.without_term:
        return
    term = FaceField("", face.design.validity_label, validity(face))
    bilingual = face.design.bilingual
    english = english_validity(face) if bilingual else ""
    yield make_entry(term, fonts, english=english, bilingual=bilingual)
