"""Identities on record: recognised at each sign-in by (`iss`, `sub`), and who stands behind them.

The audit names an identity by a random id, and holds a salted digest of issuer, subject and name:
an edit of the row is told, and once the row is erased the audit names nobody.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Connection, or_, select, update

from core.errors import NotAllowedError
from core.ids import IdentityId, Random
from core.permits import Action, Actor, Permit
from identity.people.model import (
    IDENTITY_PREFIX,
    Identity,
    IdentityKind,
    Pin,
    actor_name,
    identity_of,
)
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.tables import identities
from registry.model import ConflictError, RegistryError
from registry.officers import messages
from registry.officers.model import IdentityRecord, IdentityState, NoSuchIdentityError
from registry.officers.rows import identity_record, new_id, person_digest

_MAX_NAME, _MAX_PIN = 128, 255
_COLUMN = identities.c


class IdentityEndedError(NotAllowedError):
    """The identity was disabled, or merged into another."""

    code: ClassVar[str] = "identity_ended"


class InvalidOfficerError(RegistryError):
    """The record cannot hold."""

    code = "usage"


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """An identity to be recorded."""

    pin: Pin
    kind: IdentityKind
    name: str
    owner: IdentityId | None = None
    """Of a system: the person who answers for it."""


SEEN_AFTER = timedelta(minutes=1)
"""Staleness that `last_seen_at` may have: not every request writes."""


def is_known_now(connection: Connection, identity: Identity, now: datetime) -> Identity | None:
    """Return an identity with its id, where it is on record, active, and was seen just now.

    None for `recognise` to look at.
    """
    row = find_pin(connection, identity.pin)
    if row is None or (row.state, row.kind) != (IdentityState.ACTIVE, identity.kind):
        return None
    seen = row.last_seen_at
    if seen is None or not timedelta(0) <= now - seen < SEEN_AFTER:
        return None
    return replace(identity, identity_id=row.identity_id)


def recognise(  # each of another type
    connection: Connection,
    identity: Identity,
    now: datetime,
    random: Random,
    *,
    adds: bool = True,
    renames: bool = True,
) -> Identity:
    """Return an identity with its id; record a person who is not on record where `adds`, and
    another name where `renames`: at a sign-in, not at each request, whose tokens may differ.

    They have no role by that. A system must have been recorded before, with its owner. Raises
    `IdentityEndedError`, `NotAllowedError`, `InvalidOfficerError`.
    """
    row = find_pin(connection, identity.pin)
    if row is None:
        if identity.kind is IdentityKind.SERVICE:
            raise NotAllowedError(messages.SERVICE_UNKNOWN)
        if not adds:
            raise NotAllowedError(
                messages.person_unknown(iss=identity.pin.iss, sub=identity.pin.sub)
            )
        new = NewIdentity(identity.pin, identity.kind, identity.name)
        identity_id = _insert(connection, new, now, random)
        row = find_pin(connection, identity.pin)
        assert row is not None  # ours, or that of another process at the same moment
        if row.identity_id == identity_id:
            _record_added(connection, row, Actor(actor_name(row.identity_id)), now)
    if row.state is not IdentityState.ACTIVE:
        raise IdentityEndedError(messages.IDENTITY_ENDED)
    if row.kind is not identity.kind:
        raise NotAllowedError(messages.KIND_DIFFERS)
    _note_seen(connection, row, identity.name if renames else row.name, now)
    return replace(identity, identity_id=row.identity_id)


def add_identity(
    connection: Connection, new: NewIdentity, permit: Permit, at: datetime, random: Random
) -> IdentityRecord:
    """Record an identity before its first sign-in; it has no role by that.

    Raises `InvalidOfficerError`, `NoSuchIdentityError`, and `ConflictError` for one on record.
    """
    actor = permit.require(
        Action.MANAGE_OFFICERS, Action.PROVISION, authority_id=permit.authority_id
    )
    refuse_ended(connection, actor)
    owned = None if new.owner is None else lock_identity(connection, new.owner)
    fits = (new.kind is IdentityKind.SERVICE) == (owned is not None)
    if not fits or (
        owned is not None
        and (owned.kind, owned.state) != (IdentityKind.PERSON, IdentityState.ACTIVE)
    ):
        raise InvalidOfficerError(messages.OWNER_NEEDED)
    identity_id = _insert(connection, new, at, random)
    if identity_id is None:
        raise ConflictError(messages.IDENTITY_KNOWN)
    found = find_identity(connection, identity_id)
    _record_added(connection, found, actor, at)
    return found


def find_pin(connection: Connection, pin: Pin) -> IdentityRecord | None:
    """Return the identity of issuer and subject; None where none is on record."""
    query = select(identities).where(_COLUMN.iss == pin.iss, _COLUMN.sub == pin.sub)
    row = connection.execute(query).one_or_none()
    return None if row is None else identity_record(row)


def find_identity(connection: Connection, identity_id: str) -> IdentityRecord:
    """Return an identity. Raises `NoSuchIdentityError`."""
    return _read(connection, identity_id, lock=False)


def lock_identity(connection: Connection, identity_id: str) -> IdentityRecord:
    """Return an identity that nobody else changes until the transaction ends."""
    return _read(connection, identity_id, lock=True)


def list_identities(
    connection: Connection, *, state: IdentityState | None = None, after: str = "", limit: int = 100
) -> list[IdentityRecord]:
    """Return identities by id, those that follow `after`."""
    query = select(identities).where(_COLUMN.identity_id > after)
    if state is not None:
        query = query.where(_COLUMN.state == state)
    rows = connection.execute(query.order_by(_COLUMN.identity_id).limit(limit))
    return [identity_record(row) for row in rows]


def services_of(connection: Connection, owner: IdentityId) -> list[IdentityRecord]:
    """Return the systems that a person answers for."""
    query = select(identities).where(_COLUMN.owner == owner).order_by(_COLUMN.identity_id)
    return [identity_record(row) for row in connection.execute(query)]


def people_behind(connection: Connection, name: str) -> frozenset[str]:
    """Return everybody who is the same as an actor, by their names as actors.

    An identity is the same as those that it was merged into, those merged into it, and, for a
    system, whoever owns it. The local operator is nobody else.
    """
    start = identity_of(name)
    if start is None:
        return frozenset({name})
    found: set[str] = set()
    new = {str(start)}
    while new:
        found |= new
        rows = connection.execute(
            select(_COLUMN.identity_id, _COLUMN.merged_into, _COLUMN.owner).where(
                or_(_COLUMN.identity_id.in_(new), _COLUMN.merged_into.in_(new))
            )
        ).all()
        reached = {str(row.identity_id) for row in rows}
        reached |= {str(one) for row in rows for one in (row.merged_into, row.owner) if one}
        new = reached - found
    return frozenset(f"{IDENTITY_PREFIX}{one}" for one in found)


def has_ended(connection: Connection, name: str) -> bool:
    """Tell whether an actor was disabled, also by the identity that it was merged into."""
    identity_id: str | None = identity_of(name)
    while identity_id is not None:
        found = find_identity(connection, identity_id)
        if found.state is IdentityState.DISABLED:
            return True
        identity_id = found.merged_into
    return False


def refuse_ended(connection: Connection, actor: Actor) -> None:
    """See that who acts was not disabled meanwhile, and is not until the transaction ends.

    Raises `IdentityEndedError`.
    """
    identity_id = identity_of(actor)
    if identity_id is None:
        return
    query = select(_COLUMN.state).where(_COLUMN.identity_id == identity_id)
    state = connection.execute(query.with_for_update(read=True)).scalar_one_or_none()
    if state != IdentityState.ACTIVE:
        raise IdentityEndedError(messages.IDENTITY_ENDED)


def _read(connection: Connection, identity_id: str, *, lock: bool) -> IdentityRecord:
    query = select(identities).where(_COLUMN.identity_id == identity_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise no_such_identity(identity_id)
    return identity_record(row)


def no_such_identity(identity_id: str) -> NoSuchIdentityError:
    """Return the error of an identity that is not on record, or out of the caller's reach."""
    return NoSuchIdentityError(messages.no_such_identity(identity_id))


def _insert(
    connection: Connection, new: NewIdentity, at: datetime, random: Random
) -> IdentityId | None:
    """Return the id of a new row; None where the pin is on record."""
    pin, name = new.pin, new.name
    if not (
        _is_line(name, _MAX_NAME) and _is_line(pin.iss, _MAX_PIN) and _is_line(pin.sub, _MAX_PIN)
    ):
        raise InvalidOfficerError(messages.NAME_INVALID)
    identity_id = IdentityId(new_id(random))
    values = {
        "identity_id": identity_id,
        "iss": pin.iss,
        "sub": pin.sub,
        "kind": new.kind,
        "name": name,
        "state": IdentityState.ACTIVE,
        "owner": new.owner,
        "salt": random(16).hex(),
        "created_at": at,
    }
    return identity_id if insert_unless_there(connection, identities, values) else None


def _record_added(
    connection: Connection, record: IdentityRecord, actor: Actor, at: datetime
) -> None:
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="identity.added",
        subject=actor_name(record.identity_id),
        after={
            "kind": record.kind,
            "owner": record.owner,
            "state": record.state,
            "merged_into": None,
            "person": _digest(connection, record.identity_id),
        },
    )


def _note_seen(connection: Connection, record: IdentityRecord, name: str, now: datetime) -> None:
    """Note the sign-in, and the name if the issuer has another now."""
    this = update(identities).where(_COLUMN.identity_id == record.identity_id)
    if name == record.name or not _is_line(name, _MAX_NAME):
        connection.execute(this.values(last_seen_at=now))
        return
    before = _digest(connection, record.identity_id)
    connection.execute(this.values(last_seen_at=now, name=name))
    audit.record(
        connection,
        at=now,
        actor=Actor(actor_name(record.identity_id)),
        action="identity.renamed",
        subject=actor_name(record.identity_id),
        before={"person": before},
        after={"person": _digest(connection, record.identity_id)},
    )


def _digest(connection: Connection, identity_id: IdentityId) -> str:
    query = select(identities).where(_COLUMN.identity_id == identity_id)
    return person_digest(dict(connection.execute(query).mappings().one()))


def _is_line(text: str, longest: int) -> bool:
    return 1 <= len(text) <= longest and text.isprintable()
