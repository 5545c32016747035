"""Guilloche: interlaced periodic curves as on banknotes, computed, as content-stream operators.

Each figure is one short path repeated under changing matrices; the repetition deflates to almost
nothing, and every curve stays a true Bézier at any magnification.
"""

from collections.abc import Callable, Iterable, Iterator
from math import cos, pi, sin

Point = tuple[float, float]
Curve = Callable[[float], Point]
"""A curve by its parameter, 0 to 1."""

_STEP = 1e-4
"""Parameter step of the numeric derivative."""


def path(curve: Curve, segments: int) -> str:
    """Return the curve as cubic Béziers that meet it in `segments` + 1 points and directions."""
    pieces = ["{:.2f} {:.2f} m".format(*curve(0))]
    for index in range(segments):
        start, end = index / segments, (index + 1) / segments
        (x0, y0), (x3, y3) = curve(start), curve(end)
        (dx0, dy0), (dx3, dy3) = _slope(curve, start), _slope(curve, end)
        third = 1 / segments / 3
        pieces.append(
            f"{x0 + dx0 * third:.2f} {y0 + dy0 * third:.2f}"
            f" {x3 - dx3 * third:.2f} {y3 - dy3 * third:.2f} {x3:.2f} {y3:.2f} c"
        )
    return " ".join(pieces)


def _slope(curve: Curve, at: float) -> Point:
    (x0, y0), (x1, y1) = curve(at - _STEP), curve(at + _STEP)
    return (x1 - x0) / (2 * _STEP), (y1 - y0) / (2 * _STEP)


def wave(length: float, terms: Iterable[tuple[float, float, float]]) -> Curve:
    """Return a curve along x with y the sum of amplitude·sin(2π·(frequency·t + phase))."""
    fixed = tuple(terms)

    def curve(t: float) -> Point:
        return length * t, sum(a * sin(2 * pi * (f * t + p)) for a, f, p in fixed)

    return curve


def petal(lobes: int, inner: float, outer: float, skew: float = 0.0) -> Curve:
    """Return one lobe of a rosette with `lobes`, between two radii, its tip turned by `skew`."""
    middle, swing = (inner + outer) / 2, (outer - inner) / 2

    def curve(t: float) -> Point:
        radius = middle - swing * cos(2 * pi * t)
        angle = 2 * pi * t / lobes + skew * sin(2 * pi * t)
        return radius * cos(angle), radius * sin(angle)

    return curve


def rosette(lobes: int, strands: int, inner: float, outer: float, skew: float = 0.0) -> str:
    """Return a rosette around the origin: `strands` equal closed curves, each turned a little."""
    lobe = path(petal(lobes, inner, outer, skew), 8)
    turns = lobes * strands
    return "\n".join(f"q {_rotation(2 * pi * k / turns)} cm {lobe} S Q" for k in range(turns))


def band(length: float, half_width: float, period: float, strands: int) -> str:
    """Return an interlaced band along the x axis; `period` is fitted so that the ends match."""
    count = max(1, round(length / period))
    step = length / count
    tile = " ".join(_strands(step, half_width, strands))
    return "\n".join(f"q 1 0 0 1 {k * step:.3f} 0 cm {tile} S Q" for k in range(count))


def _strands(step: float, half_width: float, strands: int) -> Iterator[str]:
    for k in range(strands):
        phase = k / strands
        for sign in (1, -1):
            terms = ((sign * half_width * 0.72, 1, phase), (sign * half_width * 0.28, 2, 2 * phase))
            yield path(wave(step, terms), 8)


def field(width: float, height: float, spacing: float, swing: float, period: float) -> str:
    """Return wavy lines that fill a rectangle, each a little further on than the one below."""
    count = round(height / spacing)
    reach = width + 2 * period
    periods = reach / period
    line = path(
        wave(reach, ((swing, periods, 0), (swing * 0.4, periods * 2.5, 0.1))), round(periods * 8)
    )
    return "\n".join(
        f"q 1 0 0 1 {-period + (k * 7 % 40) / 40 * period:.2f} {k * spacing:.2f} cm {line} S Q"
        for k in range(count + 1)
    )


def _rotation(angle: float) -> str:
    c, s = cos(angle), sin(angle)
    return f"{c:.5f} {s:.5f} {-s:.5f} {c:.5f} 0 0"
