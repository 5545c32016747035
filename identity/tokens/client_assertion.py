"""Client assertions (RFC 7523 3, `private_key_jwt`): a system signs in with its own key."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from identity.tokens.claims import (
    LEEWAY,
    check_audience,
    check_issuer,
    lifetime_of,
    required_id,
    subject_of,
)
from identity.tokens.jose import verify_token
from identity.tokens.model import HeaderRules, TrustedIssuer
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.replay import ReplayMemory

_TYPES: frozenset[str | None] = frozenset({"client-authentication+jwt", "jwt", None})
_LONGEST = 5 * 60
"""Seconds."""


@dataclass(frozen=True, slots=True)
class ClientAssertion:
    """An accepted assertion."""

    client_id: str
    token_id: str


@dataclass(frozen=True, slots=True)
class ClientAssertionProfile:
    """Rules for the assertions of one client: it is their issuer and their subject."""

    client: TrustedIssuer
    audience: str
    """Our issuer identifier, and nobody else's beside it: the assertion could be used there."""
    replays: ReplayMemory
    longest: int = _LONGEST

    def verify(self, token: str, now: datetime) -> ClientAssertion:
        """Verify an assertion. Raises `TokenRefusedError`, `KeysUnavailableError`."""
        # 1. Form, header, key, signature (RFC 7523 3, rule 9).
        rules = HeaderRules(self.client.algorithm, _TYPES)
        claims = verify_token(token, rules, self.client.keys).claims
        # 2. By and about the client (rules 1 and 2), for us (rule 3), now (rules 4 to 6).
        check_issuer(claims, self.client.issuer)
        if subject_of(claims) != self.client.issuer:
            raise TokenRefusedError(Refusal.WRONG_CLIENT)
        check_audience(claims, self.audience)
        lifetime = lifetime_of(claims, now, self.longest)
        # 3. Once (rule 7).
        token_id = required_id(claims, "jti", Refusal.NO_TOKEN_ID)
        until = lifetime.expires_at + timedelta(seconds=LEEWAY)
        self.replays.use(f"client {self.client.issuer}", token_id, until, now)
        return ClientAssertion(self.client.issuer, token_id)
