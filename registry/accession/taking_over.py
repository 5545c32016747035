"""Licences on paper taken over, one transaction each: number and state as they were on record."""

from sqlalchemy import Connection

from core.clock import Clock
from core.ids import Random
from core.permits import Permit
from registry.accession import messages
from registry.accession.rows import NewAccession, OtherAccessionError, add_accession, find_stated
from registry.db.database import Database
from registry.licences.licences import CLOSED, find_by_number
from registry.model import ConflictError
from registry.objects.store import ObjectStore


class PaperIntake:
    """Records licences on paper; one per process."""

    def __init__(
        self, database: Database, store: ObjectStore, clock: Clock, random: Random
    ) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._random = random

    def check(self, new: NewAccession) -> bool:
        """Tell whether a licence would be new; False where the very same is on record.

        Raises `ConflictError` where the number is held here, `OtherAccessionError`.
        """
        with self._database.reading() as connection:
            stated = find_stated(connection, new.accession_id)
            if stated is None:
                _refuse_held(connection, new)
                return True
        if stated != new.stated_sha256:
            raise OtherAccessionError(messages.TAKEN_OVER_OTHERWISE)
        return False

    def take_over(
        self, new: NewAccession, scan: bytes, permit: Permit, basis: str | None = None
    ) -> bool:
        """Store the scan and record the licence; return False where it is on record.

        Raises `NotAllowedError`, `StorageError`, and as `check` does.
        """
        if not self.check(new):
            return False
        self._store.put(scan)
        with self._database.writing() as connection:
            _refuse_held(connection, new)
            return add_accession(
                connection, new, permit, self._clock.now(), random=self._random, basis=basis
            )


def _refuse_held(connection: Connection, new: NewAccession) -> None:
    held = (
        one
        for one in find_by_number(connection, new.number)
        if one.type_code == new.type_code and one.state not in CLOSED
    )
    if next(held, None) is not None:
        raise ConflictError(messages.NUMBER_HELD)
