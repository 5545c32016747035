"""Layout of a licence: header, fields, photo, QR code, authority and seal."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from core.text import Text
from signing.face import Box, LicenceFace
from signing.render.body import Body, MeasuredField, make_entry
from signing.render.colours import BLACK, Palette, palette
from signing.render.errors import FieldTooLongError
from signing.render.fonts import Fonts
from signing.render.geometry import (
    PHOTO_HEIGHT,
    PHOTO_WIDTH,
    QR_SIDE,
    SEAL_RADIUS,
    PageShape,
    shape_of,
)
from signing.render.setting import (
    ASCENT,
    DESCENT,
    LEADING,
    PlacedText,
    Style,
    centred,
    fit_lines,
    stack_height,
    stacked,
)

TITLE = Text("证照名称", "Title")
STATEMENT = Text("说明", "Statement")
IDENTIFIER = Text("证照标识", "Licence identifier")
ADDRESS = Text("核验网址", "Verification site")
SCAN = Text("扫码核验", "Scan to verify")
SAMPLE = Text("样例", "Sample")
PREVIEW = Text("未签章预览", "Preview, not sealed")

SEAL_BLOCK = 214.0
"""Width kept for authority, date and seal."""
SMALL_PRINT = 8.5
"""In black: what is left to verify by, when the code cannot be scanned from a copy."""
NAME_RISE, DATE_DROP = 26.0, 54.0
"""Baselines of the authority's name and of the date from the seal's centre: under the seal, but
clear of its star and its lower text, so that both stay readable."""


@dataclass(frozen=True, slots=True)
class Block:
    """A named part of the page and what it takes up."""

    name: str
    box: Box
    texts: tuple[PlacedText, ...] = ()


@dataclass(frozen=True, slots=True)
class PageLink:
    """A part of the page that opens an address."""

    box: Box
    address: str


@dataclass(frozen=True, slots=True)
class PageLayout:
    """A page before it is drawn."""

    shape: PageShape
    tones: Palette
    blocks: tuple[Block, ...]
    """None of them overlaps another; the seal stands over `authority` alone."""
    rule: float
    """Height of the ornament under the title."""
    qr: Box
    small_print: Box
    """What the printed address and the identifier take up."""
    links: tuple[PageLink, ...]
    photo: Box | None
    seal_centre: tuple[float, float]

    @property
    def texts(self) -> tuple[PlacedText, ...]:
        """All texts of the page."""
        return tuple(text for block in self.blocks for text in block.texts)

    def named(self, name: str) -> Iterator[Block]:
        """Yield the blocks of a name, or whose name begins with it and a colon."""
        for block in self.blocks:
            if block.name == name or block.name.startswith(f"{name}:"):
                yield block


class _Page:
    """Collects texts and blocks of one page."""

    def __init__(self, face: LicenceFace, fonts: Fonts) -> None:
        self.shape = shape_of(face.design.orientation)
        self.tones = palette(face.design.colour)
        self.fonts = fonts
        self.blocks: list[Block] = []

    @property
    def width(self) -> float:
        """Of what may be written on."""
        return self.shape.margin.x2 - self.shape.margin.x1

    def add(self, name: str, texts: list[PlacedText]) -> Box:
        """Put texts on the page as one block; return what they take up."""
        boxes = [text.box for text in texts]
        return self.keep(name, around(boxes), tuple(texts))

    def keep(self, name: str, box: Box, texts: tuple[PlacedText, ...] = ()) -> Box:
        """Keep room for a block."""
        self.blocks.append(Block(name, box, texts))
        return box


def around(boxes: list[Box]) -> Box:
    """Return the smallest box that holds all."""
    return Box(
        min(box.x1 for box in boxes),
        min(box.y1 for box in boxes),
        max(box.x2 for box in boxes),
        max(box.y2 for box in boxes),
    )


def lay_out(face: LicenceFace, fonts: Fonts) -> PageLayout:
    """Lay a licence out.

    Raises `MissingGlyphError`, `FieldTooLongError` or `BadDesignError` before anything is drawn.
    """
    check_glyphs(face, fonts)
    page = _Page(face, fonts)
    rule, top = _header(page, face)
    small = _small_print(page, face)
    foot = small.box.y2 + 7
    qr = _qr(page, foot)
    centre = _authority(page, face, foot)
    if face.design.statement:
        _statement(page, face.design.statement, qr)
    photo = _photo(page, top) if face.photo is not None else None
    margin = page.shape.margin
    _body(page, face, Box(margin.x1, centre[1] + SEAL_RADIUS + 8, margin.x2, top), photo)
    links = (PageLink(qr, face.link), PageLink(small.host, _site(face.link)))
    return PageLayout(
        page.shape, page.tones, tuple(page.blocks), rule, qr, small.box, links, photo, centre
    )


def check_glyphs(face: LicenceFace, fonts: Fonts) -> None:
    """Raise `MissingGlyphError` for the first character of the face that cannot be drawn.

    Both weights have the same characters. In a field's value alone a newline may stand.
    """
    plain = (
        (TITLE, face.design.title.zh),
        (face.design.authority_label, face.design.authority_label.zh + face.authority),
        (face.design.validity_label, face.design.validity_label.zh),
        (STATEMENT, face.design.statement or ""),
        (IDENTIFIER, face.identifier),
        (ADDRESS, _host(face.link)),
        (face.number_label, face.number_label.zh),
        (face.number_label, face.number),
    )
    for label, text in plain:
        fonts.regular.check(text, label)
    for field in face.fields:
        fonts.regular.check(field.label.zh, field.label)
        fonts.regular.check(field.value.replace("\n", ""), field.label)


def _header(page: _Page, face: LicenceFace) -> tuple[float, float]:
    """Set title and number; return the heights of the rule between them and of what follows."""
    bold, margin = page.fonts.bold, page.shape.margin
    centre = (margin.x1 + margin.x2) / 2
    style = Style(bold, page.shape.title_size, 18, page.tones.ink)
    size, (title,) = fit_lines(face.design.title.zh, page.width * 0.86, style, TITLE)
    gaps = len(title) - 1
    room = page.width * 0.92 - bold.width_at(title, size)
    spacing = min(0.22 * size, room / max(1, gaps))
    x = centre - (bold.width_at(title, size) + spacing * gaps) / 2
    baseline = margin.y2 - ASCENT * size
    page.add("title", [PlacedText(title, x, baseline, bold, size, style.colour, spacing, gaps)])
    rule = baseline - DESCENT * size - 11
    return rule, _number(page, face, centre, rule - 11) - 18


def _number(page: _Page, face: LicenceFace, centre: float, top: float) -> float:
    style = Style(page.fonts.regular, 12.5, 8, BLACK)
    text = f"{face.number_label.zh}：{face.number}"
    size, (line,) = fit_lines(text, page.width, style, face.number_label)
    return page.add("number", [centred(line, centre, top - ASCENT * size, size, style)]).y1


@dataclass(frozen=True, slots=True)
class _SmallPrint:
    box: Box
    host: Box


def _small_print(page: _Page, face: LicenceFace) -> _SmallPrint:
    """Set host and identifier at the very foot."""
    margin, regular = page.shape.margin, page.fonts.regular
    style = Style(regular, SMALL_PRINT, 5.5, BLACK)
    address = f"{ADDRESS.zh} {_host(face.link)}"
    identifier = f"{IDENTIFIER.zh} {face.identifier}"
    left, ahead = margin.x1, regular.width_at(f"{address}    ", SMALL_PRINT)
    beside = ahead + regular.width_at(identifier, SMALL_PRINT) <= page.width
    top = margin.y1 + stack_height(1 if beside else 2, SMALL_PRINT)
    size, lines = fit_lines(address, page.width, style, ADDRESS)
    host = page.add("site", stacked(lines, left, top, size, style))
    size, lines = fit_lines(identifier, page.width, style, IDENTIFIER)
    if beside:
        left += ahead
    else:
        top -= LEADING * SMALL_PRINT
    below = page.add("identifier", stacked(lines, left, top, size, style))
    return _SmallPrint(around([host, below]), host)


def _qr(page: _Page, bottom: float) -> Box:
    x = page.shape.margin.x1
    centre = x + QR_SIDE / 2
    style = Style(page.fonts.bold, 8.5, 8.5, page.tones.ink)
    english = Style(page.fonts.bold, 7, 7, page.tones.ink)
    caption = [
        centred(SCAN.zh, centre, bottom + 12, style.size, style),
        replace(centred(SCAN.en, centre, bottom + 2, english.size, english), english=True),
    ]
    y = page.add("caption", caption).y2 + 4
    return page.keep("qr", Box(x, y, x + QR_SIDE, y + QR_SIDE))


def _authority(page: _Page, face: LicenceFace, bottom: float) -> tuple[float, float]:
    """Set authority and date of grant; return the seal's centre, between the two."""
    x, y = page.shape.margin.x2 - SEAL_BLOCK / 2, bottom + SEAL_RADIUS
    design = face.design
    # Regular, since the seal's own characters cross the name.
    style = Style(page.fonts.regular, 13, 8, BLACK, lines=2)
    name = f"{design.authority_label.zh}：{face.authority}"
    one = replace(style, smallest=11, lines=1)  # rather than a last character by itself
    try:
        size, lines = fit_lines(name, SEAL_BLOCK, one, design.authority_label)
    except FieldTooLongError:
        size, lines = fit_lines(name, SEAL_BLOCK, style, design.authority_label)
    texts = [
        centred(line, x, y + NAME_RISE + index * LEADING * size, size, style)
        for index, line in enumerate(reversed(lines))
    ]
    dated = Style(page.fonts.regular, 12.5, 12.5, BLACK)
    day = chinese_date(face.granted_on)
    if design.granted_label is not None:
        day = f"{design.granted_label.zh}：{day}"
    date_line = centred(day, x, y - DATE_DROP, dated.size, dated)
    page.add("authority", [*reversed(texts), date_line])
    return x, y


def _statement(page: _Page, statement: str, qr: Box) -> None:
    left = qr.x2 + 14
    width = page.shape.margin.x2 - SEAL_BLOCK - 6 - left
    style = Style(page.fonts.regular, 9, 7, page.tones.ink, lines=7)
    size, lines = fit_lines(statement, width, style, STATEMENT)
    top = qr.y1 + stack_height(len(lines), size)
    page.add("statement", stacked(lines, left, top, size, style))


def _photo(page: _Page, top: float) -> Box:
    right = page.shape.margin.x2
    return page.keep("photo", Box(right - PHOTO_WIDTH, top - PHOTO_HEIGHT, right, top))


def _body(page: _Page, face: LicenceFace, room: Box, photo: Box | None) -> None:
    hole = Box(photo.x1 - 20, photo.y1 - 8, photo.x2, photo.y2) if photo else None
    body = Body(_entries(face, page.fonts), room, hole, page.fonts)
    for name, texts in body.set(page.shape.body_size, page.tones.ink):
        page.add(f"field:{name}", texts)


def _entries(face: LicenceFace, fonts: Fonts) -> Iterator[MeasuredField]:
    for field in face.fields:
        yield make_entry(field.label, field.value, wide=field.wide, fonts=fonts)
    yield make_entry(face.design.validity_label, validity(face), wide=False, fonts=fonts)


def validity(face: LicenceFace) -> str:
    """Return the term in words; the last day is included."""
    if face.design.until_only:
        return "长期有效" if face.valid_until is None else chinese_date(face.valid_until)
    start = chinese_date(face.valid_from)
    if face.valid_until is None:
        return f"{start}起长期有效"
    return f"{start}至{chinese_date(face.valid_until)}"


def chinese_date(day: date) -> str:
    """Return a date as licences print it, without leading zeros (GB/T 9704 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def _site(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}/"


def _host(link: str) -> str:
    return urlsplit(link).netloc
