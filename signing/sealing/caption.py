"""Words under a seal: who, when and why, drawn as outlines like the seal itself."""

from dataclasses import replace
from functools import lru_cache
from importlib.resources import as_file, files

from fontTools.misc.transform import Identity
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from core.text import Text
from signing.face import SealAppearance
from signing.render.errors import FieldTooLongError, MissingGlyphError
from signing.sealing.appearance import OperatorPen

CAPTION = Text("印章下的文字", "Words under the seal")
MOST_CHARACTERS = 60
"""In a line."""
_SIZE = 8.0
_LINE = 11.0
_GAP = 3.0
_EM = 1000
_COLOUR = "0.15 0.15 0.15"


@lru_cache(maxsize=256)
def with_caption(appearance: SealAppearance, lines: tuple[str, ...]) -> SealAppearance:
    """Return the seal with lines of text below it, each in its middle.

    Raises `MissingGlyphError`, `FieldTooLongError`.
    """
    shown = tuple(line for line in lines if line)
    if not shown:
        return appearance
    operators: list[str] = []
    widest = 0.0
    with (
        as_file(files("signing") / "fonts" / "NotoSerifSC-Regular.ttf") as path,
        TTFont(path, lazy=True) as font,
    ):
        cmap, glyphs = font.getBestCmap(), font.getGlyphSet()
        for number, line in enumerate(shown):
            _check(cmap, line)
            width = sum(glyphs[cmap[ord(one)]].width for one in line) * _SIZE / _EM
            widest = max(widest, width)
            pen = OperatorPen(glyphs)
            x, y = (appearance.diameter - width) / 2, -_GAP - _SIZE - number * _LINE
            for one in line:
                glyph = glyphs[cmap[ord(one)]]
                placed = Identity.translate(x, y).scale(_SIZE / _EM, _SIZE / _EM)
                glyph.draw(TransformPen(pen, placed))
                x += glyph.width * _SIZE / _EM
            operators += pen.operators
    words = f"\nq {_COLOUR} rg {' '.join(operators)} f Q".encode("ascii")
    return replace(
        appearance,
        content=appearance.content + words,
        beside=max(0.0, (widest - appearance.diameter) / 2 + 1),
        below=_GAP + len(shown) * _LINE,
    )


def _check(cmap: dict[int, str], line: str) -> None:
    if len(line) > MOST_CHARACTERS:
        raise FieldTooLongError(CAPTION, len(line))
    for one in line:
        if ord(one) not in cmap or not one.isprintable():
            raise MissingGlyphError(CAPTION, one)
