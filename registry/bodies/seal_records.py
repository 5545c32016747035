"""Seals as the register has them, many at once: whose, their certificates, how they stand.

However many are read, the queries are as many as for one.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from sqlalchemy import Connection, func, select

from ca.ledger import LedgerEntry
from core.ids import AuthorityId, SealId
from core.text import Text
from registry.bodies.appearances import DIAMETERS_MM, appearance_of
from registry.bodies.authorities import find_seal, owners_of, page_of_seals
from registry.bodies.seal_history import EarlierCertificate, earlier_of
from registry.db.tables import (
    audit_events,
    certificates,
    countersignatures,
    licence_types,
    licences,
    mandates,
)
from registry.ledger.ledger import entry_of
from registry.model import Authority, LicenceState, Seal

_HELD, _RELEASED, _REVOKED = "certificate.held", "certificate.released", "certificate.revoked"
_UNSEALED = frozenset({LicenceState.PENDING, LicenceState.VOID})
SIGNED = "SIGNED"
"""State of a further seal that is registered (registry/licences/countersignatures.py)."""
_PAGE = 200


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
    uses: int
    """Documents that bear it."""
    last_used_at: datetime | None
    """When the last of them was begun."""

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
class CertificateStatus:
    """Status of a certificate at a moment."""

    status: SealStatus
    revoked_at: datetime | None = None
    invalidity_at: datetime | None = None


def seal_records(
    connection: Connection,
    now: datetime,
    authorities: Collection[AuthorityId] | None = None,
    *,
    after: SealId | None = None,
    limit: int | None = None,
) -> list[SealRecord]:
    """Return the seals of some authorities, or all, by id; those behind one, at most so many."""
    seals = page_of_seals(connection, authorities, after=after, limit=limit)
    return _records(connection, seals, now)


def all_seal_records(connection: Connection, now: datetime) -> Iterator[SealRecord]:
    """Yield all seals, by id, some at a time."""
    after: SealId | None = None
    while found := seal_records(connection, now, after=after, limit=_PAGE):
        yield from found
        after = found[-1].seal.seal_id


def seal_record(connection: Connection, seal_id: SealId, now: datetime) -> SealRecord:
    """Return a seal. Raises `NotFoundError`."""
    (found,) = _records(connection, [find_seal(connection, seal_id)], now)
    return found


def _records(connection: Connection, seals: Sequence[Seal], now: datetime) -> list[SealRecord]:
    if not seals:
        return []
    names = [one.seal_id for one in seals]
    owners = owners_of(connection, seals)
    known = certificates_of(connection, seals)
    statuses = statuses_of(connection, [held[0] for held in known.values()], now)
    types, uses = _types(connection, names), uses_of(connection, names)
    return [
        SealRecord(
            one,
            owners[one.authority_id],
            known[one.seal_id],
            tuple(types[one.seal_id]),
            statuses[known[one.seal_id][0].sha256].status,
            *uses[one.seal_id],
        )
        for one in seals
    ]


def _types(connection: Connection, names: Sequence[SealId]) -> Mapping[str, list[Text]]:
    found: defaultdict[str, list[Text]] = defaultdict(list)
    query = (
        select(mandates.c.seal_id, licence_types.c.name_zh, licence_types.c.name_en)
        .join(licence_types, mandates.c.type_code == licence_types.c.code)
        .where(mandates.c.seal_id.in_(names))
        .order_by(licence_types.c.code)
    )
    for seal_id, zh, en in connection.execute(query):
        found[seal_id].append(Text(zh, en))
    return found


def uses_of(
    connection: Connection, names: Sequence[SealId]
) -> Mapping[str, tuple[int, datetime | None]]:
    """Return how many documents bear each seal, and when the last of them was begun: from an index
    alone.
    """
    column = licences.c
    by_state = select(column.seal_id, column.state, func.count(), func.max(column.created_at))
    by_state = by_state.where(column.seal_id.in_(names)).group_by(column.seal_id, column.state)
    counts, last = dict.fromkeys(names, 0), dict[str, datetime]()
    for seal_id, state, count, newest in connection.execute(by_state):
        if state not in _UNSEALED:
            counts[seal_id] += count
            last[seal_id] = max(newest, last.get(seal_id, newest))
    its = countersignatures.c
    further = (
        select(its.seal_id, func.count(), func.max(its.begun_at))
        .where(its.seal_id.in_(names), its.state == SIGNED)
        .group_by(its.seal_id)
    )
    for seal_id, count, newest in connection.execute(further):
        counts[seal_id] += count
        last[seal_id] = max(newest, last.get(seal_id, newest))
    return {one: (counts[one], last.get(one)) for one in names}


def certificates_of(
    connection: Connection, seals: Sequence[Seal]
) -> Mapping[str, tuple[SealCertificate, ...]]:
    """Return each seal's certificates, the present one first, with the time they were in use."""
    earlier: defaultdict[str, list[EarlierCertificate]] = defaultdict(list)
    for one in earlier_of(connection, [seal.seal_id for seal in seals]):
        earlier[one.seal_id].append(one)
    return {seal.seal_id: _in_use(seal, earlier[seal.seal_id]) for seal in seals}


def _in_use(seal: Seal, earlier: Sequence[EarlierCertificate]) -> tuple[SealCertificate, ...]:
    begun, found = seal.created_at, list[SealCertificate]()
    for one in earlier:
        found.append(_certificate(one.certificate, begun, one.replaced_at))
        begun = one.replaced_at
    return (_certificate(seal.certificate, begun, None), *reversed(found))


def _certificate(der: bytes, begun: datetime, ended: datetime | None) -> SealCertificate:
    digest = hashlib.sha256(der).hexdigest()
    return SealCertificate(x509.load_der_x509_certificate(der), digest, begun, ended)


def statuses_of(
    connection: Connection, asked: Sequence[SealCertificate], at: datetime
) -> Mapping[str, CertificateStatus]:
    """Return each certificate's status at a moment, by its digest: from its record and the events
    of its changes.
    """
    rows = connection.execute(
        select(certificates).where(certificates.c.sha256.in_([one.sha256 for one in asked]))
    )
    entries = {row.sha256: entry_of(row) for row in rows}
    last = _last_changes(connection, [_subject(one) for one in entries.values()], at)
    return {one.sha256: _status(one, entries.get(one.sha256), last, at) for one in asked}


def _last_changes(
    connection: Connection, subjects: Sequence[str], at: datetime
) -> Mapping[str, str]:
    """Return the last change of each certificate's status until a moment."""
    column = audit_events.c
    changed = (
        select(column.subject, column.action)
        .where(
            column.subject.in_(subjects),
            column.action.in_((_HELD, _RELEASED, _REVOKED)),
            column.at <= at,
        )
        .order_by(column.sequence)
    )
    return {row.subject: row.action for row in connection.execute(changed)}


def _subject(entry: LedgerEntry) -> str:
    return f"{entry.intent.issuer}/{entry.intent.serial:x}"


def _status(
    its: SealCertificate, entry: LedgerEntry | None, last: Mapping[str, str], at: datetime
) -> CertificateStatus:
    if at < its.certificate.not_valid_before_utc:
        by_term = SealStatus.NOT_YET_VALID
    elif at > its.certificate.not_valid_after_utc:
        by_term = SealStatus.EXPIRED
    else:
        by_term = SealStatus.GOOD if entry is not None else SealStatus.UNKNOWN
    if entry is None:
        return CertificateStatus(by_term)
    change = last.get(_subject(entry))
    if entry.revoked_at is not None and entry.revoked_at <= at and change != _HELD:
        change = _REVOKED  # as a restore brought it back: the record counts
    status = {_HELD: SealStatus.SUSPENDED, _REVOKED: SealStatus.REVOKED}.get(change or "", by_term)
    return CertificateStatus(status, entry.revoked_at, entry.invalidity_at)
