"""Identities and roles that ended, as the journal keeps them, and as a restore takes them from it.

Without it a restored register would let somebody act again who has left. Of an identity the journal
says the pin too: one that was recorded after the backup and disabled since must not sign in as new.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from core.ids import IdentityId
from identity.people.model import actor_name
from registry.audit.chain import RESTORER, NewEvent
from registry.db.tables import grant_requests, identities, role_assignments
from registry.journal.journal import Facts
from registry.officers import messages
from registry.officers.model import OPEN, DeskRequestState, IdentityState
from registry.officers.rows import person_digest
from registry.officers.turns import ended_by, is_provider

_WHY = messages.RESTORED.zh


def role_entry(assignment_id: str, at: datetime) -> Facts:
    """Return the journal's entry of a role that ended."""
    return {"role": assignment_id, "at": at.isoformat()}


def identity_entry(
    connection: Connection,
    identity_id: str,
    to: tuple[IdentityState, str | None],
    at: datetime,
    *,
    here: bool,
) -> Facts:
    """Return the journal's entry of an identity that comes to a state.

    `here`: by somebody here, not by its provider, which may not undo it then.
    """
    state, merged_into = to
    this = select(identities).where(identities.c.identity_id == identity_id)
    row = connection.execute(this).one()
    return {
        "identity": row.identity_id,
        "iss": row.iss,
        "sub": row.sub,
        "kind": row.kind,
        "salt": row.salt,
        "state": state,
        "merged_into": merged_into,
        "here": here,
        "at": at.isoformat(),
    }


def merge_role(connection: Connection, told: Facts, at: datetime) -> NewEvent | None:
    """End a role that was said to have ended; return the event of that, if there is one."""
    column = role_assignments.c
    ended = connection.execute(
        update(role_assignments)
        .where(column.assignment_id == told["role"], column.ended_at.is_(None))
        .values(ended_by=RESTORER.name, ended_at=at, why=_WHY)
    )
    if ended.rowcount != 1:
        return None
    return NewEvent(
        at=at,
        actor=RESTORER,
        action="role.ended",
        subject=f"role:{told['role']}",
        basis=_WHY,
        after={"by": RESTORER.name},
    )


def merge_identity(connection: Connection, told: Facts, at: datetime) -> NewEvent | None:
    """Bring an identity to what was last said of it; return the event of that, if it was not there.

    One that the backup does not know is recorded as disabled. One that was merged into another that
    the backup does not know is disabled too. One whom its provider had disabled then, and somebody
    here since, is told again: the provider may not undo that. Raises `KeyError`, `ValueError` for
    facts of another making.
    """
    column = identities.c
    pin = (column.iss == told["iss"], column.sub == told["sub"])
    found = connection.execute(select(identities).where(*pin).with_for_update()).one_or_none()
    state, into = IdentityState(str(told["state"])), told["merged_into"]
    if state is IdentityState.MERGED:
        known = select(column.identity_id).where(column.identity_id == into)
        if connection.execute(known).one_or_none() is None:
            state, into = IdentityState.DISABLED, None
    if found is None:
        return None if state is IdentityState.ACTIVE else _insert(connection, told, at)
    same = (found.state, found.merged_into) == (state, into)
    if same and not (told.get("here") and is_provider(ended_by(connection, found.identity_id))):
        return None
    this = update(identities).where(column.identity_id == found.identity_id)
    connection.execute(this.values(state=state, merged_into=into))
    return NewEvent(
        at=at,
        actor=RESTORER,
        action="identity.restored",
        subject=actor_name(found.identity_id),
        basis=_WHY,
        before={"state": found.state},
        after={"state": state, "merged_into": into},
    )


def is_lapsed_by_restore() -> ColumnElement[bool]:
    """Tell of a request whether a restore let it lapse."""
    column = grant_requests.c
    return and_(column.state == DeskRequestState.LAPSED, column.reason == _WHY)


def lapse_open(connection: Connection, at: datetime) -> list[NewEvent]:
    """Let every open request lapse; return the events of that.

    Each may have been decided, withdrawn or carried out since the backup: it has to be made again.
    """
    column = grant_requests.c
    lapsed = connection.execute(
        update(grant_requests)
        .where(column.state.in_(OPEN))
        .values(state=DeskRequestState.LAPSED, reason=_WHY, changed_at=at)
        .returning(column.request_id)
    )
    return [
        NewEvent(
            at=at,
            actor=RESTORER,
            action="request.lapsed",
            subject=f"request:{one}",
            basis=_WHY,
            after={"state": DeskRequestState.LAPSED},
        )
        for one in sorted(lapsed.scalars())
    ]


def _insert(connection: Connection, told: Facts, at: datetime) -> NewEvent:
    """Record somebody whom the backup does not know, so that they do not come back as new."""
    values = {
        "identity_id": told["identity"],
        "iss": told["iss"],
        "sub": told["sub"],
        "kind": told["kind"],
        "name": _UNKNOWN,
        "state": IdentityState.DISABLED,
        "merged_into": None,
        "owner": None,
        "salt": told["salt"],
        "created_at": at,
    }
    connection.execute(insert(identities).values(values))
    return NewEvent(
        at=at,
        actor=RESTORER,
        action="identity.restored",
        subject=actor_name(IdentityId(str(told["identity"]))),
        basis=_WHY,
        after={
            "kind": told["kind"],
            "owner": None,
            "state": IdentityState.DISABLED,
            "merged_into": None,
            "person": person_digest(values),
        },
    )


_UNKNOWN = "?"
"""Name of somebody of whom a restore knows the pin alone."""
