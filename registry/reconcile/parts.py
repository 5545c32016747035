"""Division of the audit's verification into parts that stand alone.

A register's licences, their documents and the events of both grow without end, so they are gone
along and compared by part; the other tables are small.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise, zip_longest

from sqlalchemy import ColumnElement, Connection, func, select

from registry.audit.chain import NOTHING_BEFORE, ChainEnd
from registry.audit.findings import AuditFinding
from registry.audit.walk import unnumbered, walk_part
from registry.db.tables import audit_events, licences, revisions
from registry.reconcile.accessions import check_accessions
from registry.reconcile.bodies import check_bodies
from registry.reconcile.cases import check_cases, check_requests
from registry.reconcile.certificates import check_certificates
from registry.reconcile.corrections import check_corrections
from registry.reconcile.countersignatures import check_countersignatures
from registry.reconcile.crls import check_crls
from registry.reconcile.facts import check_facts
from registry.reconcile.licences import check_licences, check_reserved, check_series
from registry.reconcile.numbers import check_numbers
from registry.reconcile.officers import check_officers
from registry.reconcile.outcome import AuditReport
from registry.reconcile.parallel import Part
from registry.reconcile.revisions import check_registered, check_revisions

TableCheck = Callable[[Connection], Iterator[AuditFinding]]
"""Yields every record that is not as the events leave it, and what is missing or too much."""
_BY_LICENCE = (
    (check_revisions, revisions.c.identifier),
    (check_licences, licences.c.identifier),
)
_BY_EVENT = (check_registered, check_reserved)
_WHOLE = (
    check_bodies,
    check_certificates,
    check_series,
    check_numbers,
    check_crls,
    check_cases,
    check_requests,
    check_facts,
    check_officers,
    check_accessions,
    check_countersignatures,
    check_corrections,
)
BEGINNING = ChainEnd(0, NOTHING_BEFORE)
EVENTS_A_PART = 20_000
LICENCES_A_PART = 5_000
_NUMBERS_AT_ONCE = 500


class VerificationParts:
    """The parts of a verification of what follows `start`, as the register is now."""

    def __init__(self, connection: Connection, start: ChainEnd) -> None:
        self.start = start
        self._last = self._newest(connection)
        dividers = list(self._dividers(connection))
        self.chain: list[Part] = [_unnumbered]
        for begins, next_begins in zip_longest([start, *dividers], dividers):
            until = self._last if next_begins is None else next_begins.sequence
            self.chain.append(partial(_walk, begins, until))
        numbers = [end.sequence for end in dividers]
        checks = (
            checks_since(start.sequence)
            if start.sequence
            else all_checks(connection, LICENCES_A_PART, numbers)
        )
        self.all: list[Part] = [*self.chain, *(partial(_compare, check) for check in checks)]

    @property
    def events(self) -> int:
        """Number of events that there are to go along."""
        return self._last - self.start.sequence

    @property
    def are_many(self) -> bool:
        """Tell whether they are worth several processes."""
        return self.events > EVENTS_A_PART

    def _newest(self, connection: Connection) -> int:
        newest = connection.execute(select(func.max(audit_events.c.sequence))).scalar_one()
        return max(newest or 0, self.start.sequence)

    def _dividers(self, connection: Connection) -> Iterator[ChainEnd]:
        """Yield the events after each of which a part begins; one that is missing begins none."""
        numbers = range(self.start.sequence + EVENTS_A_PART, self._last, EVENTS_A_PART)
        column = audit_events.c
        for first in range(0, len(numbers), _NUMBERS_AT_ONCE):
            named = numbers[first : first + _NUMBERS_AT_ONCE]
            query = select(column.sequence, column.hash).where(column.sequence.in_(named))
            for row in connection.execute(query.order_by(column.sequence)):
                yield ChainEnd(row.sequence, str(row.hash))


def _walk(start: ChainEnd, until: int, connection: Connection, report: AuditReport) -> None:
    report.end = start
    for step in walk_part(connection, start, until):
        report.events += 1
        report.end = step.end
        if step.finding is not None:
            report.add(step.finding)


def _unnumbered(connection: Connection, report: AuditReport) -> None:
    for finding in unnumbered(connection):
        report.events += 1
        report.add(finding)


def _compare(check: TableCheck, connection: Connection, report: AuditReport) -> None:
    for finding in check(connection):
        report.add(finding)


def all_checks(
    connection: Connection, licences_a_part: int, events: Sequence[int]
) -> list[TableCheck]:
    """Return the checks of all tables: of licences by so many, of events up to each number."""
    checks: list[TableCheck] = []
    names = _dividers(connection, licences_a_part)
    for check, column in _BY_LICENCE:
        checks += [
            partial(_within, check, column, *ends) for ends in pairwise((None, *names, None))
        ]
    for check in _BY_EVENT:
        column = audit_events.c.sequence
        checks += [
            partial(_within, check, column, *ends) for ends in pairwise((None, *events, None))
        ]
    return [*checks, *_WHOLE]


def checks_since(event: int) -> list[TableCheck]:
    """Return the checks of the licences and documents that later events speak of."""
    later = audit_events.c.sequence > event
    spoken_of = select(audit_events.c.subject).where(later)
    checks: list[TableCheck] = [
        partial(_where, check, column.in_(spoken_of)) for check, column in _BY_LICENCE
    ]
    return [*checks, *(partial(_where, check, later) for check in _BY_EVENT)]


def _where(
    check: Callable[..., Iterator[AuditFinding]],
    which: ColumnElement[bool],
    connection: Connection,
) -> Iterator[AuditFinding]:
    return check(connection, which)


def _within(
    check: Callable[..., Iterator[AuditFinding]],
    column: ColumnElement[str] | ColumnElement[int],
    after: str | int | None,
    until: str | int | None,
    connection: Connection,
) -> Iterator[AuditFinding]:
    which = [] if after is None else [column > after]
    return check(connection, *which, *([] if until is None else [column <= until]))


def _dividers(connection: Connection, size: int) -> list[str]:
    """Return every so manieth identifier in order, but for the last ones."""
    numbered = select(
        licences.c.identifier,
        func.row_number().over(order_by=licences.c.identifier).label("number"),
    ).subquery()
    query = select(numbered.c.identifier).where(numbered.c.number % size == 0)
    return list(connection.execute(query.order_by(numbered.c.identifier)).scalars())
