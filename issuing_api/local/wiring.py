"""Adds the pages of local accounts and of the emergency credential to the issuing API."""

from fastapi import FastAPI

from core.client_networks import ClientNetworks
from core.clock import Clock
from issuing_api.local.account_page import AccountPage
from issuing_api.local.break_glass_page import BreakGlassPage
from issuing_api.local.opening import PageParts
from issuing_api.local.showing import LocalShowing
from issuing_api.local.sign_in_page import SignInPage
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import Visitors
from issuing_api.ports import SignInParts


def add_local_pages(
    app: FastAPI,
    parts: SignInParts,
    networks: ClientNetworks,
    clock: Clock,
    *,
    visitors: Visitors,
    rendering: Rendering,
) -> None:
    """Add the pages that the parts are for; before the providers', whose aliases they share."""
    if parts.local is None and parts.break_glass is None:
        return
    desk, showing, router = PageParts(parts, networks), LocalShowing(rendering), app.router
    if parts.local is not None:
        sign_in = parts.local.sign_in
        SignInPage(desk, sign_in, showing, clock).add_to(router)
        AccountPage(desk, sign_in, visitors, showing, clock).add_to(router)
    if parts.break_glass is not None:
        BreakGlassPage(desk, parts.break_glass, showing).add_to(router)
