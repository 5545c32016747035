"""Schedule of renewals: archived documents that are due, and their leases, in one indexed table.

A document is due when the certificate that its proof rests on ends within the horizon, or its
algorithms do, and a renewal now would rest on one that lasts longer. Where it would not, it waits:
for a new certificate of the TSA, or for stronger keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    insert,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from core.ids import LicenceIdentifier
from registry.db.tables import protections
from signing.algorithm_ends import all_suites
from signing.seal_check.protection import Protection

UNREAD = "unread"
"""The suite of a document registered before this table was, which nobody has looked at yet."""
LEASE = timedelta(minutes=2)
"""After this a claim counts as left by a process that died."""
_TICK = timedelta(microseconds=1)
Place = tuple[datetime, LicenceIdentifier]
"""Where a document stands in the order of the certificates' ends."""


@dataclass(frozen=True, slots=True)
class Due:
    """A document that was claimed, to be renewed."""

    identifier: LicenceIdentifier
    sequence: int
    """Its longest revision."""
    certificate_until: datetime

    @property
    def place(self) -> Place:
        """Place in the order of the schedule."""
        return self.certificate_until, self.identifier


@dataclass(frozen=True, slots=True)
class Outlook:
    """State of the archive at a moment."""

    documents: int
    unread: int
    """Registered by an earlier version and not looked at yet."""
    due: int
    """To be renewed within the horizon, and can be now; `unread` ones are not among them."""
    waiting: int
    """End within the horizon, but what the TSA has now lasts no longer."""
    overdue: int
    """Of both, those whose certificate has ended already: the proof has a gap."""
    next_end: datetime | None
    """When the first certificate ends; None without documents."""


def is_due(found: Protection, horizon: datetime, offers: Protection) -> bool:
    """Tell whether a document that rests on `found` is to be renewed with what is on offer."""
    certificate = found.certificate_until <= horizon and (
        found.certificate_until < offers.certificate_until
    )
    suite = found.suite.until <= horizon and found.suite.until < offers.suite.until
    return certificate or suite


def protection_facts(found: Protection) -> dict[str, str]:
    """Return a document's protection, as the event that registers it states it."""
    until = found.certificate_until.isoformat()
    return {"certificate_until": until, "suite": str(found.suite)}


def record_protection(
    connection: Connection, identifier: LicenceIdentifier, sequence: int, found: Protection
) -> None:
    """Record what a document that was just registered rests on."""
    record_protections(connection, [(identifier, sequence, found)])


def record_protections(
    connection: Connection, documents: Sequence[tuple[LicenceIdentifier, int, Protection]]
) -> None:
    """Record what several rest on, each with its longest revision."""
    rows = [
        {
            "identifier": identifier,
            "sequence": sequence,
            "certificate_until": found.certificate_until,
            "suite": str(found.suite),
        }
        for identifier, sequence, found in documents
    ]
    connection.execute(insert(protections), rows)


def move_protection(
    connection: Connection,
    identifier: LicenceIdentifier,
    base: int,
    sequence: int,
    found: Protection,
) -> bool:
    """Record what a document rests on that grew by a seal; False where it was not as long as
    `base` says any more. A renewal that is under way loses its claim.
    """
    moved = connection.execute(
        update(protections)
        .where(protections.c.identifier == identifier, protections.c.sequence == base)
        .values(
            sequence=sequence,
            certificate_until=found.certificate_until,
            suite=str(found.suite),
            claim=None,
            claimed_at=None,
        )
    )
    return moved.rowcount == 1


class RenewalCause(StrEnum):
    """Reason why a document is due. Each is queried alone, since one index serves one reason."""

    CERTIFICATE = "certificate"
    SUITE = "suite"
    """Its algorithms end first; or nobody has read it yet."""


def claim_due(
    connection: Connection,
    cause: RenewalCause,
    *,
    horizon: datetime,
    offers: Protection,
    claim: str,
    now: datetime,
    after: Place | None,
    limit: int,
) -> list[Due]:
    """Claim the next documents that are due, in the order of their ends.

    Another process claims others meanwhile: SQLite has one writer, PostgreSQL locks the rows.
    """
    query = _due(cause, horizon, offers).where(_is_free(now)).limit(limit)
    query = query.with_for_update(skip_locked=True)
    if after is not None:
        place = tuple_(protections.c.certificate_until, protections.c.identifier)
        query = query.where(place > tuple_(*after))
    found = [Due(**row) for row in connection.execute(query).mappings()]
    if found:
        connection.execute(
            update(protections)
            .where(protections.c.identifier.in_([one.identifier for one in found]))
            .values(claim=claim, claimed_at=now)
        )
    return found


def settle(connection: Connection, due: Due, claim: str, sequence: int, found: Protection) -> bool:
    """Record what a claimed document rests on now, and free it; False if the claim was lost."""
    changed = connection.execute(
        update(protections)
        .where(
            protections.c.identifier == due.identifier,
            protections.c.sequence == due.sequence,
            protections.c.claim == claim,
        )
        .values(
            sequence=sequence,
            certificate_until=found.certificate_until,
            suite=str(found.suite),
            claim=None,
            claimed_at=None,
        )
    )
    return changed.rowcount == 1


def release(connection: Connection, claim: str) -> None:
    """Free whatever a process still holds."""
    connection.execute(
        update(protections).where(protections.c.claim == claim).values(claim=None, claimed_at=None)
    )


def count_due(connection: Connection, horizon: datetime, offers: Protection) -> int:
    """Return how many documents are due."""
    return sum(_count(connection, _condition(cause, horizon, offers)) for cause in RenewalCause)


def look_ahead(
    connection: Connection, *, now: datetime, horizon: datetime, offers: Protection
) -> Outlook:
    """Return how the archive stands."""
    table = protections.c
    read = _read()
    ended = [str(suite) for suite in all_suites() if suite.until <= horizon]
    by_certificate = table.certificate_until <= horizon
    ending = _count(connection, by_certificate, read) + _count(
        connection, table.suite.in_(ended), table.certificate_until > horizon
    )
    unread = _count(connection, table.suite == UNREAD)
    due = count_due(connection, horizon, offers) - unread
    return Outlook(
        documents=_count(connection),
        unread=unread,
        due=due,
        waiting=ending - due,
        overdue=_count(connection, table.certificate_until <= now, read),
        next_end=connection.execute(
            select(func.min(table.certificate_until)).where(read)
        ).scalar_one(),
    )


def list_due(
    connection: Connection, horizon: datetime, offers: Protection, limit: int | None
) -> list[Due]:
    """Return the documents that are due, claimed or not."""
    found: list[Due] = []
    for cause in RenewalCause:
        query = _due(cause, horizon, offers)
        if limit is not None:
            query = query.limit(limit - len(found))
        found += [Due(**row) for row in connection.execute(query).mappings()]
    return found


def _due(cause: RenewalCause, horizon: datetime, offers: Protection) -> Select[tuple[object, ...]]:
    table = protections.c
    return (
        select(table.identifier, table.sequence, table.certificate_until)
        .where(_condition(cause, horizon, offers))
        .order_by(table.certificate_until, table.identifier)
    )


def _condition(cause: RenewalCause, horizon: datetime, offers: Protection) -> ColumnElement[bool]:
    """Return the condition of being due for one cause; each document matches one of them only."""
    until = protections.c.certificate_until
    certificate = and_(until <= min(horizon, offers.certificate_until - _TICK), _read())
    if cause is RenewalCause.CERTIFICATE:
        return certificate
    gains = [
        str(suite)
        for suite in all_suites()
        if suite.until <= horizon and suite.until < offers.suite.until
    ]
    return and_(protections.c.suite.in_([*gains, UNREAD]), not_(certificate))


def _read() -> ColumnElement[bool]:
    return protections.c.suite != UNREAD


def _count(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(protections).where(*conditions)
    return int(connection.execute(query).scalar_one())


def _is_free(now: datetime) -> ColumnElement[bool]:
    claimed_at = protections.c.claimed_at
    return or_(claimed_at.is_(None), claimed_at <= now - LEASE)
