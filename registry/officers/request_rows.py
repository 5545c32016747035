"""Requests on record: read, moved from state to state with an event each, lapsed, withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, Connection, delete, select, update

from core.permits import Action, Actor, Reach
from registry.audit.chain import NewEvent, append
from registry.db.paging import Place
from registry.db.tables import (
    batch_rows,
    document_drafts,
    document_files,
    grant_requests,
    request_contents,
)
from registry.officers import messages
from registry.officers.model import (
    OPEN,
    AlreadyDecidedError,
    DeskRequest,
    DeskRequestState,
    NoSuchRequestError,
)
from registry.officers.rows import request_record
from registry.officers.words import REQUEST_STATES

REQUEST_SUBJECT = "request:"
"""Beginning of the subject of a request's events; its id follows."""
_NEVER = (DeskRequestState.REJECTED, DeskRequestState.WITHDRAWN, DeskRequestState.LAPSED)
"""States from which nothing follows."""
_BY_WHO_DECIDED = (DeskRequestState.APPROVED, DeskRequestState.REJECTED)
"""States in which whoever decided brought the request."""
_ACTIONS = {DeskRequestState.WAITING: "request.reopened"}
CONFIRMED = (Action.MANAGE_SEAL, Action.ENROL_OWN, Action.MANAGE_AUTHORITY)
"""Actions that are decided on by `Action.CONFIRM`."""
_COLUMN = grant_requests.c


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision by who moves a request."""

    vouched: Mapping[str, Any] | None = None
    """What their sign-in said of them."""


def deciding_action(action: Action) -> Action:
    """Return the action of deciding: keys and types are for other people than licences."""
    return Action.CONFIRM if action in CONFIRMED else Action.DECIDE


def forget_content(connection: Connection, request_id: str) -> None:
    """Forget what a request asked for."""
    forget_files(connection, document_drafts.c.request_id == request_id)
    for table in (request_contents, batch_rows):
        connection.execute(delete(table).where(table.c.request_id == request_id))


def forget_files(connection: Connection, which: ColumnElement[bool]) -> None:
    """Forget drafts of documents, with the files that were handed in for them."""
    drafts = select(document_drafts.c.draft_id).where(which)
    connection.execute(delete(document_files).where(document_files.c.draft_id.in_(drafts)))
    connection.execute(delete(document_drafts).where(which))


def find_request(connection: Connection, request_id: str) -> DeskRequest:
    """Return a request. Raises `NoSuchRequestError`."""
    row = connection.execute(
        select(grant_requests).where(_COLUMN.request_id == request_id)
    ).one_or_none()
    if row is None:
        raise no_such_request(request_id)
    return request_record(row)


def no_such_request(request_id: str) -> NoSuchRequestError:
    """Return the error of a request that is not on record, or out of the caller's reach."""
    return NoSuchRequestError(messages.no_such_request(request_id))


def list_requests(
    connection: Connection,
    reach: Reach,
    *,
    state: DeskRequestState | None = None,
    after: Place | None = None,
    limit: int = 100,
) -> list[DeskRequest]:
    """Return the requests in reach, the oldest first, those that follow a place."""
    query = select(grant_requests)
    if after is not None:
        query = query.where(after.precedes(_COLUMN.requested_at, _COLUMN.request_id))
    if reach.authorities is not None:
        query = query.where(_COLUMN.authority_id.in_(sorted(reach.authorities)))
    if state is not None:
        query = query.where(_COLUMN.state == state)
    rows = connection.execute(query.order_by(_COLUMN.requested_at, _COLUMN.request_id).limit(limit))
    return [request_record(row) for row in rows]


def open_requests_of(
    connection: Connection, requested_by: str, action: Action, digest: str
) -> list[DeskRequest]:
    """Return somebody's open requests of this very content, by when they were made."""
    query = select(grant_requests).where(
        _COLUMN.requested_by == requested_by,
        _COLUMN.action == action,
        _COLUMN.digest == digest,
        _COLUMN.state.in_(OPEN),
    )
    rows = connection.execute(query.order_by(_COLUMN.requested_at, _COLUMN.request_id))
    return [request_record(row) for row in rows]


def lapse_due(connection: Connection, now: datetime) -> list[str]:
    """Let the open requests lapse whose time is over; return their ids."""
    query = (
        select(grant_requests)
        .where(_COLUMN.state.in_(OPEN), _COLUMN.lapses_at <= now)
        .order_by(_COLUMN.request_id)
        .with_for_update()
    )
    due = [request_record(row) for row in connection.execute(query)]
    lapsed = DeskRequestState.LAPSED
    events = [moved(connection, one, lapsed, Actor("service"), now) for one in due]
    if events:
        append(connection, events)
    return [one.request_id for one in due]


def withdraw_all(
    connection: Connection,
    which: ColumnElement[bool],
    why: str,
    actor: Actor,
    at: datetime,
) -> list[NewEvent]:
    """Withdraw some open requests, as whoever made them leaves; return the events of that, to be
    recorded last.
    """
    query = (
        select(grant_requests)
        .where(which, _COLUMN.state.in_(OPEN))
        .order_by(_COLUMN.request_id)
        .with_for_update()
    )
    found = [request_record(row) for row in connection.execute(query)]
    withdrawn = DeskRequestState.WITHDRAWN
    return [moved(connection, one, withdrawn, actor, at, reason=why) for one in found]


def reopen_all(
    connection: Connection, which: ColumnElement[bool], why: str, actor: Actor, at: datetime
) -> list[NewEvent]:
    """Let some approved requests wait again, as who approved them may decide no longer; return the
    events of that, to be recorded last.
    """
    query = (
        select(grant_requests)
        .where(which, _COLUMN.state == DeskRequestState.APPROVED)
        .order_by(_COLUMN.request_id)
        .with_for_update()
    )
    found = [request_record(row) for row in connection.execute(query)]
    told = f"{messages.APPROVAL_ENDED.zh}（{why}）"
    waiting = DeskRequestState.WAITING
    return [moved(connection, one, waiting, actor, at, reason=told) for one in found]


def move(
    connection: Connection,
    found: DeskRequest,
    state: DeskRequestState,
    actor: Actor,
    at: datetime,
    *,
    reason: str | None = None,
    decision: Decision | None = None,
    alone: bool = False,
) -> None:
    """Bring a request to a state, with its event; whoever comes second finds it elsewhere."""
    event = moved(
        connection, found, state, actor, at, reason=reason, decision=decision, alone=alone
    )
    append(connection, [event])


def moved(
    connection: Connection,
    found: DeskRequest,
    state: DeskRequestState,
    actor: Actor,
    at: datetime,
    *,
    reason: str | None = None,
    decision: Decision | None = None,
    alone: bool = False,
) -> NewEvent:
    """Bring a request to a state; return the event of that, to be recorded last.

    What one asked for that will never be carried out is forgotten: it holds personal data. `alone`:
    it is carried out without an approval.
    """
    values: dict[str, object] = {"state": state, "changed_at": at}
    if state is not DeskRequestState.DONE:
        values["reason"] = reason
    if decision is not None:
        values |= {"decided_by": actor.name, "decided_at": at, "vouched": decision.vouched}
    elif state is DeskRequestState.WAITING:
        values |= {"decided_by": None, "decided_at": None, "vouched": None}
    changed = connection.execute(
        update(grant_requests)
        .where(_COLUMN.request_id == found.request_id, _COLUMN.state == found.state)
        .values(values)
    )
    if changed.rowcount != 1:
        refuse_decided(find_request(connection, found.request_id))
    if state in _NEVER:
        forget_content(connection, found.request_id)
    after: dict[str, str | bool | None] = {"state": state}
    if decision is not None:
        after["decided_by"] = actor.name
    elif state is DeskRequestState.WAITING:
        after["decided_by"] = None
    if alone:
        after["alone"] = True
    return NewEvent(
        at=at,
        actor=actor,
        action=_ACTIONS.get(state, f"request.{state.lower()}"),
        subject=f"{REQUEST_SUBJECT}{found.request_id}",
        basis=reason,
        before={"state": found.state},
        after=after,
    )


def lock_request(connection: Connection, request_id: str) -> DeskRequest:
    """Return a request that nobody else moves until the transaction ends."""
    query = select(grant_requests).where(_COLUMN.request_id == request_id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise no_such_request(request_id)
    return request_record(row)


def refuse_decided(found: DeskRequest) -> NoReturn:
    """Raise `AlreadyDecidedError`, saying when, and by whom if that is who decided; of one that
    waits, that it does.
    """
    if found.state is DeskRequestState.WAITING:
        raise AlreadyDecidedError(messages.REQUEST_UNDECIDED, state=found.state)
    at, words = found.changed_at.isoformat(timespec="seconds"), REQUEST_STATES[found.state]
    if found.state not in _BY_WHO_DECIDED or found.decided_by is None:
        ended = messages.request_ended(state_zh=words.zh, state=words.en, at=at)
        raise AlreadyDecidedError(ended, state=found.state, at=at)
    raise AlreadyDecidedError(
        messages.already_decided(state_zh=words.zh, state=words.en, by=found.decided_by, at=at),
        by=found.decided_by,
        state=found.state,
        at=at,
    )
