"""A licence's state as the journal keeps it: no holder, no data."""

from dataclasses import dataclass
from datetime import date, datetime

from core.ids import LicenceIdentifier
from registry.journal.journal import Facts
from registry.model import LicenceState, Reason


@dataclass(frozen=True, slots=True)
class ToldLicence:
    """Journal's facts on a licence."""

    identifier: LicenceIdentifier
    state: LicenceState
    reason: Reason | None
    changed_at: datetime
    replaced_by: LicenceIdentifier | None
    suspended_until: date | None = None


def licence_entry(
    identifier: LicenceIdentifier,
    state: LicenceState,
    reason: Reason | None,
    changed_at: datetime,
    replaced_by: LicenceIdentifier | None,
    *,
    suspended_until: date | None = None,
) -> Facts:
    """Return the journal's entry of a licence that changed its state."""
    dated = {} if suspended_until is None else {"suspended_until": suspended_until.isoformat()}
    return {
        "identifier": identifier,
        "state": state,
        "reason": reason,
        "changed_at": changed_at.isoformat(),
        "replaced_by": replaced_by,
        **dated,
    }


def parse_licence(facts: Facts) -> ToldLicence:
    """Read what `licence_entry` made. Raises `KeyError`, `ValueError` for anything else."""
    reason, replaced_by = facts["reason"], facts["replaced_by"]
    until = facts.get("suspended_until")
    return ToldLicence(
        LicenceIdentifier(str(facts["identifier"])),
        LicenceState(str(facts["state"])),
        None if reason is None else Reason(str(reason)),
        datetime.fromisoformat(str(facts["changed_at"])),
        None if replaced_by is None else LicenceIdentifier(str(replaced_by)),
        None if until is None else date.fromisoformat(str(until)),
    )
