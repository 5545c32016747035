"""Sign-in through a browser: authorization code with PKCE (OpenID Connect Core 3.1, RFC 7636).

What RFC 9700 asks for: the verifier never leaves us, `state` and `nonce` serve once, the address
that the browser comes back to belongs to one provider alone, and `iss` is compared where the
provider names itself (RFC 9207).
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from core.clock import Clock, Monotonic
from core.ids import Random, random_token
from identity.oidc import messages
from identity.oidc.errors import ProviderRefusedError, SignInFailedError
from identity.oidc.provider import Provider, ProviderMetadata, PublishedSettings
from identity.oidc.token_endpoint import TokenEndpoint, TokenSet, error_code_of
from identity.tokens.id_token import IdToken, IdTokenProfile, SignInRequest
from identity.tokens.jose import SigningKey
from identity.tokens.jwks import PublishedKeys
from identity.tokens.model import TrustedIssuer
from identity.tokens.strict import encode_base64url

TIME_TO_SIGN_IN: Final = timedelta(minutes=10)
"""From the page that begins to the code that comes back."""
MAX_CODE: Final = 2000


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A sign-in that was begun: kept by us, for the browser that began it, and used once."""

    alias: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    begun_at: datetime
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A completed sign-in."""

    alias: str
    id_token: IdToken
    tokens: TokenSet


class SignInClient:
    """Sign-ins at one provider; may be used by several threads."""

    def __init__(
        self,
        provider: Provider,
        clock: Clock,
        random: Random,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        """Take the provider; nothing is asked yet. Raises `InsecureAddressError`."""
        self.provider = provider
        self._settings = PublishedSettings(provider, monotonic=monotonic)
        self._clock = clock
        self._random = random
        self._monotonic = monotonic
        self.endpoint = TokenEndpoint(provider, clock, random)
        self._profile: tuple[str, IdTokenProfile] | None = None

    @property
    def metadata(self) -> ProviderMetadata:
        """Published settings of the provider; raises as `PublishedSettings.get`."""
        return self._settings.get()

    @property
    def profile(self) -> IdTokenProfile:
        """Rules for the provider's ID tokens; raises as `metadata`."""
        address = self.metadata.jwks_uri
        if self._profile is None or self._profile[0] != address:
            keys = PublishedKeys(
                address,
                plain_loopback=self.provider.plain_loopback,
                monotonic=self._monotonic,
            )
            issuer = TrustedIssuer(self.provider.issuer, self.provider.algorithm, keys)
            self._profile = address, IdTokenProfile(issuer, self.provider.client_id)
        return self._profile[1]

    def begin(
        self,
        redirect_uri: str,
        *,
        nonce: str | None = None,
        max_age: int | None = None,
        acr_values: tuple[str, ...] = (),
    ) -> tuple[str, PendingSignIn]:
        """Return the address to send the browser to, and what is to be kept until it comes back.

        `nonce` may commit to something that the sign-in is for; None: a random one. `max_age`
        (seconds) and `acr_values` ask for a fresh or stronger sign-in (RFC 9470). Raises as
        `metadata`.
        """
        pending = PendingSignIn(
            self.provider.alias,
            random_token(self._random),
            nonce or random_token(self._random),
            encode_base64url(self._random(32)),
            redirect_uri,
            self._clock.now(),
            max_age,
            acr_values,
        )
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.provider.scopes),
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": challenge_of(pending.verifier),
            "code_challenge_method": "S256",
        }
        if max_age is not None:
            asked["max_age"] = str(max_age)
        if acr_values:
            asked["acr_values"] = " ".join(acr_values)
        if self.provider.resource is not None:
            asked["resource"] = self.provider.resource
        endpoint = self.metadata.authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", pending

    def finish(
        self,
        pending: PendingSignIn,
        answer: Mapping[str, str],
        proof_key: SigningKey | None = None,
    ) -> SignedIn:
        """Complete a sign-in by what the browser brought back; `pending` is used up by this.

        Raises `SignInFailedError`, `ProviderRefusedError`, `ProviderUnreachableError`,
        `TokenRefusedError`, `KeysUnavailableError`.
        """
        now = self._clock.now()
        # 1. It is the sign-in that this browser began, in time, with this provider.
        if pending.alias != self.provider.alias:
            raise SignInFailedError(messages.ANOTHER_PROVIDER)
        if not hmac.compare_digest(answer.get("state", "").encode(), pending.state.encode()):
            raise SignInFailedError(messages.STATE_DIFFERS)
        if not timedelta(0) <= now - pending.begun_at <= TIME_TO_SIGN_IN:
            raise SignInFailedError(messages.SIGN_IN_TOO_LATE)
        # 2. The provider itself answers, not another one's answer brought here (RFC 9207 2.4).
        told = answer.get("iss")
        if told != self.provider.issuer and (told is not None or self.metadata.names_itself):
            raise SignInFailedError(messages.ANOTHER_PROVIDER)
        # 3. It says yes.
        if "error" in answer:
            raise _declined(answer["error"])
        code = answer.get("code", "")
        if not code or len(code) > MAX_CODE or not code.isprintable():
            raise SignInFailedError(messages.NO_CODE)
        # 4. The code for tokens, with the verifier that only we have.
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.redirect_uri,
            "code_verifier": pending.verifier,
        }
        if self.provider.resource is not None:
            form["resource"] = self.provider.resource
        tokens = self.endpoint.ask_tokens(self.metadata.token_endpoint, form, proof_key)
        # 5. Who it was, in answer to this request.
        request = SignInRequest(
            pending.nonce, tokens.access_token, pending.max_age, frozenset(pending.acr_values)
        )
        return SignedIn(pending.alias, self.verified(tokens, request), tokens)

    def verified(self, tokens: TokenSet, request: SignInRequest) -> IdToken:
        """Verify the ID token that came with tokens; raises as `finish`."""
        if tokens.id_token is None:
            raise SignInFailedError(messages.NO_ID_TOKEN)
        return self.profile.verify(tokens.id_token, request, self._clock.now())

    def sign_out_address(self, id_token: str | None, back_to: str) -> str | None:
        """Return the address that ends the session at the provider too (RP-Initiated Logout 1.0).

        None where the provider has none. Raises as `metadata`.
        """
        endpoint = self.metadata.end_session_endpoint
        if endpoint is None:
            return None
        asked = {
            "client_id": self.provider.client_id,
            "post_logout_redirect_uri": back_to,
        }
        if id_token is not None:
            asked["id_token_hint"] = id_token
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 4.2)."""
    return encode_base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def _declined(error: str) -> SignInFailedError | ProviderRefusedError:
    code = error_code_of(error)
    if code is None:
        return SignInFailedError(messages.ANSWER_MALFORMED)
    if code == "access_denied":
        return SignInFailedError(messages.SIGN_IN_DECLINED)
    return ProviderRefusedError(messages.provider_refused(code), error=code)
