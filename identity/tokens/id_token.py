"""ID tokens (OpenID Connect Core 1.0, 2 and 3.1.3.7): somebody signed in, for this client."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.claims import (
    LEEWAY,
    Claims,
    check_audience,
    check_issuer,
    lifetime_of,
    optional_id,
    optional_instant,
    optional_texts,
    seconds_since,
    subject_of,
)
from identity.tokens.jose import verify_token
from identity.tokens.model import HeaderRules, TrustedIssuer
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.strict import encode_base64url, octets_of

_TYPES: frozenset[str | None] = frozenset({"jwt", None})
_LONGEST = 24 * 60 * 60
"""Seconds; it is looked at once, right after it was issued, and its nonce serves once."""


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """Request that a token must be the answer to."""

    nonce: str | None
    """None where the flow carries none (RFC 8628); then the token must hold none either."""
    access_token: str | None = None
    """Came beside the ID token."""
    max_age: int | None = None
    """Seconds since the sign-in."""
    acr_values: frozenset[str] = frozenset()
    """Strengths of sign-in that will do; empty: any."""
    alone: bool = False
    """Its access token stays with whoever signed in, as at an enrolment: what the ID token says of
    that (3.1.3.8) is theirs to check."""


@dataclass(frozen=True, slots=True)
class IdToken:
    """An accepted ID token."""

    issuer: str
    subject: str
    issued_at: datetime
    expires_at: datetime
    auth_time: datetime | None
    acr: str | None
    amr: tuple[str, ...]
    session_id: str | None
    """The provider's (`sid`), which a logout token names."""
    claims: Mapping[str, object]
    """All of them: for groups, through the table of the issuer's configuration."""


@dataclass(frozen=True, slots=True)
class IdTokenProfile:
    """Rules for the ID tokens of one issuer to one client."""

    issuer: TrustedIssuer
    client_id: str
    other_audiences: frozenset[str] = frozenset()
    """Audiences besides the client that are trusted (rule 3)."""
    longest: int = _LONGEST

    def verify(self, token: str, request: SignInRequest, now: datetime) -> IdToken:
        """Verify an ID token. Raises `TokenRefusedError`, `KeysUnavailableError`."""
        # 1. Form, header, key, signature (rules 1 and 6 to 8).
        rules = HeaderRules(self.issuer.algorithm, _TYPES)
        claims = verify_token(token, rules, self.issuer.keys).claims
        # 2. No logout token, which has all else that an ID token has (Back-Channel Logout 2.4).
        if "events" in claims:
            raise TokenRefusedError(Refusal.EVENTS_GIVEN)
        # 3. By whom, and for us (rules 2 to 5).
        check_issuer(claims, self.issuer.issuer)
        self._check_parties(claims)
        # 4. Now (rules 9 and 10).
        lifetime = lifetime_of(claims, now, self.longest)
        # 5. In answer to this request (rules 11 to 13, and 3.1.3.8).
        _check_nonce(claims, request.nonce)
        if not request.alone:
            _check_token_hash(claims, request.access_token, self.issuer.algorithm)
        auth_time = _check_auth_time(claims, request.max_age, now)
        acr = optional_id(claims, "acr")
        if request.acr_values and acr not in request.acr_values:
            raise TokenRefusedError(Refusal.WRONG_ACR)
        return IdToken(
            self.issuer.issuer,
            subject_of(claims),
            lifetime.issued_at,
            lifetime.expires_at,
            auth_time,
            acr,
            optional_texts(claims, "amr"),
            optional_id(claims, "sid"),
            claims,
        )

    def _check_parties(self, claims: Claims) -> None:
        audience = check_audience(claims, self.client_id, self.other_audiences)
        party = optional_id(claims, "azp", Refusal.WRONG_AUTHORIZED_PARTY)
        if party is None and len(audience) > 1:
            raise TokenRefusedError(Refusal.NO_AUTHORIZED_PARTY)
        if party not in {None, self.client_id}:
            raise TokenRefusedError(Refusal.WRONG_AUTHORIZED_PARTY)


def _check_nonce(claims: Claims, expected: str | None) -> None:
    nonce = claims.get("nonce")
    if expected is None and nonce is not None:
        raise TokenRefusedError(Refusal.NONCE_GIVEN)
    if expected is not None and nonce is None:
        raise TokenRefusedError(Refusal.NO_NONCE)
    if nonce != expected:
        raise TokenRefusedError(Refusal.WRONG_NONCE)


def _check_token_hash(claims: Claims, access_token: str | None, algorithm: JwsAlgorithm) -> None:
    """Check `at_hash`, where it is given; without the access token it cannot hold."""
    given = claims.get("at_hash")
    if given is None:
        return
    if access_token is None or given != half_hash(access_token, algorithm):
        raise TokenRefusedError(Refusal.WRONG_TOKEN_HASH)


def half_hash(access_token: str, algorithm: JwsAlgorithm) -> str:
    """Return the left half of a token's digest (OpenID Connect Core 3.1.3.6), base64url."""
    digest = hashlib.new(algorithm.digest, octets_of(access_token)).digest()
    return encode_base64url(digest[: len(digest) // 2])


def _check_auth_time(claims: Claims, max_age: int | None, now: datetime) -> datetime | None:
    auth_time = optional_instant(claims, "auth_time")
    if auth_time is None:
        if max_age is not None:
            raise TokenRefusedError(Refusal.NO_AUTH_TIME)
        return None
    age = seconds_since(auth_time, now)
    if age < -LEEWAY:
        raise TokenRefusedError(Refusal.AUTH_IN_FUTURE)
    if max_age is not None and age > max_age + LEEWAY:
        raise TokenRefusedError(Refusal.AUTH_TOO_OLD)
    return auth_time
