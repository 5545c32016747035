"""The head of a page: title, heading, ornament, number."""

from functools import lru_cache

from core.text import Text
from signing.face import FaceDesign, LicenceFace
from signing.render.design.colours import BLACK
from signing.render.page_parts import KEPT, Block, PageDraft
from signing.render.setting import ASCENT, DESCENT, PlacedText, Style, centred, fit_lines
from signing.render.terms import HEADING, TITLE
from signing.render.type.typefaces import Fonts


def set_header(page: PageDraft, face: LicenceFace) -> tuple[float, float]:
    """Set title and number; return the heights of the rule between them and of what follows."""
    margin = page.shape.margin
    centre = (margin.x1 + margin.x2) / 2
    style = Style(page.fonts.bold, page.shape.title_size, 18, page.tones.ink)
    title, bottom = _title(face.design.title.zh, page.width, centre, margin.y2, style)
    page.put(title)
    if face.design.bilingual:
        bottom = _below_title(page, face.design.title, centre, bottom, "subtitle")
    if face.design.heading is not None:
        bottom = _heading(page, face.design, centre, bottom)
    rule = bottom - 11
    return rule, _number(page, face, centre, rule - 11) - (12 if face.design.bilingual else 18)


@lru_cache(maxsize=KEPT)
def _title(
    words: str, width: float, centre: float, top: float, style: Style
) -> tuple[Block, float]:
    """Set the title; return it and where it ends."""
    bold = style.font
    size, (title,) = fit_lines(words, width * 0.86, style, TITLE)
    gaps = len(title) - 1
    room = width * 0.92 - bold.width_at(title, size)
    spacing = min(0.22 * size, room / max(1, gaps))
    x = centre - (bold.width_at(title, size) + spacing * gaps) / 2
    baseline = top - ASCENT * size
    placed = PlacedText(title, x, baseline, bold, size, style.colour, spacing, gaps)
    return Block("title", (placed,)), baseline - DESCENT * size


def _below_title(page: PageDraft, words: Text, centre: float, bottom: float, name: str) -> float:
    style = Style(page.fonts.bold, 13, 8, page.tones.ink)
    size, (line,) = fit_lines(words.en, page.width * 0.86, style, TITLE)
    placed = centred(line, centre, bottom - 4 - ASCENT * size, size, style)
    return page.add(name, [placed._replace(english=True)]).y1


def _heading(page: PageDraft, design: FaceDesign, centre: float, bottom: float) -> float:
    """Set 正本, 副本 or the like below the title, in brackets as forms have it."""
    assert design.heading is not None
    style = Style(page.fonts.bold, 15, 10, page.tones.ink)
    size, (line,) = fit_lines(f"（{design.heading.zh}）", page.width / 2, style, HEADING)
    texts = [centred(line, centre, bottom - 7 - ASCENT * size, size, style)]
    if design.bilingual:
        small = style._replace(size=8, smallest=6)
        size, (line,) = fit_lines(design.heading.en, page.width / 2, small, HEADING)
        below = texts[0].box.y1 - 2 - ASCENT * size
        texts.append(centred(line, centre, below, size, small)._replace(english=True))
    return page.add("heading", texts).y1


def fit_number(face: LicenceFace, width: float, style: Style) -> tuple[float, str]:
    """Return the size at which the number takes one line of a width, and that line.

    Raises `FieldTooLongError`.
    """
    text = f"{face.number_label.zh}：{face.number}"
    size, (line,) = fit_lines(text, width, style, face.number_label)
    return size, line


def number_style(fonts: Fonts) -> Style:
    """Return the style of the number."""
    return Style(fonts.regular, 12.5, 8, BLACK)


def _number(page: PageDraft, face: LicenceFace, centre: float, top: float) -> float:
    style = number_style(page.fonts)
    size, line = fit_number(face, page.width, style)
    texts = [centred(line, centre, top - ASCENT * size, size, style)]
    if face.design.bilingual:
        small = Style(page.fonts.regular, 7.5, 6, BLACK)
        size, (line,) = fit_lines(face.number_label.en, page.width, small, face.number_label)
        below = texts[0].box.y1 - 2 - ASCENT * size
        texts.append(centred(line, centre, below, size, small)._replace(english=True))
    return page.add("number", texts).y1
