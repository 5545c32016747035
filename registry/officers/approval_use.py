"""Approvals, as they are used, once: they count while who gave them might still decide.

Roles on record count as of that moment. Roles of groups are as old as the sign-in that named the
groups: a newer one takes its place, and without one they end after `GROUPS_COUNT`, which lets what
was approved on a Friday be carried out on the Monday after. What is not known counts for nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from core.clock import civil_date
from core.permits import Actor, Permit
from identity.people.groups import GroupTable, roles_from_groups
from identity.people.model import Approval, Identity, SignInWay, identity_of
from identity.people.rights_check import RightsContext, SecondPersonRequiredError, may
from registry.audit.chain import append
from registry.bodies.reorganising import load_bodies
from registry.db.tables import grant_requests
from registry.model import ConflictError
from registry.officers import messages
from registry.officers.identities import find_identity, people_behind, refuse_ended
from registry.officers.model import DeskRequest, DeskRequestState, IdentityState
from registry.officers.request_rows import (
    REQUEST_SUBJECT,
    deciding_action,
    find_request,
    lock_request,
    move,
    moved,
    refuse_decided,
)
from registry.officers.roles import assignments_of
from registry.officers.rows import request_record
from registry.privacy.codes import is_kept, privacy_of

GROUPS_COUNT = timedelta(days=4)
"""For how long after their sign-in an approver's groups are taken to be what they were."""
_SERVICE = Actor("service")


class ApprovalEndedError(SecondPersonRequiredError):
    """The approver may decide no longer: somebody else has to."""


@dataclass(frozen=True, slots=True)
class Deciders:
    """Judges approvals by the rights that those have now who gave them."""

    zone: ZoneInfo
    groups: GroupTable = field(default_factory=dict)

    def context(self, connection: Connection, now: datetime) -> RightsContext:
        """Return the bodies by which rights are judged, for several requests of one moment."""
        return RightsContext(load_bodies(connection, civil_date(now, self.zone)))

    def stand_by(
        self,
        connection: Connection,
        found: DeskRequest,
        now: datetime,
        context: RightsContext | None = None,
    ) -> bool:
        """Tell whether who decided on a request might do so now; the local operator always may."""
        if found.decided_by is None:
            return False
        name = identity_of(found.decided_by)
        if name is None:
            return True
        record = find_identity(connection, name)
        vouched = _vouched(found.vouched, now)
        while record.merged_into is not None:
            record, vouched = find_identity(connection, record.merged_into), None
        if record.state is not IdentityState.ACTIVE:
            return False
        identity = Identity(
            record.pin,
            record.kind,
            record.name,
            SignInWay.BROWSER if vouched is None else SignInWay(vouched["way"]),
            record.identity_id,
            groups=frozenset() if vouched is None else frozenset(vouched["groups"]),
        )
        held = (
            *assignments_of(connection, record.identity_id),
            *roles_from_groups(identity, self.groups),
        )
        act = deciding_action(found.action), found.authority_id
        return may(identity, held, act, now, context or self.context(connection, now))


def find_void(connection: Connection, now: datetime, deciders: Deciders) -> list[str]:
    """Return the approved requests whose approval counts no more; it only reads, since it judges
    all of them, and SQLite's writers wait for one another.

    For roles that ran out, and those of groups: of these no event tells.
    """
    approved = grant_requests.c.state == DeskRequestState.APPROVED
    query = select(grant_requests).where(approved).order_by(grant_requests.c.request_id)
    rows = [request_record(row) for row in connection.execute(query)]
    context = deciders.context(connection, now)
    return [one.request_id for one in rows if not deciders.stand_by(connection, one, now, context)]


def reopen_void(
    connection: Connection, void: Iterable[str], now: datetime, deciders: Deciders
) -> list[str]:
    """Let a few that `find_void` found wait again, where that still holds; return their ids."""
    locked = [lock_request(connection, one) for one in sorted(void)]  # or was decided anew
    context = deciders.context(connection, now)
    why, waiting = messages.APPROVAL_ENDED.zh, DeskRequestState.WAITING
    events = [
        moved(connection, one, waiting, _SERVICE, now, reason=why)
        for one in locked
        if one.state is DeskRequestState.APPROVED
        and not deciders.stand_by(connection, one, now, context)
    ]
    if events:
        append(connection, events)
    return [one.subject.removeprefix(REQUEST_SUBJECT) for one in events]


def approval_of(
    connection: Connection, request_id: str, now: datetime, deciders: Deciders
) -> Approval | None:
    """Return the approval of a request, for `identity.people.permits.decide`.

    None where it is not approved, was carried out, or has lapsed. Raises `ApprovalEndedError` where
    who approved it may decide no longer: what they decided with a stolen account, or before they
    left, must not be carried out.
    """
    found = find_request(connection, request_id)
    if found.state is not DeskRequestState.APPROVED or found.lapses_at <= now:
        return None
    return _approval(connection, found, now, deciders)


def approval_carried_out(
    connection: Connection, request_id: str, now: datetime, deciders: Deciders
) -> Approval | None:
    """Return the approval of a request that is being carried out, as `approval_of` does."""
    found = find_request(connection, request_id)
    if found.state is not DeskRequestState.DONE or found.decided_by is None:
        return None
    return _approval(connection, found, now, deciders)


def refuse_void(
    connection: Connection, found: DeskRequest, now: datetime, deciders: Deciders
) -> None:
    """See that who approved a request may still decide on it. Raises `ApprovalEndedError`."""
    if not deciders.stand_by(connection, found, now):
        raise ApprovalEndedError(messages.APPROVAL_ENDED)


def carry_out(
    connection: Connection,
    request_id: str,
    digest: str,
    permit: Permit,
    at: datetime,
    *,
    deciders: Deciders,
) -> DeskRequest:
    """Note that an approved request is carried out, in the transaction that does it.

    Raises as `begin_carrying_out`.
    """
    found = begin_carrying_out(connection, request_id, digest, permit, at, deciders=deciders)
    end_carrying_out(connection, found, permit, at)
    return find_request(connection, request_id)


def begin_carrying_out(
    connection: Connection,
    request_id: str,
    digest: str,
    permit: Permit,
    at: datetime,
    *,
    deciders: Deciders,
    alone: bool = False,
) -> DeskRequest:
    """Return a request that is to be carried out, locked, in the transaction that does it.

    `alone`: the type needs no second person for it, so it need not be approved. Raises
    `AlreadyDecidedError` where it is not approved, or was carried out before, `ApprovalEndedError`
    where who approved it may decide no longer, and `ConflictError` where it asked for something
    else or has lapsed.
    """
    found = lock_request(connection, request_id)
    actor = permit.require(found.action, authority_id=found.authority_id)
    refuse_ended(connection, actor)
    if not is_kept(privacy_of(connection), found.digest, digest):
        raise ConflictError(messages.REQUEST_CHANGED)
    unapproved = alone and found.state is DeskRequestState.WAITING
    if found.state is not DeskRequestState.APPROVED and not unapproved:
        refuse_decided(found)
    refuse_lapsed(found, at)
    if not unapproved:
        refuse_void(connection, found, at, deciders)
    return found


def end_carrying_out(
    connection: Connection, found: DeskRequest, permit: Permit, at: datetime
) -> None:
    """Note that a request is carried out; last in the transaction, as every event is."""
    unapproved = found.state is DeskRequestState.WAITING
    move(connection, found, DeskRequestState.DONE, permit.actor, at, alone=unapproved)


def refuse_lapsed(found: DeskRequest, at: datetime) -> None:
    """See that a request has not lapsed. Raises `ConflictError`."""
    if found.lapses_at <= at:
        raise ConflictError(messages.REQUEST_LAPSED)


def _approval(
    connection: Connection, found: DeskRequest, now: datetime, deciders: Deciders
) -> Approval:
    assert found.decided_by is not None
    refuse_void(connection, found, now, deciders)
    return Approval(
        found.request_id,
        found.action,
        found.authority_id,
        found.digest,
        people_behind(connection, found.requested_by),
        people_behind(connection, found.decided_by),
    )


def _vouched(kept: Mapping[str, Any] | None, now: datetime) -> Mapping[str, Any] | None:
    if kept is None or now - datetime.fromisoformat(kept["at"]) >= GROUPS_COUNT:
        return None
    return kept
