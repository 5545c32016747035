"""Division of the audit's verification into parts that stand alone.

A register's licences, their documents, the events of both and the journal grow without end, so they
are gone along and compared by part; the other tables are small.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise, zip_longest

from sqlalchemy import ColumnElement, Connection, func, select

from registry.audit.chain import NOTHING_BEFORE, ChainEnd
from registry.audit.findings import AuditFinding
from registry.audit.walk import unnumbered, walk_part
from registry.db.tables import audit_events, licences, revisions
from registry.journal.chunks import JournalChunk
from registry.journal.journal import JournalKind
from registry.reconcile.accessions import check_accessions
from registry.reconcile.bodies import check_bodies
from registry.reconcile.cases import check_cases, check_requests
from registry.reconcile.certificates import check_certificates
from registry.reconcile.corrections import check_corrections
from registry.reconcile.countersignatures import check_countersignatures
from registry.reconcile.crls import check_crls
from registry.reconcile.facts import check_facts
from registry.reconcile.journal.checking import JournalBounds, JournalComparison
from registry.reconcile.journal.index import JournalIndex
from registry.reconcile.journal.reading import ChunkRead, read
from registry.reconcile.licences import LicenceRow, check_licences, check_reserved, check_series
from registry.reconcile.numbers import check_numbers
from registry.reconcile.officers import check_officers
from registry.reconcile.outcome import AuditReport
from registry.reconcile.parallel import Part, Sources
from registry.reconcile.revisions import RevisionRow, check_registered, check_revisions

TableCheck = Callable[[Connection], Iterator[AuditFinding]]
"""Yields every record that is not as the events leave it, and what is missing or too much."""
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
EVENTS_A_PART = 10_000
LICENCES_A_PART = 2_500
_NUMBERS_AT_ONCE = 500


@dataclass(slots=True)
class Looked:
    """Result of looking at a part."""

    report: AuditReport = field(default_factory=AuditReport)
    of_journal: AuditReport = field(default_factory=AuditReport)
    """What the journal says otherwise."""
    amount: int = 0
    """How many events, entries or licences it was."""
    of_chain: bool = False
    read: ChunkRead | None = None
    """Of a part of the journal: what it says."""


class VerificationParts:
    """The parts of a verification of what follows `start`, as the register is now."""

    def __init__(self, connection: Connection, start: ChainEnd) -> None:
        self.start = start
        self._last = self._newest(connection)
        dividers = list(self._dividers(connection))
        self._chain: list[Part[Looked]] = [_unnumbered]
        for begins, next_begins in zip_longest([start, *dividers], dividers):
            until = self._last if next_begins is None else next_begins.sequence
            self._chain.append(partial(_walk, begins, until))
        numbers = [start.sequence or None, *(end.sequence for end in dividers), None]
        self._by_event = [
            partial(_events, check, *ends)
            for check in range(len(_BY_EVENT))
            for ends in pairwise(numbers)
        ]
        concerned = _spoken_of(licences.c.identifier, start.sequence)
        names = _identifiers(connection, LICENCES_A_PART, concerned)
        self._between = list(pairwise([None, *names, None]))
        self.licences = _count(connection, concerned)
        """How many there are to be compared."""

    def first(self, chunks: Iterable[JournalChunk]) -> Iterator[Part[Looked]]:
        """Yield those that need not know the journal, and those that read it, by turns.

        Long ones that cannot be divided come first.
        """
        if self.start.sequence == 0:
            yield from (partial(_whole, check) for check in range(len(_WHOLE)))
        reading = [partial(_read, chunk) for chunk in chunks]
        for both in zip_longest(reading, self._chain):
            yield from (one for one in both if one is not None)
        yield from self._by_event

    def second(
        self, index: JournalIndex | None, bounds: JournalBounds | None
    ) -> Iterator[Part[Looked]]:
        """Yield those that compare licences and their documents with events, and with the journal
        if its bounds are known.
        """
        since = self.start.sequence
        yield from (partial(_licences, since, bounds, *ends) for ends in self._between)
        if index is None or bounds is None:
            return
        yield partial(_certificates, bounds)
        for kind in (JournalKind.DOCUMENT, JournalKind.LICENCE):
            names = [None, *index.dividers(kind, LICENCES_A_PART * 4), None]
            yield from (partial(_missing, bounds, kind, *ends) for ends in pairwise(names))

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


def _walk(start: ChainEnd, until: int, sources: Sources) -> Looked:
    done = Looked(of_chain=True)
    report = done.report
    report.end = start
    for step in walk_part(sources.connection, start, until):
        report.events += 1
        report.end = step.end
        if step.finding is not None:
            report.add(step.finding)
    done.amount = report.events
    return done


def _unnumbered(sources: Sources) -> Looked:
    done = Looked(of_chain=True)
    for finding in unnumbered(sources.connection):
        done.report.events += 1
        done.report.add(finding)
    return done


def _read(chunk: JournalChunk, _sources: Sources) -> Looked:
    done = read(chunk)
    return Looked(amount=done.entries, read=done)


def _whole(check: int, sources: Sources) -> Looked:
    return _found(_WHOLE[check](sources.connection))


def _events(check: int, after: int | None, until: int | None, sources: Sources) -> Looked:
    which = _within(audit_events.c.sequence, after, until)
    return _found(_BY_EVENT[check](sources.connection, *which))


def _licences(
    since: int, bounds: JournalBounds | None, after: str | None, until: str | None, sources: Sources
) -> Looked:
    """Compare the licences and documents between two identifiers that events after number `since`
    speak of; all, if it is 0.
    """
    connection, done = sources.connection, Looked()
    if bounds is None or sources.index is None:
        comparison = None
    else:
        comparison = JournalComparison(connection, sources.index, bounds)

    def beside_revision(row: RevisionRow) -> None:
        if comparison is not None:
            done.of_journal.add_all(comparison.revision(row))

    def beside_licences(rows: Sequence[LicenceRow]) -> None:
        done.amount += len(rows)
        if comparison is not None:
            done.of_journal.add_all(comparison.licences(rows))

    column = revisions.c.identifier
    of_revisions = [*_within(column, after, until), *_spoken_of(column, since)]
    done.report.add_all(check_revisions(connection, *of_revisions, beside=beside_revision))
    column = licences.c.identifier
    of_licences = [*_within(column, after, until), *_spoken_of(column, since)]
    done.report.add_all(check_licences(connection, *of_licences, beside=beside_licences))
    return done


def _certificates(bounds: JournalBounds, sources: Sources) -> Looked:
    return _contradicted(_comparison(sources, bounds).certificates())


def _missing(
    bounds: JournalBounds, kind: JournalKind, after: str | None, until: str | None, sources: Sources
) -> Looked:
    return _contradicted(_comparison(sources, bounds).missing(kind, after, until))


def _comparison(sources: Sources, bounds: JournalBounds) -> JournalComparison:
    assert sources.index is not None
    return JournalComparison(sources.connection, sources.index, bounds)


def _found(findings: Iterable[AuditFinding]) -> Looked:
    done = Looked()
    done.report.add_all(findings)
    return done


def _contradicted(findings: Iterable[AuditFinding]) -> Looked:
    done = Looked()
    done.of_journal.add_all(findings)
    return done


def _within(
    column: ColumnElement[str] | ColumnElement[int],
    after: str | int | None,
    until: str | int | None,
) -> list[ColumnElement[bool]]:
    which = [] if after is None else [column > after]
    return which if until is None else [*which, column <= until]


def _spoken_of(column: ColumnElement[str], since: int) -> list[ColumnElement[bool]]:
    """Return the condition of being a subject of an event after number `since`; none for 0."""
    subjects = select(audit_events.c.subject).where(audit_events.c.sequence > since)
    return [column.in_(subjects)] if since else []


def _count(connection: Connection, which: Sequence[ColumnElement[bool]]) -> int:
    query = select(func.count()).select_from(licences).where(*which)
    return int(connection.execute(query).scalar_one())


def _identifiers(
    connection: Connection, size: int, which: Sequence[ColumnElement[bool]]
) -> list[str]:
    """Return every so manieth identifier in order, but for the last ones."""
    numbered = (
        select(
            licences.c.identifier,
            func.row_number().over(order_by=licences.c.identifier).label("number"),
        )
        .where(*which)
        .subquery()
    )
    query = select(numbered.c.identifier).where(numbered.c.number % size == 0)
    return list(connection.execute(query.order_by(numbered.c.identifier)).scalars())
