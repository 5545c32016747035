"""Friendly drawn faces that nobody can take for a real person's photo."""
# ruff: noqa: S311  # the same faces every time; nothing here is secret

import io
import random
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

_SIZE: Final = (360, 480)
_OVERSAMPLING: Final = 3
"""Drawn larger and scaled down, for smooth edges."""
_BACKDROPS: Final = ("#dfe9f3", "#e8efe0", "#f4ead9", "#efe3ea", "#e1ecec")
_CLOTHES: Final = ("#4d6a8c", "#6b8a6e", "#8a6673", "#7a7196", "#51808a", "#946f4e")
_FACES: Final = ("#f3cfae", "#e8bd97", "#f7dbc3", "#dcab83")
_HAIR: Final = ("#3a332f", "#2b2b33", "#54443a")
_GREY_HAIR: Final = ("#8c8c8f", "#b9b9bb")
_BORN_GREY: Final = 1965
_GLASSES: Final = 0.35
"""Share of people."""


_Box = tuple[int, int, int, int]
"""Left, top, right, bottom in the finished picture."""


@dataclass(frozen=True, slots=True)
class _Look:
    backdrop: str
    clothes: str
    face: str
    hair: str
    long_hair: bool
    glasses: bool
    smile: int


def draw_portrait(seed: int, *, born: int, woman: bool) -> bytes:
    """Return a portrait as JPEG, 360 × 480; the same arguments give the same picture."""
    chance = random.Random(seed)
    look = _Look(
        backdrop=chance.choice(_BACKDROPS),
        clothes=chance.choice(_CLOTHES),
        face=chance.choice(_FACES),
        hair=chance.choice(_GREY_HAIR if born < _BORN_GREY else _HAIR),
        long_hair=woman,
        glasses=chance.random() < _GLASSES,
        smile=chance.randint(8, 20),
    )
    width, height = (side * _OVERSAMPLING for side in _SIZE)
    picture = Image.new("RGB", (width, height), look.backdrop)
    _draw(_Brush(ImageDraw.Draw(picture)), look)
    out = io.BytesIO()
    picture.resize(_SIZE, Image.Resampling.LANCZOS).save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


class _Brush:
    """Draws in the coordinates of the finished picture."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw

    def oval(self, x: int, y: int, rx: int, ry: int, colour: str) -> None:
        self._draw.ellipse(_scaled(x - rx, y - ry, x + rx, y + ry), fill=colour)

    def block(self, box: _Box, radius: int, colour: str) -> None:
        self._draw.rounded_rectangle(_scaled(*box), radius=radius * _OVERSAMPLING, fill=colour)

    def ring(self, x: int, y: int, radius: int, colour: str) -> None:
        box = _scaled(x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(box, outline=colour, width=4 * _OVERSAMPLING)

    def bow(self, box: _Box, angles: tuple[int, int], colour: str) -> None:
        self._draw.arc(_scaled(*box), *angles, fill=colour, width=5 * _OVERSAMPLING)

    def cap(self, x: int, y: int, rx: int, ry: int, colour: str) -> None:
        self._draw.pieslice(_scaled(x - rx, y - ry, x + rx, y + ry), 180, 360, fill=colour)


def _scaled(*values: int) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = (value * _OVERSAMPLING for value in values)
    return x1, y1, x2, y2


def _draw(brush: _Brush, look: _Look) -> None:
    line = "#4a3f3a"
    if look.long_hair:
        brush.block((78, 130, 282, 380), 80, look.hair)
    brush.block((45, 370, 315, 600), 95, look.clothes)
    brush.block((148, 310, 212, 400), 30, look.face)
    brush.oval(180, 225, 92, 112, look.face)
    brush.cap(180, 200, 95, 106, look.hair)
    brush.oval(180, 232, 84, 62, look.face)
    for x in (145, 215):
        brush.oval(x, 228, 8, 10, line)
        brush.bow((x - 18, 202, x + 18, 222), (200, 340), look.hair)
        if look.glasses:
            brush.ring(x, 229, 27, line)
    if look.glasses:
        brush.bow((171, 224, 189, 236), (180, 360), line)
    brush.bow((172, 244, 188, 260), (30, 150), line)
    brush.bow((148, 278 - look.smile, 212, 278 + look.smile), (20, 160), "#a5574f")
