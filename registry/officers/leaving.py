"""Leaving: an identity is disabled, leaves an authority or is merged, and everything ends.

1. In one transaction, which the journal hears of first: its state; its roles (those in the
   authority alone, where it leaves one); its open requests; the batches that it carries out, which
   stop: what was granted stands, and another may go on; that its certificates are to be revoked;
   the same for the systems it owns.
2. These certificates are revoked, and published as revoked. One that cannot be revoked runs out
   within a working day (RFC 9608).
3. What lives elsewhere ends: sessions, access tokens; each says how much.

From 1 on nothing is permitted any more. A call that was cut off afterwards is made again: each step
finds what is left. `registry.officers.certificates.unfinished` names those of whom something is
left here; whoever has the CA's key revokes their certificates by `revoke_left`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from ca.issuing.revocation import Revocation, is_held, reasons_for
from ca.ledger import CertificateState, Ledger, LedgerEntry, RevocationReason
from core.clock import Clock
from core.errors import XinyinError
from core.ids import AuthorityId, IdentityId
from core.permits import Action, Actor, Permit, Role
from identity.accounts.model import BREAK_GLASS_ISSUER
from identity.people.model import actor_name
from identity.people.permits import revoking_permit
from registry.audit.chain import NewEvent, append
from registry.bodies.authorities import find_authority
from registry.db.database import Database
from registry.db.tables import (
    grant_requests,
    jobs,
    officer_certificates,
    role_assignments,
)
from registry.ledger.status_changes import StatusChanges
from registry.model import ConflictError
from registry.officers import messages
from registry.officers.certificates import certificates_of, end_certificates, unfinished
from registry.officers.departures import Departure, EndsElsewhere, LeavingKind, LeavingReport
from registry.officers.identities import (
    InvalidOfficerError,
    lock_identity,
    no_such_identity,
    refuse_ended,
    services_of,
)
from registry.officers.jobs import JOB_SUBJECT, stop_jobs
from registry.officers.model import IdentityRecord, IdentityState
from registry.officers.request_rows import REQUEST_SUBJECT, reopen_all, withdraw_all
from registry.officers.roles import ROLE_SUBJECT, administers_all, check_why, end_roles
from registry.officers.states import identity_moved
from registry.officers.turns import ended_by, is_provider

_REASON = RevocationReason.PRIVILEGE_WITHDRAWN


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

    def revoke_left(self, permit: Permit) -> None:
        """Revoke what was to be revoked as somebody left, and is not yet. Raises the last error."""
        with self._database.reading() as connection:
            left = unfinished(connection, self._clock.now())
        failed: XinyinError | None = None
        for identity_id in left:
            try:
                with self._database.reading() as connection:
                    found = certificates_of(connection, identity_id)
                for one in found:
                    entry = self._ledger.find(one.issuer, one.serial)
                    if one.ended_at is None or entry is None or not self._is_usable(entry):
                        continue
                    if _REASON in reasons_for(entry.intent.profile):
                        self._revoke_one(entry, one.why or "", permit)
            except XinyinError as error:  # the others must be revoked all the same
                failed = error
        if failed is not None:
            raise failed

    def _end_here(
        self, connection: Connection, departure: Departure, permit: Permit, report: LeavingReport
    ) -> None:
        concerned = departure.authority_id
        actor = permit.require(Action.MANAGE_OFFICERS, Action.PROVISION, authority_id=concerned)
        refuse_ended(connection, actor)
        _check(departure)
        if concerned is not None:
            find_authority(connection, concerned)
        now = self._clock.now()
        person = lock_identity(connection, departure.identity_id)
        if permit.action is Action.PROVISION:
            _check_provider(person, departure)
        owned = services_of(connection, person.identity_id)
        ended = [person.identity_id, *(one.identity_id for one in owned)]
        events: list[NewEvent] = []
        if departure.kind is not LeavingKind.LEFT_AUTHORITY:
            if person.pin.iss == BREAK_GLASS_ISSUER:
                raise ConflictError(messages.EMERGENCY_ENDS_OTHERWISE)
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
        reopened = reopen_all(connection, _approvals(ended, concerned), why, actor, now)
        stopped = stop_jobs(connection, _jobs(ended, concerned), why, actor, now)
        theirs = end_certificates(connection, _certificates(ended, concerned), why, actor, now)
        report.last_administrator = _is_last_administrator(connection, roles, now)
        # The chain's row is locked from here on: nothing else is changed after that.
        if all_events := [*events, *roles, *requests, *reopened, *stopped, *theirs]:
            append(connection, all_events)
        report.identities_ended = ended
        report.roles = [one.subject.removeprefix(ROLE_SUBJECT) for one in roles]
        report.requests = [one.subject.removeprefix(REQUEST_SUBJECT) for one in requests]
        report.reopened = [one.subject.removeprefix(REQUEST_SUBJECT) for one in reopened]
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
                if _REASON not in reasons_for(entry.intent.profile):
                    report.run_out.append(name)
                    continue
                with report.noting(name):
                    self._revoke_one(entry, one.why or departure.why, permit)
                    report.revoked.append(name)
                if name in report.failed:
                    report.unrevoked.append(name)

    def _revoke_one(self, entry: LedgerEntry, why: str, permit: Permit) -> None:
        self._status_changes().revoke(entry, Revocation(_REASON), why, permit)

    def _is_usable(self, entry: LedgerEntry) -> bool:
        """Tell whether a certificate may still be relied on; one on hold is revoked for good."""
        final = entry.state is CertificateState.REVOKED and not is_held(entry)
        return not final and entry.intent.not_after > self._clock.now()


def _check(departure: Departure) -> None:
    check_why(departure.why)
    left = departure.kind is LeavingKind.LEFT_AUTHORITY
    merged = departure.kind is LeavingKind.MERGED
    if left != (departure.authority_id is not None) or merged != (
        departure.merged_into is not None
    ):
        raise InvalidOfficerError(messages.DEPARTURE_INCOMPLETE)


def _check_provider(person: IdentityRecord, departure: Departure) -> None:
    """See that a provider ends an identity of its own, and in whole."""
    if departure.issuer is None or person.pin.iss != departure.issuer:
        raise no_such_identity(departure.identity_id)
    if departure.kind is not LeavingKind.DISABLED:
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


def _is_last_administrator(
    connection: Connection, ended: Sequence[NewEvent], now: datetime
) -> bool:
    """Tell whether one of the roles that ended was the last that administers everything."""
    ids = [one.subject.removeprefix(ROLE_SUBJECT) for one in ended]
    column = role_assignments.c
    administered = (
        column.assignment_id.in_(ids),
        column.role == Role.ADMINISTRATOR,
        column.authority_id.is_(None),
    )
    query = select(column.assignment_id).where(*administered)
    return connection.execute(query).first() is not None and not administers_all(connection, now)


def _end_state(
    connection: Connection,
    person: IdentityRecord,
    departure: Departure,
    actor: Actor,
    now: datetime,
) -> list[NewEvent]:
    """End an identity; nothing where it has ended.

    Whom its provider disabled, somebody here may disable as well: the provider may not undo that.
    """
    merges = departure.kind is LeavingKind.MERGED
    state = IdentityState.MERGED if merges else IdentityState.DISABLED
    if person.state is state:
        by_both = not is_provider(actor.name) and is_provider(
            ended_by(connection, person.identity_id)
        )
        if merges or not by_both:
            return []
    if person.state is IdentityState.MERGED:
        raise ConflictError(messages.merged_already(str(person.merged_into)))
    to = state, departure.merged_into
    return [identity_moved(connection, person, to, departure.why, actor, at=now)]


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


def _approvals(
    whose: Sequence[IdentityId], authority_id: AuthorityId | None
) -> ColumnElement[bool]:
    column = grant_requests.c
    theirs = column.decided_by.in_([actor_name(one) for one in whose])
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
