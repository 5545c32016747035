"""The page's fixed measures, in points. A4 (ISO 216)."""

from dataclasses import dataclass

from signing.face import Box, Orientation

MM = 72 / 25.4
A4_SHORT, A4_LONG = 210 * MM, 297 * MM

FRAME_OUTER = 22.0
"""From the edge of the paper to the frame: beyond what office printers cannot print on."""
BAND = 27.0
"""Width of the guilloche band."""
SEAL_RADIUS = 25 * MM
"""Of the largest seal (province, ministry); room is kept for it whatever the level."""
QR_SIDE = 31 * MM
"""With its quiet zone: the symbol itself is then 25 mm or more."""
PHOTO_WIDTH, PHOTO_HEIGHT = 35 * MM, 45 * MM
"""ICAO 9303's and the ID card's proportions."""


@dataclass(frozen=True, slots=True)
class PageShape:
    """Measures that depend on the page's orientation."""

    width: float
    height: float
    margin: Box
    """Where content may stand."""
    title_size: float
    body_size: float


LANDSCAPE = PageShape(
    width=A4_LONG,
    height=A4_SHORT,
    margin=Box(76, 60, A4_LONG - 76, A4_SHORT - 68),
    title_size=38,
    body_size=14,
)
PORTRAIT = PageShape(
    width=A4_SHORT,
    height=A4_LONG,
    margin=Box(72, 62, A4_SHORT - 72, A4_LONG - 78),
    title_size=36,
    body_size=15.5,
)


def shape_of(orientation: Orientation) -> PageShape:
    """Return the measures of a page."""
    return LANDSCAPE if orientation is Orientation.LANDSCAPE else PORTRAIT


def overlaps(first: Box, second: Box) -> bool:
    """Say whether two boxes share an area."""
    return (
        first.x1 < second.x2
        and second.x1 < first.x2
        and first.y1 < second.y2
        and second.y1 < first.y2
    )
