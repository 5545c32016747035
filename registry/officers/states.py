"""States of identities: moved in journal and table, with an event each; put to use again."""

from datetime import datetime

from sqlalchemy import Connection, update

from core.errors import NotAllowedError
from core.ids import IdentityId
from core.permits import Action, Actor, Permit
from identity.people.model import actor_name
from registry.audit.chain import NewEvent, append
from registry.db.tables import grant_requests, identities
from registry.journal.journal import JournalKind
from registry.journal.mirroring import mirror_of
from registry.model import ConflictError
from registry.officers import messages
from registry.officers.identities import find_identity, has_ended, lock_identity, refuse_ended
from registry.officers.journal import identity_entry
from registry.officers.model import DeskRequestState, IdentityRecord, IdentityState
from registry.officers.request_rows import reopen_all
from registry.officers.roles import check_why
from registry.officers.turns import ended_by, is_provider


def enable_identity(
    connection: Connection, identity_id: IdentityId, why: str, permit: Permit, at: datetime
) -> IdentityRecord:
    """Put a disabled identity to use again; none of its roles comes back.

    Nor does what it had approved and nobody carried out: that may be why it was disabled. A
    provider enables whom it alone disabled. Raises `NoSuchIdentityError`, `NotAllowedError`, and
    `ConflictError` for one that was merged.
    """
    actor = permit.require(Action.MANAGE_OFFICERS, Action.PROVISION, authority_id=None)
    refuse_ended(connection, actor)
    check_why(why)
    person = lock_identity(connection, identity_id)
    if person.state is IdentityState.ACTIVE:
        return person
    if permit.action is Action.PROVISION and ended_by(connection, identity_id) != actor.name:
        raise NotAllowedError(messages.ENDED_HERE)
    if person.state is IdentityState.MERGED:
        raise ConflictError(messages.IDENTITY_ENDED)
    if person.owner is not None and has_ended(connection, actor_name(person.owner)):
        raise ConflictError(messages.OWNER_ENDED)
    column = grant_requests.c
    theirs = (column.decided_by == actor_name(identity_id)) & (
        column.state == DeskRequestState.APPROVED
    )
    reopened = reopen_all(connection, theirs, why, actor, at)
    event = identity_moved(connection, person, (IdentityState.ACTIVE, None), why, actor, at=at)
    append(connection, [*reopened, event])
    return find_identity(connection, identity_id)


def identity_moved(
    connection: Connection,
    person: IdentityRecord,
    to: tuple[IdentityState, IdentityId | None],
    why: str,
    actor: Actor,
    *,
    at: datetime,
) -> NewEvent:
    """Bring an identity to a state, in journal and table; return the event of that."""
    state, merged_into = to
    here = not is_provider(actor.name)
    entry = identity_entry(connection, person.identity_id, to, at, here=here)
    mirror = mirror_of(connection)
    if state is IdentityState.ACTIVE:
        mirror.loosen(JournalKind.IDENTITY, entry)
    else:
        mirror.tighten(JournalKind.IDENTITY, entry)
    this = update(identities).where(identities.c.identity_id == person.identity_id)
    connection.execute(this.values(state=state, merged_into=merged_into))
    return NewEvent(
        at=at,
        actor=actor,
        action="identity.enabled" if state is IdentityState.ACTIVE else "identity.ended",
        subject=actor_name(person.identity_id),
        basis=why,
        before={"state": person.state, "merged_into": person.merged_into},
        after={"state": state, "merged_into": merged_into},
    )
