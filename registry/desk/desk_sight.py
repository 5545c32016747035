"""Sight of all that the desk's pages show: requests by what follows, a licence and its history.

Each list is bounded, and each query is answered from an index: a register of a hundred thousand
licences must not slow down who looks at fifty.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, func, select

from core.clock import Clock
from core.ids import AuthorityId, LicenceIdentifier
from core.permits import Actor, Reach
from identity.people.model import IDENTITY_PREFIX, identity_of
from registry.audit.chain import AuditEvent, event_of
from registry.bodies.authorities import list_authorities
from registry.db.database import Database
from registry.db.tables import audit_events, grant_requests, identities, licences, role_assignments
from registry.desk.lists import PageCursor, RequestPage, RequestsAlike
from registry.desk.orders import REQUEST_KEY
from registry.licences.licences import (
    find_by_request,
    list_revisions,
    select_licences,
)
from registry.model import Licence, Revision
from registry.officers.identities import people_behind
from registry.officers.model import OPEN, DeskRequest, DeskRequestState, RoleRecord
from registry.officers.request_rows import REQUEST_SUBJECT
from registry.officers.rows import request_record, role_record
from registry.officers.sight import READ, Sight, Told

PAGE = 50
"""Rows of a list."""
MOST_EVENTS = 200
MOST_ROLES = 1000
MOST_NAMES = 2000
_COLUMN = licences.c
_REQUEST = grant_requests.c


class DeskSight(Sight):
    """Queries of the desk's pages within a reach; each is a transaction of its own.

    One serves one page: what a supervisor reads of the same record for it is recorded once.
    """

    def __init__(self, database: Database, reach: Reach, actor: Actor, clock: Clock) -> None:
        super().__init__(database, reach, actor, clock)
        self._recorded: set[tuple[str, str | None]] = set()

    def requests_by(
        self,
        *states: DeskRequestState,
        by: Iterable[str] | None = None,
        not_by: Iterable[str] = (),
        after: PageCursor | None = None,
        limit: int = PAGE,
    ) -> RequestPage:
        """Return requests in reach, the newest first; of some actors alone, or without theirs."""
        conditions = self._in_reach(_REQUEST.authority_id)
        if states:
            conditions.append(_REQUEST.state.in_(states))
        if by is not None:
            conditions.append(_REQUEST.requested_by.in_(sorted(by)))
        if without := sorted(not_by):
            conditions.append(_REQUEST.requested_by.not_in(without))
        conditions += _after(after, _REQUEST.requested_at, _REQUEST.request_id)
        query = select(grant_requests).where(*conditions)
        query = query.order_by(_REQUEST.requested_at.desc(), _REQUEST.request_id.desc())
        with self._reading("requests") as connection:
            rows = connection.execute(query.limit(limit + 1)).all()
        found = [request_record(row) for row in rows]
        last = found[limit - 1] if len(found) > limit else None
        older = None if last is None else PageCursor(last.requested_at, last.request_id)
        return RequestPage(found[:limit], older)

    def open_requests_alike(self) -> list[RequestsAlike]:
        """Return the open requests in reach, those that are judged alike together."""
        ours = sorted(self.behind())
        of_others = func.sum(case((_REQUEST.requested_by.in_(ours), 0), else_=1))
        alike = _REQUEST.action, _REQUEST.state, _REQUEST.authority_id, _REQUEST.type_code
        which = _REQUEST.state.in_(OPEN), *self._in_reach(_REQUEST.authority_id)
        query = (
            select(func.min(_REQUEST.request_id), func.count(), of_others)
            .where(*which)
            .group_by(*alike, _REQUEST.rows.is_(None))
        )
        with self._reading("requests") as connection:
            groups = {row[0]: (row[1], int(row[2])) for row in connection.execute(query)}
            examples = select(grant_requests).where(_REQUEST.request_id.in_(sorted(groups)))
            rows = connection.execute(examples).all() if groups else []
        found = [request_record(row) for row in rows]
        return [RequestsAlike(one, *groups[one.request_id]) for one in found]

    def versions(self, licence: Licence) -> list[Licence]:
        """Return all versions of a licence in reach, the newest first."""
        series = select(_COLUMN.series_id).where(_COLUMN.identifier == licence.identifier)
        with self._reading("licence", licence.identifier) as connection:
            found = select_licences(connection, _COLUMN.series_id == series.scalar_subquery())
        return [one for one in found[::-1] if self._reach.includes(one.authority_id)]

    def revisions(self, identifier: LicenceIdentifier) -> list[Revision]:
        """Return the registered revisions of a licence that was found within reach."""
        with self._reading("licence", identifier) as connection:
            return list_revisions(connection, identifier)

    def licence_events(self, identifier: LicenceIdentifier) -> list[AuditEvent]:
        """Return the newest events of a licence that was found within reach, in order."""
        return self._events("licence", identifier, identifier)

    def request_events(self, request_id: str) -> list[AuditEvent]:
        """Return the newest events of a request that was found within reach, in order."""
        return self._events("request", request_id, f"{REQUEST_SUBJECT}{request_id}")

    def correction_events(self, correction_id: str) -> list[AuditEvent]:
        """Return the newest events of a request for a correction that was found, in order."""
        return self._events("correction", correction_id, f"correction:{correction_id}")

    def _events(self, what: str, name: str, subject: str) -> list[AuditEvent]:
        """Return the newest events of a record; readings are for the audit."""
        column = audit_events.c
        query = select(audit_events).where(column.subject == subject, column.action != READ)
        query = query.order_by(column.sequence.desc()).limit(MOST_EVENTS)
        with self._reading(what, name) as connection:
            return [event_of(row) for row in connection.execute(query)][::-1]

    def licence_of(self, request: DeskRequest) -> Licence | None:
        """Return the licence that a request within reach led to, if there is one."""
        if request.state is not DeskRequestState.DONE or request.authority_id is None:
            return None
        key = f"{REQUEST_KEY}{request.request_id}"
        with self._reading("request", request.request_id) as connection:
            return find_by_request(connection, request.authority_id, key, None)

    def behind(self) -> frozenset[str]:
        """Return everybody behind who looks, by their names as actors."""
        with self._database.reading() as connection:
            return people_behind(connection, self._actor.name)

    def roles_now(self) -> list[RoleRecord]:
        """Return the roles in reach that nobody ended, by authority and role."""
        column = role_assignments.c
        query = select(role_assignments).where(
            *self._in_reach(column.authority_id), column.ended_at.is_(None)
        )
        order = column.authority_id, column.role, column.given_at, column.assignment_id
        with self._reading("roles") as connection:
            rows = connection.execute(query.order_by(*order).limit(MOST_ROLES))
            return [role_record(row) for row in rows]

    def names(self, actors: Iterable[str]) -> dict[str, str]:
        """Return the names of people and systems on record, by their names as actors.

        For those who appear in what was found within reach, and nobody else.
        """
        wanted = sorted({one for actor in actors if (one := identity_of(actor)) is not None})
        if not wanted:
            return {}
        query = select(identities.c.identity_id, identities.c.name).where(
            identities.c.identity_id.in_(wanted[:MOST_NAMES])
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {f"{IDENTITY_PREFIX}{row.identity_id}": row.name for row in rows}

    def body_names(self) -> dict[AuthorityId, str]:
        """Return the names of the authorities in reach, by id: they are no secret."""
        with self._database.reading() as connection:
            found = list_authorities(connection)
        return {
            one.authority_id: one.name for one in found if self._reach.includes(one.authority_id)
        }

    @contextmanager
    def _reading(
        self, what: str, subject: str | None = None, *, told: Told | None = None
    ) -> Iterator[Connection]:
        if told is None and (what, subject) in self._recorded:
            with self._database.reading() as connection:
                yield connection
            return
        with super()._reading(what, subject, told=told) as connection:
            self._recorded.add((what, subject))
            yield connection

    def _in_reach(self, column: ColumnElement[str | None]) -> list[ColumnElement[bool]]:
        if self._reach.authorities is None:
            return []
        return [column.in_(sorted(self._reach.authorities))]


def _after(
    cursor: PageCursor | None, at: ColumnElement[datetime], key: ColumnElement[str]
) -> list[ColumnElement[bool]]:
    if cursor is None:
        return []
    # The first condition is there for the index, in which it is a place to begin at.
    return [at <= cursor.at, (at < cursor.at) | (key < cursor.key)]
