"""A seal's appearance by its owner: what the ring says, and how wide it is."""

from functools import lru_cache

from registry.model import Authority, SealLevel
from signing.face import SealAppearance
from signing.sealing.appearance import make_seal_appearance

DIAMETERS_MM = {
    SealLevel.PROVINCE: 50.0,
    SealLevel.CITY_OR_COUNTY: 45.0,
    SealLevel.TOWNSHIP: 42.0,
    SealLevel.INNER_BODY: 42.0,
}
"""State Council 1999 no. 25."""


def appearance_of(authority: Authority, special: str) -> SealAppearance:
    """Draw the seal of a body; `special` is a special seal's name, or empty.

    Raises `FieldTooLongError`, `MissingGlyphError` where the ring cannot hold the names.
    """
    return _draw(authority.name, special, DIAMETERS_MM[authority.level])


@lru_cache(maxsize=64)
def _draw(name: str, bottom: str, diameter_mm: float) -> SealAppearance:
    """Draw a seal once: outlines of its font take a third of a second."""
    return make_seal_appearance(name=name, bottom=bottom, diameter_mm=diameter_mm)
