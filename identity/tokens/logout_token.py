"""Logout tokens (OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6): a session has ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from identity.tokens.claims import (
    LEEWAY,
    check_audience,
    check_issuer,
    lifetime_of,
    optional_id,
    optional_subject,
    required_id,
)
from identity.tokens.jose import verify_token
from identity.tokens.model import HeaderRules, TrustedIssuer
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.replay import ReplayMemory

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_TYPES: frozenset[str | None] = frozenset({"logout+jwt", None})
_LONGEST = 10 * 60
"""Seconds; the specification prefers two minutes."""


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """An accepted logout token: of one session, or of all that the subject has."""

    issuer: str
    subject: str | None
    session_id: str | None
    token_id: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class LogoutTokenProfile:
    """Rules for the logout tokens of one issuer to one client."""

    issuer: TrustedIssuer
    client_id: str
    replays: ReplayMemory
    longest: int = _LONGEST

    def verify(self, token: str, now: datetime) -> LogoutToken:
        """Verify a logout token. Raises `TokenRefusedError`, `KeysUnavailableError`."""
        # 1. Form, header, key, signature (2.6, rules 1 to 3).
        rules = HeaderRules(self.issuer.algorithm, _TYPES)
        claims = verify_token(token, rules, self.issuer.keys).claims
        # 2. No ID token, which has a nonce (rule 6), but this event (rule 5).
        if "nonce" in claims:
            raise TokenRefusedError(Refusal.NONCE_GIVEN)
        events = claims.get("events")
        if events is None:
            raise TokenRefusedError(Refusal.NO_EVENTS)
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
            raise TokenRefusedError(Refusal.BAD_EVENTS)
        # 3. By whom, for us, now (rule 3).
        check_issuer(claims, self.issuer.issuer)
        check_audience(claims, self.client_id)
        lifetime = lifetime_of(claims, now, self.longest)
        # 4. Of whom (rule 4).
        subject, session_id = optional_subject(claims), optional_id(claims, "sid")
        if subject is None and session_id is None:
            raise TokenRefusedError(Refusal.NO_SUBJECT_OR_SESSION)
        # 5. Once (rule 7).
        token_id = required_id(claims, "jti", Refusal.NO_TOKEN_ID)
        until = lifetime.expires_at + timedelta(seconds=LEEWAY)
        self.replays.use(f"logout {self.issuer.issuer}", token_id, until, now)
        return LogoutToken(self.issuer.issuer, subject, session_id, token_id, lifetime.issued_at)
