"""The clock of requests for a correction, as a home's settings have it."""

from typing import TYPE_CHECKING

from registry.licences.corrections.rows import CorrectionTerms
from registry.licences.corrections.working_days import WorkingDays

if TYPE_CHECKING:
    from home.wiring import Home


def correction_terms(home: "Home") -> CorrectionTerms:
    """Return the times of the clock of requests for a correction."""
    chosen = home.settings.corrections
    return CorrectionTerms(
        chosen.working_days,
        chosen.extension_days,
        chosen.reminder_days,
        chosen.retention_days,
        WorkingDays.of(chosen.holidays, chosen.worked_weekends),
    )
