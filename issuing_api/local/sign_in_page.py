"""Sign-in with a local account: a form that needs no script, and passkeys by a small one."""

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from core.clock import Clock
from core.errors import NotAllowedError, XinyinError
from core.web.access_log import note
from core.web.request_errors import UnusableRequestError
from core.web.routing import add_page
from identity.accounts.browser_mark import MARK_COOKIE, SECONDS
from identity.accounts.errors import PasskeyRefusedError, TooManyTriesError
from identity.accounts.model import (
    FOR_ONE_MACHINE,
    LOCAL_ALIAS,
    LOCAL_ISSUER,
    PASSKEY_ACR,
)
from identity.accounts.passkeys import TIME_TO_ANSWER
from identity.accounts.sign_in import LocallySignedIn, LocalSignIn
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from identity.sessions.browser import SIGN_IN_COOKIE, drop_cookie, read_cookie, write_cookie
from issuing_api.addresses import better_address
from issuing_api.local import messages
from issuing_api.local.opening import SEE_OTHER, PageParts, set_cookie, way_back
from issuing_api.local.showing import LocalShowing

SIGN_IN = f"/issuing/sign-in/{LOCAL_ALIAS}"


class SignInPage:
    """Signs people in who have an account here."""

    def __init__(
        self, desk: PageParts, sign_in: LocalSignIn, showing: LocalShowing, clock: Clock
    ) -> None:
        self._desk = desk
        self._sign_in = sign_in
        self._showing = showing
        self._clock = clock

    def add_to(self, router: APIRouter) -> None:
        """Add the routes."""
        add_page(router, SIGN_IN, self.show)
        add_page(router, SIGN_IN, self.by_password, "POST")
        add_page(router, f"{SIGN_IN}/passkey/options", self.ask_passkey, "POST")
        add_page(router, f"{SIGN_IN}/passkey", self.by_passkey, "POST")

    async def show(self, request: Request) -> Response:
        """Show the form, at the address at which it may be sent."""
        if (better := better_address(request, self._desk.parts.public_url)) is not None:
            return RedirectResponse(better, SEE_OTHER)
        self._desk.require_near(request)
        query = request.query_params
        strong = PASSKEY_ACR in query.get("acr_values", "").split()
        return self._show(request, way_back(query.get("back_to")), strong=strong)

    async def by_password(self, request: Request) -> Response:
        """Sign in by password."""
        self._desk.require_near(request)
        form = await self._desk.form(request)
        back_to = way_back(form.get("back_to"))
        mark = read_cookie(request.headers.get("cookie", ""), MARK_COOKIE)
        network = self._desk.network(request)

        def work() -> tuple[LocallySignedIn, str]:
            found = self._sign_in.by_password(
                form.get("login", ""), form.get("password", ""), network, mark
            )
            return found, self._open(request, found)

        try:
            found, session = await self._desk.work(work)
        except (NotAllowedError, TooManyTriesError) as error:
            return self._show(request, back_to, error=error)
        response = RedirectResponse(back_to, SEE_OTHER)
        set_cookie(response, session)
        set_cookie(response, write_cookie(MARK_COOKIE, found.mark or "", seconds=SECONDS))
        return response

    async def ask_passkey(self, request: Request) -> Response:
        """Tell the script what an authenticator is to sign."""
        self._desk.require_near(request)
        back_to = way_back((await self._desk.sent(request)).get("back_to"))
        kept_id, options = await self._desk.work(lambda: self._sign_in.begin_passkey(back_to))
        response = Response(options, media_type="application/json")
        seconds = int(TIME_TO_ANSWER.total_seconds())
        set_cookie(response, write_cookie(SIGN_IN_COOKIE, kept_id, seconds=seconds))
        return response

    async def by_passkey(self, request: Request) -> Response:
        """Sign in by passkey. Raises `PasskeyRefusedError`, `NotAllowedError`."""
        self._desk.require_near(request)
        answer = answer_of(await self._desk.sent(request))
        kept_id = read_cookie(request.headers.get("cookie", ""), SIGN_IN_COOKIE) or ""

        def work() -> tuple[str, str, str]:
            found, back_to = self._sign_in.by_passkey(kept_id, answer)
            return self._open(request, found), back_to, found.mark or ""

        try:
            session, back_to, mark = await self._desk.work(work)
        except PasskeyRefusedError as error:
            note(request.scope, f"passkey_{error.reason}")
            raise
        response = JSONResponse({"to": back_to})
        set_cookie(response, session)
        set_cookie(response, drop_cookie(SIGN_IN_COOKIE))
        set_cookie(response, write_cookie(MARK_COOKIE, mark, seconds=SECONDS))
        return response

    def _open(self, request: Request, found: LocallySignedIn) -> str:
        account = found.account
        identity = Identity(
            Pin(LOCAL_ISSUER, account.sub),
            IdentityKind.PERSON,
            account.name,
            SignInWay.LOCAL,
            acr=found.acr,
            auth_time=self._clock.now(),
        )
        self._desk.parts.people.recognise(identity, signs_in=True)
        return self._desk.open_session(request, identity, LOCAL_ALIAS, found.grounds)

    def _show(
        self,
        request: Request,
        back_to: str,
        *,
        strong: bool = False,
        error: XinyinError | None = None,
    ) -> Response:
        return self._showing.page(
            request,
            "local_sign_in.html",
            error=error,
            back_to=back_to,
            strong=strong,
            warning=FOR_ONE_MACHINE,
            passkeys_work=passkeys_work(self._desk.parts.public_url),
            emergency_ready=self._desk.emergency_ready,
        )


def passkeys_work(public_url: str) -> bool:
    """Tell whether browsers make passkeys for this address: a name, not a number."""
    host = urlsplit(public_url).hostname or ""
    return not (":" in host or host.replace(".", "").isdigit())


def answer_of(sent: dict[str, Any]) -> dict[str, Any]:
    """Return an authenticator's answer as a script sent it. Raises `UnusableRequestError`."""
    answer = sent.get("answer")
    if not isinstance(answer, dict):
        raise UnusableRequestError(messages.UNUSABLE)
    return answer
