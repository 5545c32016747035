"""The look of an official round seal as vector outlines, made once per seal.

Ring, five-pointed star, the body's name left to right along the ring's upper part and, for a
special seal (专用章), its name below the star (State Council 1999 no. 25). Glyphs are drawn as
outlines, so that the appearance needs no font and stays sharp; the fill is a little transparent,
so that what it is set over stays readable.
"""

from collections.abc import Iterator
from importlib.resources import as_file, files
from math import cos, pi, radians, sin

from fontTools.misc.transform import Identity, Transform
from fontTools.pens.basePen import BasePen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from core.text import Text
from signing.face import SealAppearance
from signing.render.errors import BadSealError, FieldTooLongError, MissingGlyphError
from signing.render.type.subset import number_glyphs
from signing.sealing import messages

MM = 72 / 25.4
SMALLEST, LARGEST = 30.0, 60.0
"""Millimetres; official seals are 42, 45 or 50 across."""
NAME_LIMIT, BOTTOM_LIMIT = 36, 18
"""Characters; beyond these they get too narrow to be read at 42 mm."""
RED = (0.84, 0.09, 0.11)
OPACITY = 0.8
GRAPHICS_STATE = "XinyinSeal"
NAME = Text("印章名称", "Seal's name")
BOTTOM = Text("印章下方文字", "Seal's lower text")

# All measures below are shares of the diameter.
RING = 0.027
"""Width of the ring: 1.2 mm at 45 mm."""
GAP = 0.022
"""Between the ring and the name."""
STAR = 0.155
"""Radius of the star's points: 14 mm across at 45 mm."""
NAME_HEIGHT = 0.155
NARROWEST, WIDEST = 0.40, 0.66
"""Width of a character by its height: tall and narrow, as engraved ones are."""
WIDEST_STEP = radians(32)
"""Between characters of a short name."""
SPAN, SPAN_OVER_TEXT = radians(284), radians(254)
"""Arc of a long name, without and with a text at the bottom."""
BOTTOM_Y, BOTTOM_HEIGHT, BOTTOM_WIDTH = -0.272, 0.088, 0.46
NARROWEST_BOTTOM = 0.5

_EM = 1000
_MIDDLE = 380
"""Height of a Chinese character's middle above the baseline."""


class OperatorPen(BasePen):  # type: ignore[misc]  # fontTools is untyped
    """Writes outlines as path operators; BasePen turns quadratic curves into cubic ones."""

    def __init__(self, glyphs: object) -> None:
        super().__init__(glyphs)
        self.operators: list[str] = []

    def _add(self, operator: str, *points: tuple[float, float]) -> None:
        self.operators += [f"{x:.2f} {y:.2f}" for x, y in points]
        self.operators.append(operator)

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 (fontTools' names)
        self._add("m", point)

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._add("l", point)

    def _curveToOne(  # noqa: N802
        self, first: tuple[float, float], second: tuple[float, float], end: tuple[float, float]
    ) -> None:
        self._add("c", first, second, end)

    def _closePath(self) -> None:  # noqa: N802
        self._add("h")


def make_seal_appearance(*, name: str, bottom: str, diameter_mm: float) -> SealAppearance:
    """Return the seal of a body.

    `name` runs along the ring; `bottom` stands below the star (empty for the body's own seal).
    Raises `BadSealError` for a diameter outside 30 to 60 mm or an empty name, `FieldTooLongError`
    and `MissingGlyphError`.
    """
    _check_measures(name, bottom, diameter_mm)
    diameter = diameter_mm * MM
    with (
        as_file(files("signing") / "fonts" / "NotoSerifSC-Bold.ttf") as path,
        TTFont(path, lazy=True) as font,
    ):
        number_glyphs(font)
        cmap = font.getBestCmap()
        _check_glyphs(cmap, name, NAME)
        _check_glyphs(cmap, bottom, BOTTOM)
        glyphs = font.getGlyphSet()
        pen = OperatorPen(glyphs)
        places = [*_ring_places(name, with_bottom=bool(bottom)), *_bottom_places(bottom)]
        centred = Identity.translate(diameter / 2, diameter / 2).scale(diameter, diameter)
        for character, place in zip(name + bottom, places, strict=True):
            glyph = glyphs[cmap[ord(character)]]
            to_middle = Identity.translate(-glyph.width / 2, -_MIDDLE)
            glyph.draw(TransformPen(pen, centred.transform(place).transform(to_middle)))
    return SealAppearance(_content(diameter, pen.operators), diameter, ((GRAPHICS_STATE, OPACITY),))


def _check_measures(name: str, bottom: str, diameter_mm: float) -> None:
    if not SMALLEST <= diameter_mm <= LARGEST or not name:
        raise BadSealError(
            messages.seal_design_invalid(min_diameter=SMALLEST, max_diameter=LARGEST)
        )
    for text, label, limit in ((name, NAME, NAME_LIMIT), (bottom, BOTTOM, BOTTOM_LIMIT)):
        if len(text) > limit:
            raise FieldTooLongError(label, len(text))


def _check_glyphs(cmap: dict[int, str], text: str, label: Text) -> None:
    for character in text:
        if ord(character) not in cmap or not character.isprintable() or character.isspace():
            raise MissingGlyphError(label, character)


def _ring_places(name: str, *, with_bottom: bool) -> Iterator[Transform]:
    """Place characters evenly along the ring, around the top, feet towards the centre."""
    count = len(name)
    span = SPAN_OVER_TEXT if with_bottom else SPAN
    step = min(WIDEST_STEP, span / count)
    outer = 0.5 - RING - GAP
    height = NAME_HEIGHT
    width = min(WIDEST * height, 0.9 * step * (outer - height * 0.62))
    height = min(height, width / NARROWEST)
    for index in range(count):
        angle = pi / 2 + ((count - 1) / 2 - index) * step
        yield (
            Identity.rotate(angle - pi / 2)
            .translate(0, outer - height / 2)
            .scale(width / _EM, height / _EM)
        )


def _bottom_places(bottom: str) -> Iterator[Transform]:
    """Place characters on a level line below the star."""
    if not bottom:
        return
    advance = min(BOTTOM_WIDTH / len(bottom), BOTTOM_HEIGHT * 0.92)
    width = min(advance * 0.98, BOTTOM_HEIGHT * 0.8)
    height = min(BOTTOM_HEIGHT, width / NARROWEST_BOTTOM)
    for index in range(len(bottom)):
        x = (index - (len(bottom) - 1) / 2) * advance
        yield Identity.translate(x, BOTTOM_Y).scale(width / _EM, height / _EM)


def _content(diameter: float, glyphs: list[str]) -> bytes:
    """Return the content stream: ring, star and glyphs, each region filled once."""
    red = " ".join(f"{part:g}" for part in RED)
    middle = diameter / 2
    inner = middle - RING * diameter
    operators = [
        f"q /{GRAPHICS_STATE} gs {red} rg",
        *_circle(middle, middle),
        *_circle(middle, inner),
        "f*",
        _star(middle, STAR * diameter),
        "f",
        *glyphs,
        "f",
        "Q",
    ]
    return " ".join(operators).encode("ascii")


def _circle(centre: float, radius: float) -> Iterator[str]:
    """Return a circle of four Bézier quarters (error below 0.03 % of the radius)."""
    k = 0.5523 * radius
    c, r = centre, radius
    yield f"{c + r:.3f} {c:.3f} m"
    for x, y in ((0, 1), (-1, 0), (0, -1), (1, 0)):
        from_x, from_y = y, -x
        yield (
            f"{c + from_x * r + x * k:.3f} {c + from_y * r + y * k:.3f}"
            f" {c + x * r + from_x * k:.3f} {c + y * r + from_y * k:.3f}"
            f" {c + x * r:.3f} {c + y * r:.3f} c"
        )
    yield "h"


def _star(centre: float, radius: float) -> str:
    """Return a regular five-pointed star, one point up (the flag law's construction)."""
    inner = radius * sin(pi / 10) / sin(3 * pi / 10)
    points = [
        (
            centre + (inner if index % 2 else radius) * cos(pi / 2 + index * pi / 5),
            centre + (inner if index % 2 else radius) * sin(pi / 2 + index * pi / 5),
        )
        for index in range(10)
    ]
    first, *others = (f"{x:.3f} {y:.3f}" for x, y in points)
    return f"{first} m " + " ".join(f"{point} l" for point in others) + " h"
