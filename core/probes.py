"""What every service answers to those who watch it: `/healthz`, `/readyz`, `/metrics`."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.metrics import CONTENT_TYPE


def probe_app(ready: Callable[[], bool], exposition: Callable[[], str]) -> Starlette:
    """Return an application that answers the probes alone, and 404 to all else.

    `ready` tells whether the parts behind can answer; both may block.
    """

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        if await run_in_threadpool(ready):
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not_ready"}, 503)

    async def metrics(_: Request) -> Response:
        text = await run_in_threadpool(exposition)
        return Response(text, headers={"Content-Type": CONTENT_TYPE})

    return Starlette(
        routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    )
