"""Type-setting of single texts and blocks: what stands where, before anything is drawn."""

from typing import NamedTuple

from core.text import Text
from signing.face import Box
from signing.render.design.colours import Rgb
from signing.render.errors import FieldTooLongError
from signing.render.type.files import EM
from signing.render.type.typefaces import Typeface
from signing.render.wrapping import measure, wrap

ASCENT, DESCENT = 0.88, 0.12
"""The em box of Chinese type above and below the baseline."""
LEADING = 1.42
SMALLEST_ENGLISH = 5.0
ENGLISH_GAP = 1.2
"""Points between Chinese and the English below it."""
SHRINK_STEP = 0.5
"""Points between one size tried and the next."""


class PlacedText(NamedTuple):
    """One line of text with its left end on the baseline, in points."""

    text: str
    x: float
    y: float
    font: Typeface
    size: float
    colour: Rgb
    spacing: float = 0.0
    spaced: int = 0
    """`spacing` is added after each of the first `spaced` characters."""
    english: bool = False
    """To be read aloud as English."""

    @property
    def box(self) -> Box:
        """Extent of the line."""
        width = self.font.width_at(self.text, self.size) + self.spacing * self.spaced
        descent, ascent = DESCENT * self.size, ASCENT * self.size
        return Box(self.x, self.y - descent, self.x + width, self.y + ascent)


class Style(NamedTuple):
    """Setting of a block of text: from `size` down to `smallest`, at most `lines` lines."""

    font: Typeface
    size: float
    smallest: float
    colour: Rgb
    lines: int = 1


def fit_lines(text: str, width: float, style: Style, label: Text) -> tuple[float, list[str]]:
    """Return the largest size at which `text` takes at most `style.lines` lines, and those lines.

    Raises `FieldTooLongError` naming `label` if even the smallest size does not do.
    """
    paragraphs = measure(text, style.font.widths)
    size = style.size
    while size >= style.smallest:
        lines = wrap(paragraphs, width / size * EM)
        if len(lines) <= style.lines:
            return size, lines
        size -= SHRINK_STEP
    raise FieldTooLongError(label, len(text))


def centred(line: str, centre: float, baseline: float, size: float, style: Style) -> PlacedText:
    """Place a line around `centre`."""
    x = centre - style.font.width_at(line, size) / 2
    return PlacedText(line, x, baseline, style.font, size, style.colour)


def spread(
    text: str, tail: str, place: tuple[float, float], width: float, style: Style
) -> PlacedText:
    """Place a text so that its characters fill `width` evenly (分散对齐), and `tail` after it."""
    spare = width - style.font.width_at(text, style.size)
    spaced = len(text) - 1 if spare > 0 else 0
    spacing = spare / spaced if spaced else 0.0
    x, y = place
    return PlacedText(text + tail, x, y, style.font, style.size, style.colour, spacing, spaced)


def stacked(lines: list[str], x: float, top: float, size: float, style: Style) -> list[PlacedText]:
    """Place lines under one another, flush left, the first one's em box touching `top`."""
    return [
        PlacedText(
            line, x, top - ASCENT * size - index * LEADING * size, style.font, size, style.colour
        )
        for index, line in enumerate(lines)
        if line
    ]


def english_below(
    words: Text, above: PlacedText, width: float, size: float, style: Style, *, lines: int
) -> list[PlacedText]:
    """Set the English of some words below their Chinese, flush left, in small type.

    Raises `FieldTooLongError` if it does not fit even smaller.
    """
    small = Style(style.font, size, min(size, SMALLEST_ENGLISH), style.colour, lines)
    size, broken = fit_lines(words.en, width, small, words)
    top = above.box.y1 - ENGLISH_GAP
    return [one._replace(english=True) for one in stacked(broken, above.x, top, size, small)]


def stack_height(count: int, size: float) -> float:
    """Return the height of `count` lines, em box to em box."""
    return ((count - 1) * LEADING + 1) * size
