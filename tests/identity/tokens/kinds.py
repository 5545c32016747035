"""A good token of each kind, and its profile: what an attack changes one thing of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from identity.tokens.access_token import AccessTokenProfile
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.client_assertion import ClientAssertionProfile
from identity.tokens.dpop import DpopProfile, ProvedRequest
from identity.tokens.id_token import IdTokenProfile, SignInRequest
from identity.tokens.logout_token import LogoutTokenProfile
from identity.tokens.model import TrustedIssuer
from identity.tokens.replay import InMemoryReplays
from identity.tokens.security_event import SecurityEventProfile
from tests.identity.tokens.forge import (
    CLIENT,
    ISSUER,
    NOW,
    RESOURCE,
    PrivateKey,
    T,
    b64,
    digest,
    ec_key,
    forge,
    issuer,
    keys,
)

REQUEST = SignInRequest(nonce="n-1")
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
PROVED = ProvedRequest("POST", "https://issuing.example/issuing/v1/requests?page=2")


def jwk(key: PrivateKey) -> dict[str, object]:
    """Return a P-256 key as a DPoP proof shows it."""
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    numbers = key.public_key().public_numbers()
    x, y = (b64(half.to_bytes(32, "big")) for half in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def print_of(key: PrivateKey) -> str:
    """Return a P-256 key's thumbprint, by the letter of RFC 7638 3.3."""
    shown = jwk(key)
    return digest(f'{{"crv":"P-256","kty":"EC","x":"{shown["x"]}","y":"{shown["y"]}"}}')


@dataclass(frozen=True)
class Kind:
    """One kind of token: a good header, good claims, and who accepts it."""

    header: Mapping[str, object]
    claims: Mapping[str, object]
    accept: Callable[[str, datetime, TrustedIssuer], object]

    def token(
        self, *gone: str, header: Mapping[str, object] | None = None, **changed: object
    ) -> str:
        """Return it without some claims and header members, and with others."""
        head = {**self.header, **(header or {})}
        claims = {**self.claims, **changed}
        return forge(
            {name: value for name, value in head.items() if name not in gone},
            {name: value for name, value in claims.items() if name not in gone},
        )

    def verify(
        self, token: str, now: datetime = NOW, trusted: TrustedIssuer | None = None
    ) -> object:
        """Judge a token with a memory of its own."""
        return self.accept(token, now, trusted or issuer())


COMMON: Mapping[str, object] = {"iss": ISSUER, "sub": "u-17", "iat": T - 5, "exp": T + 300}
KEYED: Mapping[str, object] = {"alg": "ES256", "kid": "k1"}

ID = Kind(
    {**KEYED, "typ": "JWT"},
    {**COMMON, "aud": CLIENT, "nonce": "n-1"},
    lambda token, now, trusted: IdTokenProfile(trusted, CLIENT).verify(token, REQUEST, now),
)
ACCESS = Kind(
    {**KEYED, "typ": "at+jwt"},
    {**COMMON, "aud": RESOURCE, "client_id": "batch", "scope": "grant read", "jti": "a-1"},
    lambda token, now, trusted: AccessTokenProfile(trusted, RESOURCE).verify(token, now),
)
OUT = Kind(
    {**KEYED, "typ": "logout+jwt"},
    {**COMMON, "aud": CLIENT, "jti": "l-1", "sid": "s-1", "events": {LOGOUT: {}}},
    lambda token, now, trusted: LogoutTokenProfile(trusted, CLIENT, InMemoryReplays()).verify(
        token, now
    ),
)
PROOF = Kind(
    {"alg": "ES256", "typ": "dpop+jwt", "jwk": jwk(ec_key())},
    {
        "jti": "p-1",
        "htm": "POST",
        "htu": "https://issuing.example/issuing/v1/requests",
        "iat": T - 1,
    },
    lambda token, now, _: DpopProfile(JwsAlgorithm.ES256, InMemoryReplays()).verify(
        token, PROVED, now
    ),
)
EVENT = Kind(
    {**KEYED, "typ": "secevent+jwt"},
    {
        "iss": ISSUER,
        "aud": RESOURCE,
        "iat": T - 5,
        "jti": "e-1",
        "sub_id": {"format": "iss_sub", "iss": ISSUER, "sub": "u-17"},
        "events": {REVOKED: {"event_timestamp": T - 9}},
    },
    lambda token, now, trusted: SecurityEventProfile(trusted, RESOURCE, InMemoryReplays()).verify(
        token, now
    ),
)
ASSERTION = Kind(
    {**KEYED, "typ": "JWT"},
    {
        "iss": "batch",
        "sub": "batch",
        "aud": ISSUER,
        "jti": "c-1",
        "iat": T - 1,
        "exp": T + 59,
    },
    lambda token, now, trusted: ClientAssertionProfile(
        replace(trusted, issuer="batch"), ISSUER, InMemoryReplays()
    ).verify(token, now),
)
KINDS = {
    "id": ID,
    "access": ACCESS,
    "logout": OUT,
    "proof": PROOF,
    "event": EVENT,
    "assertion": ASSERTION,
}


def asked(**changed: object) -> Kind:
    """Return the ID token's kind with something else asked of the provider."""
    request = replace(REQUEST, **changed)  # type: ignore[arg-type]
    return replace(
        ID,
        accept=lambda token, now, trusted: IdTokenProfile(trusted, CLIENT).verify(
            token, request, now
        ),
    )


def proved(**changed: object) -> Kind:
    """Return the proof's kind with another request."""
    request = replace(PROVED, **changed)  # type: ignore[arg-type]
    profile = DpopProfile(JwsAlgorithm.ES256, InMemoryReplays())
    return replace(PROOF, accept=lambda token, now, _: profile.verify(token, request, now))


def holding(**held: object) -> TrustedIssuer:
    """Return the issuer with more keys than `k1`."""
    return issuer(held=keys(**held))  # type: ignore[arg-type]
