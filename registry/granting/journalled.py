"""Reservations in the journal, so that nobody has a licence sealed by writing it into the database.

Who finishes a grant that another process began would sign whatever row says PENDING. Each
reservation is therefore in the journal before it is committed, with the digest of the licence's
face, and a row of which the journal does not know is not finished.

Licences that are pending when a journal first hears of reservations, left by the version before or
by a journal that was lost, are taken into it as they are; an entry ends that, and from it on a
journal takes in none: who can write the database cannot bring that moment back, whatever rows,
times or events they write.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from sqlalchemy import Connection, select

from core.ids import LicenceIdentifier
from registry.db.tables import licences
from registry.granting import messages
from registry.journal.journal import Facts, Journal, JournalKind
from registry.journal.mirroring import Mirror, mirror_of
from registry.journal.reservations import BEGINNING, ReservationJournal, reservation_entry
from registry.licences.licences import UnreadableLicenceError, read_licence
from registry.model import ConflictError, LicenceState
from registry.revisions import faces


class NotReservedHereError(ConflictError):
    """A pending licence of which the journal does not know."""

    code = "not_reserved"


class JournalledReservations:
    """Index of the reservations in the journal; one per process, thread-safe."""

    def __init__(self) -> None:
        self._known: ReservationJournal | None = None

    def begin(self, connection: Connection, mirror: Mirror) -> None:
        """Take what is pending into a journal that has not heard of reservations yet.

        Raises `StorageError`, `JournalError`.
        """
        known = self._of(mirror)
        if known is None or known.has_begun():
            return
        pending = select(licences.c.identifier).where(licences.c.state == LicenceState.PENDING)
        for name in connection.execute(pending).scalars().all():
            facts = None
            with suppress(UnreadableLicenceError):  # it is not sealed, and the journal lacks it
                facts = _facts(connection, LicenceIdentifier(name))
            if facts is not None:
                mirror.tighten(JournalKind.RESERVED, facts)
        mirror.tighten(JournalKind.RESERVED, BEGINNING)

    def note(self, connection: Connection, identifier: LicenceIdentifier, face: str) -> None:
        """Journal a reservation before its commit. Raises `StorageError`, `JournalError`."""
        mirror = mirror_of(connection)
        self.begin(connection, mirror)
        mirror.tighten(JournalKind.RESERVED, reservation_entry(identifier, face))

    def note_all(self, connection: Connection, faces_of: Mapping[LicenceIdentifier, str]) -> None:
        """Journal reservations before their commit, with one flush to disk. Raises as `note`."""
        mirror = mirror_of(connection)
        self.begin(connection, mirror)
        entries = [reservation_entry(identifier, face) for identifier, face in faces_of.items()]
        mirror.tighten_all(JournalKind.RESERVED, entries)

    def refuse_unknown(
        self,
        connection: Connection,
        mirror: Mirror,
        identifier: LicenceIdentifier,
        face: str | None,
    ) -> None:
        """Raise `NotReservedHereError` for a pending licence that was not reserved as it is."""
        known = self._of(mirror)
        if known is None:
            return
        self.begin(connection, mirror)
        if face is None or not known.has(identifier, face):
            raise NotReservedHereError(messages.PENDING_LICENCE_NOT_RESERVED, identifier=identifier)

    def give_up(self, connection: Connection, identifier: LicenceIdentifier) -> None:
        """Journal before the commit that a reservation is never to be finished.

        Raises `StorageError`, `JournalError`.
        """
        mirror = mirror_of(connection)
        self.begin(connection, mirror)
        facts = None
        with suppress(UnreadableLicenceError):  # there is no face of it that was reserved
            facts = _facts(connection, identifier, void=True)
        if facts is not None:
            mirror.tighten(JournalKind.RESERVED, facts)

    def _of(self, mirror: Mirror) -> ReservationJournal | None:
        if mirror.open_journal is None:
            return None
        if self._known is None:
            self._known = ReservationJournal(mirror.open_journal())
        return self._known


def journal_voided(
    connection: Connection, journal: Journal, identifiers: Sequence[LicenceIdentifier]
) -> None:
    """Journal what a restoration gave up. Raises `StorageError`, `JournalError`."""
    for identifier in identifiers:
        facts = _facts(connection, identifier, void=True)
        if facts is not None:
            journal.append(JournalKind.RESERVED, facts)


def _facts(
    connection: Connection, identifier: LicenceIdentifier, *, void: bool = False
) -> Facts | None:
    """Return the journal's facts of a licence; None from before there were faces."""
    licence, others = read_licence(connection, identifier)
    if others["salt"] is None:
        return None
    face = faces.face_of(licence, others)
    return reservation_entry(identifier, face, void=void)
