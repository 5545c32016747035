"""Tokens that we make: assertions of who we are, and proofs of the key that we hold."""

from datetime import datetime, timedelta

from core.ids import Random, random_token
from identity.tokens.dpop import PROOF_TYPE, token_digest
from identity.tokens.jose import SigningKey, sign_token

_LIFETIME = timedelta(minutes=1)


def client_assertion(
    key: SigningKey, key_id: str, client_id: str, audience: str, *, now: datetime, random: Random
) -> str:
    """Return an assertion for one request to a provider (RFC 7523 3).

    `audience` is the provider's issuer identifier. Raises as `sign_token`.
    """
    issued = int(now.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued,
        "exp": issued + int(_LIFETIME.total_seconds()),
        "jti": random_token(random),
    }
    return sign_token(claims, key, typ="JWT", key_id=key_id)


def dpop_proof(
    key: SigningKey,
    method: str,
    address: str,
    *,
    now: datetime,
    random: Random,
    access_token: str | None = None,
    nonce: str | None = None,
) -> str:
    """Return a proof for one request (RFC 9449 4.2). Raises as `sign_token`."""
    claims: dict[str, object] = {
        "htm": method,
        "htu": address.partition("#")[0].partition("?")[0],
        "iat": int(now.timestamp()),
        "jti": random_token(random),
    }
    if access_token is not None:
        claims["ath"] = token_digest(access_token)
    if nonce is not None:
        claims["nonce"] = nonce
    return sign_token(claims, key, typ=PROOF_TYPE, show_key=True)
