"""Addresses by which identity providers say that somebody leaves: events, and SCIM."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from core.web.limits.bodies import media_type
from identity.people.model import Pin
from issuing_api.callers import Callers
from issuing_api.ports import SignInParts
from issuing_api.providers.events import (
    MAX_BODY,
    MEDIA_TYPE,
    Events,
    too_large,
    unknown_transmitter,
    wrong_media_type,
)

if TYPE_CHECKING:
    from registry.desk.providers.provisioning import Provisioning

EVENTS = "/issuing/events"
SCIM = "/issuing/scim/v2"
_AT_ONCE = 4
"""Of each kind, so that a storm of events takes no thread from people."""
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class LeavingParts:
    """Parts by which people leave."""

    events: Events
    open_people: "Callable[[str, Pin, str], Provisioning]"


def add_leaving(app: FastAPI, parts: SignInParts, callers: Callers, leaving: LeavingParts) -> None:
    """Serve what the configured providers may use."""
    if any(one.event_audience is not None for one in parts.providers.values()):
        _add_events(app, parts, leaving.events)
    if any(one.provisioning is not None for one in parts.providers.values()):
        _add_scim(app, parts, callers, leaving)


def _add_events(app: FastAPI, parts: SignInParts, events: Events) -> None:
    limiter = CapacityLimiter(_AT_ONCE)

    async def push(request: Request, alias: str) -> Response:
        provider = parts.providers.get(alias)
        if provider is None or provider.event_audience is None:
            return unknown_transmitter()
        if media_type(request) != MEDIA_TYPE:
            return wrong_media_type()
        body = await request.body()
        if len(body) > MAX_BODY:
            return too_large()

        def receive() -> Response:
            return events.pushed(request.scope, alias, body)

        return await to_thread.run_sync(receive, limiter=limiter)

    app.add_api_route(
        f"{EVENTS}/{{alias}}", push, methods=["POST"], include_in_schema=False, response_model=None
    )


def _add_scim(app: FastAPI, parts: SignInParts, callers: Callers, leaving: LeavingParts) -> None:
    from issuing_api.providers.scim import Scim, services  # noqa: PLC0415  # its models take a while to load

    scim = Scim(parts, callers, leaving.open_people, services())
    limiter = CapacityLimiter(_AT_ONCE)

    async def answer(request: Request, path: str) -> Response:
        body = await request.body()

        def look() -> Response:
            return scim.answer(request, path, body)

        return await to_thread.run_sync(look, limiter=limiter)

    app.add_api_route(
        f"{SCIM}/{{path:path}}",
        answer,
        methods=_METHODS,
        include_in_schema=False,
        response_model=None,
    )
