"""Sight of the register: what a caller may see of it, and no sign of the rest.

A record out of reach is not found, in the same words as one that is not there: who asks does not
learn that it exists. A supervisor sees all and changes nothing, and each reading is recorded before
its result is handed over: what was asked for, not what was seen.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection

from core.clock import Clock
from core.ids import AuthorityId, IdentityId, SealId, TypeCode
from core.permits import Actor, Reach
from identity.people.model import actor_name
from registry.audit import events as audit
from registry.audit.chain import AuditEvent
from registry.bodies.authorities import (
    find_authority,
    find_seal,
    list_authorities,
    list_seals,
    no_such_authority,
    no_such_seal,
)
from registry.db.database import Database
from registry.db.paging import Place
from registry.db.tables import licences
from registry.licences.expiring import AfterLicence, ExpiryNotice, list_expiring, list_notices
from registry.licences.finding import FoundLicences, LicenceFilter, LicenceFinder
from registry.licences.hiding import bears_number
from registry.licences.history import PastState, licence_at, refuse_future
from registry.licences.licences import find_licence, no_such_licence, select_licences
from registry.licences.statistics import CountedLicences, StatisticsRow, count_licences
from registry.model import Authority, Licence, LicenceState, Seal
from registry.officers.identities import find_identity, no_such_identity, people_behind
from registry.officers.jobs import find_job, list_jobs, no_such_job
from registry.officers.model import (
    DeskRequest,
    DeskRequestState,
    IdentityRecord,
    Job,
    JobState,
    RoleRecord,
)
from registry.officers.request_rows import find_request, list_requests, no_such_request
from registry.officers.roles import list_roles
from registry.privacy.codes import privacy_of

Told = Callable[[Connection], Mapping[str, str]]
READ = "record.read"
"""Action of the event of a supervisor's reading."""
_LONGEST_SUBJECT = 160
"""As the audit holds it; what is longer names nothing."""


class Sight:
    """Queries within a reach; each is a transaction of its own."""

    def __init__(self, database: Database, reach: Reach, actor: Actor, clock: Clock) -> None:
        self._database = database
        self._reach = reach
        self._actor = actor
        self._clock = clock

    def licences(
        self,
        *,
        state: LicenceState | None = None,
        type_code: TypeCode | None = None,
        number: str | None = None,
        after: Place | None = None,
        limit: int = 100,
    ) -> list[Licence]:
        """Return the licences in reach, oldest first, by their stored state."""
        column = licences.c
        conditions: list[ColumnElement[bool]] = []
        if self._reach.authorities is not None:
            conditions.append(column.authority_id.in_(sorted(self._reach.authorities)))
        if state is not None:
            conditions.append(column.state == state)
        if type_code is not None:
            conditions.append(column.type_code == type_code)
        if after is not None:
            conditions.append(after.precedes(column.created_at, column.identifier))
        with self._reading("licences") as connection:
            if number is not None:
                conditions.append(bears_number(connection, number))
            return select_licences(connection, *conditions, limit=limit)

    def find(
        self, sought: LicenceFilter, *, after: int | None = None, limit: int = 100
    ) -> FoundLicences:
        """Return a page of the licences in reach that are searched for, the newest first."""
        with self._reading("search", told=lambda one: sought.told(privacy_of(one))) as connection:
            finder = LicenceFinder(connection, self._reach.authorities)
            return finder.page(sought, after=after, limit=limit)

    def note_search(self, sought: LicenceFilter) -> None:
        """Put a search on record, where one must be, that others carry out."""
        with self._reading("search", told=lambda one: sought.told(privacy_of(one))):
            return

    def statistics(self, counted: CountedLicences) -> list[StatisticsRow]:
        """Return counts of the licences in reach."""
        with self._reading("statistics", told=lambda _: counted.told()) as connection:
            return count_licences(connection, counted, self._reach.authorities)

    def licence(self, identifier: str, *, what: str = "licence") -> Licence:
        """Return a licence; `what` of it is read, for the record.

        Raises `NoSuchLicenceError`, also for one out of reach.
        """
        with self._reading(what, identifier) as connection:
            found = find_licence(connection, identifier)
        if not self._reach.includes(found.authority_id):
            raise no_such_licence()
        return found

    def licence_at(self, found: Licence, at: datetime, on: date) -> PastState:
        """Return a licence that `licence` found as it stood at an instant, the civil date `on`.

        Raises `NoSuchLicenceError` for one out of reach, and `UsageError` for an instant that is
        yet to come.
        """
        refuse_future(at, self._clock)
        if not self._reach.includes(found.authority_id):
            raise no_such_licence()
        with self._database.reading() as connection:
            return licence_at(connection, found, at, on)

    def expiring(
        self,
        today: date,
        within: int,
        *,
        type_code: TypeCode | None = None,
        after: AfterLicence | None = None,
        limit: int = 100,
    ) -> list[Licence]:
        """Return the licences in reach whose term ends within so many days, soonest first."""
        column = licences.c
        conditions: list[ColumnElement[bool]] = []
        if self._reach.authorities is not None:
            conditions.append(column.authority_id.in_(sorted(self._reach.authorities)))
        if type_code is not None:
            conditions.append(column.type_code == type_code)
        with self._reading("licences") as connection:
            return list_expiring(connection, today, within, *conditions, after=after, limit=limit)

    def expiry_notices(self, *, after: int = 0, limit: int = 100) -> list[ExpiryNotice]:
        """Return the notices of licences in reach, those that follow a number."""
        reach = self._reach.authorities
        with self._reading("licences") as connection:
            bodies = None if reach is None else sorted(reach)
            return list_notices(connection, bodies, after=after, limit=limit)

    def authorities(self) -> list[Authority]:
        """Return the authorities in reach, by id."""
        with self._reading("authorities") as connection:
            found = list_authorities(connection)
        return [one for one in found if self._reach.includes(one.authority_id)]

    def authority(self, authority_id: str) -> Authority:
        """Return an authority. Raises `NotFoundError`, also for one out of reach."""
        with self._reading("authority", authority_id) as connection:
            found = find_authority(connection, AuthorityId(authority_id))
        if not self._reach.includes(found.authority_id):
            raise no_such_authority(authority_id)
        return found

    def seals(self) -> list[Seal]:
        """Return the seals in reach, by id."""
        with self._reading("seals") as connection:
            found = list_seals(connection)
        return [one for one in found if self._reach.includes(one.authority_id)]

    def seal(self, seal_id: str) -> Seal:
        """Return a seal. Raises `NotFoundError`, also for one out of reach."""
        with self._reading("seal", seal_id) as connection:
            found = find_seal(connection, SealId(seal_id))
        if not self._reach.includes(found.authority_id):
            raise no_such_seal(seal_id)
        return found

    @contextmanager
    def reading(self, what: str, subject: str | None = None) -> Iterator[Connection]:
        """Open a transaction that reads records of which the caller itself keeps to the reach."""
        with self._reading(what, subject) as connection:
            yield connection

    @contextmanager
    def reading_use(self, seal_id: str | None = None) -> Iterator[Connection]:
        """Open a transaction that reads how seals in reach are used."""
        with self._reading("seal use", seal_id) as connection:
            yield connection

    def includes(self, authority_id: AuthorityId) -> bool:
        """Tell whether an authority is in reach."""
        return self._reach.includes(authority_id)

    def requests(
        self,
        *,
        state: DeskRequestState | None = None,
        after: Place | None = None,
        limit: int = 100,
    ) -> list[DeskRequest]:
        """Return the requests in reach, the oldest first, those that follow a place."""
        with self._reading("requests") as connection:
            return list_requests(connection, self._reach, state=state, after=after, limit=limit)

    def request(self, request_id: str, *, what: str = "request") -> DeskRequest:
        """Return a request; `what` of it is read, for the record.

        Raises `NoSuchRequestError`, also for one out of reach.
        """
        with self._reading(what, request_id) as connection:
            found = find_request(connection, request_id)
        if not self._reach.includes(found.authority_id):
            raise no_such_request(request_id)
        return found

    def jobs(
        self, *, state: JobState | None = None, after: Place | None = None, limit: int = 100
    ) -> list[Job]:
        """Return the jobs in reach, the oldest first, those that follow a place."""
        with self._reading("jobs") as connection:
            return list_jobs(connection, self._reach, state=state, after=after, limit=limit)

    def job(self, job_id: str, *, what: str = "job") -> Job:
        """Return a job; `what` of it is read, for the record.

        Raises `NoSuchJobError`, also for one out of reach.
        """
        with self._reading(what, job_id) as connection:
            found = find_job(connection, job_id)
        if not self._reach.includes(found.authority_id):
            raise no_such_job(job_id)
        return found

    def roles(self, *, identity_id: str | None = None, ended: bool = True) -> list[RoleRecord]:
        """Return the roles in reach, by when they were given."""
        with self._reading("roles", identity_id) as connection:
            return list_roles(connection, self._reach, identity_id=identity_id, ended=ended)

    def identity(self, identity_id: str) -> IdentityRecord:
        """Return an identity that has or had a role in reach.

        Raises `NoSuchIdentityError`, also for one out of reach.
        """
        with self._reading("identity", identity_id) as connection:
            found = find_identity(connection, identity_id)
            known = list_roles(connection, self._reach, identity_id=identity_id)
        if not known and self._reach.authorities is not None:
            raise no_such_identity(identity_id)
        return found

    def events(
        self,
        *,
        action: str | None = None,
        person: IdentityId | None = None,
        authority_id: AuthorityId | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[AuditEvent]:
        """Return events in reach, the newest first, from below the number `before`.

        By what was done (`action`, as `EventFilter` has it), by whom, of which authority, and
        within a time. Who supervised a department is for supervisors alone. Raises
        `NoSuchIdentityError`, `NoSuchAuthorityError`.
        """
        reach = self._reach.authorities
        if authority_id is not None and not self._reach.includes(authority_id):
            raise no_such_authority(authority_id)
        known = None if person is None else self.identity(person)
        with self._reading("events") as connection:
            if authority_id is not None:
                find_authority(connection, authority_id)
            actors = None
            if known is not None:
                actors = people_behind(connection, actor_name(known.identity_id))
            bodies = reach if authority_id is None else frozenset({authority_id})
            chosen = audit.EventFilter(
                action=action, actors=actors, authorities=bodies, since=since, until=until
            )
            without = "" if reach is None else READ
            return audit.newest_events(
                connection, chosen, before=before, without=without, limit=limit
            )

    @contextmanager
    def _reading(
        self, what: str, subject: str | None = None, *, told: Told | None = None
    ) -> Iterator[Connection]:
        """Open a transaction that reads; a supervisor's is on record before anything is read.

        `told`: what was asked for besides.
        """
        if self._reach.supervises:
            with self._database.writing() as connection:
                audit.record(
                    connection,
                    at=self._clock.now(),
                    actor=self._actor,
                    action=READ,
                    subject=(subject or what)[:_LONGEST_SUBJECT],
                    after={"what": what, **(told(connection) if told else {})},
                )
        with self._database.reading() as connection:
            yield connection
