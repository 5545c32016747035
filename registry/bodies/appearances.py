"""A seal's appearance by its owner: what the ring says, and how wide it is."""

from registry.model import Authority, SealLevel
from signing.face import SealAppearance
from signing.seal_appearance import make_seal_appearance

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
    return make_seal_appearance(
        name=authority.name, bottom=special, diameter_mm=DIAMETERS_MM[authority.level]
    )
