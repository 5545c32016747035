"""Tones of a design's colour, as DeviceRGB operands."""

import re
from dataclasses import dataclass
from functools import lru_cache

from signing.render.design import messages
from signing.render.errors import BadDesignError

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
INK_LUMINANCE = 0.09
"""Relative luminance (WCAG 2.2) of the darkest tone at most: 7:1 against the tinted paper."""

SRGB_LINEAR_END = 0.04045
"""Where the linear part of sRGB's curve ends (IEC 61966-2-1)."""

KEPT = 64
"""Colours whose tones a process keeps, and tones whose operands."""

Rgb = tuple[float, float, float]

BLACK: Rgb = (0.08, 0.08, 0.08)
WHITE: Rgb = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Palette:
    """The tones of one colour."""

    base: Rgb
    ink: Rgb
    """Dark enough to read small print in."""

    def tint(self, share: float) -> Rgb:
        """Return white with `share` (0 to 1) of the colour in it."""
        return mix(WHITE, self.base, share)


@lru_cache(maxsize=KEPT)
def palette(colour: str) -> Palette:
    """Return the tones of `#rrggbb`. Raises `BadDesignError` for any other form."""
    if not _HEX.fullmatch(colour):
        raise BadDesignError(messages.invalid_design_colour(colour[:20]))
    base = (
        int(colour[1:3], 16) / 255,
        int(colour[3:5], 16) / 255,
        int(colour[5:7], 16) / 255,
    )
    ink = base
    while _luminance(ink) > INK_LUMINANCE:
        ink = mix(ink, (0.0, 0.0, 0.0), 0.1)
    return Palette(base, ink)


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """Return `first` with `share` of `second` in it."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


@lru_cache(maxsize=KEPT)
def operands(rgb: Rgb) -> str:
    """Return the three operands of rg or RG."""
    return " ".join(f"{part:.3f}" for part in rgb)


def _luminance(rgb: Rgb) -> float:
    linear = [c / 12.92 if c <= SRGB_LINEAR_END else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
