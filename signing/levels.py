"""Levels of PAdES signatures: apart from what makes them, which takes a second to load."""

from enum import StrEnum


class PadesLevel(StrEnum):
    """Level of a seal: how long and how independently it can be verified (EN 319 142-1 6)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


WITH_VALIDATION_DATA = frozenset({PadesLevel.B_LT, PadesLevel.B_LTA})
