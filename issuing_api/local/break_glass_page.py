"""The way in for an emergency."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.errors import NotAllowedError, UsageError
from core.web.routing import add_page
from identity.accounts.break_glass import LASTS, BreakGlass
from identity.accounts.errors import TooManyTriesError
from identity.accounts.model import BREAK_GLASS_ALIAS
from identity.sessions.sessions import Grounds
from issuing_api.local.opening import HOME, SEE_OTHER, PageParts, set_cookie
from issuing_api.local.showing import LocalShowing

BREAK_GLASS = "/issuing/break-glass"
_MOST_REASON = 500


class BreakGlassPage:
    """Takes the credential and opens the emergency's session."""

    def __init__(self, desk: PageParts, break_glass: BreakGlass, showing: LocalShowing) -> None:
        self._desk = desk
        self._break_glass = break_glass
        self._showing = showing

    def add_to(self, router: APIRouter) -> None:
        """Add the routes."""
        add_page(router, BREAK_GLASS, self.show)
        add_page(router, BREAK_GLASS, self.use, "POST")

    async def show(self, request: Request) -> Response:
        """Show the form: the same whether a credential was prepared or not."""
        return self._showing.page(request, "break_glass.html", reason="")

    async def use(self, request: Request) -> Response:
        """Use the credential up."""
        form = await self._desk.form(request)
        network = self._desk.network(request)

        def work() -> str:
            identity, use_id = self._break_glass.use(
                form.get("credential", ""), form.get("reason", ""), network
            )
            assert identity.auth_time is not None
            until = identity.auth_time + LASTS
            grounds = Grounds(emergency_use=use_id)
            return self._desk.open_session(request, identity, BREAK_GLASS_ALIAS, grounds, until)

        try:
            session = await self._desk.work(work)
        except (NotAllowedError, TooManyTriesError, UsageError) as error:
            # What was typed but the credential: a secret stands in no page.
            reason = form.get("reason", "")[:_MOST_REASON]
            return self._showing.page(request, "break_glass.html", error=error, reason=reason)
        response = RedirectResponse(HOME, SEE_OTHER)
        set_cookie(response, session)
        return response
