"""Where everything on a licence stands: header, fields, photo, QR code, authority and seal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from core.text import Text
from signing.face import Box, LicenceFace
from signing.render.body import Body, Entry, make_entry
from signing.render.colours import BLACK, Palette, palette
from signing.render.fonts import Fonts
from signing.render.geometry import (
    PHOTO_HEIGHT,
    PHOTO_WIDTH,
    QR_SIDE,
    SEAL_SIDE,
    PageShape,
    shape_of,
)
from signing.render.setting import (
    LEADING,
    PlacedText,
    Style,
    centred,
    fit_lines,
    stack_height,
    stacked,
)

TITLE = Text("证照名称", "Title")
AUTHORITY = Text("发证机关", "Authority")
VALIDITY = Text("有效期限", "Validity")
STATEMENT = Text("说明", "Statement")
IDENTIFIER = Text("证照标识", "Licence identifier")
ADDRESS = Text("核验网址", "Verification site")
SCAN = Text("扫码核验", "Scan to verify")
SAMPLE = Text("样例", "Sample")

SEAL_BLOCK = 214.0
"""Width kept for authority, date and seal."""
SMALL_PRINT = 7.0
NAME_RISE, DATE_DROP = 26.0, 54.0
"""Baselines of the authority's name and of the date from the seal's centre: under the seal, but
clear of its star and its lower text, so that both stay readable."""


@dataclass(frozen=True, slots=True)
class Block:
    """A named part of the page and what it takes up."""

    name: str
    box: Box


@dataclass(frozen=True, slots=True)
class Layout:
    """A page before it is drawn."""

    shape: PageShape
    tones: Palette
    texts: tuple[PlacedText, ...]
    blocks: tuple[Block, ...]
    """None of them overlaps another; the seal stands over `authority` alone."""
    rule: float
    """Height of the ornament under the title."""
    qr: Box
    photo: Box | None
    seal_centre: tuple[float, float]


class _Page:
    """Collects texts and blocks."""

    def __init__(self) -> None:
        self.texts: list[PlacedText] = []
        self.blocks: list[Block] = []

    def add(self, name: str, texts: list[PlacedText]) -> Box:
        boxes = [text.box for text in texts]
        box = Box(
            min(b.x1 for b in boxes),
            min(b.y1 for b in boxes),
            max(b.x2 for b in boxes),
            max(b.y2 for b in boxes),
        )
        self.texts += texts
        self.blocks.append(Block(name, box))
        return box

    def keep(self, name: str, box: Box) -> Box:
        self.blocks.append(Block(name, box))
        return box


def lay_out(face: LicenceFace, fonts: Fonts) -> Layout:
    """Lay a licence out.

    Raises `MissingGlyphError`, `FieldTooLongError` or `BadDesignError` before anything is drawn.
    """
    check_glyphs(face, fonts)
    shape, tones, page = shape_of(face.design.orientation), palette(face.design.colour), _Page()
    rule, body_top = _header(page, face, shape, tones, fonts)
    foot_bottom = _small_print(page, face, shape, tones, fonts)
    qr = _qr(page, shape, foot_bottom, tones, fonts)
    centre = _authority(page, face, shape, foot_bottom, fonts)
    if face.design.statement:
        _statement(page, face.design.statement, shape, qr, tones, fonts)
    photo = _photo(page, shape, body_top) if face.photo is not None else None
    room = Box(shape.margin.x1, foot_bottom + SEAL_SIDE + 8, shape.margin.x2, body_top)
    hole = Box(photo.x1 - 20, photo.y1 - 8, photo.x2, photo.y2) if photo else None
    body = Body(_entries(face, fonts), room, hole, fonts)
    for name, texts in body.set(shape.body_size, tones.ink):
        page.add(f"field:{name}", texts)
    return Layout(shape, tones, tuple(page.texts), tuple(page.blocks), rule, qr, photo, centre)


def check_glyphs(face: LicenceFace, fonts: Fonts) -> None:
    """Raise `MissingGlyphError` for the first character of the face that cannot be drawn."""
    fonts.bold.check(face.design.title.zh, TITLE)
    fonts.bold.check(face.authority, AUTHORITY)
    fonts.regular.check(face.design.statement or "", STATEMENT)
    fonts.regular.check(face.identifier, IDENTIFIER)
    fonts.regular.check(_host(face.link), ADDRESS)
    for label, value in (
        (face.number_label, face.number),
        *((f.label, f.value) for f in face.fields),
    ):
        fonts.bold.check(label.zh, label)
        fonts.regular.check(value.replace("\n", ""), label)


def _header(
    page: _Page, face: LicenceFace, shape: PageShape, tones: Palette, fonts: Fonts
) -> tuple[float, float]:
    """Set title and number; return the heights of the rule between them and of what follows."""
    margin = shape.margin
    centre = (margin.x1 + margin.x2) / 2
    title = face.design.title.zh
    style = Style(fonts.bold, shape.title_size, 18, tones.ink)
    size, (line,) = fit_lines(title, (margin.x2 - margin.x1) * 0.86, style, TITLE)
    room = (margin.x2 - margin.x1) * 0.92 - fonts.bold.stringWidth(line, size)
    spacing = min(0.22 * size, room / max(1, len(line) - 1))
    width = fonts.bold.stringWidth(line, size) + spacing * (len(line) - 1)
    baseline = margin.y2 - 0.88 * size
    text = PlacedText(
        line, centre - width / 2, baseline, fonts.bold, size, tones.ink, spacing, len(line) - 1
    )
    page.add("title", [text])
    rule = baseline - 0.12 * size - 11
    number_style = Style(fonts.regular, 12.5, 8, BLACK)
    line = f"{face.number_label.zh}：{face.number}"
    size, (line,) = fit_lines(line, margin.x2 - margin.x1, number_style, face.number_label)
    number = centred(line, centre, rule - 11 - 0.88 * size, size, number_style)
    box = page.add("number", [number])
    return rule, box.y1 - 18


def _small_print(
    page: _Page, face: LicenceFace, shape: PageShape, tones: Palette, fonts: Fonts
) -> float:
    """Set host and identifier at the very foot; return the height above them."""
    margin = shape.margin
    width = margin.x2 - margin.x1
    style = Style(fonts.regular, SMALL_PRINT, 5.5, tones.ink)
    parts = [f"{ADDRESS.zh} {_host(face.link)}", f"{IDENTIFIER.zh} {face.identifier}"]
    joined = "    ".join(parts)
    lines = [joined] if fonts.regular.stringWidth(joined, SMALL_PRINT) <= width else parts
    top = margin.y1 + stack_height(len(lines), SMALL_PRINT)
    texts: list[PlacedText] = []
    for index, line in enumerate(lines):
        size, (fitted,) = fit_lines(line, width, style, IDENTIFIER)
        texts += stacked([fitted], margin.x1, top - index * LEADING * SMALL_PRINT, size, style)
    page.add("small print", texts)
    return top + 8


def _qr(page: _Page, shape: PageShape, bottom: float, tones: Palette, fonts: Fonts) -> Box:
    x = shape.margin.x1
    style = Style(fonts.bold, 8.5, 8.5, tones.ink)
    english = Style(fonts.regular, 6.5, 6.5, tones.ink)
    centre = x + QR_SIDE / 2
    caption = [
        centred(SCAN.zh, centre, bottom + 12, 8.5, style),
        centred(SCAN.en, centre, bottom + 2, 6.5, english),
    ]
    box = page.add("caption", caption)
    y = box.y2 + 4
    return page.keep("qr", Box(x, y, x + QR_SIDE, y + QR_SIDE))


def _authority(
    page: _Page, face: LicenceFace, shape: PageShape, bottom: float, fonts: Fonts
) -> tuple[float, float]:
    """Set authority and date of grant; return the seal's centre, between the two."""
    centre = (shape.margin.x2 - SEAL_BLOCK / 2, bottom + SEAL_SIDE / 2)
    style = Style(fonts.bold, 13, 8, BLACK, lines=2)
    size, lines = fit_lines(face.authority, SEAL_BLOCK, style, AUTHORITY)
    base = centre[1] + NAME_RISE + (len(lines) - 1) * LEADING * size
    texts = [
        centred(line, centre[0], base - index * LEADING * size, size, style)
        for index, line in enumerate(lines)
    ]
    dated = Style(fonts.regular, 12.5, 12.5, BLACK)
    texts.append(
        centred(chinese_date(face.granted_on), centre[0], centre[1] - DATE_DROP, 12.5, dated)
    )
    page.add("authority", texts)
    return centre


def _statement(
    page: _Page, statement: str, shape: PageShape, qr: Box, tones: Palette, fonts: Fonts
) -> None:
    left = qr.x2 + 14
    width = shape.margin.x2 - SEAL_BLOCK - 6 - left
    style = Style(fonts.regular, 9, 7, tones.ink, lines=7)
    size, lines = fit_lines(statement, width, style, STATEMENT)
    top = qr.y1 + stack_height(len(lines), size)
    page.add("statement", stacked(lines, left, top, size, style))


def _photo(page: _Page, shape: PageShape, top: float) -> Box:
    right = shape.margin.x2
    return page.keep("photo", Box(right - PHOTO_WIDTH, top - PHOTO_HEIGHT, right, top))


def _entries(face: LicenceFace, fonts: Fonts) -> Iterator[Entry]:
    for field in face.fields:
        yield make_entry(field.label, field.value, wide=field.wide, fonts=fonts)
    yield make_entry(VALIDITY, validity(face), wide=False, fonts=fonts)


def validity(face: LicenceFace) -> str:
    """Return the term in words; the last day is included."""
    start = chinese_date(face.valid_from)
    if face.valid_until is None:
        return f"{start}起长期有效"
    return f"{start}至{chinese_date(face.valid_until)}"


def chinese_date(day: date) -> str:
    """Return a date as licences print it, without leading zeros (GB/T 9704 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def _host(link: str) -> str:
    return urlsplit(link).netloc
