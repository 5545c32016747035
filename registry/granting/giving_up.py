"""Giving up a pending grant: its number stays accounted for, and so does what was stamped for it.

Apart from granting, which opens keys: this needs none.
"""

from core.ids import LicenceIdentifier
from core.permits import Permit
from registry.db.database import Database
from registry.granting.reservation import Reservations
from registry.revisions.tokens import record_strays_of


def give_up(
    database: Database,
    reservations: Reservations,
    identifier: LicenceIdentifier,
    why: str,
    permit: Permit,
) -> None:
    """Close a pending licence that will not be finished. Raises `ConflictError`, `JournalError`."""
    with database.writing() as connection:
        reservations.void(connection, identifier, why, permit)
        record_strays_of(connection, database.mirror(), identifier)
