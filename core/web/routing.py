"""Adds routes that are for people and operators, not for /openapi.json."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Page = Callable[[Request], Awaitable[Response]]


def add_page(router: APIRouter, path: str, page: Page, *methods: str) -> None:
    """Serve `page` at `path`; GET and HEAD where no method is named."""
    router.add_api_route(
        path,
        page,
        methods=list(methods or ("GET", "HEAD")),
        include_in_schema=False,
        response_model=None,
    )


def under_prefix(prefix: str, app: ASGIApp, others: ASGIApp) -> ASGIApp:
    """Return an application that hands what lies below a path to one, the rest to the other."""

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        below = path == prefix or path.startswith(f"{prefix}/")
        await (app if below else others)(scope, receive, send)

    return routed
