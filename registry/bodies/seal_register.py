"""Register of seals (印章): whose, which certificates over time, each use, and how it stood when.

A use is a sealed document: who sealed it, when, and what, as the audit event that registered its
first revision has it. The certificate of a moment is the one that the seal had then; whether it was
good then is told by its term and by the changes of its status on record, holds that were lifted
among them.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography import x509
from sqlalchemy import ColumnElement, Connection, Select, func, select

from core.ids import AuthorityId, LicenceIdentifier, SealId
from core.text import Text
from registry.bodies.appearances import DIAMETERS_MM, appearance_of
from registry.bodies.authorities import find_authority, find_seal, list_seals
from registry.bodies.seal_history import earlier_certificates
from registry.db.tables import (
    audit_events,
    certificates,
    countersignatures,
    licence_types,
    licences,
    mandates,
    revisions,
)
from registry.ledger.ledger import entry_of
from registry.model import Authority, LicenceState, Seal

_HELD, _RELEASED, _REVOKED = "certificate.held", "certificate.released", "certificate.revoked"
_COLUMN = licences.c
_SEALED = "SIGNED"
"""State of a further seal that is registered (registry/licences/countersignatures.py)."""


class SealStatus(StrEnum):
    """Status of a seal at a moment."""

    NOT_MADE = "NOT_MADE"
    """It was not on record yet."""
    GOOD = "GOOD"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    """Its certificate was on hold."""
    REVOKED = "REVOKED"
    UNKNOWN = "UNKNOWN"
    """Certified by a CA whose ledger is not here: that CA is to be asked."""


@dataclass(frozen=True, slots=True)
class SealCertificate:
    """A certificate that a seal has or had."""

    certificate: x509.Certificate
    sha256: str
    used_from: datetime
    used_until: datetime | None
    """None: it is the present one."""

    @property
    def serial(self) -> str:
        """Its serial, as commands have it."""
        return f"{self.certificate.serial_number:x}"


@dataclass(frozen=True, slots=True)
class SealRecord:
    """A seal as the register has it."""

    seal: Seal
    owner: Authority
    certificates: tuple[SealCertificate, ...]
    """The present one first."""
    types: tuple[Text, ...]
    """Names of the licence types that it is mandated for."""
    status: SealStatus
    """Now."""

    @property
    def is_special(self) -> bool:
        """It is a special seal (专用章), not the body's own (法定名称章)."""
        return bool(self.seal.name)

    @property
    def diameter_mm(self) -> float:
        """As its appearance is drawn."""
        return DIAMETERS_MM[self.owner.level]

    def image_sha256(self) -> str:
        """Return the SHA-256 (hex) of the appearance as it is drawn into documents today."""
        return hashlib.sha256(appearance_of(self.owner, self.seal.name).content).hexdigest()


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


def seal_records(
    connection: Connection, now: datetime, authorities: Collection[AuthorityId] | None = None
) -> list[SealRecord]:
    """Return the seals of some authorities, or all, by id."""
    return [
        seal_record(connection, one.seal_id, now)
        for one in list_seals(connection)
        if authorities is None or one.authority_id in authorities
    ]


def seal_record(connection: Connection, seal_id: SealId, now: datetime) -> SealRecord:
    """Return a seal. Raises `NotFoundError`."""
    seal = find_seal(connection, seal_id)
    named = (
        select(licence_types.c.name_zh, licence_types.c.name_en)
        .join(mandates, mandates.c.type_code == licence_types.c.code)
        .where(mandates.c.seal_id == seal_id)
        .order_by(licence_types.c.code)
    )
    known = _certificates(connection, seal)
    return SealRecord(
        seal,
        find_authority(connection, seal.authority_id),
        known,
        tuple(Text(*one) for one in connection.execute(named)),
        _status(connection, known[0], now).status,
    )


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


def count_uses(connection: Connection, seal_id: SealId) -> tuple[int, datetime | None]:
    """Return how many documents bear a seal, and when the last of them was begun: from an index
    alone.
    """
    unsealed = (LicenceState.PENDING, LicenceState.VOID)
    by_state = select(_COLUMN.state, func.count(), func.max(_COLUMN.created_at))
    by_state = by_state.where(_COLUMN.seal_id == seal_id).group_by(_COLUMN.state)
    found = [
        (count, last)
        for state, count, last in connection.execute(by_state)
        if state not in unsealed
    ]
    further = select(func.count(), func.max(countersignatures.c.begun_at)).where(
        countersignatures.c.seal_id == seal_id, countersignatures.c.state == _SEALED
    )
    count, latest = connection.execute(further).one()
    found += [(count, latest)] if count else []
    return sum(count for count, _ in found), max((last for _, last in found), default=None)


def seal_at(connection: Connection, seal_id: SealId, at: datetime, now: datetime) -> SealAt:
    """Return how a seal stood at a moment. Raises `NotFoundError`."""
    seal = find_seal(connection, seal_id)
    if at < seal.created_at:
        none = SealStatus.NOT_MADE
        present = _status(connection, _certificates(connection, seal)[0], now).status
        return SealAt(seal_id, at, none, None, None, None, present)
    known = _certificates(connection, seal)
    its = next(one for one in known if one.used_from <= at)
    then, today = _status(connection, its, at), _status(connection, its, now)
    return SealAt(
        seal_id, at, then.status, its, today.revoked_at, today.invalidity_at, today.status
    )


@dataclass(frozen=True, slots=True)
class _Status:
    status: SealStatus
    revoked_at: datetime | None = None
    invalidity_at: datetime | None = None


def _status(connection: Connection, its: SealCertificate, at: datetime) -> _Status:
    """Return a certificate's status at a moment, from its record and the events of its changes."""
    row = connection.execute(
        select(certificates).where(certificates.c.sha256 == its.sha256)
    ).one_or_none()
    entry = None if row is None else entry_of(row)
    if at < its.certificate.not_valid_before_utc:
        by_term = SealStatus.NOT_YET_VALID
    elif at > its.certificate.not_valid_after_utc:
        by_term = SealStatus.EXPIRED
    else:
        by_term = SealStatus.GOOD if entry is not None else SealStatus.UNKNOWN
    if entry is None:
        return _Status(by_term)
    changed = (
        select(audit_events.c.action)
        .where(
            audit_events.c.subject == f"{entry.intent.issuer}/{entry.intent.serial:x}",
            audit_events.c.action.in_((_HELD, _RELEASED, _REVOKED)),
            audit_events.c.at <= at,
        )
        .order_by(audit_events.c.sequence.desc())
        .limit(1)
    )
    last = connection.execute(changed).scalar_one_or_none()
    if entry.revoked_at is not None and entry.revoked_at <= at and last != _HELD:
        last = _REVOKED  # as a restore brought it back: the record counts
    status = {_HELD: SealStatus.SUSPENDED, _REVOKED: SealStatus.REVOKED}.get(last or "", by_term)
    return _Status(status, entry.revoked_at, entry.invalidity_at)


def _certificates(connection: Connection, seal: Seal) -> tuple[SealCertificate, ...]:
    """Return a seal's certificates, the present one first, with the time that each was in use."""
    begun, found = seal.created_at, list[SealCertificate]()
    for one in earlier_certificates(connection, seal.seal_id):
        found.append(_certificate(one.certificate, begun, one.replaced_at))
        begun = one.replaced_at
    return (_certificate(seal.certificate, begun, None), *reversed(found))


def _certificate(der: bytes, begun: datetime, ended: datetime | None) -> SealCertificate:
    digest = hashlib.sha256(der).hexdigest()
    return SealCertificate(x509.load_der_x509_certificate(der), digest, begun, ended)


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
        .where(column.seal_id == seal_id, column.state == _SEALED)
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
