"""Register of seals (印章): whose, which certificates over time, each use, and how it stood when.

A use is a sealed document: who sealed it, when, and what, as the audit event that registered its
first revision has it. The certificate of a moment is the one that the seal had then; whether it was
good then is told by its term and by the changes of its status on record, holds that were lifted
among them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from core.ids import LicenceIdentifier, SealId
from registry.bodies.authorities import find_seal
from registry.bodies.seal_records import (
    SIGNED,
    SealCertificate,
    SealStatus,
    certificates_of,
    statuses_of,
)
from registry.db.tables import audit_events, countersignatures, licences, revisions

_COLUMN = licences.c


@dataclass(frozen=True, slots=True)
class UseOfSeal:
    """A document that was sealed."""

    identifier: LicenceIdentifier
    number: str
    type_code: str
    at: datetime
    by: str | None
    """As an actor; None for what was registered before events named their revisions."""
    event: int | None
    sha256: str
    """Of the document as it was sealed."""
    reserved_at: datetime
    """Its place in the list."""


@dataclass(frozen=True, slots=True)
class SealAt:
    """Status of a seal at a moment, and now."""

    seal_id: SealId
    at: datetime
    status: SealStatus
    certificate: SealCertificate | None
    """The one it had then."""
    revoked_at: datetime | None
    """When that one was revoked or held, if it is now."""
    invalidity_at: datetime | None
    """Since when its key is suspected to be in other hands."""
    now: SealStatus
    """That certificate's status now."""

    @property
    def was_good(self) -> bool:
        """It was good, and its key is not suspected to have been in other hands by then."""
        suspected = self.invalidity_at is not None and self.invalidity_at <= self.at
        return self.status is SealStatus.GOOD and not suspected


@dataclass(frozen=True, slots=True)
class UsePlace:
    """Place in a list of uses, the newest first."""

    at: datetime
    identifier: str


def list_uses(
    connection: Connection,
    seal_id: SealId,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: UsePlace | None = None,
    limit: int = 100,
) -> list[UseOfSeal]:
    """Return uses of a seal, the newest first; `since` and `until` bound when they were reserved.

    What was reserved and never sealed is no use.
    """
    firsts = _uses().where(_COLUMN.seal_id == seal_id)
    found: list[UseOfSeal] = []
    for query, at in (
        (firsts, _COLUMN.created_at),
        (_further_uses(seal_id), countersignatures.c.begun_at),
    ):
        key = _COLUMN.identifier
        conditions = [] if since is None else [at >= since]
        conditions += [] if until is None else [at <= until]
        if after is not None:
            conditions += [at <= after.at, (at < after.at) | (key < after.identifier)]
        some = query.where(*conditions).order_by(at.desc(), key.desc()).limit(limit)
        found += [UseOfSeal(*row) for row in connection.execute(some)]
    found.sort(key=lambda one: (one.reserved_at, one.identifier), reverse=True)
    return found[:limit]


def find_use(
    connection: Connection, identifier: LicenceIdentifier
) -> tuple[SealId, UseOfSeal] | None:
    """Return the use that sealed a licence's document, with its seal; None while it is pending."""
    row = connection.execute(
        _uses().add_columns(_COLUMN.seal_id).where(_COLUMN.identifier == identifier)
    ).one_or_none()
    return None if row is None else (SealId(row[-1]), UseOfSeal(*row[:-1]))


def seal_at(connection: Connection, seal_id: SealId, at: datetime, now: datetime) -> SealAt:
    """Return how a seal stood at a moment. Raises `NotFoundError`."""
    seal = find_seal(connection, seal_id)
    known = certificates_of(connection, [seal])[seal_id]
    if at < seal.created_at:
        none = SealStatus.NOT_MADE
        present = statuses_of(connection, known[:1], now)[known[0].sha256].status
        return SealAt(seal_id, at, none, None, None, None, present)
    its = next(one for one in known if one.used_from <= at)
    then = statuses_of(connection, [its], at)[its.sha256]
    today = statuses_of(connection, [its], now)[its.sha256]
    return SealAt(
        seal_id, at, then.status, its, today.revoked_at, today.invalidity_at, today.status
    )


def _further_uses(seal_id: SealId) -> Select[Any]:
    """Return the query of a seal's uses on documents that others sealed before."""
    column = countersignatures.c
    return (
        select(
            _COLUMN.identifier,
            _COLUMN.number,
            _COLUMN.type_code,
            revisions.c.registered_at,
            audit_events.c.actor,
            revisions.c.event,
            revisions.c.sha256,
            column.begun_at,
        )
        .select_from(countersignatures)
        .join(licences, _COLUMN.identifier == column.identifier)
        .join(
            revisions,
            (revisions.c.identifier == column.identifier)
            & (revisions.c.sequence == column.sequence),
        )
        .outerjoin(audit_events, audit_events.c.sequence == revisions.c.event)
        .where(column.seal_id == seal_id, column.state == SIGNED)
    )


def _first_revision() -> ColumnElement[bool]:
    return (revisions.c.identifier == _COLUMN.identifier) & (revisions.c.sequence == 0)


def _uses() -> Select[Any]:
    return (
        select(
            _COLUMN.identifier,
            _COLUMN.number,
            _COLUMN.type_code,
            revisions.c.registered_at,
            audit_events.c.actor,
            revisions.c.event,
            revisions.c.sha256,
            _COLUMN.created_at,
        )
        .join(revisions, _first_revision())
        .outerjoin(audit_events, audit_events.c.sequence == revisions.c.event)
    )
