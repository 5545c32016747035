"""Countersigning: the seals that follow the first one on an official document.

Each is one revision over all before it, in a field that stood empty since the first. A seal is used
in these steps, so that a crash between any two leaves no second signature and nothing half:

1. *begin*: in one transaction it is seen that the document waits for this authority, and recorded
   which seal is about to be used; only the claim that is written last may register.
2. *seal* over the longest revision on record.
3. *journal* what was made, and *store* it, durable under its digest.
4. *register*: in one transaction the revision is recorded with the event that says so, if the
   document is still as long as it was in 2 and still waits. Two authorities may come at once: whose
   base has moved seals anew over the other's revision. With the last seal the document comes into
   force.

Run again, the same request goes on from 1, or finds what was registered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.clock import Clock, civil_date
from core.ids import AuthorityId, LicenceIdentifier, Random, Sha256, random_token
from core.permits import Action, Permit
from registry.archive.schedule import move_protection, protection_facts
from registry.audit import events as audit
from registry.audit.chain import NewEvent
from registry.audit.recorder import SERVICE, to_events
from registry.bodies.authorities import mandated_seal
from registry.db.database import Database
from registry.granting import messages
from registry.granting.document_terms import terms_of
from registry.granting.granting import Granting, GrantStep
from registry.granting.round_changes import SealRefusal, move_last_day, refuse_round
from registry.granting.rounds import (
    awaited_step,
    certificate_digest,
    level_of,
    round_of,
    signed_by,
    who_asks,
)
from registry.granting.sealing import Countersealing
from registry.licences.awaited_seals import list_out, turns_begun
from registry.licences.countersignatures import (
    BEGUN,
    RoundProgress,
    RoundStep,
    SigningState,
    begin_step,
    lock_open,
    settle_step,
)
from registry.licences.licences import LicenceChange, change_state, list_revisions
from registry.model import ConflictError, Licence, LicenceState, RegistryError, Seal
from registry.objects.documents import holders_copy
from registry.objects.store import ObjectStore, sha256_of
from registry.revisions.record import (
    COUNTERSIGNED,
    NewRevision,
    journal_revisions,
    register_revisions,
)
from registry.revisions.registering import further_revisions
from registry.revisions.tokens import record_kept, record_strays_of
from registry.types.document_type import seal_field
from signing.levels import PadesLevel
from signing.seal_check.protection import protection_of

_ATTEMPTS = 8
"""Times that a seal is made over a document to which others add theirs meanwhile."""


class SuperfluousAttemptError(RegistryError):
    """Another process took the step over, or the document grew meanwhile."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class Countersigned:
    """A document after a seal was put on it."""

    licence: Licence
    progress: RoundProgress
    pdf: bytes
    sha256: Sha256
    repeated: bool = False
    """It bore that seal before; nothing new was made."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One use of a seal that was begun."""

    licence: Licence
    step: RoundStep
    seal: Seal
    authority_id: AuthorityId
    claim: str
    last: bool
    """No other seal is missing."""
    level: PadesLevel
    progress: RoundProgress
    """As it was when it was begun."""


class Countersigning:
    """Puts further seals on documents; one per process."""

    def __init__(
        self,
        *,
        database: Database,
        store: ObjectStore,
        granting: Callable[[], Granting],
        clock: Clock,
        zone: ZoneInfo,
        random: Random,
        roots: Callable[[], tuple[bytes, ...]],
        on_step: Callable[[GrantStep], None] = lambda _: None,
    ) -> None:
        self.database = database
        self.store = store
        self.granting = granting
        self.clock = clock
        self._zone = zone
        self._random = random
        self._roots = roots
        self._on_step = on_step

    def today(self) -> date:
        """Return the civil date of now."""
        return civil_date(self.clock.now(), self._zone)

    def countersign(
        self,
        identifier: LicenceIdentifier,
        permit: Permit,
        authority_id: AuthorityId | None = None,
        *,
        position: int | None = None,
        within: Callable[[Connection], object] = lambda _: None,
    ) -> Countersigned:
        """Put the seal of an authority on a document that waits for it.

        Without `authority_id`, of the one whose permit it is, or whose turn alone it is; at a
        `position` of the round alone, where one is named. `within` runs first in the transaction
        that records the use of the seal. Raises `NotAwaitedError`, `NotAllowedError`,
        `ConflictError`, `NotFoundError`, and what seals, journal and database raise; it may be
        tried again then.
        """
        granting = self.granting()
        with granting.turn:
            with self.database.reading() as connection:
                licence, progress = round_of(connection, identifier)
                asked = who_asks(connection, progress, permit, authority_id, self.today())
                known = signed_by(connection, progress, asked, self.today(), position)
                permit.require(Action.GRANT, authority_id=asked)
                if known is None:
                    awaited_step(connection, progress, asked, self.today(), position)
                    seal = mandated_seal(connection, licence.type_code, asked)
            if known is not None:
                return self._again(licence, progress)
            record_kept(self.database, granting.room.signed)
            granting.room.prepare(seal.seal_id, PadesLevel.B_LT)
            try:
                attempt = self._begin(identifier, permit, asked, seal, position, within)
            except ConflictError:
                if (meanwhile := self._sealed_meanwhile(identifier, asked, position)) is None:
                    raise
                return self._again(*meanwhile)
            self._on_step(GrantStep.RESERVED)
            try:
                return self._finish(attempt, permit)
            finally:
                granting.settle_tokens()

    def refuse(
        self,
        identifier: LicenceIdentifier,
        why: str,
        permit: Permit,
        authority_id: AuthorityId | None = None,
        *,
        outside: str | None = None,
    ) -> Licence:
        """Record that an authority will not seal a document: the round is over.

        `outside` names one that signs elsewhere, whose refusal the issuer records. Raises as
        `countersign`, and `InvalidChangeError` where no reason is given.
        """
        claim, now = random_token(self._random), self.clock.now()
        with self.database.writing() as connection:
            refusal = SealRefusal(identifier, why, authority_id, outside, claim)
            return refuse_round(connection, refusal, permit, now, self.today())

    def move_day(
        self, identifier: LicenceIdentifier, day: date, why: str, permit: Permit
    ) -> RoundProgress:
        """Move the last day of a round, as the issuer. Raises as `move_last_day`."""
        now = self.clock.now()
        with self.database.writing() as connection:
            return move_last_day(connection, identifier, day, why, permit, now, self.today())

    def begin(
        self,
        connection: Connection,
        permit: Permit,
        step: RoundStep,
        licence: Licence,
        *,
        acting: AuthorityId,
        seal: Seal,
        progress: RoundProgress,
    ) -> Attempt:
        """Record that a seal is about to be used, in the caller's transaction."""
        if progress.overdue(self.today()):
            raise ConflictError(messages.ROUND_OVERDUE)
        actor, claim = permit.require(Action.GRANT, authority_id=acting), random_token(self._random)
        now, identifier = self.clock.now(), licence.identifier
        begin_step(
            connection,
            identifier,
            step,
            authority_id=acting,
            seal_id=seal.seal_id,
            claim=claim,
            at=now,
        )
        record_strays_of(connection, self.database.mirror(), identifier)
        audit.record(
            connection,
            at=now,
            actor=actor,
            action=BEGUN,
            subject=identifier,
            after={"position": step.position, "authority": acting, "seal": seal.seal_id},
        )
        last = len(progress.missing) == 1
        level = level_of(connection, licence)
        return Attempt(licence, step, seal, acting, claim, last, level, progress)

    def longest(self, identifier: LicenceIdentifier) -> tuple[bytes, int]:
        """Return a document with all that was added to it, and its revision's number.

        Raises `DamagedObjectError`.
        """
        with self.database.reading() as connection:
            known = list_revisions(connection, identifier)[-1]
        return self.store.get(known.sha256), known.sequence

    def register(
        self,
        attempt: Attempt,
        permit: Permit,
        made: tuple[bytes, list[NewRevision]],
        base: int,
        facts: dict[str, str | int],
    ) -> Countersigned:
        """Journal, store and register what was made. Raises `SuperfluousAttemptError`."""
        pdf, new = made
        identifier, signed = attempt.licence.identifier, self.granting().room.signed
        journal_revisions(self.database, identifier, new, signed.kept)
        sha256 = self.store.put(pdf)
        self._on_step(GrantStep.STORED)
        protection, now = protection_of(pdf), self.clock.now()
        with signed.handing_over() as stamps, self.database.writing() as connection:
            lock_open(connection, identifier)
            moved = move_protection(connection, identifier, base, new[-1].sequence, protection)
            values = {
                "state": SigningState.SIGNED,
                "certificate_sha256": facts["certificate"],
                "sequence": facts["sealed"],
                "settled_at": now,
            }
            position = attempt.step.position
            if not moved or not settle_step(
                connection, identifier, position, attempt.claim, values
            ):
                raise SuperfluousAttemptError(messages.SEALED_MEANWHILE)
            list_out(connection, identifier, position)
            _, progress = round_of(connection, identifier)
            if not progress.missing:
                self._complete(connection, attempt, permit, now)
            actor = permit.require(Action.GRANT, authority_id=attempt.authority_id)
            turns = turns_begun(identifier, attempt.progress, progress, actor, now)
            event = NewEvent(
                at=now,
                actor=actor,
                action=COUNTERSIGNED,
                subject=identifier,
                after={
                    "position": position,
                    "authority": attempt.authority_id,
                    "seal": attempt.seal.seal_id,
                    "sequence": facts["sealed"],
                    "sha256": sha256,
                    **facts,
                    **protection_facts(protection),
                },
            )
            register_revisions(
                connection, identifier, new, [*to_events(stamps, SERVICE), *turns, event], now
            )
            licence, progress = round_of(connection, identifier)
        self._on_step(GrantStep.REGISTERED)
        return Countersigned(licence, progress, pdf, sha256)

    def _begin(  # noqa: PLR0917 (each of another type)
        self,
        identifier: LicenceIdentifier,
        permit: Permit,
        asked: AuthorityId,
        seal: Seal,
        position: int | None,
        within: Callable[[Connection], object],
    ) -> Attempt:
        with self.database.writing() as connection:
            within(connection)
            lock_open(connection, identifier)
            licence, progress = round_of(connection, identifier)
            step = awaited_step(connection, progress, asked, self.today(), position)
            return self.begin(
                connection, permit, step, licence, acting=asked, seal=seal, progress=progress
            )

    def _sealed_meanwhile(
        self, identifier: LicenceIdentifier, asked: AuthorityId, position: int | None
    ) -> tuple[Licence, RoundProgress] | None:
        """Return a document that bears a seal by now, which another process put on it."""
        with self.database.reading() as connection:
            licence, progress = round_of(connection, identifier)
            signed = signed_by(connection, progress, asked, self.today(), position)
        return (licence, progress) if signed else None

    def _finish(self, attempt: Attempt, permit: Permit) -> Countersigned:
        """Seal and register, anew where another's seal came first."""
        identifier = attempt.licence.identifier
        for _ in range(_ATTEMPTS):
            try:
                return self._attempt(attempt, permit)
            except SuperfluousAttemptError:
                record_kept(self.database, self.granting().room.signed)
                with self.database.reading() as connection:
                    licence, progress = round_of(connection, identifier)
                own = progress.steps[attempt.step.position - 1]
                if own.state is SigningState.SIGNED:
                    return self._again(licence, progress)
                if own.claim != attempt.claim:
                    raise
        raise SuperfluousAttemptError(messages.SEALED_MEANWHILE)

    def _attempt(self, attempt: Attempt, permit: Permit) -> Countersigned:
        pdf, base = self.longest(attempt.licence.identifier)
        with self.database.reading() as connection:
            _, progress = round_of(connection, attempt.licence.identifier)
        last = len(progress.missing) == 1
        terms, signer = terms_of(attempt.licence), attempt.step.signer
        sealed = self.granting().room.counterseal(
            attempt.seal.seal_id,
            Countersealing(
                attempt.licence.identifier,
                pdf,
                seal_field(attempt.step.position),
                terms.reason or attempt.licence.type_name.zh,
                turn=signer.turn,
                archive=last and attempt.level is PadesLevel.B_LTA,
            ),
        )
        self._on_step(GrantStep.SEALED)
        new = further_revisions(
            sealed.pdf, sealed.revisions, self._roots(), self.clock.now(), base + 1
        )
        facts: dict[str, str | int] = {
            "sealed": base + 1,
            "certificate": certificate_digest(attempt.seal.certificate),
        }
        return self.register(attempt, permit, (sealed.pdf, new), base, facts)

    def _complete(
        self, connection: Connection, attempt: Attempt, permit: Permit, now: datetime
    ) -> None:
        change_state(
            connection,
            attempt.licence.identifier,
            LicenceChange.COMPLETE,
            reason=None,
            basis=messages.ALL_HAVE_SEALED.zh,
            permit=permit,
            at=now,
            acting=attempt.authority_id,
        )

    def _again(self, licence: Licence, progress: RoundProgress) -> Countersigned:
        """Return a document as it stands, which bears the seal already."""
        if licence.state in (LicenceState.CANCELLED, LicenceState.REPLACED):
            raise ConflictError(messages.document_has_ended(licence.identifier))
        with self.database.reading() as connection:
            known = list_revisions(connection, licence.identifier)
        pdf = holders_copy(self.store, known)
        return Countersigned(licence, progress, pdf, sha256_of(pdf), repeated=True)
