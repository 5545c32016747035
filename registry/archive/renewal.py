"""Renewing the archive: a further timestamp on each stored document before its proof runs out.

1. *claim* a few documents that are due, so that several processes share the work.
2. *read* one, checked against its digest; a damaged one is reported and left as it is.
3. *renew* it: fresh validation data and a document timestamp (`signing.sealing.archive`), and judge
   the result: what does not verify is not registered.
4. *journal* its digest and its timestamp, and *store* the longer file, durable under that digest.
5. *register*: in one transaction the new revision, what the document rests on now, and the audit's
   events. Only now does the timestamp count.

A crash before 5 leaves an object that nothing names, and a claim that lapses; running again renews
the document once. The holder's copy stays what it is: the archived file begins with it.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ca.errors import ForeignCertificateError
from ca.recorder import Collector
from core.clock import Clock
from core.errors import XinyinError
from core.ids import LicenceIdentifier, Sha256
from core.permits import Action, Actor, Permit
from core.text import Text
from registry.archive import messages
from registry.archive.schedule import (
    Due,
    Place,
    RenewalCause,
    claim_due,
    count_due,
    is_due,
    protection_facts,
    release,
    settle,
)
from registry.audit.chain import NewEvent
from registry.audit.recorder import SERVICE, to_events
from registry.db.database import Database
from registry.licences.licences import is_erased, leave_file, list_revisions
from registry.objects.store import (
    DamagedObjectError,
    LockedObjectError,
    ObjectStore,
    sha256_of,
)
from registry.revisions.judgements import Judgement
from registry.revisions.record import RENEWED, NewRevision, journal_revisions, register_revisions
from registry.revisions.tokens import record_kept, record_missing
from signing.errors import SigningError, UnprotectedFileError
from signing.report import Indication, LaterChanges, ValidationReport
from signing.seal_check.protection import Protection, protection_of
from signing.sealing.archive import Archiver

_BATCH = 8
"""Documents claimed at a time: few, since a process that dies holds them for `LEASE`."""


class ArchiveStep(StrEnum):
    """The steps of a renewal, each said after it took effect."""

    CLAIMED = "claimed"
    RENEWED = "renewed"
    STORED = "stored"
    REGISTERED = "registered"


class Fate(StrEnum):
    """Result for one document that was looked at."""

    RENEWED = "renewed"
    NOT_DUE = "not_due"
    """Registered by an earlier version, and found to need nothing yet."""
    DAMAGED = "damaged"
    FAILED = "failed"
    LOST = "lost"
    """Another process took it over, since this one was too slow."""


@dataclass(frozen=True, slots=True)
class DocumentRenewal:
    """One document of a run."""

    identifier: LicenceIdentifier
    fate: Fate
    sequence: int
    """Of its longest revision now."""
    protected_until: datetime | None = None
    sha256: Sha256 | None = None
    why: Text | None = None
    code: str | None = None

    @property
    def failed(self) -> bool:
        """Somebody must look at it."""
        return self.fate in (Fate.DAMAGED, Fate.FAILED)


class ArchiveRenewal:
    """Renews archived documents; one per process, for one thread."""

    def __init__(
        self,
        *,
        database: Database,
        store: ObjectStore,
        archiver: Archiver,
        signed: Collector,
        judge: Callable[[bytes], ValidationReport],
        clock: Clock,
        within: timedelta,
        on_step: Callable[[ArchiveStep], None] = lambda _: None,
    ) -> None:
        """`signed` collects the events of the archiver's timestamps; `within`: how long before
        its proof ends a document is due.
        """
        self._database = database
        self._store = store
        self._archiver = archiver
        self._signed = signed
        self._judge = judge
        self._clock = clock
        self._within = within
        self._on_step = on_step

    @property
    def offers(self) -> Protection:
        """Protection of a document once it is renewed."""
        return self._archiver.offers

    def count(self, horizon: datetime) -> int:
        """Return how many documents are due before `horizon`."""
        with self._database.reading() as connection:
            return count_due(connection, horizon, self.offers)

    def renew_due(self, now: datetime, budget: timedelta, permit: Permit) -> list[DocumentRenewal]:
        """Work on what is due for at most `budget`; return what somebody must look at.

        For a schedule: it may be cut off anywhere, and goes on where it was the next time.
        """
        done = self.run(now + self._within, permit, until=now + budget)
        return [one for one in done if one.failed]

    def run(
        self,
        horizon: datetime,
        permit: Permit,
        *,
        limit: int | None = None,
        until: datetime | None = None,
    ) -> Iterator[DocumentRenewal]:
        """Renew what is due before `horizon`, each document at most once.

        Ends after `limit` renewals, or at `until`; what is left is taken up by the next run.
        Raises what database, keys and validation data raise for all documents alike.
        """
        actor = permit.require(Action.RENEW_ARCHIVE)
        claim, renewed = secrets.token_hex(16), 0
        try:
            for due in self._claimed(claim, horizon):
                if until is not None and self._clock.now() >= until:
                    return
                result = self._renew(due, claim, horizon, actor)
                yield result
                renewed += result.fate is Fate.RENEWED
                if renewed == limit:
                    return
        finally:
            record_kept(self._database, self._signed)
            with self._database.writing() as connection:
                release(connection, claim)

    def _claimed(self, claim: str, horizon: datetime) -> Iterator[Due]:
        """Hand out what is due, each document once, claimed a few at a time."""
        for cause in RenewalCause:
            place: Place | None = None
            while batch := self._claim(cause, claim, horizon, place):
                yield from batch
                place = batch[-1].place

    def _claim(
        self, cause: RenewalCause, claim: str, horizon: datetime, after: Place | None
    ) -> list[Due]:
        with self._database.writing() as connection:
            batch = claim_due(
                connection,
                cause,
                horizon=horizon,
                offers=self.offers,
                claim=claim,
                now=self._clock.now(),
                after=after,
                limit=_BATCH,
            )
        self._on_step(ArchiveStep.CLAIMED)
        return batch

    def _renew(self, due: Due, claim: str, horizon: datetime, actor: Actor) -> DocumentRenewal:
        with self._database.reading() as connection:
            longest = list_revisions(connection, due.identifier)[-1]
        try:
            pdf = self._store.get(longest.sha256)
            present = protection_of(pdf)
            if not is_due(present, horizon, self.offers):
                return self._leave(due, claim, present)
            with self._signed.purpose(due.identifier):
                renewed = self._archiver.renew(pdf)
            report = self._proven(renewed)
        except DamagedObjectError as error:
            return self._without_file(due, error)
        except (SigningError, ForeignCertificateError) as error:
            return _failed(due, Fate.FAILED, error)
        self._on_step(ArchiveStep.RENEWED)
        judgement = Judgement(report.signatures, self._clock.now())
        sha256 = sha256_of(renewed)
        new = NewRevision(due.sequence + 1, len(renewed), sha256, judgement=judgement)
        journal_revisions(self._database, due.identifier, [new], self._signed.kept)
        with self._database.writing() as connection:
            # An erasure comes before this, and nothing is stored, or finds the file in the journal.
            if not is_erased(connection, due.identifier, lock=True):
                self._store.put(renewed)
        self._on_step(ArchiveStep.STORED)
        return self._register(due, claim, (renewed, new), actor)

    def _without_file(self, due: Due, error: DamagedObjectError) -> DocumentRenewal:
        with self._database.reading() as connection:
            if is_erased(connection, due.identifier):  # after it was claimed
                return DocumentRenewal(due.identifier, Fate.LOST, due.sequence)
        return _failed(due, Fate.DAMAGED, error)

    def _proven(self, renewed: bytes) -> ValidationReport:
        """Return the report on a renewed file. Raises `UnprotectedFileError`."""
        report = self._judge(renewed)
        explained = all(
            one.intact and one.later_changes is not LaterChanges.CONTENT_CHANGED
            for one in report.signatures
        )
        newest = report.signatures[-1] if report.signatures else None
        if not explained or newest is None or newest.indication is not Indication.TOTAL_PASSED:
            raise UnprotectedFileError(messages.RENEWED_FILE_VERIFICATION_FAILED)
        return report

    def _leave(self, due: Due, claim: str, present: Protection) -> DocumentRenewal:
        with self._database.writing() as connection:
            kept = settle(connection, due, claim, due.sequence, present)
        fate = Fate.NOT_DUE if kept else Fate.LOST
        return DocumentRenewal(due.identifier, fate, due.sequence, present.until)

    def _register(
        self, due: Due, claim: str, made: tuple[bytes, NewRevision], actor: Actor
    ) -> DocumentRenewal:
        renewed, new = made
        sequence, sha256 = new.sequence, new.sha256
        now, found = self._clock.now(), protection_of(renewed)
        with self._signed.handing_over() as signed, self._database.writing() as connection:
            if not settle(connection, due, claim, sequence, found):
                record_missing(connection, to_events(signed, SERVICE))
                if is_erased(connection, due.identifier):  # while it was made anew
                    try:
                        self._store.erase(sha256)
                    except LockedObjectError:
                        leave_file(connection, due.identifier, sha256)
                return DocumentRenewal(due.identifier, Fate.LOST, due.sequence)
            event = NewEvent(
                at=now,
                actor=actor,
                action=RENEWED,
                subject=due.identifier,
                before={"sequence": due.sequence},
                after={
                    "sequence": sequence,
                    "sha256": sha256,
                    "until": found.until.isoformat(),
                    **protection_facts(found),
                },
            )
            events = [*to_events(signed, SERVICE), event]
            register_revisions(connection, due.identifier, [new], events, now)
        self._on_step(ArchiveStep.REGISTERED)
        return DocumentRenewal(due.identifier, Fate.RENEWED, sequence, found.until, sha256)


def _failed(due: Due, fate: Fate, error: XinyinError) -> DocumentRenewal:
    return DocumentRenewal(due.identifier, fate, due.sequence, why=error.text, code=error.code)
