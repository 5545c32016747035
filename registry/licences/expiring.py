"""Licences whose term ends soon: listed, and told once for each period before the end.

A period's notice is an event of the audit's chain, so that it is neither lost nor told twice by a
restart: who looks for those that are due leaves out what has its event. An application for renewal
is due thirty days before the end (行政许可法 art. 50).
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, String, exists, or_, select, type_coerce

from core.clock import Clock
from core.ids import AuthorityId, LicenceIdentifier, LicenceNumber, TypeCode
from registry.audit.chain import NewEvent, append, read_end
from registry.audit.events import Facts
from registry.audit.recorder import SERVICE
from registry.db.database import Database
from registry.db.tables import audit_events, licences
from registry.db.turns import turn_if_free
from registry.licences.licences import select_licences
from registry.model import Licence, LicenceState

PERIODS: Final = (60, 30)
"""Days before the last one at which a notice is due."""
MOST_DAYS: Final = 3660
AT_ONCE: Final = 500
_RUNNING: Final = (LicenceState.IN_FORCE, LicenceState.SUSPENDED)
_COLUMN = licences.c


@dataclass(frozen=True, slots=True)
class AfterLicence:
    """Place in a list by last day."""

    last: date
    identifier: str


@dataclass(frozen=True, slots=True)
class ExpiryNotice:
    """Notice that a licence's term ends within a period."""

    sequence: int
    """Of its event; notices follow each other by it."""
    at: datetime
    identifier: LicenceIdentifier
    number: LicenceNumber
    type_code: TypeCode
    authority_id: AuthorityId
    valid_until: date
    within: int
    """Days."""


def action_of(days: int) -> str:
    """Return the name of the event of a period's notice."""
    return f"licence.expires_in_{days}"


ACTIONS: Final = {action_of(days): days for days in PERIODS}


def list_expiring(
    connection: Connection,
    today: date,
    within: int,
    *conditions: ColumnElement[bool],
    after: AfterLicence | None = None,
    limit: int | None = 100,
) -> list[Licence]:
    """Return licences whose last day is one of the next `within`, today's included, soonest first.

    Those in force or suspended; what was replaced has another's term.
    """
    chosen = [*_running(today, today + timedelta(days=within)), *conditions]
    if after is not None:
        chosen.append(
            or_(
                _COLUMN.valid_until > after.last,
                (_COLUMN.valid_until == after.last) & (_COLUMN.identifier > after.identifier),
            )
        )
    query = select(_COLUMN.identifier).where(*chosen)
    query = query.order_by(_COLUMN.valid_until, _COLUMN.identifier).limit(limit)
    names = list(connection.execute(query).scalars())
    found: dict[str, Licence] = {}
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        listed = select_licences(connection, _COLUMN.identifier.in_(some))
        found |= {one.identifier: one for one in listed}
    return [found[name] for name in names]


class ExpiryNotices:
    """Records the notices that are due, each once; one per process.

    The first time it looks at every licence whose term ends within a period, and from then on at
    those that came into one with the day, or have an event since: its cost does not grow with the
    register. Nothing of that is stored, so that whoever edits the database suppresses no notice for
    longer than this process lives.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._looked: _Looked | None = None

    def note(self, today: date) -> int:
        """Record the notices that are due and return how many.

        One process at a time looks; another that comes meanwhile leaves it to that one. Where it
        was not looked for a while, a licence has the notice of the period in which it is now.
        """
        noted = 0
        with turn_if_free(self._database, "expiry notices") as free:
            if not free:
                return 0
            with self._database.reading() as connection:
                end = read_end(connection)  # what comes meanwhile is looked at again
            for look in self._looks(today):
                noted += self._note(look)
            self._looked = _Looked(today, 0 if end is None else end.sequence)
        return noted

    def _looks(self, today: date) -> Iterator["_Look"]:
        """Yield the places where a notice may be due that was not the last time."""
        before, begun = self._looked, -1
        for days in sorted(PERIODS):
            first, last = today + timedelta(days=begun + 1), today + timedelta(days=days)
            begun = days
            if before is None or before.day > today:
                yield _Look(days, first, last)
                continue
            reached = max(first, before.day + timedelta(days=days + 1))
            if reached <= last:
                yield _Look(days, reached, last)
            event = audit_events.c
            changed = select(event.subject).where(event.sequence > before.sequence)
            yield _Look(days, first, last, (_COLUMN.identifier.in_(changed),))

    def _note(self, look: "_Look") -> int:
        noted = 0
        while True:
            with self._database.reading() as connection:
                found = connection.execute(look.due()).all()
            if not found:
                return noted
            names = _COLUMN.identifier.in_([row.identifier for row in found])
            with self._database.writing() as connection:
                due = connection.execute(look.due(names)).all()
                events = [self._event(look.days, row.identifier, str(row.last)) for row in due]
                if events:
                    append(connection, events)
            noted += len(due)
            with suppress(ValueError):  # not a date: others' hands were in the database
                look = replace(look, first=date.fromisoformat(str(found[-1].last)[:10]))

    def _event(self, days: int, identifier: str, last: str) -> NewEvent:
        facts: Facts = {"valid_until": last[:10], "within": days}
        return NewEvent(
            at=self._clock.now(),
            actor=SERVICE,
            action=action_of(days),
            subject=identifier,
            after=facts,
        )


@dataclass(frozen=True, slots=True)
class _Looked:
    """Until when everything due has its notice."""

    day: date
    sequence: int
    """Of the audit's last event then."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Licences among which notices of a period are looked for."""

    days: int
    first: date
    last: date
    conditions: tuple[ColumnElement[bool], ...] = ()

    def due(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        """Return the query of the next of them that have no notice of this period."""
        told = exists().where(
            audit_events.c.subject == _COLUMN.identifier,
            audit_events.c.action == action_of(self.days),
        )
        return (
            select(_COLUMN.identifier, type_coerce(_COLUMN.valid_until, String).label("last"))
            .where(*_running(self.first, self.last), ~told, *self.conditions, *conditions)
            .order_by(_COLUMN.valid_until, _COLUMN.identifier)
            .limit(AT_ONCE)
        )


def list_notices(
    connection: Connection,
    authorities: Sequence[AuthorityId] | None,
    *,
    after: int = 0,
    limit: int = 100,
) -> list[ExpiryNotice]:
    """Return notices in order, those that follow a number; of some authorities' licences."""
    event = audit_events.c
    query = (
        select(
            event.sequence,
            event.at,
            event.action,
            _COLUMN.identifier,
            _COLUMN.number,
            _COLUMN.type_code,
            _COLUMN.authority_id,
            _COLUMN.valid_until,
        )
        .join(licences, _COLUMN.identifier == event.subject)
        .where(event.action.in_(ACTIONS), event.sequence > after)
    )
    if authorities is not None:
        query = query.where(_COLUMN.authority_id.in_(authorities))
    return [
        ExpiryNotice(
            row.sequence,
            row.at,
            LicenceIdentifier(row.identifier),
            LicenceNumber(row.number),
            TypeCode(row.type_code),
            AuthorityId(row.authority_id),
            row.valid_until,
            ACTIONS[row.action],
        )
        for row in connection.execute(query.order_by(event.sequence).limit(limit))
    ]


def _running(first: date, last: date) -> list[ColumnElement[bool]]:
    """Say that a term ends within days. The state is compared as an expression, so that no planner
    goes along the states: nearly all licences are in force.
    """
    return [
        _COLUMN.state.op("||")("").in_(_RUNNING),
        _COLUMN.valid_until.is_not(None),
        _COLUMN.valid_until >= first,
        _COLUMN.valid_until <= last,
    ]
