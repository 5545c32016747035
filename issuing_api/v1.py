"""`/issuing/v1`: requests, decisions, licences; each call by who is signed in, for what they may.

Everything that blocks runs in a thread: endpoints are plain functions.
"""

from datetime import date
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends
from starlette.requests import Request

from core.clock import Clock, civil_date
from issuing_api.callers import Callers
from issuing_api.calls import PREFIX
from issuing_api.ports import SignInParts
from issuing_api.routes.batches import add_batches
from issuing_api.routes.corrections import add_corrections
from issuing_api.routes.events import add_events
from issuing_api.routes.expiry import add_expiry
from issuing_api.routes.exports import add_exports
from issuing_api.routes.jobs import add_jobs
from issuing_api.routes.licences import add_licences
from issuing_api.routes.matters import add_matters
from issuing_api.routes.papers.countersigning import add_countersigning
from issuing_api.routes.papers.documents import add_documents
from issuing_api.routes.papers.drafts import add_drafts
from issuing_api.routes.requests import add_requests
from issuing_api.routes.seals import add_seals
from issuing_api.routes.search import add_search
from issuing_api.routes.signatures import add_signatures
from issuing_api.routes.statistics import add_statistics
from issuing_api.routes.versions import add_versions
from issuing_api.wire import MeWire, SignInWire
from registry.desk.corrections import CorrectionDesk
from registry.desk.desk import Desk
from registry.desk.person_signing import SigningDesk
from registry.desk.preview import Previews
from registry.desk.rights import CallerStanding as Caller

_AUTHENTICATING = 16
"""Callers at a time whose token or session is looked at."""


def v1_router(  # noqa: PLR0917 (each of another type)
    parts: SignInParts,
    callers: Callers,
    desk: Desk,
    previews: Previews,
    clock: Clock,
    corrections: CorrectionDesk,
) -> APIRouter:
    """Return the routes of the API."""
    router = APIRouter(prefix=PREFIX)

    limiter = CapacityLimiter(_AUTHENTICATING)

    async def standing(request: Request) -> Caller:
        def look_up() -> Caller:
            return desk.rights.standing(callers.require(request).identity)

        return await to_thread.run_sync(look_up, limiter=limiter)  # a provider's keys may be slow

    signed_in = Depends(standing)

    def today() -> date:
        return civil_date(clock.now(), desk.rights.zone)

    @router.get("/sign-in", summary="How a command line signs in 命令行登录方式", tags=["sign-in"])
    def sign_in() -> SignInWire:
        return SignInWire.of(parts.providers)

    add_requests(router, desk, signed_in, today)
    add_signatures(router, SigningDesk(desk), signed_in)
    add_expiry(router, desk, signed_in, today)
    add_licences(router, desk, signed_in, today)
    add_search(router, desk, signed_in, today)
    add_exports(router, desk, signed_in, today, clock.now)
    add_seals(router, desk, signed_in, clock.now)
    add_statistics(router, desk, signed_in, today)
    add_versions(router, desk, signed_in, today)
    add_batches(router, desk, previews, signed_in)
    add_matters(router, desk, signed_in)
    add_corrections(router, corrections, signed_in, today)
    add_events(router, desk, signed_in)
    add_jobs(router, desk, signed_in, clock.now)
    add_drafts(router, desk, signed_in)
    add_documents(router, desk, signed_in, today, lambda: previews.public_url)
    add_countersigning(router, desk, signed_in, today, lambda: previews.public_url)

    @router.get("/me", summary="Who is signed in 当前登录者", tags=["sign-in"])
    def me(caller: Annotated[Caller, signed_in]) -> MeWire:
        return MeWire.of(caller)

    return router
