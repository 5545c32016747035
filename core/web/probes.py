"""Probes of every service: `/healthz`, `/readyz`, `/metrics`."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.metrics import CONTENT_TYPE
from core.web.access_log import unforeseen

_NO_STORE = {"Cache-Control": "no-store"}
_Endpoint = Callable[[Request], Awaitable[Response]]


def probe_app(ready: Callable[[], bool], exposition: Callable[[], str]) -> Starlette:
    """Return an application that answers the probes alone, and 404 to all else.

    `ready` tells whether the parts behind can answer; both may block.
    """
    routes = [Route(path, answer) for path, answer in probes(ready, exposition).items()]
    return Starlette(routes=routes, exception_handlers={Exception: unforeseen})


def probes(ready: Callable[[], bool], exposition: Callable[[], str]) -> dict[str, _Endpoint]:
    """Return the handler of each path, for an application that serves more."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)

    async def readyz(_: Request) -> Response:
        if await run_in_threadpool(ready):
            return JSONResponse({"status": "ready"}, headers=_NO_STORE)
        return JSONResponse({"status": "not_ready"}, 503, headers=_NO_STORE)

    async def metrics(_: Request) -> Response:
        text = await run_in_threadpool(exposition)
        return Response(text, headers={"Content-Type": CONTENT_TYPE, **_NO_STORE})

    return {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
