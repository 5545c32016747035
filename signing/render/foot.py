"""The foot of a page: code, statement, authority with the seal's place, small print."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from signing.face import Box, FaceDesign, LicenceFace
from signing.render.design.colours import BLACK, Rgb
from signing.render.errors import FieldTooLongError
from signing.render.geometry import QR_SIDE, SEAL_RADIUS
from signing.render.page_parts import KEPT, Block, PageDraft, around
from signing.render.setting import (
    LEADING,
    PlacedText,
    Style,
    centred,
    fit_lines,
    stack_height,
    stacked,
)
from signing.render.terms import (
    ADDRESS,
    GRANTED,
    IDENTIFIER,
    SCAN,
    STATEMENT,
    chinese_date,
    english_date,
    host_of,
)
from signing.render.type.typefaces import Typeface

SEAL_BLOCK = 214.0
"""Width kept for authority, date and seal."""
ENGLISH_FOOT = 10.0
"""Height kept below the seal for the English of authority and date."""
SMALL_PRINT = 8.5
"""In black: what is left to verify by, when the code cannot be scanned from a copy."""
NAME_RISE, DATE_DROP = 26.0, 54.0
"""Baselines of the authority's name and of the date from the seal's centre: under the seal, but
clear of its star and its lower text, so that both stay readable."""


@dataclass(frozen=True, slots=True)
class SmallPrint:
    """Printed address and identifier, and what they take up."""

    box: Box
    host: Box
    """Of the address alone."""


def set_small_print(page: PageDraft, face: LicenceFace) -> SmallPrint:
    """Set host and identifier at the very foot, and which page of how many it is."""
    margin, regular = page.shape.margin, page.fonts.regular
    style = Style(regular, SMALL_PRINT, 5.5, BLACK)
    address = f"{ADDRESS.zh} {host_of(face.link)}"
    identifier = f"{IDENTIFIER.zh} {face.identifier}"
    left, ahead = margin.x1, regular.width_at(f"{address}    ", SMALL_PRINT)
    room = page.width - (regular.width_at(f"  {page.counted}", SMALL_PRINT) if page.counted else 0)
    beside = ahead + regular.width_at(identifier, SMALL_PRINT) <= room
    top = margin.y1 + stack_height(1 if beside else 2, SMALL_PRINT)
    size, lines = fit_lines(address, page.width, style, ADDRESS)
    host = page.add("site", stacked(lines, left, top, size, style))
    size, lines = fit_lines(identifier, room, style, IDENTIFIER)
    if beside:
        left += ahead
    else:
        top -= LEADING * SMALL_PRINT
    below = page.add("identifier", stacked(lines, left, top, size, style))
    if page.counted:
        left = margin.x2 - regular.width_at(page.counted, SMALL_PRINT)
        page.add("counted", stacked([page.counted], left, top, SMALL_PRINT, style))
    return SmallPrint(around([host, below]), host)


def set_qr(page: PageDraft, bottom: float) -> Box:
    """Keep the code's place, its caption below."""
    x = page.shape.margin.x1
    caption, y = _caption(x + QR_SIDE / 2, bottom, page.fonts.bold, page.tones.ink)
    page.put(caption)
    return page.keep("qr", Box(x, y, x + QR_SIDE, y + QR_SIDE))


@lru_cache(maxsize=KEPT)
def _caption(centre: float, bottom: float, bold: Typeface, ink: Rgb) -> tuple[Block, float]:
    """Set the code's caption; return it and where the code begins."""
    style, english = Style(bold, 8.5, 8.5, ink), Style(bold, 7, 7, ink)
    below = centred(SCAN.en, centre, bottom + 2, english.size, english)
    above = centred(SCAN.zh, centre, bottom + 12, style.size, style)
    caption = Block("caption", (above, below._replace(english=True)))
    return caption, caption.box.y2 + 4


def set_authority(page: PageDraft, face: LicenceFace, bottom: float) -> tuple[float, float]:
    """Set authority and date of grant; return the seal's centre, between the two."""
    centre = page.shape.margin.x2 - SEAL_BLOCK / 2, bottom + SEAL_RADIUS
    said = face.design, face.authority, face.granted_on
    page.put(*_authority(*said, centre, bottom, page.fonts.regular))
    return centre


@lru_cache(maxsize=KEPT)
def _authority(  # noqa: PLR0917 (a key of the cache)
    design: FaceDesign,
    authority: str,
    granted_on: date,
    seal: tuple[float, float],
    bottom: float,
    regular: Typeface,
) -> tuple[Block, Block]:
    """Set authority and date around the seal's centre."""
    x, y = seal
    # Regular, since the seal's own characters cross the name.
    style = Style(regular, 13, 8, BLACK, lines=2)
    name = f"{design.authority_label.zh}：{authority}"
    one = style._replace(smallest=11, lines=1)  # rather than a last character by itself
    try:
        size, lines = fit_lines(name, SEAL_BLOCK, one, design.authority_label)
    except FieldTooLongError:
        size, lines = fit_lines(name, SEAL_BLOCK, style, design.authority_label)
    texts = [
        centred(line, x, y + NAME_RISE + index * LEADING * size, size, style)
        for index, line in enumerate(reversed(lines))
    ]
    dated = Style(regular, 12.5, 12.5, BLACK)
    day = chinese_date(granted_on)
    if design.granted_label is not None:
        day = f"{design.granted_label.zh}：{day}"
    dates = [centred(day, x, y - DATE_DROP, dated.size, dated)]
    if design.bilingual:
        dates.append(_authority_english(design, granted_on, regular, x, bottom))
    return Block("authority", tuple(reversed(texts))), Block("granted", tuple(dates))


def _authority_english(
    design: FaceDesign, granted_on: date, regular: Typeface, centre: float, bottom: float
) -> PlacedText:
    """Set the English of both below the seal, which leaves no room at name and date."""
    granted = (design.granted_label or GRANTED).en
    said = f"{design.authority_label.en} (seal) · {granted}: {english_date(granted_on)}"
    style = Style(regular, 7, 5.5, BLACK)
    size, (line,) = fit_lines(said, SEAL_BLOCK, style, design.authority_label)
    placed = centred(line, centre, bottom - ENGLISH_FOOT + 2, size, style)
    return placed._replace(english=True)


def set_statement(page: PageDraft, design: FaceDesign, qr: Box) -> None:
    """Set the statement beside the code, its English below it."""
    assert design.statement is not None
    left = qr.x2 + 14
    width = page.shape.margin.x2 - SEAL_BLOCK - 6 - left
    style = Style(page.fonts.regular, 9, 7, page.tones.ink, lines=7)
    english = design.statement_english if design.bilingual else None
    page.put(_statement(design.statement, english, left, qr.y1, width, style))


@lru_cache(maxsize=KEPT)
def _statement(  # noqa: PLR0917 (a key of the cache)
    words: str, in_english: str | None, left: float, bottom: float, width: float, style: Style
) -> Block:
    size, lines = fit_lines(words, width, style, STATEMENT)
    texts: list[PlacedText] = []
    if in_english:
        small = style._replace(size=7, smallest=5.5)
        english, broken = fit_lines(in_english, width, small, STATEMENT)
        top = bottom + stack_height(len(broken), english)
        placed = stacked(broken, left, top, english, small)
        texts = [one._replace(english=True) for one in placed]
        bottom = top + 3
    top = bottom + stack_height(len(lines), size)
    return Block("statement", (*stacked(lines, left, top, size, style), *texts))
