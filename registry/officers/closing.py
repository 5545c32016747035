"""Closing of requests that were approved and will not be carried out."""

from datetime import datetime

from sqlalchemy import Connection

from core.permits import Action, Permit
from registry.officers.identities import refuse_ended
from registry.officers.model import DeskRequest, DeskRequestState
from registry.officers.request_rows import (
    Decision,
    deciding_action,
    find_request,
    lock_request,
    move,
    refuse_decided,
)
from registry.officers.roles import check_why

CARRIED_OUT_BY_ROLE = frozenset({Action.GRANT, Action.CHANGE_LICENCE})
"""Actions for which whoever may carry a request out answers for others' requests too."""


def close_request(
    connection: Connection,
    request_id: str,
    reason: str,
    permit: Permit,
    at: datetime,
    *,
    alone: bool = False,
) -> DeskRequest:
    """Close an approved request that will not be carried out; it is rejected from then on.

    For who may decide on it, and for who may carry it out: what was approved may have become
    impossible since. `alone` as for `begin_carrying_out`. Raises as `approve_request`.
    """
    found = lock_request(connection, request_id)
    closing = (deciding_action(found.action), *CARRIED_OUT_BY_ROLE.intersection({found.action}))
    actor = permit.require(*closing, authority_id=found.authority_id)
    refuse_ended(connection, actor)
    check_why(reason)
    unapproved = alone and found.state is DeskRequestState.WAITING
    if found.state is not DeskRequestState.APPROVED and not unapproved:
        refuse_decided(found)
    rejected = DeskRequestState.REJECTED
    move(connection, found, rejected, actor, at, reason=reason, decision=Decision())
    return find_request(connection, request_id)
