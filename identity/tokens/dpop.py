"""DPoP proofs (RFC 9449): whoever sends this request holds that key."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.claims import LEEWAY, issued_at_of, required_id
from identity.tokens.jose import verify_token
from identity.tokens.model import HeaderRules
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.replay import ReplayMemory
from identity.tokens.strict import encode_base64url, octets_of

PROOF_TYPE = "dpop+jwt"
_MAX_AGE = 60
"""Seconds that a request may be under way (RFC 9449 11.1: seconds or minutes)."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ProvedRequest:
    """The request that a proof came with."""

    method: str
    address: str
    """As clients see it, which is not what a process behind a proxy sees."""
    access_token: str | None = None
    bound_to: str | None = None
    """Thumbprint in that token (`cnf.jkt`). A token without one has no business with a proof."""
    nonces: frozenset[str] = frozenset()
    """Nonces that we gave out and still accept (section 8); empty: none is asked for."""


@dataclass(frozen=True, slots=True)
class DpopProof:
    """An accepted proof."""

    thumbprint: str
    """Of its key (RFC 7638): what a token is, or will be, bound to."""
    token_id: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class DpopProfile:
    """Rules for proofs, whoever makes them: the key is theirs, and in the header."""

    algorithm: JwsAlgorithm
    replays: ReplayMemory
    max_age: int = _MAX_AGE

    def verify(self, proof: str, request: ProvedRequest, now: datetime) -> DpopProof:
        """Verify a proof (RFC 9449 4.3). Raises `TokenRefusedError`."""
        # 1. Form, header with type and public key, signature (checks 2 to 7).
        rules = HeaderRules(self.algorithm, frozenset({PROOF_TYPE}), brings_key=True)
        verified = verify_token(proof, rules, None)
        claims, thumbprint = verified.claims, verified.key.thumbprint
        # 2. For this request (checks 8 and 9).
        if claims.get("htm") != request.method:
            raise TokenRefusedError(Refusal.WRONG_METHOD)
        address = claims.get("htu")
        if not isinstance(address, str) or (
            normal_address(address) != normal_address(request.address)
        ):
            raise TokenRefusedError(Refusal.WRONG_ADDRESS)
        # 3. Now (checks 10 and 11).
        if request.nonces:
            nonce = claims.get("nonce")
            if nonce is None:
                raise TokenRefusedError(Refusal.NO_NONCE)
            if not isinstance(nonce, str) or nonce not in request.nonces:
                raise TokenRefusedError(Refusal.WRONG_NONCE)
        issued_at = issued_at_of(claims, now, self.max_age)
        # 4. With this token, which is bound to this key (check 12).
        if request.access_token is not None:
            if claims.get("ath") != token_digest(request.access_token):
                raise TokenRefusedError(Refusal.WRONG_TOKEN_HASH)
            if thumbprint != request.bound_to:
                raise TokenRefusedError(Refusal.WRONG_PROOF_KEY)
        # 5. Once (11.1).
        token_id = required_id(claims, "jti", Refusal.NO_TOKEN_ID)
        until = issued_at + timedelta(seconds=self.max_age + LEEWAY)
        self.replays.use(f"dpop {thumbprint}", token_id, until, now)
        return DpopProof(thumbprint, token_id, issued_at)


def token_digest(access_token: str) -> str:
    """Return `ath` of an access token (RFC 9449 4.2)."""
    return encode_base64url(hashlib.sha256(octets_of(access_token)).digest())


def normal_address(address: str) -> str:
    """Return an address without query and fragment, normalised (RFC 3986 6.2.2 and 6.2.3).

    It is for comparing: an IPv6 address has lost its brackets. Raises `TokenRefusedError` for what
    is no http(s) address.
    """
    if not address.isascii() or not address.isprintable() or " " in address:
        raise TokenRefusedError(Refusal.WRONG_ADDRESS)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise TokenRefusedError(Refusal.WRONG_ADDRESS) from error
    if parts.scheme not in _PORTS or not host or parts.username is not None:
        raise TokenRefusedError(Refusal.WRONG_ADDRESS)
    port = _PORTS[parts.scheme] if port is None else port
    return f"{parts.scheme}://{host}:{port}{parts.path or '/'}"
