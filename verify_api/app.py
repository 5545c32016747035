"""Puts the verification role together. Nothing here knows a database, a key or a signature."""

import time
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from core.clock import Monotonic
from core.errors import XinyinError
from core.metrics import Gauge
from core.web.limits.levels import Levels
from core.web.middleware import Admit, Boundary, Harden, Observe
from core.web.probes import probes
from core.web.problem_answers import ProblemHandlers
from core.web.problem_schema import add_problem_schema
from core.web.routing import add_page
from verify_api.api import api_router
from verify_api.assets import Assets
from verify_api.checks import Checks
from verify_api.metrics import Metrics
from verify_api.openapi import DESCRIPTION
from verify_api.pages import Pages
from verify_api.ports import Ready, Verifier
from verify_api.readers import ReaderTrust
from verify_api.settings import VerifyApiSettings

API_VERSION = "1.0"


def create_app(
    verifier: Verifier,
    settings: VerifyApiSettings,
    *,
    ready: Ready,
    metrics: Metrics,
    exposition: Callable[[], str] | None = None,
    monotonic: Monotonic = time.monotonic,
    levels: Levels | None = None,
    trust: ReaderTrust | None = None,
) -> FastAPI:
    """Return the verification API with its pages.

    `ready` tells whether the parts behind can answer; it may block. Hand `metrics.alarm` to the
    verifier as its `on_alarm`. `exposition` is what `/metrics` says, where that is more than
    `metrics` alone; `levels` the memory of what clients used up, where processes share it.
    `trust` is what the page of what readers show tells of roots and trust list.
    """
    checks = Checks(verifier, settings, metrics, monotonic, levels)
    metrics.parts.append(
        Gauge(
            "xinyin_waiting_files",
            "Files that wait to be judged, of the worker where most do.",
            lambda: [((), checks.waiting_files())],
        )
    )
    assets = Assets()
    pages = Pages(checks, settings, assets, trust)
    problems = ProblemHandlers(settings.public_url, pages.problem)
    app = FastAPI(
        title="Xinyin verification API",
        version=API_VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": settings.public_url}],
    )
    add_problem_schema(app)
    app.include_router(api_router(checks, settings))
    pages.add_to(app.router)
    assets.add_to(app.router)
    for path, answer in probes(ready, exposition or metrics.exposition).items():
        add_page(app.router, path, answer)
    app.add_exception_handler(XinyinError, problems.known)
    app.add_exception_handler(HTTPException, problems.http)
    app.add_exception_handler(RequestValidationError, problems.invalid)
    app.add_middleware(Boundary, unforeseen=problems.unforeseen)
    app.add_middleware(Admit, admit=checks.admit_request, refused=problems.known)
    app.add_middleware(Harden)
    app.add_middleware(
        Observe, requests=metrics.requests, seconds=metrics.seconds, monotonic=monotonic
    )
    return app
