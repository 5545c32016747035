"""One's own local account: passkeys made and removed, the password changed."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from core.clock import Clock
from core.errors import NotAllowedError, UsageError, XinyinError
from core.web.routing import add_page
from identity.accounts.browser_mark import MARK_COOKIE, SECONDS
from identity.accounts.errors import TooManyTriesError, UnfitPasswordError
from identity.accounts.model import FOR_ONE_MACHINE, LOCAL_ISSUER, PASSKEY_ACR
from identity.accounts.sign_in import LocalSignIn
from identity.people.rules import FRESH
from identity.sessions.browser import SESSION_COOKIE, drop_cookie, write_cookie
from identity.sessions.sessions import Session
from issuing_api.callers import FORM_TOKEN
from issuing_api.errors import ForgedRequestError, NotSignedInError
from issuing_api.local import messages
from issuing_api.local.opening import SEE_OTHER, PageParts, set_cookie
from issuing_api.local.showing import LocalShowing
from issuing_api.local.sign_in_page import SIGN_IN, answer_of, passkeys_work
from issuing_api.messages import forged_request
from issuing_api.pages.visits import Visitors

ACCOUNT = "/issuing/account"
_MAX_LABEL = 64


class AccountPage:
    """Shows and changes the account of who is signed in."""

    def __init__(
        self,
        desk: PageParts,
        sign_in: LocalSignIn,
        visitors: Visitors,
        showing: LocalShowing,
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._sign_in = sign_in
        self._visitors = visitors
        self._showing = showing
        self._clock = clock

    def add_to(self, router: APIRouter) -> None:
        """Add the routes."""
        add_page(router, ACCOUNT, self.show)
        add_page(router, f"{ACCOUNT}/password", self.change_password, "POST")
        add_page(router, f"{ACCOUNT}/passkeys/options", self.ask_new, "POST")
        add_page(router, f"{ACCOUNT}/passkeys", self.add, "POST")
        add_page(router, f"{ACCOUNT}/passkeys/remove", self.remove, "POST")

    async def show(self, request: Request) -> Response:
        """Show the account; who is not signed in goes to do so."""
        try:
            session = await self._desk.work(lambda: self._session(request))
        except NotSignedInError:
            return RedirectResponse(f"{SIGN_IN}?back_to={ACCOUNT}", SEE_OTHER)
        return await self._show(request, session)

    async def change_password(self, request: Request) -> Response:
        """Change the password; all sessions of the account end."""
        form = await self._desk.form(request)
        session = await self._own(request, form)
        old, new = form.get("old", ""), form.get("new", "")

        def work() -> str:
            return self._sign_in.change_password(session.digest, session.subject, old, new)

        try:
            mark = await self._desk.work(work)
        except (NotAllowedError, TooManyTriesError, UnfitPasswordError) as error:
            return await self._show(request, session, error=error)
        response = RedirectResponse(SIGN_IN, SEE_OTHER)
        set_cookie(response, drop_cookie(SESSION_COOKIE))
        set_cookie(response, write_cookie(MARK_COOKIE, mark, seconds=SECONDS))
        return response

    async def ask_new(self, request: Request) -> Response:
        """Tell the script what an authenticator is to make."""
        session = await self._own(request, await self._desk.sent(request))

        def work() -> str:
            return self._sign_in.begin_new_passkey(session.digest, session.subject)

        return Response(await self._desk.work(work), media_type="application/json")

    async def add(self, request: Request) -> Response:
        """Keep a passkey that was made. Raises `PasskeyRefusedError`, `NotAllowedError`."""
        sent = await self._desk.sent(request)
        session = await self._own(request, sent)
        answer, label, code = answer_of(sent), sent.get("label"), sent.get("code")
        if not isinstance(label, str) or not 1 <= len(label) <= _MAX_LABEL:
            raise UsageError(messages.UNUSABLE)
        # Whoever holds a session by password alone makes no passkey without the operator's code.
        typed = None if self._is_strong(session) else str(code or "")
        shown = "".join(one for one in label if one.isprintable()) or "-"

        def work() -> str:
            made = self._sign_in.new_passkey(session.digest, session.subject, answer, shown, typed)
            return made.passkey_id

        return JSONResponse({"passkey": await self._desk.work(work)}, 201)

    async def remove(self, request: Request) -> Response:
        """Remove a passkey; for who has just signed in with one. All other sessions end."""
        form = await self._desk.form(request)
        session = await self._own(request, form)
        if not self._is_strong(session):
            error = NotAllowedError(messages.STRONG_SIGN_IN_NEEDED)
            return await self._show(request, session, error=error)
        passkey = form.get("passkey", "")[:32]

        def work() -> str | None:
            return self._sign_in.remove_passkey(session.digest, session.subject, passkey)

        mark = await self._desk.work(work)
        response = RedirectResponse(ACCOUNT, SEE_OTHER)
        if mark is not None:
            set_cookie(response, write_cookie(MARK_COOKIE, mark, seconds=SECONDS))
        return response

    async def _own(self, request: Request, sent: dict[str, Any]) -> Session:
        """Return the session of a change that its own page sent. Raises `ForgedRequestError`."""
        session = await self._desk.work(lambda: self._session(request))
        if not session.takes(str(sent.get(FORM_TOKEN, ""))):
            raise ForgedRequestError(forged_request(self._desk.parts.public_url))
        return session

    def _session(self, request: Request) -> Session:
        session = self._visitors.visit(request).session
        if session is None or session.issuer != LOCAL_ISSUER:
            raise NotSignedInError(messages.NOT_SIGNED_IN)
        return session

    def _is_strong(self, session: Session) -> bool:
        age = self._clock.now() - session.auth_time
        return session.acr == PASSKEY_ACR and age <= FRESH.max_age

    async def _show(
        self, request: Request, session: Session, *, error: XinyinError | None = None
    ) -> Response:
        store = self._sign_in.store
        read: Callable[[], Any] = lambda: (  # noqa: E731  # both in one place in the line
            store.find_sub(session.subject),
            store.passkeys_of(session.subject),
            self._visitors.visit(request),
        )
        account, passkeys, visit = await self._desk.work(read)
        if account is None:
            raise NotSignedInError(messages.NOT_SIGNED_IN)
        return self._showing.page(
            request,
            "local_account.html",
            error=error,
            visit=visit,
            account=account,
            passkeys=passkeys,
            strong=self._is_strong(session),
            warning=FOR_ONE_MACHINE,
            passkeys_work=passkeys_work(self._desk.parts.public_url),
        )
