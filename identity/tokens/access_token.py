"""Access tokens as JWT (RFC 9068): a client may ask this service, for a subject."""

import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from identity.tokens.claims import (
    Claims,
    check_audience,
    check_issuer,
    lifetime_of,
    optional_id,
    optional_instant,
    required_id,
    subject_of,
)
from identity.tokens.jose import verify_token
from identity.tokens.model import HeaderRules, TrustedIssuer
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.strict import decode_base64url, encode_base64url

_TYPES: frozenset[str | None] = frozenset({"at+jwt"})
_LONGEST = 60 * 60
"""Seconds; whoever leaves keeps no right for longer, whatever else fails."""
_DIGEST_OCTETS = 32
_MAX_SCOPE = 2000


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The key that a token is bound to (RFC 7800)."""

    thumbprint: str | None = None
    """Of a DPoP key (`jkt`, RFC 9449 6.1)."""
    certificate_digest: str | None = None
    """Of a TLS client certificate (`x5t#S256`, RFC 8705 3.1)."""

    def check_certificate(self, certificate: bytes | None) -> None:
        """See that the connection shows the certificate (DER) that the token is bound to, if any.

        Raises `TokenRefusedError`.
        """
        if self.certificate_digest is None:
            return
        if certificate is None:
            raise TokenRefusedError(Refusal.NO_CERTIFICATE)
        shown = encode_base64url(hashlib.sha256(certificate).digest())
        if not hmac.compare_digest(shown, self.certificate_digest):
            raise TokenRefusedError(Refusal.WRONG_CERTIFICATE)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An accepted access token; what it is bound to is still to be proved."""

    issuer: str
    subject: str
    client_id: str
    scopes: frozenset[str]
    token_id: str
    issued_at: datetime
    expires_at: datetime
    confirmation: Confirmation | None
    """None: a bearer token."""
    auth_time: datetime | None
    acr: str | None
    claims: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AccessTokenProfile:
    """Rules for the access tokens of one issuer to one resource."""

    issuer: TrustedIssuer
    audience: str
    """Our resource identifier; a token may name others besides (RFC 9068 3)."""
    longest: int = _LONGEST

    def verify(self, token: str, now: datetime) -> AccessToken:
        """Verify an access token. Raises `TokenRefusedError`, `KeysUnavailableError`."""
        # 1. Form, header with its type, key, signature (RFC 9068 4).
        rules = HeaderRules(self.issuer.algorithm, _TYPES)
        claims = verify_token(token, rules, self.issuer.keys).claims
        # 2. By whom, for us, now.
        check_issuer(claims, self.issuer.issuer)
        check_audience(claims, self.audience, others=None)
        lifetime = lifetime_of(claims, now, self.longest)
        # 3. For whom, and to do what (2.2).
        return AccessToken(
            self.issuer.issuer,
            subject_of(claims),
            required_id(claims, "client_id", Refusal.NO_CLIENT),
            _scopes(claims),
            required_id(claims, "jti", Refusal.NO_TOKEN_ID),
            lifetime.issued_at,
            lifetime.expires_at,
            _confirmation(claims),
            optional_instant(claims, "auth_time"),
            optional_id(claims, "acr"),
            claims,
        )


def _scopes(claims: Claims) -> frozenset[str]:
    scope = claims.get("scope")
    if scope is None:
        return frozenset()
    if not isinstance(scope, str) or len(scope) > _MAX_SCOPE:
        raise TokenRefusedError(Refusal.BAD_CLAIM)
    return frozenset(scope.split(" ")) - {""}


def _confirmation(claims: Claims) -> Confirmation | None:
    """Read `cnf`; a binding that we do not know must not count as none."""
    value = claims.get("cnf")
    if value is None:
        return None
    if not isinstance(value, dict) or not value or value.keys() - {"jkt", "x5t#S256"}:
        raise TokenRefusedError(Refusal.BAD_CONFIRMATION)
    return Confirmation(_digest(value, "jkt"), _digest(value, "x5t#S256"))


def _digest(value: Mapping[str, object], name: str) -> str | None:
    if name not in value:
        return None
    digest = value[name]
    with suppress(TokenRefusedError):
        if isinstance(digest, str) and len(decode_base64url(digest)) == _DIGEST_OCTETS:
            return digest
    raise TokenRefusedError(Refusal.BAD_CONFIRMATION)
