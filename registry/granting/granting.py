"""Granting a licence, so that a crash between any two steps loses nothing and shows nothing half.

1. *reserve* (`registry.granting.reservation`): in one transaction the number and identifier are
   taken and the licence is recorded as PENDING, with everything that the page will say; before it
   is committed the journal has heard of it (`registry.granting.journalled`).
2. *render* and 3. *seal* the page.
4. *journal* the document's digests and timestamps, and *store* it, durable under its digest.
5. *register*: in one transaction its revisions are recorded, bound to the event that says so, and
   the licence moves to IN_FORCE (and the one it replaces to REPLACED). Only now does it exist for
   others.

A crash before 5 leaves a pending licence that `resume` finishes under the same number, or `void`
closes with the reason. Two processes may resume the same licence: each writes its own claim, and
only the one whose claim stands registers.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, update

from core.clock import Clock
from core.errors import XinyinError
from core.ids import AuthorityId, LicenceIdentifier, Sha256
from core.permits import Actor, Permit
from registry.archive.schedule import protection_facts, record_protection
from registry.audit.chain import NewEvent
from registry.audit.recorder import SERVICE, to_events
from registry.bodies.authorities import mandated_seal
from registry.db.database import Database
from registry.db.tables import licences
from registry.granting import messages
from registry.granting.drawing import Drawing
from registry.granting.person_rows import forget_signature
from registry.granting.person_signing import PersonSigning, SignerGoneError, refuse_unsigned
from registry.granting.reservation import (
    GrantRequest,
    PendingGrant,
    Reservations,
    document_fact,
    pending_seal,
    refuse_not_pending,
)
from registry.granting.sealing import Drawn, SealingRoom
from registry.journal.journal import JournalKind
from registry.journal.mirroring import mirror_of
from registry.licences.awaited_seals import begin_round
from registry.licences.corrections.rows import note_corrected
from registry.licences.journal import licence_entry
from registry.licences.licences import (
    CLOSED,
    change_state,
    find_by_request,
    find_licence,
    list_revisions,
    read_licence,
    refuse_erased,
    successor_change,
)
from registry.model import ConflictError, Licence, LicenceState, Reason, Revision, Seal
from registry.objects.documents import holders_copy
from registry.objects.store import ObjectStore, sha256_of
from registry.revisions.faces import FACT
from registry.revisions.record import GRANTED, NewRevision, journal_revisions, register_revisions
from registry.revisions.registering import read_fresh
from registry.revisions.tokens import record_kept, record_strays_of
from registry.types.catalogue import Catalogue
from registry.types.document_type import TERMS, countersigning_of
from signing.errors import UnsuitableTextError
from signing.qr import QrTooLongError
from signing.render.errors import RenderingError
from signing.seal_check.protection import Protection
from signing.sealing.pades import SealedDocument

_log = logging.getLogger(__name__)
PAGE_ERRORS = (RenderingError, QrTooLongError, UnsuitableTextError)
"""What the page itself is to blame for: it would fail again. After all others (disk, database,
passphrase, token) the same licence can be finished later."""


class GrantStep(StrEnum):
    """The steps of granting, each said after it took effect."""

    RESERVED = "reserved"
    RENDERED = "rendered"
    SEALED = "sealed"
    STORED = "stored"
    REGISTERED = "registered"


class PredecessorGoneError(ConflictError):
    """The licence that this one was to replace has left force in the meantime."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A licence and its document."""

    licence: Licence
    pdf: bytes
    sha256: Sha256
    repeated: bool = False
    """The same request had been granted before; nothing new was made."""


class Granting:
    """Grants licences; one per process."""

    def __init__(
        self,
        *,
        database: Database,
        store: ObjectStore,
        catalogue: Catalogue,
        reservations: Reservations,
        room: SealingRoom,
        clock: Clock,
        public_url: str,
        roots: Callable[[], tuple[bytes, ...]] = tuple,
        on_step: Callable[[GrantStep], None] = lambda _: None,
    ) -> None:
        """`roots` returns the pinned root certificates (DER), for what is kept of a seal."""
        self._database = database
        self._store = store
        self._catalogue = catalogue
        self._reservations = reservations
        self._room = room
        self._clock = clock
        self.drawing = Drawing(room, store, public_url)
        self._roots = roots
        self._on_step = on_step
        self.persons = PersonSigning(
            database=database, room=room, clock=clock, draw=self._draw, roots=roots
        )
        self.turn = threading.RLock()
        """One grant at a time: keys, their tokens and what these are for are one thread's."""

    def grant(
        self,
        request: GrantRequest,
        within: Callable[[Connection], object] = lambda _: None,
        last: Callable[[Connection], object] = lambda _: None,
    ) -> Granted:
        """Grant a licence; when this returns it is in force, stored and registered.

        `within` runs first in the transaction that takes the number; what it raises stops that.
        What it would record is recorded by `last`, since others that record wait from then on.

        Raises what `Reservations.reserve` raises, before a number is taken, and `ConflictError`
        where its key was used for another request. An error of the page
        itself (a character that no font has) voids the number with the reason; an error of the
        surroundings (disk, database, token) leaves the licence pending, for `resume`.
        """
        application = request.application
        with self.turn:
            with self._database.reading() as connection:
                seal = mandated_seal(connection, application.type_code, request.authority_id)
                known = self._known(connection, seal.authority_id, request)
            if known is not None:
                return self._earlier(*known, request.permit)
            return self._finish(self._reserve(request, seal, within, last), request.permit)

    def reserve_for(
        self,
        request: GrantRequest,
        certificate: bytes,
        within: Callable[[Connection], object],
        last: Callable[[Connection], object],
    ) -> PendingGrant:
        """Reserve a licence that is sealed once `request.signer` signed it; raises as `grant`.

        `certificate` (DER) is theirs: what stands in its way is known before a number is taken.
        """
        assert request.signer is not None
        with self.turn:
            self.persons.check(certificate)
            with self._database.reading() as connection:
                type_code = request.application.type_code
                seal = mandated_seal(connection, type_code, request.authority_id)
            return self._reserve(request, seal, within, last)

    @contextmanager
    def pending_for(self, identifier: LicenceIdentifier, signer: str) -> Iterator[PendingGrant]:
        """Hold a licence that waits for that officer's signature, while nothing else is granted.

        Raises `ConflictError` where it waits for none, or another's, and `NotReservedHereError`.
        """
        with self.turn:
            with self._database.reading() as connection:
                mirror = self._database.mirror()
                pending = self._reservations.look(connection, mirror, identifier)
            if pending.signer != signer:
                raise ConflictError(messages.SIGNATURE_OF_ANOTHER)
            self._room.prepare(pending.seal_id, pending.level)
            yield pending

    def resume(self, identifier: LicenceIdentifier, permit: Permit) -> Granted:
        """Finish a grant that was cut short. Raises `ConflictError` if it is not pending, and
        `NotReservedHereError` if the journal does not know of its reservation.

        A seal that cannot seal now leaves no trace: this is tried again and again.
        """
        with self.turn:
            record_kept(self._database, self._room.signed)
            with self._database.reading() as connection:
                seal_id, level = pending_seal(connection, identifier)
                self._reservations.check(connection, self._database.mirror(), identifier)
            self._refuse_unsigned(identifier, permit)
            self._room.prepare(seal_id, level)
            with self._database.writing() as connection:
                pending = self._reservations.claim(connection, identifier, permit)
                record_strays_of(connection, self._database.mirror(), identifier)
            return self._finish(pending, permit)

    def _refuse_unsigned(self, identifier: LicenceIdentifier, permit: Permit) -> None:
        """Leave alone what waits for a signature; give up what waits in vain.

        Raises `AwaitsSignatureError`, `SignerGoneError`.
        """
        try:
            with self._database.reading() as connection:
                refuse_unsigned(connection, identifier, self._clock.now())
        except SignerGoneError as error:
            with self._database.writing() as connection:
                self._reservations.void(connection, identifier, error.text.zh, permit)
                record_strays_of(connection, self._database.mirror(), identifier)
            raise

    def finished(self, identifier: LicenceIdentifier, permit: Permit) -> Granted:
        """Finish a grant that was pending a moment ago, or return it where another finished it
        meanwhile. Raises as `resume`.
        """
        try:
            return self.resume(identifier, permit)
        except ConflictError:
            with self._database.reading() as connection:
                state = find_licence(connection, identifier).state
            if state is LicenceState.PENDING or state in CLOSED:
                raise
            return self.granted(identifier)

    def granted(self, identifier: LicenceIdentifier) -> Granted:
        """Return a licence that was granted before, with the document as its holder got it."""
        with self._database.reading() as connection:
            licence = find_licence(connection, identifier)
            known = list_revisions(connection, identifier)
        refuse_erased(licence)
        pdf = holders_copy(self._store, known)
        return Granted(licence, pdf, sha256_of(pdf), repeated=True)

    def photo(self, identifier: LicenceIdentifier) -> bytes | None:
        """Return the photo of a licence, if it has one. Raises `DamagedObjectError`."""
        with self._database.reading() as connection:
            _, row = read_licence(connection, identifier)
        sha256 = row["photo_sha256"]
        return None if sha256 is None else self._store.get(Sha256(sha256))

    @staticmethod
    def _known(
        connection: Connection, authority_id: AuthorityId, request: GrantRequest
    ) -> tuple[Licence, list[Revision]] | None:
        """Return the result of the same request of the same authority."""
        if request.request_key is None:
            return None
        digest = request.digest()
        licence = find_by_request(connection, authority_id, request.request_key, digest)
        return (
            None if licence is None else (licence, list_revisions(connection, licence.identifier))
        )

    def _earlier(self, licence: Licence, known: list[Revision], permit: Permit) -> Granted:
        """Return the result of a request made before, finishing it if need be."""
        if licence.state is LicenceState.PENDING:
            return self.finished(licence.identifier, permit)
        pdf = holders_copy(self._store, known)
        return Granted(licence, pdf, sha256_of(pdf), repeated=True)

    def _reserve(
        self,
        request: GrantRequest,
        seal: Seal,
        within: Callable[[Connection], object],
        last: Callable[[Connection], object],
    ) -> PendingGrant:
        # A seal that cannot be opened costs no number; who types a passphrase holds no lock.
        self._room.prepare(seal.seal_id, request.level)
        photo = request.application.photo
        photo_sha256 = None if photo is None else self._store.put(photo)
        with self._database.writing() as connection:
            within(connection)
            pending = self._reservations.reserve(connection, request, seal, photo_sha256)
            last(connection)
        self._on_step(GrantStep.RESERVED)
        return pending

    def _finish(self, pending: PendingGrant, permit: Permit) -> Granted:
        record_kept(self._database, self._room.signed)
        try:
            return self._complete(pending, permit)
        except PAGE_ERRORS as error:
            self.give_up(pending, f"{error.code}: {error.text.zh}", permit)
            raise
        except PredecessorGoneError as error:
            self.give_up(pending, error.text.zh, permit)
            raise
        finally:
            self.settle_tokens()

    def _complete(self, pending: PendingGrant, permit: Permit) -> Granted:
        sealed, signed = self._make_document(pending), self._room.signed
        now = self._clock.now()
        found = read_fresh(sealed.pdf, sealed.revisions, self._roots(), now)
        new, protection = found.revisions, found.protection
        identifier = pending.licence.identifier
        journal_revisions(self._database, identifier, new, signed.kept, pending.face)
        sha256 = self._store.put(sealed.pdf)
        self._on_step(GrantStep.STORED)
        with signed.handing_over() as made, self._database.writing() as connection:
            licence, at = self._register(connection, pending, permit)
            sequence = len(sealed.revisions) - 1
            record_protection(connection, identifier, sequence=sequence, found=protection)
            granted = granted_event(pending, licence, new, protection, permit.actor, at)
            turns = begin_round(connection, licence, permit.actor, at)
            events = [*to_events(made, SERVICE), *turns, granted]
            forget_signature(connection, identifier)
            register_revisions(connection, licence.identifier, new, events, at)
        self._on_step(GrantStep.REGISTERED)
        return Granted(licence, sealed.pdf, sha256)

    @property
    def room(self) -> SealingRoom:
        """The room in which it seals; for the holder of `turn`."""
        return self._room

    def settle_tokens(self) -> None:
        """Record what was stamped for a document that was not registered.

        Where that fails it is tried before the next grant; the journal has it if a file does.
        """
        try:
            record_kept(self._database, self._room.signed)
        except XinyinError as error:
            _log.error("tokens of a grant: %s", error.text.en, extra={"code": error.code})

    def give_up(self, pending: PendingGrant, why: str, permit: Permit) -> None:
        """Void a number that will not be used, unless somebody else took it over.

        Raises `ConflictError`, `JournalError`.
        """
        with self._database.writing() as connection:
            identifier = pending.licence.identifier
            self._reservations.void(connection, identifier, why, permit, claim=pending.claim)

    def _make_document(self, pending: PendingGrant) -> SealedDocument:
        if pending.signer is not None:
            sealed = self.persons.seal(pending)
        else:
            drawn = self._draw(pending)
            self._on_step(GrantStep.RENDERED)
            sealed = self._room.seal(drawn)
        self._on_step(GrantStep.SEALED)
        return sealed

    def _draw(self, pending: PendingGrant) -> Drawn:
        licence = pending.licence
        with self._database.reading() as connection:
            licence_type = self._catalogue.granted_under(
                connection, licence.type_code, licence.created_at
            )
        return self.drawing.draw(pending, licence_type)

    def _register(
        self, connection: Connection, pending: PendingGrant, permit: Permit
    ) -> tuple[Licence, datetime]:
        licence, now = pending.licence, self._clock.now()
        awaits = self._awaits(connection, licence)
        state = LicenceState.SUSPENDED if awaits else LicenceState.IN_FORCE
        reason = Reason.AWAITING_SIGNATURES if awaits else None
        registered = connection.execute(
            update(licences)
            .where(
                licences.c.identifier == licence.identifier,
                licences.c.state == LicenceState.PENDING,
                licences.c.claim == pending.claim,
            )
            .values(state=state, claim=None, reason=reason, changed_at=now)
        )
        if registered.rowcount != 1:
            refuse_not_pending()
        if reason is not None:
            facts = licence_entry(licence.identifier, state, reason, now, None)
            mirror_of(connection).tighten(JournalKind.LICENCE, facts)
        if licence.replaces is not None:
            self._retire(connection, licence, licence.replaces, permit)
        return find_licence(connection, licence.identifier), now

    def _awaits(self, connection: Connection, licence: Licence) -> bool:
        """Tell whether others are to seal a document after this."""
        if TERMS not in licence.data:
            return False
        found = self._catalogue.find(connection, licence.type_code)
        return found.is_document and bool(countersigning_of(licence.data))

    def _retire(
        self, connection: Connection, licence: Licence, old: LicenceIdentifier, permit: Permit
    ) -> None:
        try:
            change_state(
                connection,
                old,
                successor_change(licence.reason),
                reason=licence.reason,
                basis=licence.basis or "",
                permit=permit,
                at=self._clock.now(),
                replaced_by=licence.identifier,
                document_number=licence.document_number,
                today=self._reservations.today(),
            )
            if licence.reason is Reason.CORRECTED:
                now = self._clock.now()
                note_corrected(connection, old, licence.identifier, permit.actor, now)
        except ConflictError as error:
            raise PredecessorGoneError(messages.REPLACED_LICENCE_NOT_IN_FORCE) from error


def granted_event(  # noqa: PLR0917 (each of another type)
    pending: PendingGrant,
    licence: Licence,
    new: Sequence[NewRevision],
    protection: Protection,
    actor: Actor,
    at: datetime,
) -> NewEvent:
    """Return the event of a grant; its document says what the face's digest is of."""
    facts = {"state": licence.state, "sha256": new[-1].sha256, FACT: pending.face}
    facts |= {} if licence.reason is None else {"reason": licence.reason}
    facts |= document_fact(licence)
    return NewEvent(
        at=at,
        actor=actor,
        action=GRANTED,
        subject=licence.identifier,
        basis=licence.basis,
        before={"state": LicenceState.PENDING},
        after={**facts, "level": pending.level, **protection_facts(protection)},
    )
