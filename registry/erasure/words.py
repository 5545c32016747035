"""Names and facts that all erasures share."""

from datetime import date
from enum import StrEnum

from registry.model import ConflictError, LicenceState


class ErasedBy(StrEnum):
    """Rule or decision by which a licence was erased."""

    RETENTION = "RETENTION"
    """Its type's rule."""
    DECISION = "DECISION"
    """A decision on this one licence."""


class OnHoldError(ConflictError):
    """The licence must not be erased while there is a reason to keep it."""

    code = "on_hold"


def ended_states() -> frozenset[LicenceState]:
    """Return the states in which a licence has ended."""
    return frozenset(
        (
            LicenceState.CANCELLED,
            LicenceState.REPLACED,
            LicenceState.EXPIRED,
            LicenceState.VOID,
        )
    )


def years_later(day: date, years: int) -> date:
    """Return the day after so many whole years."""
    try:
        later = day.replace(year=day.year + years)
    except ValueError:  # 29 February
        later = date(day.year + years, 2, 28)
    return date.fromordinal(later.toordinal() + 1)
