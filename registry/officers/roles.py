"""Roles on record: given by somebody else, for a time, and ended with a reason; never deleted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, Connection, false, insert, or_, select, update

from core.errors import NotAllowedError
from core.ids import AuthorityId, IdentityId, Random
from core.permits import Action, Actor, Permit, Reach, Role
from identity.people.model import Assignment, IdentityKind, actor_name
from identity.people.rules import FOR_PEOPLE, RULES
from registry.audit import events as audit
from registry.audit.chain import NewEvent, append
from registry.db.tables import authorities, grant_requests, identities, role_assignments
from registry.journal.journal import JournalKind
from registry.journal.mirroring import mirror_of
from registry.model import ConflictError, NotFoundError
from registry.officers import messages
from registry.officers.identities import (
    IdentityEndedError,
    InvalidOfficerError,
    find_identity,
    lock_identity,
    people_behind,
    refuse_ended,
)
from registry.officers.journal import role_entry
from registry.officers.model import IdentityState, RoleRecord
from registry.officers.request_rows import CONFIRMED, reopen_all
from registry.officers.rows import MAX_WHY_CHARACTERS, new_id, role_record

ROLE_SUBJECT = "role:"
"""Beginning of the subject of a role's events; its id follows."""
_COLUMN = role_assignments.c


class OwnRoleError(NotAllowedError):
    """Somebody would give a role to themselves."""

    code: ClassVar[str] = "own_role"


@dataclass(frozen=True, slots=True)
class RoleGift:
    """A role to be given."""

    identity_id: IdentityId
    role: Role
    authority_id: AuthorityId | None
    """None: in all."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def assign_role(
    connection: Connection, gift: RoleGift, permit: Permit, at: datetime, random: Random
) -> RoleRecord:
    """Give a role. Raises `OwnRoleError`, `NotFoundError`, `ConflictError`, `IdentityEndedError`,
    `InvalidOfficerError`.
    """
    actor = permit.require(Action.MANAGE_OFFICERS, authority_id=gift.authority_id)
    refuse_ended(connection, actor)
    _check(connection, gift, at)
    person = lock_identity(connection, gift.identity_id)
    if person.state is not IdentityState.ACTIVE:
        raise IdentityEndedError(messages.IDENTITY_ENDED)
    if person.kind is IdentityKind.SERVICE and gift.role in FOR_PEOPLE:
        raise InvalidOfficerError(messages.SERVICE_CANNOT_ADMINISTER)
    ours = people_behind(connection, actor.name)
    if ours & people_behind(connection, actor_name(gift.identity_id)):
        raise OwnRoleError(messages.NOT_TO_ONESELF)
    same = (
        _COLUMN.identity_id == gift.identity_id,
        _COLUMN.role == gift.role,
        _COLUMN.authority_id.is_not_distinct_from(gift.authority_id),
    )
    if connection.execute(select(_COLUMN.assignment_id).where(*same, *_in_force(at))).first():
        raise ConflictError(messages.ROLE_HELD)
    assignment_id = new_id(random)
    connection.execute(
        insert(role_assignments).values(
            assignment_id=assignment_id,
            identity_id=gift.identity_id,
            role=gift.role,
            authority_id=gift.authority_id,
            valid_from=gift.valid_from,
            valid_until=gift.valid_until,
            given_by=actor.name,
            given_at=at,
        )
    )
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="role.added",
        subject=f"{ROLE_SUBJECT}{assignment_id}",
        after={
            "identity": gift.identity_id,
            "role": gift.role,
            "authority": gift.authority_id,
            "valid_from": _text(gift.valid_from),
            "valid_until": _text(gift.valid_until),
            "by": actor.name,
        },
    )
    return find_role(connection, assignment_id)


def end_role(
    connection: Connection, assignment_id: str, why: str, permit: Permit, at: datetime
) -> RoleRecord:
    """End a role; one that ended stays as it is. Raises `NotFoundError`, `InvalidOfficerError`."""
    record = find_role(connection, assignment_id)
    actor = permit.require(Action.MANAGE_OFFICERS, authority_id=record.authority_id)
    refuse_ended(connection, actor)
    check_why(why)
    if events := end_roles(connection, [_COLUMN.assignment_id == assignment_id], why, actor, at):
        reopened = reopen_all(connection, _approved_by(record), why, actor, at)
        append(connection, [*events, *reopened])
    return find_role(connection, assignment_id)


def _approved_by(record: RoleRecord) -> ColumnElement[bool]:
    """Return the condition of requests that a role let somebody decide.

    Those of bodies below its own are judged as they are used (`registry.officers.approval_use`).
    """
    column = grant_requests.c
    theirs = column.decided_by == actor_name(record.identity_id)
    if record.authority_id is not None:
        theirs &= column.authority_id == record.authority_id
    confirms = column.action.in_(CONFIRMED)
    decided = [
        which
        for deciding, which in ((Action.CONFIRM, confirms), (Action.DECIDE, ~confirms))
        if record.role in RULES[deciding].roles
    ]
    return theirs & or_(false(), *decided)


def end_roles(
    connection: Connection,
    which: Iterable[ColumnElement[bool]],
    why: str,
    actor: Actor,
    at: datetime,
) -> list[NewEvent]:
    """End those of some roles that have not ended; return the events of that, to be recorded last.

    The journal hears of each before the commit, so that no restore brings it back.
    """
    ended = connection.execute(
        update(role_assignments)
        .where(*which, _COLUMN.ended_at.is_(None))
        .values(ended_by=actor.name, ended_at=at, why=why)
        .returning(_COLUMN.assignment_id)
    )
    found = sorted(str(one) for one in ended.scalars())
    for one in found:
        mirror_of(connection).tighten(JournalKind.ROLE, role_entry(one, at))
    return [
        NewEvent(
            at=at,
            actor=actor,
            action="role.ended",
            subject=f"{ROLE_SUBJECT}{one}",
            basis=why,
            after={"by": actor.name},
        )
        for one in found
    ]


def find_role(connection: Connection, assignment_id: str) -> RoleRecord:
    """Return a role that was given. Raises `NotFoundError`."""
    query = select(role_assignments).where(_COLUMN.assignment_id == assignment_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(messages.no_such_role(assignment_id))
    return role_record(row)


def list_roles(
    connection: Connection,
    reach: Reach,
    *,
    identity_id: str | None = None,
    authority_id: str | None = None,
    ended: bool = True,
) -> list[RoleRecord]:
    """Return the roles in reach, by when they were given."""
    query = select(role_assignments).order_by(_COLUMN.given_at, _COLUMN.assignment_id)
    if reach.authorities is not None:
        query = query.where(_COLUMN.authority_id.in_(sorted(reach.authorities)))
    if identity_id is not None:
        query = query.where(_COLUMN.identity_id == identity_id)
    if authority_id is not None:
        query = query.where(_COLUMN.authority_id == authority_id)
    if not ended:
        query = query.where(_COLUMN.ended_at.is_(None))
    return [role_record(row) for row in connection.execute(query)]


def assignments_of(connection: Connection, identity_id: IdentityId) -> tuple[Assignment, ...]:
    """Return the roles of an identity that nobody ended, for `identity.people.permits.decide`.

    None of one that was disabled or merged.
    """
    if find_identity(connection, identity_id).state is not IdentityState.ACTIVE:
        return ()
    query = select(role_assignments).where(
        _COLUMN.identity_id == identity_id, _COLUMN.ended_at.is_(None)
    )
    return tuple(
        Assignment(
            one.identity_id,
            one.role,
            one.authority_id,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
        )
        for one in (role_record(row) for row in connection.execute(query))
    )


def administers_all(connection: Connection, at: datetime) -> bool:
    """Tell whether anybody in use administers all authorities by a role on record."""
    query = (
        select(_COLUMN.assignment_id)
        .join(identities, identities.c.identity_id == _COLUMN.identity_id)
        .where(
            identities.c.state == IdentityState.ACTIVE,
            _COLUMN.role == Role.ADMINISTRATOR,
            _COLUMN.authority_id.is_(None),
            *_in_force(at),
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def check_why(why: str) -> None:
    """Raise `InvalidOfficerError` unless a reason is given."""
    if not 1 <= len(why.strip()) <= MAX_WHY_CHARACTERS:
        raise InvalidOfficerError(messages.WHY_NEEDED)


def _in_force(at: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of a role that did not end, nor ran out."""
    return [
        _COLUMN.ended_at.is_(None),
        (_COLUMN.valid_until.is_(None)) | (_COLUMN.valid_until > at),
    ]


def _check(connection: Connection, gift: RoleGift, at: datetime) -> None:
    until = gift.valid_until
    if until is not None and (until <= at or (gift.valid_from or at) >= until):
        raise InvalidOfficerError(messages.ROLE_BOUNDS_WRONG)
    if gift.authority_id is None:
        return
    known = select(authorities.c.authority_id).where(
        authorities.c.authority_id == gift.authority_id
    )
    if connection.execute(known).one_or_none() is None:
        raise NotFoundError(messages.no_such_authority(gift.authority_id))


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
