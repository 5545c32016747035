"""Granting a licence, so that a crash between any two steps loses nothing and shows nothing half.

1. *reserve* (`registry.reservation`): in one transaction the number and identifier are taken and
   the licence is recorded as PENDING, with everything that the page will say.
2. *render* and 3. *seal* the page; 4. *store* the document, durable under its digest.
5. *journal* the document's digests, and *register*: in one transaction its revisions are recorded,
   bound to the event that says so, and the licence moves to IN_FORCE (and the one it replaces to
   REPLACED). Only now does it exist for others.

A crash before 5 leaves a pending licence that `resume` finishes under the same number, or `void`
closes with the reason. Two processes may resume the same licence: each writes its own claim, and
only the one whose claim stands registers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, update

from core.clock import Clock
from core.ids import LicenceIdentifier, Sha256
from registry.archive_schedule import record_protection
from registry.audit import Actor
from registry.audit_chain import NewEvent
from registry.authorities import mandated_seal
from registry.catalogue import Catalogue
from registry.database import Database
from registry.documents import holders_copy
from registry.licences import (
    change_state,
    find_by_request,
    find_licence,
    list_revisions,
    successor_change,
)
from registry.links import link_of
from registry.model import ConflictError, Licence, LicenceState
from registry.recorder import SERVICE, to_events
from registry.registering import new_revisions
from registry.reservation import GrantRequest, Pending, Reservations, refuse_not_pending
from registry.revision_record import (
    GRANTED,
    NewRevision,
    journal_revisions,
    register_revisions,
)
from registry.sealing import SealingRoom
from registry.store import ObjectStore, sha256_of
from registry.tables import licences
from signing.errors import UnsuitableTextError
from signing.pades import PadesLevel, SealedDocument
from signing.protection import protection_of
from signing.qr import QrTooLongError
from signing.render.errors import RenderingError

_PAGE_ERRORS = (RenderingError, QrTooLongError, UnsuitableTextError)
"""What the page itself is to blame for: it would fail again. After all others (disk, database,
passphrase, token) the same licence can be finished later."""


class Step(StrEnum):
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
        on_step: Callable[[Step], None] = lambda _: None,
    ) -> None:
        """`roots` returns the pinned root certificates (DER), for what is kept of a seal."""
        self._database = database
        self._store = store
        self._catalogue = catalogue
        self._reservations = reservations
        self._room = room
        self._clock = clock
        self._public_url = public_url
        self._roots = roots
        self._on_step = on_step

    def grant(self, request: GrantRequest) -> Granted:
        """Grant a licence; when this returns it is in force, stored and registered.

        Raises what `Reservations.reserve` raises, before a number is taken. An error of the page
        itself (a character that no font has) voids the number with the reason; an error of the
        surroundings (disk, database, token) leaves the licence pending, for `resume`.
        """
        return self._earlier(request) or self._finish(self._reserve(request), request.actor)

    def resume(self, identifier: LicenceIdentifier, actor: Actor) -> Granted:
        """Finish a grant that was cut short. Raises `ConflictError` if it is not pending."""
        with self._database.writing() as connection:
            pending = self._reservations.claim(connection, identifier, actor)
        self._room.prepare(pending.seal_id)
        return self._finish(pending, actor)

    def granted(self, identifier: LicenceIdentifier) -> Granted:
        """Return a licence that was granted before, with the document as its holder got it."""
        with self._database.reading() as connection:
            licence = find_licence(connection, identifier)
            known = list_revisions(connection, identifier)
        pdf = holders_copy(self._store, known)
        return Granted(licence, pdf, sha256_of(pdf), repeated=True)

    def void(self, identifier: LicenceIdentifier, why: str, actor: Actor) -> None:
        """Close a pending licence that will not be finished. Raises `ConflictError`."""
        with self._database.writing() as connection:
            self._reservations.void(connection, identifier, why, actor)

    def _earlier(self, request: GrantRequest) -> Granted | None:
        """Return what the same request has led to, finishing it if need be."""
        if request.request_key is None:
            return None
        with self._database.reading() as connection:
            licence = find_by_request(connection, request.request_key)
            known = [] if licence is None else list_revisions(connection, licence.identifier)
        if licence is None:
            return None
        if licence.state is LicenceState.PENDING:
            return self.resume(licence.identifier, request.actor)
        pdf = holders_copy(self._store, known)
        return Granted(licence, pdf, sha256_of(pdf), repeated=True)

    def _reserve(self, request: GrantRequest) -> Pending:
        application = request.application
        with self._database.reading() as connection:
            seal = mandated_seal(connection, application.type_code, request.authority_id)
        # A seal that cannot be opened costs no number; who types a passphrase holds no lock.
        self._room.prepare(seal.seal_id)
        photo = application.photo
        photo_sha256 = None if photo is None else self._store.put(photo)
        with self._database.writing() as connection:
            pending = self._reservations.reserve(connection, request, photo_sha256)
        self._on_step(Step.RESERVED)
        return pending

    def _finish(self, pending: Pending, actor: Actor) -> Granted:
        try:
            sealed = self._make_document(pending)
        except _PAGE_ERRORS as error:
            self._give_up(pending, f"{error.code}: {error.text.zh}", actor)
            raise
        sha256 = self._store.put(sealed.pdf)
        self._on_step(Step.STORED)
        new = new_revisions(sealed.pdf, sealed.revisions, self._roots(), self._clock.now())
        journal_revisions(self._database, pending.licence.identifier, new)
        try:
            with self._room.signed.handing_over() as signed, self._database.writing() as connection:
                licence = self._register(connection, pending, sealed, actor)
                granted = self._granted(licence, new, sealed.level, actor)
                events = [*to_events(signed, SERVICE), granted]
                register_revisions(connection, licence.identifier, new, events, granted.at)
        except PredecessorGoneError as error:
            self._give_up(pending, error.text.zh, actor)
            raise
        self._on_step(Step.REGISTERED)
        return Granted(licence, sealed.pdf, sha256)

    def _give_up(self, pending: Pending, why: str, actor: Actor) -> None:
        with self._database.writing() as connection:
            identifier = pending.licence.identifier
            self._reservations.void(connection, identifier, why, actor, claim=pending.claim)

    def _make_document(self, pending: Pending) -> SealedDocument:
        licence = pending.licence
        with self._database.reading() as connection:
            licence_type = self._catalogue.find(connection, licence.type_code)
        photo = None if pending.photo_sha256 is None else self._store.get(pending.photo_sha256)
        link = link_of(self._public_url, licence)
        rendered = self._room.render(licence_type.face(licence, link, photo))
        self._on_step(Step.RENDERED)
        sealed = self._room.seal(
            rendered, licence, licence_type, seal_id=pending.seal_id, level=pending.level
        )
        self._on_step(Step.SEALED)
        return sealed

    def _register(
        self, connection: Connection, pending: Pending, sealed: SealedDocument, actor: Actor
    ) -> Licence:
        licence, now = pending.licence, self._clock.now()
        registered = connection.execute(
            update(licences)
            .where(
                licences.c.identifier == licence.identifier,
                licences.c.state == LicenceState.PENDING,
                licences.c.claim == pending.claim,
            )
            .values(state=LicenceState.IN_FORCE, claim=None, reason=None, changed_at=now)
        )
        if registered.rowcount != 1:
            refuse_not_pending()
        record_protection(
            connection,
            licence.identifier,
            sequence=len(sealed.revisions) - 1,
            found=protection_of(sealed.pdf),
        )
        if licence.replaces is not None:
            self._retire(connection, licence, licence.replaces, actor)
        return find_licence(connection, licence.identifier)

    def _granted(
        self, licence: Licence, new: Sequence[NewRevision], level: PadesLevel, actor: Actor
    ) -> NewEvent:
        return NewEvent(
            at=self._clock.now(),
            actor=actor,
            action=GRANTED,
            subject=licence.identifier,
            basis=licence.basis,
            before={"state": LicenceState.PENDING},
            after={"state": LicenceState.IN_FORCE, "sha256": new[-1].sha256, "level": level},
        )

    def _retire(
        self, connection: Connection, licence: Licence, old: LicenceIdentifier, actor: Actor
    ) -> None:
        try:
            change_state(
                connection,
                old,
                successor_change(licence.reason),
                reason=licence.reason,
                basis=licence.basis or "",
                actor=actor,
                at=self._clock.now(),
                replaced_by=licence.identifier,
            )
        except ConflictError as error:
            raise PredecessorGoneError(
                "要替换的证照已不再有效，新版本已作废。",
                "The licence to be replaced is no longer in force; the new version was voided.",
            ) from error
