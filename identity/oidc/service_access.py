"""Access to a provider's own services, by tokens of our client (`private_key_jwt`, RFC 7523)."""

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from core.clock import Clock
from identity.oidc.sign_in import SignInClient
from identity.oidc.token_endpoint import TokenSet

_EARLY: Final = timedelta(seconds=30)
"""Before its end a token is not sent any more."""


class ServiceAccess:
    """Access tokens of our client at a provider, for its own services; kept in memory alone.

    They are sent to addresses of the settings only, never to one that an answer names.
    """

    def __init__(self, client: SignInClient, clock: Clock, scope: str | None) -> None:
        self._client = client
        self._clock = clock
        self._scope = scope
        self._held: TokenSet | None = None
        self._lock = Lock()

    def headers(self) -> dict[str, str]:
        """Return the header that a request needs; raises as `TokenEndpoint.ask_tokens`."""
        with self._lock:
            if self._held is None or self._held.expires_at - _EARLY <= self._now():
                form = {"grant_type": "client_credentials"}
                if self._scope is not None:
                    form["scope"] = self._scope
                endpoint = self._client.metadata.token_endpoint
                self._held = self._client.endpoint.ask_tokens(endpoint, form)
            return {"Authorization": f"Bearer {self._held.access_token}"}

    def forget(self) -> None:
        """Ask for another token the next time."""
        with self._lock:
            self._held = None

    def _now(self) -> datetime:
        return self._clock.now()
