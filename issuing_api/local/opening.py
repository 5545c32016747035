"""Parts of all these pages: who asks from where, what they sent, the session that opens."""

import ipaddress
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from core.client_networks import ClientNetworks
from core.errors import NotAllowedError
from core.web.limits.bodies import Pace, read_form, read_small, require_media_type
from core.web.limits.throttling import Slots
from core.web.request_errors import UnusableRequestError
from identity.accounts.passkeys import MAX_ANSWER
from identity.people.model import Identity
from identity.sessions.browser import (
    SESSION_COOKIE,
    is_from_own_page,
    read_cookie,
    write_cookie,
)
from identity.sessions.sessions import ABSOLUTE_LIMIT, Grounds
from issuing_api.errors import ForgedRequestError
from issuing_api.local import messages
from issuing_api.messages import forged_request
from issuing_api.ports import SignInParts
from issuing_api.sign_in_pages import is_desk_path

T = TypeVar("T")
HOME = "/issuing/"
SEE_OTHER = 303
_MAX_FORM = 16 * 1024
_PACE = Pace(seconds=10)
_HASHING = 2
"""At a time in one process: each takes 64 MiB and four threads."""
_WAITING = 30
_PATIENCE_SECONDS = 15.0


class PageParts:
    """Things that the pages share."""

    def __init__(self, parts: SignInParts, networks: ClientNetworks) -> None:
        self.parts = parts
        self._networks = networks
        self._slots = Slots(_HASHING, _WAITING)

    @property
    def emergency_ready(self) -> bool:
        """True where a credential for an emergency was prepared."""
        return self.parts.break_glass is not None and self.parts.break_glass.is_ready

    async def work(self, work: Callable[[], T]) -> T:
        """Do what takes a password's hash, or asks the database.

        Raises `TooManyRequestsError` when too many stand in line.
        """
        return await self._slots.run(work, _PATIENCE_SECONDS)

    def network(self, request: Request) -> str:
        """Return the client network that a request came from.

        Of the connection; only a trusted proxy's word is taken for another (`core.web.server`).
        """
        return self._networks.of(request.client.host if request.client else None)

    def require_own_page(self, request: Request) -> None:
        """See that a change was sent by a page of ours. Raises `ForgedRequestError`."""
        if not is_from_own_page(request.method, request.headers, [self.parts.public_url]):
            raise ForgedRequestError(forged_request(self.parts.public_url))

    def require_near(self, request: Request) -> None:
        """See that who signs in locally is at this machine, unless the settings let others.

        Raises `NotAllowedError`.
        """
        local = self.parts.local
        if local is not None and local.beyond_this_machine:
            return
        if not _is_loopback(request.client.host if request.client else ""):
            raise NotAllowedError(messages.ONLY_FROM_THIS_MACHINE)

    async def form(self, request: Request) -> dict[str, str]:
        """Return a form of ours. Raises `ForgedRequestError`, `UnusableRequestError`."""
        self.require_own_page(request)
        return await read_form(request, _MAX_FORM, _PACE)

    async def sent(self, request: Request) -> dict[str, Any]:
        """Return the JSON that a script of ours sent; raises the same."""
        self.require_own_page(request)
        require_media_type(request, "application/json")
        try:
            sent = json.loads(await read_small(request, MAX_ANSWER, _PACE))
            json.dumps(sent, ensure_ascii=False).encode()  # a lone surrogate is no text
        except (ValueError, RecursionError) as error:
            raise UnusableRequestError(messages.UNUSABLE) from error
        if not isinstance(sent, dict):
            raise UnusableRequestError(messages.UNUSABLE)
        return sent

    def open_session(
        self,
        request: Request,
        identity: Identity,
        alias: str,
        grounds: Grounds,
        until: datetime | None = None,
    ) -> str:
        """Open a session for who signed in, in the place of the browser's; return its cookie.

        Raises `SignedOutMeanwhileError`.
        """
        assert identity.auth_time is not None
        cookies = request.headers.get("cookie", "")
        session_id, _ = self.parts.sessions.open(
            issuer=identity.pin.iss,
            subject=identity.pin.sub,
            alias=alias,
            provider_session=None,
            auth_time=identity.auth_time,
            acr=identity.acr,
            groups=tuple(identity.groups),
            name=identity.name,
            id_token=None,
            old_id=read_cookie(cookies, SESSION_COOKIE),
            until=until,
            grounds=grounds,
        )
        return write_cookie(SESSION_COOKIE, session_id, seconds=int(ABSOLUTE_LIMIT.total_seconds()))


def way_back(wanted: object) -> str:
    """Return the path to go to after sign-in: a page of the desk, whatever was asked for."""
    return wanted if isinstance(wanted, str) and is_desk_path(wanted) else HOME


def set_cookie(response: Response, cookie: str) -> None:
    """Add a cookie to an answer."""
    response.headers.append("set-cookie", cookie)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
