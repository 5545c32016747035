"""Asking a provider for tokens: client authentication, proof of possession, errors.

RFC 6749 5, RFC 7523 (`private_key_jwt`), RFC 9449 (DPoP, with the provider's nonce).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from core.clock import Clock
from core.errors import UnreachableError
from core.ids import Random
from core.web import client
from identity.oidc import messages
from identity.oidc.errors import ProviderRefusedError, ProviderUnreachableError
from identity.oidc.provider import Provider
from identity.tokens.jose import MAX_TOKEN, SigningKey
from identity.tokens.making import client_assertion, dpop_proof
from identity.tokens.refusals import TokenRefusedError
from identity.tokens.strict import read_object

MAX_LIFETIME: Final = 24 * 60 * 60
"""Seconds; a longer `expires_in` is cut to it, since it is only a hint of when to refresh."""
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FORM: Final = "application/x-www-form-urlencoded"
_OK: Final = 200
_CODE: Final = re.compile(r"[a-z_]{1,40}")
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class TokenSet:
    """Tokens that a provider gave; none of them is in its text form."""

    access_token: str = field(repr=False)
    expires_at: datetime
    bound: bool
    """To our key (`token_type` DPoP); else whoever has it may use it."""
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)
    scope: frozenset[str] = frozenset()


class TokenEndpoint:
    """Requests to a provider by our client; may be used by several threads."""

    def __init__(self, provider: Provider, clock: Clock, random: Random) -> None:
        self._provider = provider
        self._clock = clock
        self._random = random
        self._nonces: dict[str, str] = {}
        """The DPoP nonce that each address gave last (RFC 9449 8)."""

    def ask_tokens(
        self, address: str, form: Mapping[str, str], proof_key: SigningKey | None = None
    ) -> TokenSet:
        """Ask for tokens, bound to `proof_key` where there is one.

        Raises `ProviderRefusedError`, `ProviderUnreachableError`, and what the key raises.
        """
        now = self._clock.now()
        told = self.post(address, form, proof_key)
        access = _token(told, "access_token")
        kind = told.get("token_type")
        bound = isinstance(kind, str) and kind.lower() == "dpop"
        bearer = isinstance(kind, str) and kind.lower() == "bearer"
        if access is None or not (bound or bearer):
            raise ProviderUnreachableError(messages.answer_unusable(self._provider.issuer))
        # A token that is not bound though a proof was sent would be anybody's: not taken.
        if proof_key is not None and not bound:
            raise ProviderUnreachableError(messages.token_not_bound(self._provider.issuer))
        seconds, scope = told.get("expires_in"), told.get("scope")
        lasts = seconds if isinstance(seconds, int) and 0 < seconds <= MAX_LIFETIME else 60
        return TokenSet(
            access,
            now + timedelta(seconds=lasts),
            bound,
            _token(told, "refresh_token"),
            _token(told, "id_token"),
            frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
        )

    def post(
        self, address: str, form: Mapping[str, str], proof_key: SigningKey | None = None
    ) -> Mapping[str, object]:
        """Send a form as our client, and return the JSON that is answered.

        Raises `ProviderRefusedError`, `ProviderUnreachableError`.
        """
        answer = self._send(address, form, proof_key)
        if proof_key is not None and _wants_nonce(answer):
            answer = self._send(address, form, proof_key)  # once, with the nonce just given
        if answer.status != _OK:
            raise self._refused(answer)
        if not answer.body:
            return {}
        try:
            return read_object(answer.body)
        except TokenRefusedError as error:
            raise ProviderUnreachableError(
                messages.answer_unusable(self._provider.issuer)
            ) from error

    def _send(
        self, address: str, form: Mapping[str, str], proof_key: SigningKey | None
    ) -> client.HttpAnswer:
        now, headers = self._clock.now(), {"Content-Type": _FORM, "Accept": "application/json"}
        if proof_key is not None:
            headers["DPoP"] = dpop_proof(
                proof_key,
                "POST",
                address,
                now=now,
                random=self._random,
                nonce=self._nonces.get(address),
            )
        body = urlencode({**form, **self._client(now)}).encode()
        try:
            answer = client.ask("POST", address, body, headers, limit=4 * MAX_TOKEN)
        except UnreachableError as error:
            raise ProviderUnreachableError(
                messages.provider_unreachable(self._provider.issuer)
            ) from error
        nonce = answer.headers.get("dpop-nonce")
        if nonce is not None and len(nonce) <= MAX_TOKEN and _TOKEN.fullmatch(nonce):
            self._nonces[address] = nonce
        return answer

    def _client(self, now: datetime) -> Mapping[str, str]:
        provider = self._provider
        if provider.client_key is None:
            return {"client_id": provider.client_id}
        assertion = client_assertion(
            provider.client_key.key,
            provider.client_key.key_id,
            provider.client_id,
            provider.issuer,
            now=now,
            random=self._random,
        )
        return {
            "client_id": provider.client_id,
            "client_assertion_type": _ASSERTION,
            "client_assertion": assertion,
        }

    def _refused(
        self, answer: client.HttpAnswer
    ) -> ProviderRefusedError | ProviderUnreachableError:
        error = _error_code(answer)
        if error is None:
            return ProviderUnreachableError(messages.provider_unreachable(self._provider.issuer))
        return ProviderRefusedError(messages.provider_refused(error), error=error)


def error_code_of(value: object) -> str | None:
    """Return a provider's error code (RFC 6749 4.1.2.1, 5.2); None of what is none.

    Its `error_description` is never shown: whoever can answer in its place would speak through us.
    """
    return value if isinstance(value, str) and _CODE.fullmatch(value) else None


def _error_code(answer: client.HttpAnswer) -> str | None:
    try:
        return error_code_of(read_object(answer.body).get("error"))
    except TokenRefusedError:
        return None


def _wants_nonce(answer: client.HttpAnswer) -> bool:
    return answer.status != _OK and _error_code(answer) == "use_dpop_nonce"


def _token(told: Mapping[str, object], name: str) -> str | None:
    value = told.get(name)
    if isinstance(value, str) and len(value) <= MAX_TOKEN and _TOKEN.fullmatch(value):
        return value
    return None
