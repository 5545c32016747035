"""Sign-in and sign-out of a browser, and sign-outs that a provider tells of."""

from datetime import timedelta
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.clock import Clock
from core.errors import NotAllowedError
from identity.addresses import public_address
from identity.oidc.errors import SignInFailedError
from identity.oidc.sign_in import TIME_TO_SIGN_IN, SignedIn
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from identity.people.told import MAX_NAME, groups_of, name_of
from identity.sessions.browser import (
    SESSION_COOKIE,
    SIGN_IN_COOKIE,
    drop_cookie,
    is_from_own_page,
    is_local_path,
    read_cookie,
    write_cookie,
)
from identity.sessions.sessions import ABSOLUTE_LIMIT
from identity.tokens.jose import MAX_TOKEN
from issuing_api import messages
from issuing_api.callers import FORM_TOKEN
from issuing_api.errors import ForgedRequestError
from issuing_api.ports import ProviderParts, SignInParts

HOME = "/issuing/"
_SEE_OTHER = 303
_MAX_BACK = 1000
_MAX_HINT = 4096
_MAX_STEP_UP = timedelta(hours=10)


class SignInPages:
    """Answers of the addresses that sign people in and out."""

    def __init__(self, parts: SignInParts, clock: Clock) -> None:
        self._parts = parts
        self._clock = clock

    def begin(self, request: Request, alias: str) -> Response:
        """Send the browser to a provider.

        `back_to` is where it goes afterwards; `max_age` and `acr_values` ask for a fresh or strong
        sign-in (RFC 9470). Raises `NotAllowedError` for an unknown provider, and as
        `SignInClient.begin`.
        """
        provider = self._provider(alias)
        query = request.query_params
        back_to = query.get("back_to", HOME)
        age, wanted = query.get("max_age", ""), query.get("acr_values", "").split()
        strong = tuple(one for one in wanted if one in provider.strong_acrs)
        most = int(_MAX_STEP_UP.total_seconds())
        address, pending = provider.client.begin(
            self._callback(alias),
            max_age=min(int(age[:6]), most) if age.isascii() and age.isdigit() else most,
            acr_values=strong,
        )
        sign_in_id = self._parts.sessions.begin_sign_in(
            pending, back_to if is_desk_path(back_to) else HOME
        )
        response = RedirectResponse(address, _SEE_OTHER)
        seconds = int(TIME_TO_SIGN_IN.total_seconds())
        _set_cookie(response, write_cookie(SIGN_IN_COOKIE, sign_in_id, seconds=seconds))
        return response

    def finish(self, request: Request, alias: str) -> Response:
        """Take in what the provider sent the browser back with, and open a session.

        Raises as `SignInClient.finish`, and `NotAllowedError` for a person who was disabled.
        """
        provider = self._provider(alias)
        cookies = request.headers.get("cookie", "")
        sign_in_id = read_cookie(cookies, SIGN_IN_COOKIE)
        begun = None if sign_in_id is None else self._parts.sessions.take_sign_in(sign_in_id)
        if begun is None:
            raise SignInFailedError(messages.SESSION_UNKNOWN)
        pending, back_to = begun
        answer = dict(parse_qsl(request.url.query, keep_blank_values=True))
        signed_in = provider.client.finish(pending, answer)
        session_id = self._open(provider, signed_in, read_cookie(cookies, SESSION_COOKIE))
        response = RedirectResponse(back_to, _SEE_OTHER)
        seconds = int(ABSOLUTE_LIMIT.total_seconds())
        _set_cookie(response, write_cookie(SESSION_COOKIE, session_id, seconds=seconds))
        _set_cookie(response, drop_cookie(SIGN_IN_COOKIE))
        return response

    def _open(self, provider: ProviderParts, signed_in: SignedIn, old_id: str | None) -> str:
        token = signed_in.id_token
        groups = groups_of(token.claims.get(provider.groups_claim))
        name = name_of(token.claims.get("name")) or token.subject[:MAX_NAME]
        auth_time = token.auth_time or token.issued_at
        self._parts.people.recognise(
            Identity(
                Pin(token.issuer, token.subject),
                IdentityKind.PERSON,
                name,
                SignInWay.BROWSER,
                groups=frozenset(groups),
                acr=token.acr,
                auth_time=auth_time,
            ),
            signs_in=True,
        )
        session_id, _ = self._parts.sessions.open(
            issuer=token.issuer,
            subject=token.subject,
            alias=signed_in.alias,
            provider_session=token.session_id,
            auth_time=auth_time,
            acr=token.acr,
            groups=groups,
            name=name,
            id_token=signed_in.tokens.id_token,
            old_id=old_id,
        )
        return session_id

    def sign_out(self, request: Request, form: dict[str, str]) -> Response:
        """End the session here, then at the provider (RP-Initiated Logout 1.0).

        Raises `ForgedRequestError`. Where nobody was signed in, goes to the first page.
        """
        cookie = read_cookie(request.headers.get("cookie", ""), SESSION_COOKIE)
        session = None if cookie is None else self._parts.sessions.find(cookie)
        address: str | None = HOME
        if session is not None and cookie is not None:
            ours = is_from_own_page("POST", request.headers, [self._parts.public_url])
            if not ours or not session.takes(form.get(FORM_TOKEN, "")):
                raise ForgedRequestError(messages.forged_request(self._parts.public_url))
            self._parts.sessions.end(cookie)
            provider = self._parts.providers.get(session.alias)
            if provider is not None:
                back_to = public_address(self._parts.public_url, HOME)
                hint = session.id_token
                hint = hint if hint is not None and len(hint) <= _MAX_HINT else None
                address = provider.client.sign_out_address(hint, back_to)
        response = RedirectResponse(address or HOME, _SEE_OTHER)
        if cookie is not None:  # a request from another site brings none, and takes none away
            _set_cookie(response, drop_cookie(SESSION_COOKIE))
        return response

    def signed_out(self, alias: str, form: dict[str, str]) -> Response:
        """End the sessions that a provider says have ended (Back-Channel Logout 1.0, 2.5).

        Raises `TokenRefusedError`; the answer to the provider is then 400.
        """
        provider = self._provider(alias)
        token = provider.logout_profile(self._parts.replays).verify(
            form.get("logout_token", "")[: MAX_TOKEN + 1], self._clock.now()
        )
        self._parts.sessions.end_all(token.issuer, token.subject, token.session_id)
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    def _provider(self, alias: str) -> ProviderParts:
        found = self._parts.providers.get(alias)
        if found is None:
            raise NotAllowedError(messages.no_such_provider(alias[:40]))
        return found

    def _callback(self, alias: str) -> str:
        return public_address(self._parts.public_url, f"{HOME}signed-in/{alias}")


_HIDDEN_SLASHES = ("%2f", "%5c")


def is_desk_path(address: str) -> bool:
    """Tell whether an address to go to after sign-in is one of this service's own pages."""
    path = address.partition("?")[0].lower()
    # Browsers take %2e for a dot, and a path of /issuing/%2e%2e/ for one outside.
    ours = path.startswith(HOME) and not {"..", "."} & set(path.replace("%2e", ".").split("/"))
    hidden = any(one in path for one in _HIDDEN_SLASHES)
    return ours and not hidden and is_local_path(address) and len(address) <= _MAX_BACK


def _set_cookie(response: Response, cookie: str) -> None:
    response.headers.append("set-cookie", cookie)
