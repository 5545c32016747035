"""Security event tokens (RFC 8417): something happened to a subject, elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from identity.tokens.claims import (
    LEEWAY,
    MAX_ID,
    Claims,
    check_audience,
    check_issuer,
    issued_at_of,
    optional_id,
    optional_instant,
    optional_subject,
    required_id,
)
from identity.tokens.jose import verify_token
from identity.tokens.model import HeaderRules, TrustedIssuer
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.replay import ReplayMemory

_TYPES: frozenset[str | None] = frozenset({"secevent+jwt"})
_MAX_AGE = 7 * 24 * 60 * 60
"""Seconds; what was not delivered within a week is found by the reconcile."""

Event = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """An accepted security event token."""

    issuer: str
    token_id: str
    issued_at: datetime
    events: Mapping[str, Event]
    """By type, an address; all tell of one happening (RFC 8417 2.2)."""
    subject: str | None
    subject_id: Mapping[str, object] | None
    """RFC 9493 (`sub_id`); its `format` is a text."""
    occurred_at: datetime | None
    transaction: str | None


@dataclass(frozen=True, slots=True)
class SecurityEventProfile:
    """Rules for the security event tokens of one issuer to one receiver."""

    issuer: TrustedIssuer
    audience: str
    replays: ReplayMemory
    max_age: int = _MAX_AGE

    def verify(self, token: str, now: datetime) -> SecurityEvent:
        """Verify a security event token. Raises `TokenRefusedError`, `KeysUnavailableError`."""
        # 1. Form, header with its type (RFC 8417 2.3), key, signature.
        rules = HeaderRules(self.issuer.algorithm, _TYPES)
        claims = verify_token(token, rules, self.issuer.keys).claims
        # 2. Nothing that could serve as a right: an event has no end (2.2).
        if "exp" in claims:
            raise TokenRefusedError(Refusal.EXPIRY_GIVEN)
        # 3. By whom, for us, lately.
        check_issuer(claims, self.issuer.issuer)
        check_audience(claims, self.audience)
        issued_at = issued_at_of(claims, now, self.max_age)
        # 4. What, and of whom.
        accepted = SecurityEvent(
            self.issuer.issuer,
            required_id(claims, "jti", Refusal.NO_TOKEN_ID),
            issued_at,
            _events(claims),
            optional_subject(claims),
            _subject_id(claims),
            optional_instant(claims, "toe"),
            optional_id(claims, "txn"),
        )
        # 5. Once: a repeated delivery is told apart by REPLAYED, and acknowledged (RFC 8935 2.2).
        until = issued_at + timedelta(seconds=self.max_age + LEEWAY)
        self.replays.use(f"event {self.issuer.issuer}", accepted.token_id, until, now)
        return accepted


def _events(claims: Claims) -> Mapping[str, Event]:
    events = claims.get("events")
    if events is None:
        raise TokenRefusedError(Refusal.NO_EVENTS)
    if not isinstance(events, dict) or not events:
        raise TokenRefusedError(Refusal.BAD_EVENTS)
    for kind, event in events.items():
        if ":" not in kind or len(kind) > MAX_ID or not isinstance(event, dict):
            raise TokenRefusedError(Refusal.BAD_EVENTS)
    return events


def _subject_id(claims: Claims) -> Mapping[str, object] | None:
    value = claims.get("sub_id")
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("format"), str):
        raise TokenRefusedError(Refusal.BAD_SUBJECT)
    return value
