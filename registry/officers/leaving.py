"""Leaving: an identity is disabled, leaves an authority or is merged, and everything ends.

1. In one transaction, which the journal hears of first: its state; its roles (those in the
   authority alone, where it leaves one); its open requests; the batches that it carries out, which
   stop: what was granted stands, and another may go on; that its certificates are to be revoked;
   the same for the systems it owns.
2. These certificates are revoked, and published as revoked. One that cannot be revoked runs out
   within a working day (RFC 9608).
3. What lives elsewhere ends: sessions, refresh tokens; each says how much.

From 1 on nothing is permitted any more. A call that was cut off afterwards is made again: each step
finds what is left. `registry.officers.certificates.unfinished` names those of whom something is
left here.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, update

from ca.issuing.revocation import Revocation, is_held, reasons_for
from ca.ledger import CertificateState, Ledger, LedgerEntry, RevocationReason
from core.clock import Clock
from core.ids import AuthorityId, IdentityId
from core.permits import Action, Actor, Permit
from identity.people.model import actor_name
from identity.people.permits import revoking_permit
from registry.audit.chain import NewEvent, append
from registry.bodies.authorities import find_authority
from registry.db.database import Database
from registry.db.tables import (
    grant_requests,
    identities,
    jobs,
    officer_certificates,
    role_assignments,
)
from registry.journal.journal import JournalKind
from registry.journal.mirroring import mirror_of
from registry.ledger.status_changes import StatusChanges
from registry.model import ConflictError
from registry.officers import messages
from registry.officers.certificates import certificates_of, end_certificates
from registry.officers.departures import Departure, EndsElsewhere, LeavingKind, LeavingReport
from registry.officers.identities import (
    InvalidOfficerError,
    find_identity,
    has_ended,
    lock_identity,
    refuse_ended,
    services_of,
)
from registry.officers.jobs import JOB_SUBJECT, stop_jobs
from registry.officers.journal import identity_entry
from registry.officers.model import IdentityRecord, IdentityState
from registry.officers.request_rows import REQUEST_SUBJECT, withdraw_all
from registry.officers.roles import ROLE_SUBJECT, check_why, end_roles


class Leaving:
    """Ends identities; idempotent, and may be cut off anywhere."""

    def __init__(
        self,
        *,
        database: Database,
        ledger: Ledger,
        status_changes: Callable[[], StatusChanges],
        clock: Clock,
        elsewhere: Sequence[EndsElsewhere] = (),
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._status_changes = status_changes
        self._clock = clock
        self._elsewhere = elsewhere
        self._on_step = on_step

    def end_identity(self, departure: Departure, permit: Permit) -> LeavingReport:
        """End an identity, or its part in one authority.

        `permit` is to manage officers, of that authority or of all; it lets their certificates be
        revoked. What fails after the first step is in the report, not raised: the rest must end all
        the same. Raises `NoSuchIdentityError`, `ConflictError`
        for a merge into another, `InvalidOfficerError`.
        """
        report = LeavingReport()
        with self._database.writing() as connection:
            self._end_here(connection, departure, permit, report)
        self._on_step("registered")
        self._revoke(departure, revoking_permit(permit), report)
        self._on_step("revoked")
        for one in self._elsewhere:
            with report.noting(one.name):
                report.elsewhere[one.name] = one.end(departure, report.identities_ended)
        self._on_step("ended elsewhere")
        return report

    def _end_here(
        self, connection: Connection, departure: Departure, permit: Permit, report: LeavingReport
    ) -> None:
        concerned = departure.authority_id
        actor = permit.require(Action.MANAGE_OFFICERS, authority_id=concerned)
        refuse_ended(connection, actor)
        _check(departure)
        if concerned is not None:
            find_authority(connection, concerned)
        now = self._clock.now()
        person = lock_identity(connection, departure.identity_id)
        owned = services_of(connection, person.identity_id)
        ended = [person.identity_id, *(one.identity_id for one in owned)]
        events: list[NewEvent] = []
        if departure.kind is not LeavingKind.LEFT_AUTHORITY:
            _check_target(connection, person, departure)
            events += _end_state(connection, person, departure, actor, now)
            for one in owned:
                alone = Departure(one.identity_id, LeavingKind.DISABLED, departure.why)
                system = lock_identity(connection, one.identity_id)
                if system.state is IdentityState.MERGED:
                    continue  # it is another system by now
                events += _end_state(connection, system, alone, actor, now)
        why = departure.why
        roles = end_roles(connection, _roles(ended, concerned), why, actor, now)
        requests = withdraw_all(connection, _requests(ended, concerned), why, actor, now)
        stopped = stop_jobs(connection, _jobs(ended, concerned), why, actor, now)
        theirs = end_certificates(connection, _certificates(ended, concerned), why, actor, now)
        # The chain's row is locked from here on: nothing else is changed after that.
        if all_events := [*events, *roles, *requests, *stopped, *theirs]:
            append(connection, all_events)
        report.identities_ended = ended
        report.roles = [one.subject.removeprefix(ROLE_SUBJECT) for one in roles]
        report.requests = [one.subject.removeprefix(REQUEST_SUBJECT) for one in requests]
        report.jobs = [one.subject.removeprefix(JOB_SUBJECT) for one in stopped]

    def _revoke(self, departure: Departure, permit: Permit, report: LeavingReport) -> None:
        for identity_id in report.identities_ended:
            with self._database.reading() as connection:
                found = certificates_of(connection, identity_id)
            for one in found:
                entry = self._ledger.find(one.issuer, one.serial)
                if one.ended_at is None or entry is None or not self._is_usable(entry):
                    continue
                name = f"{one.issuer}/{one.serial:x}"
                reason = RevocationReason.PRIVILEGE_WITHDRAWN
                if reason not in reasons_for(entry.intent.profile):
                    report.run_out.append(name)
                    continue
                with report.noting(name):
                    changes = self._status_changes()
                    changes.revoke(entry, Revocation(reason), one.why or departure.why, permit)
                    report.revoked.append(name)

    def _is_usable(self, entry: LedgerEntry) -> bool:
        """Tell whether a certificate may still be relied on; one on hold is revoked for good."""
        final = entry.state is CertificateState.REVOKED and not is_held(entry)
        return not final and entry.intent.not_after > self._clock.now()


def enable_identity(
    connection: Connection, identity_id: IdentityId, why: str, permit: Permit, at: datetime
) -> IdentityRecord:
    """Put a disabled identity to use again; none of its roles comes back.

    Raises `NoSuchIdentityError`, and `ConflictError` for one that was merged.
    """
    actor = permit.require(Action.MANAGE_OFFICERS, authority_id=None)
    refuse_ended(connection, actor)
    check_why(why)
    person = lock_identity(connection, identity_id)
    if person.state is IdentityState.ACTIVE:
        return person
    if person.state is IdentityState.MERGED:
        raise ConflictError(messages.IDENTITY_ENDED)
    if person.owner is not None and has_ended(connection, actor_name(person.owner)):
        raise ConflictError(messages.OWNER_ENDED)
    event = _moved(connection, person, (IdentityState.ACTIVE, None), why, actor, at=at)
    append(connection, [event])
    return find_identity(connection, identity_id)


def _check(departure: Departure) -> None:
    check_why(departure.why)
    left = departure.kind is LeavingKind.LEFT_AUTHORITY
    merged = departure.kind is LeavingKind.MERGED
    if left != (departure.authority_id is not None) or merged != (
        departure.merged_into is not None
    ):
        raise InvalidOfficerError(messages.DEPARTURE_INCOMPLETE)


def _check_target(connection: Connection, person: IdentityRecord, departure: Departure) -> None:
    """See that who is merged is merged into another of the same kind that is in use."""
    if departure.merged_into is None:
        return
    into = lock_identity(connection, departure.merged_into)
    if person.merged_into == into.identity_id:
        return
    alike = into.kind is person.kind and into.identity_id != person.identity_id
    states = {into.state, person.state}  # what a disabled one approved must not come back
    if not alike or states != {IdentityState.ACTIVE}:
        raise ConflictError(messages.MERGE_INTO_ANOTHER)


def _end_state(
    connection: Connection,
    person: IdentityRecord,
    departure: Departure,
    actor: Actor,
    now: datetime,
) -> list[NewEvent]:
    """End an identity; nothing where it has ended."""
    merges = departure.kind is LeavingKind.MERGED
    state = IdentityState.MERGED if merges else IdentityState.DISABLED
    if person.state is state:
        return []
    if person.state is IdentityState.MERGED:
        raise ConflictError(messages.merged_already(str(person.merged_into)))
    to = state, departure.merged_into
    return [_moved(connection, person, to, departure.why, actor, at=now)]


def _moved(
    connection: Connection,
    person: IdentityRecord,
    to: tuple[IdentityState, IdentityId | None],
    why: str,
    actor: Actor,
    *,
    at: datetime,
) -> NewEvent:
    """Bring an identity to a state, in journal and table; return the event of that."""
    state, merged_into = to
    entry = identity_entry(connection, person.identity_id, state, merged_into, at)
    mirror = mirror_of(connection)
    if state is IdentityState.ACTIVE:
        mirror.loosen(JournalKind.IDENTITY, entry)
    else:
        mirror.tighten(JournalKind.IDENTITY, entry)
    this = update(identities).where(identities.c.identity_id == person.identity_id)
    connection.execute(this.values(state=state, merged_into=merged_into))
    return NewEvent(
        at=at,
        actor=actor,
        action="identity.enabled" if state is IdentityState.ACTIVE else "identity.ended",
        subject=actor_name(person.identity_id),
        basis=why,
        before={"state": person.state, "merged_into": person.merged_into},
        after={"state": state, "merged_into": merged_into},
    )


def _roles(
    whose: Sequence[IdentityId], authority_id: AuthorityId | None
) -> list[ColumnElement[bool]]:
    column = role_assignments.c
    theirs: list[ColumnElement[bool]] = [column.identity_id.in_(whose)]
    return theirs if authority_id is None else [*theirs, column.authority_id == authority_id]


def _requests(whose: Sequence[IdentityId], authority_id: AuthorityId | None) -> ColumnElement[bool]:
    column = grant_requests.c
    theirs = column.requested_by.in_([actor_name(one) for one in whose])
    return theirs if authority_id is None else theirs & (column.authority_id == authority_id)


def _jobs(whose: Sequence[IdentityId], authority_id: AuthorityId | None) -> ColumnElement[bool]:
    theirs = jobs.c.carried_by.in_([actor_name(one) for one in whose])
    return theirs if authority_id is None else theirs & (jobs.c.authority_id == authority_id)


def _certificates(
    whose: Sequence[IdentityId], authority_id: AuthorityId | None
) -> list[ColumnElement[bool]]:
    column = officer_certificates.c
    theirs: list[ColumnElement[bool]] = [column.identity_id.in_(whose)]
    return theirs if authority_id is None else [*theirs, column.authority_id == authority_id]
