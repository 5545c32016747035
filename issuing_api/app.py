"""Puts the issuing API together. It knows no database and no key: `home` hands its parts in."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.client_networks import ClientNetworks
from core.clock import Clock, Monotonic
from core.errors import XinyinError
from core.metrics import Counter, Histogram, Metric
from core.web.access_log import note
from core.web.limits.bodies import Pace, read_form
from core.web.limits.levels import Levels
from core.web.limits.memory_budget import MemoryBudget, MemoryLimits
from core.web.limits.throttling import Rate, TokenBuckets
from core.web.middleware import Admit, Boundary, Harden, Larger, Observe, TakeBody
from core.web.problem_answers import ProblemHandlers
from core.web.problem_schema import add_problem_schema
from core.web.routing import add_page
from identity.people.rights_check import StepUpRequiredError
from identity.tokens.refusals import TokenRefusedError
from issuing_api.callers import CHALLENGE, Callers
from issuing_api.calls import PREFIX
from issuing_api.description import describe
from issuing_api.local.wiring import add_local_pages
from issuing_api.not_modified import NotModified
from issuing_api.pages.batches import NEW_BATCH
from issuing_api.pages.corrections.public import PUBLIC
from issuing_api.pages.papers.countersigning import SIGNED_ELSEWHERE
from issuing_api.pages.papers.documents import NEW_DOCUMENT
from issuing_api.pages.routes import DeskPages, PageSettings, keeps_typed
from issuing_api.pages.visits import PageUse
from issuing_api.ports import SignInParts
from issuing_api.providers.routes import EVENTS, LeavingParts, add_leaving
from issuing_api.routes.batch_wire import MAX_BATCH_BODY
from issuing_api.routes.enrolment import CHALLENGES, enrolment_router
from issuing_api.routes.key_requests import key_request_router
from issuing_api.routes.papers.countersigning import SIGNED_FILES
from issuing_api.routes.papers.drafts import FILES
from issuing_api.sign_in_pages import SignInPages
from issuing_api.v1 import v1_router
from registry.desk.corrections import CorrectionDesk
from registry.desk.desk import Desk
from registry.desk.enrolment.asking import Enrolments
from registry.desk.key_requests import KeyRequests
from registry.desk.preview import Previews
from registry.desk.rights import CallerStanding
from registry.officers.model import AlreadyDecidedError

API_VERSION = "1.0"
MAX_BODY = 4 * 1024 * 1024
"""Octets: a photo of 2 MiB in base64, and a record."""
BODY_PACE = Pace(seconds=60)
_REQUESTS = Rate(burst=600, per_minute=1200)
_SIGN_INS = Rate(burst=60, per_minute=60)
_CORRECTIONS = Rate(burst=5, per_minute=0.2)
_OF_SIGN_IN = ("/issuing/sign-in/", "/issuing/signed-", "/issuing/break-glass", CHALLENGES)
_WAITING_FOR_PROVIDERS = 16
_MAX_FORM = 64 * 1024
_FORM_PACE = Pace(seconds=10)
_DESCRIPTION = (
    "Licences granted and changed by who is signed in with the unified identity. "
    "经统一身份登录后颁发和变更证照。\n\n"
    "Sign in by a browser, or send `Authorization: DPoP` with a proof (RFC 9449). What is out of "
    "the caller's reach is not found."
)


class IssuingMetrics:
    """All that this API counts."""

    def __init__(self) -> None:
        self.requests = Counter(
            "xinyin_issuing_requests_total", "Requests answered, by route, method and status."
        )
        self.seconds = Histogram(
            "xinyin_issuing_request_seconds", "Time from request to end of answer, by route."
        )
        self.events = Counter(
            "xinyin_security_events_total",
            "Security events that identity providers told of, by event and what became of it.",
        )
        self.rows = Counter(
            "xinyin_batch_rows_total", "Rows of batches done by this process, by outcome."
        )
        self.takeovers = Counter(
            "xinyin_chunks_taken_over_total",
            "Chunks of batches that this process leased out again, their worker being dead.",
        )
        self.all: list[Metric] = [
            self.requests,
            self.seconds,
            self.events,
            self.rows,
            self.takeovers,
        ]

    def count_row(self, outcome: str) -> None:
        """Count a row of a batch under an outcome of a closed set."""
        self.rows.add(outcome=outcome)

    def count_takeover(self) -> None:
        """Count a dead worker's chunk that was leased out again."""
        self.takeovers.add()

    def count_event(self, event: str, outcome: str) -> None:
        """Count an event of a closed set of names."""
        self.events.add(event=event, outcome=outcome)


@dataclass(frozen=True, slots=True)
class IssuingLimits:
    """Limits of one client network; the defaults suit an office of 200 behind one address."""

    requests: Rate = _REQUESTS
    sign_ins: Rate = _SIGN_INS
    """Each keeps a row for ten minutes, and asks the provider."""
    corrections: Rate = _CORRECTIONS
    """Requests for a correction by whoever has a licence's link."""
    networks: ClientNetworks = field(default_factory=ClientNetworks)
    levels: Levels | None = None
    """Memory of what clients used up, where workers share it."""


def _admission(limits: IssuingLimits, monotonic: Monotonic) -> Callable[[Request], None]:
    """Return the counter of requests; it raises `TooManyRequestsError`."""
    every = TokenBuckets(limits.requests, monotonic, levels=limits.levels, name="issuing ")
    sign_ins = TokenBuckets(limits.sign_ins, monotonic, levels=limits.levels, name="sign-in ")

    corrections = TokenBuckets(
        limits.corrections, monotonic, levels=limits.levels, name="correction "
    )

    def admit(request: Request) -> None:
        client = limits.networks.of(request.client.host if request.client else None)
        every.take(client)
        if request.url.path.startswith(_OF_SIGN_IN):
            sign_ins.take(client)
        if request.method == "POST" and request.url.path.startswith(f"{PUBLIC}/"):
            corrections.take(client)
        elif request.url.path == PUBLIC:
            sign_ins.take(client)

    return admit


def create_issuing_app(
    parts: SignInParts,
    desk: Desk,
    clock: Clock,
    *,
    previews: Previews,
    settings: PageSettings,
    enrolments: Enrolments,
    keys: KeyRequests,
    metrics: IssuingMetrics,
    leaving: LeavingParts | None = None,
    limits: IssuingLimits | None = None,
    monotonic: Monotonic = time.monotonic,
) -> FastAPI:
    """Return the issuing API with its sign-in and the pages for officers."""
    callers, sign_in = Callers(parts, clock), SignInPages(parts, clock)
    corrections = CorrectionDesk(desk.rights, settings.corrections, settings.verify_url)
    use = PageUse(desk, previews, keys, enrolments, corrections)
    pages = DeskPages(parts, callers, use, clock, settings)
    problems = ProblemHandlers(parts.public_url, pages.problem)

    def known(request: Request, error: Exception) -> Response:
        if isinstance(error, AlreadyDecidedError):
            error.say_in(settings.zone)
        response = problems.known(request, error)
        if isinstance(error, StepUpRequiredError):
            response.status_code = 401
            response.headers["WWW-Authenticate"] = _step_up(error)
        elif response.status_code == 401:  # noqa: PLR2004  # RFC 9110 11.6.1
            response.headers["WWW-Authenticate"] = CHALLENGE
        return response

    app = FastAPI(
        title="Xinyin issuing API",
        version=API_VERSION,
        description=_DESCRIPTION,
        openapi_url="/issuing/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": parts.public_url}],
    )
    add_problem_schema(app)
    describe(app)
    app.include_router(v1_router(parts, callers, desk, previews, clock, corrections))
    limits = limits or IssuingLimits()
    add_local_pages(
        app,
        parts,
        limits.networks,
        clock,
        visitors=pages.visitors,
        rendering=pages.rendering,
    )
    if leaving is not None:
        add_leaving(app, parts, callers, leaving)

    def standing(request: Request) -> CallerStanding:
        return desk.rights.standing(callers.require(request).identity)

    app.include_router(enrolment_router(enrolments, standing))
    app.include_router(key_request_router(keys, standing))
    _add_sign_in(app, sign_in, pages)
    pages.add_to(app.router)
    app.add_exception_handler(XinyinError, known)
    app.add_exception_handler(HTTPException, problems.http)
    app.add_exception_handler(RequestValidationError, problems.invalid)

    def sender(request: Request) -> None:
        if not request.url.path.startswith(EVENTS):  # a provider's, with a bound of their own
            callers.look(request)

    app.add_middleware(Boundary, unforeseen=problems.unforeseen)
    app.add_middleware(NotModified)
    app.add_middleware(
        TakeBody,
        limit=MAX_BODY,
        pace=BODY_PACE,
        refused=known,
        larger=_larger_bodies(limits),
        known=sender,
        forms=lambda request: keeps_typed(request) and callers.is_ours(request),
    )
    app.add_middleware(Admit, admit=_admission(limits, monotonic), refused=known)
    # Without a referrer browsers send forms with the origin “null”, which is nobody's.
    app.add_middleware(Harden, referrer="same-origin")
    app.add_middleware(
        Observe, requests=metrics.requests, seconds=metrics.seconds, monotonic=monotonic
    )
    return app


def _larger_bodies(of: IssuingLimits) -> Larger:
    """Sheets with their photos, and documents: two at a time in a process, one of a network."""
    limits = MemoryLimits(total=2 * MAX_BATCH_BODY, each=MAX_BATCH_BODY, uploads=8, uploads_each=4)
    sheets = {f"{PREFIX}/batches", f"{PREFIX}/batches/check", NEW_BATCH}
    paths = frozenset({*sheets, FILES, NEW_DOCUMENT, SIGNED_FILES, SIGNED_ELSEWHERE})
    return Larger(paths, MAX_BATCH_BODY, MemoryBudget(limits), of.networks.of)


def _add_sign_in(app: FastAPI, pages: SignInPages, shown: DeskPages) -> None:
    hidden = {"include_in_schema": False, "response_model": None}

    # Providers may be slow: whoever waits for one takes no thread from anybody else.
    limiter = CapacityLimiter(_WAITING_FOR_PROVIDERS)

    async def begin(request: Request, alias: str) -> Response:
        return await to_thread.run_sync(pages.begin, request, alias, limiter=limiter)

    async def finish(request: Request, alias: str) -> Response:
        return await to_thread.run_sync(pages.finish, request, alias, limiter=limiter)

    async def sign_out(request: Request) -> Response:
        form = await read_form(request, _MAX_FORM, _FORM_PACE)
        leading = await to_thread.run_sync(pages.sign_out, request, form, limiter=limiter)
        return shown.leave(request, leading)

    async def signed_out(request: Request, alias: str) -> Response:
        form = await read_form(request, _MAX_FORM, _FORM_PACE)
        try:
            return await to_thread.run_sync(pages.signed_out, alias, form, limiter=limiter)
        except TokenRefusedError as error:
            note(request.scope, error.reason)
            return JSONResponse({"error": "invalid_request"}, 400)  # Back-Channel Logout 2.8

    app.add_api_route("/issuing/sign-in/{alias}", begin, methods=["GET"], **hidden)  # type: ignore[arg-type]
    app.add_api_route("/issuing/signed-in/{alias}", finish, methods=["GET"], **hidden)  # type: ignore[arg-type]
    add_page(app.router, "/issuing/sign-out", sign_out, "POST")
    app.add_api_route("/issuing/signed-out/{alias}", signed_out, methods=["POST"], **hidden)  # type: ignore[arg-type]


def _step_up(error: StepUpRequiredError) -> str:
    """Return the challenge of RFC 9470 section 3."""
    asked = 'DPoP error="insufficient_user_authentication"'
    if "acr_values" in error.details:
        asked += f', acr_values="{error.details["acr_values"]}"'
    return f'{asked}, max_age="{error.details["max_age"]}"'
