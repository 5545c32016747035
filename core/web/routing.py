"""Adds routes that are for people and operators, not for /openapi.json."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

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
