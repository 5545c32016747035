"""The chain through all audit events: each one's hash is over its content and the hash before it.

Who changes, removes or inserts an event would have to redo every hash after it, and the signed
heads (`registry.audit.heads`) hold those fast. The number of an event comes from the chain's row,
not from the database's own counting, so that a transaction that was rolled back leaves no gap. That
row is locked until its transaction ends, which puts all writers in one order.

The hash is SHA-256 over the event as canonical JSON (RFC 8785 for our types: keys sorted, no white
space, UTF-8), so that anyone can compute it again from what `xinyin audit export` writes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from ca.recorder import AuditUnavailableError, Facts
from core.canonical import canonical_json
from core.permits import Actor
from registry.audit import messages
from registry.db.tables import audit_chain, audit_events

NOTHING_BEFORE = "0" * 64
"""What the first event follows."""
_CHAIN = 1
"""The row that counts: a second one, which only other hands can have made, changes nothing."""
RESTORED = "register.restored"
"""Action of the event that a restoration from a backup leaves."""


CA = Actor("ca")
"""Actor of CRLs, services' certificates and the lives of keys, whoever asked for them."""
RESTORER = Actor("restore")
"""Who brings a restored register to what happened after its backup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """Event to be recorded."""

    at: datetime
    actor: Actor
    action: str
    subject: str
    basis: str | None = None
    before: Facts | None = None
    after: Facts | None = None


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """End of the chain; the next event follows it."""

    sequence: int
    """Of the last event; 0 before the first."""
    hash: str


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One recorded change."""

    sequence: int
    """From 1, without a gap."""
    at: datetime
    actor: str
    authority_id: str | None
    action: str
    subject: str
    basis: str | None
    before: Facts | None
    after: Facts | None
    hash: str
    """SHA-256, lower-case hexadecimal."""

    def to_json(self) -> dict[str, object]:
        """Return the event under the names that it is hashed and exported with."""
        return _named(self._asdict())

    def follows(self, previous: str) -> bool:
        """Tell whether this is the event that was recorded after the one with that hash."""
        return hash_event(self._asdict(), previous) == self.hash

    def _asdict(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in AuditEvent.__slots__ if name != "hash"}


def append(connection: Connection, events: Sequence[NewEvent]) -> ChainEnd:
    """Add events to the transaction, at the end of the chain; return where it ends now.

    Others that record wait from here until the transaction ends, so this comes last in it.
    Raises `AuditUnavailableError` if the chain's row is missing.
    """
    end = _lock(connection)
    rows: list[dict[str, object]] = []
    for event in events:
        values: dict[str, object] = {
            "sequence": end.sequence + 1,
            "at": event.at,
            "actor": event.actor.name,
            "authority_id": event.actor.authority_id,
            "action": event.action,
            "subject": event.subject,
            "basis": event.basis,
            "before": event.before,
            "after": event.after,
        }
        end = ChainEnd(end.sequence + 1, hash_event(values, end.hash))
        rows.append(values | {"hash": end.hash})
    connection.execute(insert(audit_events), rows)
    moved = update(audit_chain).where(audit_chain.c.chain == _CHAIN)
    connection.execute(moved.values(sequence=end.sequence, hash=end.hash))
    return end


def read_end(connection: Connection) -> ChainEnd | None:
    """Return the end of the chain; None if its row is missing."""
    query = select(audit_chain.c.sequence, audit_chain.c.hash)
    row = connection.execute(query.where(audit_chain.c.chain == _CHAIN)).one_or_none()
    return None if row is None else ChainEnd(row.sequence, row.hash)


def count_other_ends(connection: Connection) -> int:
    """Return how many rows there are beside the one that says where the chain ends."""
    query = select(func.count()).where(audit_chain.c.chain != _CHAIN)
    return int(connection.execute(query).scalar_one())


def hash_event(values: Mapping[str, object], previous: str) -> str:
    """Return the hash (lower-case hexadecimal) of an event that follows the hash `previous`."""
    return hashlib.sha256(canonical_json(_named(values) | {"previous": previous})).hexdigest()


def event_of(row: Row[tuple[object, ...]]) -> AuditEvent:
    """Return an event from a row of its table."""
    return AuditEvent(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public accessor


def _lock(connection: Connection) -> ChainEnd:
    query = select(audit_chain.c.sequence, audit_chain.c.hash).with_for_update()
    row = connection.execute(query.where(audit_chain.c.chain == _CHAIN)).one_or_none()
    if row is None:
        raise AuditUnavailableError(messages.CHAIN_END_MISSING_NOTHING_DONE)
    return ChainEnd(row.sequence, row.hash)


def _named(values: Mapping[str, object]) -> dict[str, object]:
    named = dict(values)
    named["authority"] = named.pop("authority_id")
    at = named["at"]
    assert isinstance(at, datetime)
    named["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return named
