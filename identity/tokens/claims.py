"""Claims of a verified token, judged one by one (RFC 7519 4.1). Each function raises
`TokenRefusedError`.

A claim that is null counts as absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core.sanitize import has_controls
from identity.tokens.refusals import Refusal, TokenRefusedError

Claims = Mapping[str, object]

LEEWAY: Final = 60
"""Seconds that clocks may differ (RFC 7519 4.1.4: “no more than a few minutes”)."""
MAX_ID = 255
"""Characters of a subject, client, session or token id (OpenID Connect Core 2: of `sub`)."""
_LAST_INSTANT = 253_402_300_799
"""The end of the year 9999."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A token's beginning and end."""

    issued_at: datetime
    expires_at: datetime


def check_issuer(claims: Claims, issuer: str) -> None:
    """Check that `iss` is this one, to the letter."""
    if claims.get("iss") != issuer:
        raise TokenRefusedError(Refusal.WRONG_ISSUER)


def check_audience(
    claims: Claims, ours: str, others: frozenset[str] | None = frozenset()
) -> tuple[str, ...]:
    """Check that `aud` names us, and of others only those known; None: whomever else.

    Returns it as a list (OpenID Connect Core 3.1.3.7, rule 3).
    """
    audience = claims.get("aud")
    if audience is None or audience == []:
        raise TokenRefusedError(Refusal.NO_AUDIENCE)
    listed = audience if isinstance(audience, list) else [audience]
    if ours not in listed:
        raise TokenRefusedError(Refusal.WRONG_AUDIENCE)
    named = tuple(one for one in listed if isinstance(one, str))
    if len(named) != len(listed) or (others is not None and set(named) - others - {ours}):
        raise TokenRefusedError(Refusal.FOREIGN_AUDIENCE)
    return named


def subject_of(claims: Claims) -> str:
    """Return `sub`, which must be there."""
    subject = optional_subject(claims)
    if subject is None:
        raise TokenRefusedError(Refusal.NO_SUBJECT)
    return subject


def optional_subject(claims: Claims) -> str | None:
    """Return `sub`, if it is there."""
    return optional_id(claims, "sub", Refusal.BAD_SUBJECT)


def optional_id(claims: Claims, name: str, wrong: Refusal = Refusal.BAD_CLAIM) -> str | None:
    """Return a short text without control characters, if the claim is there."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID or has_controls(value):
        raise TokenRefusedError(wrong)
    return value


def required_id(claims: Claims, name: str, missing: Refusal) -> str:
    """Return a short text without control characters."""
    value = optional_id(claims, name, missing)
    if value is None:
        raise TokenRefusedError(missing)
    return value


def optional_texts(claims: Claims, name: str) -> tuple[str, ...]:
    """Return a list of texts; empty if the claim is absent."""
    value = claims.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TokenRefusedError(Refusal.BAD_CLAIM)
    return tuple(value)


def optional_instant(claims: Claims, name: str) -> datetime | None:
    """Return a NumericDate (RFC 7519 2), if the claim is there."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefusedError(Refusal.BAD_TIME)
    if not 0 <= value <= _LAST_INSTANT:
        raise TokenRefusedError(Refusal.BAD_TIME)
    return datetime.fromtimestamp(value, UTC)


def issued_at_of(claims: Claims, now: datetime, max_age: int | None = None) -> datetime:
    """Return `iat`, which must be there, not in the future, and no older than `max_age` seconds.

    Also checks `nbf`, where it is given.
    """
    issued = optional_instant(claims, "iat")
    if issued is None:
        raise TokenRefusedError(Refusal.NO_ISSUED_AT)
    age = seconds_since(issued, now)
    if age < -LEEWAY:
        raise TokenRefusedError(Refusal.ISSUED_IN_FUTURE)
    if max_age is not None and age > max_age + LEEWAY:
        raise TokenRefusedError(Refusal.TOO_OLD)
    not_before = optional_instant(claims, "nbf")
    if not_before is not None and seconds_since(not_before, now) < -LEEWAY:
        raise TokenRefusedError(Refusal.NOT_YET_VALID)
    return issued


def lifetime_of(claims: Claims, now: datetime, longest: int) -> Lifetime:
    """Return the times of a token that lives now, and for `longest` seconds at most."""
    issued = issued_at_of(claims, now)
    expires = optional_instant(claims, "exp")
    if expires is None:
        raise TokenRefusedError(Refusal.NO_EXPIRY)
    if seconds_since(expires, now) >= LEEWAY:  # RFC 7519 4.1.4: on or after
        raise TokenRefusedError(Refusal.EXPIRED)
    lives = seconds_since(issued, expires)
    if lives <= 0:
        raise TokenRefusedError(Refusal.EXPIRES_BEFORE_ISSUED)
    if lives > longest:
        raise TokenRefusedError(Refusal.LIVES_TOO_LONG)
    return Lifetime(issued, expires)


def seconds_since(then: datetime, now: datetime) -> float:
    """Return how many seconds have passed; below zero where `then` is to come."""
    return (now - then).total_seconds()
