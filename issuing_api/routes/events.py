"""Route of events: what was done in the authorities within reach, filtered, the newest first."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from core.ids import AuthorityId, IdentityId
from issuing_api.calls import MOST_DIGITS, Cursor, Instant, Limit, number_of, page
from issuing_api.wire import ToldWire
from registry.audit.chain import AuditEvent
from registry.desk.desk import Desk
from registry.desk.rights import CallerStanding as Caller

_Action = Annotated[
    str | None,
    Query(max_length=64, description="`licence.granted`; with a dot at its end, all such."),
]
_Person = Annotated[str | None, Query(max_length=32, description="Id of who did it.")]
_Authority = Annotated[str | None, Query(max_length=64, description="Which it concerns.")]
_Since = Annotated[Instant | None, Query(description="From this instant on.")]
_Until = Annotated[Instant | None, Query(description="Before this instant.")]


class EventWire(ToldWire):
    """An event of the audit; it holds no holder's name, code or field."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    basis: str | None

    @classmethod
    def of(cls, one: AuditEvent) -> "EventWire":
        """Return an event."""
        return cls(
            number=one.sequence,
            at=one.at,
            actor=str(one.actor),
            action=one.action,
            subject=one.subject,
            basis=one.basis,
        )


class EventsWire(ToldWire):
    """Events within reach."""

    events: list[EventWire] = Field(description="The newest first.")
    next: str | None


def add_events(router: APIRouter, desk: Desk, signed_in: Any) -> None:
    """Add the route of events."""

    @router.get("/events", summary="What was done 审计事件", tags=["events"])
    def events(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        action: _Action = None,
        person: _Person = None,
        authority: _Authority = None,
        since: _Since = None,
        until: _Until = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> EventsWire:
        """Told to supervisors alone: who supervised; their own reading is recorded."""
        found = desk.rights.sight(caller).events(
            action=action,
            person=None if person is None else IdentityId(person),
            authority_id=None if authority is None else AuthorityId(authority),
            since=since,
            until=until,
            before=number_of(cursor, MOST_DIGITS),
            limit=limit + 1,
        )
        shown, following = page(request, response, found, limit, lambda one: str(one.sequence))
        return EventsWire(events=[EventWire.of(one) for one in shown], next=following)
