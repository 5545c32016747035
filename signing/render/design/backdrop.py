"""The page behind the words: tinted paper, guilloche field, rosette and frame of one design."""

from functools import lru_cache
from zlib import compress

from signing.render.design.colours import Palette, operands, palette
from signing.render.design.guilloche import band, field, rosette
from signing.render.geometry import BAND, FRAME_OUTER, PageShape

KEPT = 64
"""Designs whose backdrops a process keeps; each takes about 30 KB."""


@lru_cache(maxsize=KEPT)
def backdrop(colour: str, shape: PageShape) -> bytes:
    """Return the deflated content stream of a design's backdrop, drawn once per process."""
    tones = palette(colour)
    operators = "\n".join((_paper(shape, tones), _frame(shape, tones)))
    return compress(operators.encode("ascii"), 9)


def _paper(shape: PageShape, tones: Palette) -> str:
    edge = FRAME_OUTER
    width, height = shape.width - 2 * edge, shape.height - 2 * edge
    return "\n".join(
        (
            f"q 1 0 0 1 {edge} {edge} cm 0 0 {width:.2f} {height:.2f} re W n",
            f"{operands(tones.tint(0.035))} rg 0 0 {width:.2f} {height:.2f} re f",
            f"0.3 w {operands(tones.tint(0.13))} RG",
            field(width, height, 5.2, 5.5, 92),
            f"1 0 0 1 {width / 2:.2f} {height / 2:.2f} cm",
            f"0.35 w {operands(tones.tint(0.2))} RG",
            rosette(12, 9, 60, 150),
            rosette(24, 5, 128, 176),
            rosette(8, 8, 14, 66),
            "Q",
        )
    )


def _frame(shape: PageShape, tones: Palette) -> str:
    edge, width, height = FRAME_OUTER, shape.width, shape.height
    side = BAND
    middle = edge + side / 2
    long, tall = width - 2 * (edge + side), height - 2 * (edge + side)
    strand = f"0.38 w {operands(tones.tint(0.75))} RG"
    corner_a = f"{operands(tones.tint(0.04))} rg"
    horizontal = band(long, side / 2 - 1.5, 20, 4)
    vertical = band(tall, side / 2 - 1.5, 20, 4)
    corners = "\n".join(
        f"q 1 0 0 1 {x:.2f} {y:.2f} cm {rosette(10, 4, 2.5, side / 2 - 1)} Q"
        for x in (middle, width - middle)
        for y in (middle, height - middle)
    )
    return "\n".join(
        (
            "q",
            corner_a,
            f"{edge} {edge} {width - 2 * edge:.2f} {height - 2 * edge:.2f} re",
            f"{edge + side} {edge + side} {long:.2f} {tall:.2f} re f*",
            strand,
            *(
                f"q 1 0 0 1 {edge + side} {y:.2f} cm {horizontal} Q"
                for y in (middle, height - middle)
            ),
            *(
                f"q 0 1 -1 0 {x:.2f} {edge + side} cm {vertical} Q"
                for x in (middle, width - middle)
            ),
            corners,
            f"{operands(tones.base)} RG 1.6 w",
            _inset(shape, edge),
            "0.5 w",
            _inset(shape, edge + 2.6),
            "0.9 w",
            _inset(shape, edge + side),
            "0.35 w",
            _inset(shape, edge + side + 3),
            "Q",
        )
    )


def _inset(shape: PageShape, by: float) -> str:
    return f"{by} {by} {shape.width - 2 * by:.2f} {shape.height - 2 * by:.2f} re S"
