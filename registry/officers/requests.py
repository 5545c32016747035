"""Requests that somebody else decides: made, approved or rejected, carried out once.

A request is of one action for one authority, and of one content, by its digest: an approval is good
for nothing else. Nobody decides on a request of their own, whatever name they go by. Of two who
decide at once one is first, and the other is told by whom and when.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from core.canonical import canonical_json
from core.ids import AuthorityId, LicenceIdentifier, Random, TypeCode
from core.permits import Action, Permit
from identity.people.rights_check import OwnRequestError
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.tables import grant_requests
from registry.licences.licences import scoped_key
from registry.model import KeyReusedError
from registry.officers import messages
from registry.officers.approval_use import Deciders, refuse_lapsed
from registry.officers.identities import people_behind, refuse_ended
from registry.officers.model import OPEN, DeskRequest, DeskRequestState
from registry.officers.request_rows import (
    REQUEST_SUBJECT,
    Decision,
    deciding_action,
    find_request,
    lock_request,
    move,
    no_such_request,
    refuse_decided,
)
from registry.officers.roles import check_why
from registry.officers.rows import new_id, request_record
from registry.privacy.codes import Privacy, is_kept, kept_digest, privacy_of

KEPT = timedelta(days=30)
"""Time in which a request is to be decided and carried out."""


OF_HOLDERS: Final = (Action.GRANT, Action.CHANGE_LICENCE)
"""Actions whose requests name holders: their digests are kept as tokens."""
_ASKED_BY = {Action.ENROL_OWN: Action.ENROL_OWN}
"""Permits to ask, where another than the one to make requests will do."""


@dataclass(frozen=True, slots=True)
class NewDeskRequest:
    """A request to be made."""

    action: Action
    """Action that it asks for."""
    authority_id: AuthorityId | None
    digest: str
    """SHA-256 (hex) of what is asked for, as `GrantRequest.digest` has it for a grant."""
    type_code: TypeCode | None = None
    request_key: str | None = None
    """An authority's same key never leads to two requests."""
    kept: timedelta = KEPT
    type_sha256: str | None = None
    """Of the type's definition: what is approved is approved as that says it."""
    rows: int | None = None
    """Of a batch."""
    older_digest: str | None = None
    """What the version before had as its digest."""
    document: LicenceIdentifier | None = None
    """Another authority's, on which a seal is asked for."""


def make_request(
    connection: Connection, new: NewDeskRequest, permit: Permit, at: datetime, random: Random
) -> DeskRequest:
    """Make a request, or find the one of the same key.

    Raises `KeyReusedError`, `IdentityEndedError`.
    """
    needed = _ASKED_BY.get(new.action, Action.REQUEST)
    actor = permit.require(needed, authority_id=new.authority_id)
    refuse_ended(connection, actor)
    key = None if new.request_key is None else scoped_key(str(new.authority_id), new.request_key)
    request_id, digest = new_id(random), bound_digest(new.digest, new.type_sha256)
    if new.action in OF_HOLDERS:
        digest = kept_digest(privacy_of(connection), digest)
    values = {
        "request_id": request_id,
        "action": new.action,
        "authority_id": new.authority_id,
        "type_code": new.type_code,
        "digest": digest,
        "type_sha256": new.type_sha256,
        "rows": new.rows,
        "document": new.document,
        "request_key": key,
        "requested_by": actor.name,
        "requested_at": at,
        "lapses_at": at + new.kept,
        "state": DeskRequestState.WAITING,
        "changed_at": at,
    }
    if not insert_unless_there(connection, grant_requests, values):
        return _earlier(connection, new, key)
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="request.added",
        subject=f"{REQUEST_SUBJECT}{request_id}",
        after={
            "action": new.action,
            "authority": new.authority_id,
            "type": new.type_code,
            "digest": digest,
            "type_sha256": new.type_sha256,
            "rows": new.rows,
            **({} if new.document is None else {"document": new.document}),
            "key": key,
            "by": actor.name,
            "lapses_at": (at + new.kept).isoformat(),
            "state": DeskRequestState.WAITING,
        },
    )
    return find_request(connection, request_id)


def bound_digest(digest: str, type_sha256: str | None) -> str:
    """Return the digest of what is asked for under one definition of its type."""
    if type_sha256 is None:
        return digest
    said = {"content": digest, "type": type_sha256}
    return hashlib.sha256(canonical_json(said)).hexdigest()


def approve_request(
    connection: Connection,
    request_id: str,
    reason: str,
    permit: Permit,
    at: datetime,
    *,
    deciders: Deciders,
    vouched: Mapping[str, Any] | None = None,
) -> DeskRequest:
    """Approve what somebody else asks for, also where an earlier approval counts no more.

    `vouched`: what the sign-in of who approves said of them. Raises `NoSuchRequestError`,
    `OwnRequestError`, `AlreadyDecidedError`, `ConflictError` for one that lapsed,
    `IdentityEndedError`.
    """
    found = _to_decide(connection, request_id, reason, permit, at=at, deciders=deciders)
    decision = Decision(vouched)
    move(
        connection,
        found,
        DeskRequestState.APPROVED,
        permit.actor,
        at,
        reason=reason,
        decision=decision,
    )
    return find_request(connection, request_id)


def reject_request(
    connection: Connection,
    request_id: str,
    reason: str,
    permit: Permit,
    at: datetime,
    *,
    deciders: Deciders,
) -> DeskRequest:
    """Reject what somebody else asks for. Raises as `approve_request`."""
    found = _to_decide(connection, request_id, reason, permit, at=at, deciders=deciders)
    move(
        connection,
        found,
        DeskRequestState.REJECTED,
        permit.actor,
        at,
        reason=reason,
        decision=Decision(),
    )
    return find_request(connection, request_id)


def withdraw_request(
    connection: Connection, request_id: str, reason: str, permit: Permit, at: datetime
) -> DeskRequest:
    """Withdraw a request of one's own that was not carried out; withdrawn, it stays so.

    The local operator withdraws anybody's. Raises `NoSuchRequestError`, `AlreadyDecidedError`.
    """
    found = lock_request(connection, request_id)
    actor = permit.require(Action.REQUEST, authority_id=found.authority_id)
    refuse_ended(connection, actor)
    check_why(reason)
    ours = people_behind(connection, actor.name)
    if permit.authority_id is not None and found.requested_by not in ours:
        raise no_such_request(request_id)
    if found.state is DeskRequestState.WITHDRAWN:
        return found
    if found.state not in OPEN:
        refuse_decided(found)
    move(connection, found, DeskRequestState.WITHDRAWN, actor, at, reason=reason)
    return find_request(connection, request_id)


def _to_decide(
    connection: Connection,
    request_id: str,
    reason: str,
    permit: Permit,
    *,
    at: datetime,
    deciders: Deciders,
) -> DeskRequest:
    """Return a request, locked, that the actor may decide now."""
    found = lock_request(connection, request_id)
    actor = permit.require(deciding_action(found.action), authority_id=found.authority_id)
    refuse_ended(connection, actor)
    check_why(reason)
    approved = found.state is DeskRequestState.APPROVED
    void = approved and not deciders.stand_by(connection, found, at)
    if found.state is not DeskRequestState.WAITING and not void:
        refuse_decided(found)
    refuse_lapsed(found, at)
    behind = people_behind(connection, found.requested_by)
    if behind & people_behind(connection, actor.name):
        raise OwnRequestError(messages.OWN_REQUEST)
    return found


def earlier_request(connection: Connection, new: NewDeskRequest) -> DeskRequest | None:
    """Return the request that was made under the same key.

    Raises `KeyReusedError`.
    """
    if new.request_key is None:
        return None
    key = scoped_key(str(new.authority_id), new.request_key)
    known = select(grant_requests.c.request_id).where(grant_requests.c.request_key == key)
    if connection.execute(known).one_or_none() is None:
        return None
    return _earlier(connection, new, key)


def _earlier(connection: Connection, new: NewDeskRequest, key: str | None) -> DeskRequest:
    """Return the request of the same key, if it asks for the same."""
    row = connection.execute(
        select(grant_requests).where(grant_requests.c.request_key == key)
    ).one_or_none()
    found = None if row is None else request_record(row)
    if found is None or not _is_same(privacy_of(connection), found, new):
        raise KeyReusedError(messages.REQUEST_KEY_REUSED)
    return found


def _is_same(privacy: Privacy, found: DeskRequest, new: NewDeskRequest) -> bool:
    """Tell whether a request asks for what a new one would, also under a newer definition."""
    alike = (found.action, found.authority_id, found.rows) == (
        new.action,
        new.authority_id,
        new.rows,
    )
    digests = [one for one in (new.digest, new.older_digest) if one is not None]
    return alike and any(
        is_kept(privacy, found.digest, bound_digest(one, found.type_sha256)) for one in digests
    )
