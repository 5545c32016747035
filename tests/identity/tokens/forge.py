"""Tokens made by hand, good and bad, without the code under test: any header, claims, spelling."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.jwk import Jwk
from identity.tokens.jwks import KeySet
from identity.tokens.model import TrustedIssuer

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
T = int(NOW.timestamp())
ISSUER = "https://id.example"
CLIENT = "desk"
RESOURCE = "https://issuing.example"
DIGESTS: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def ec_key(name: str = "ours", curve: type[ec.EllipticCurve] = ec.SECP256R1) -> PrivateKey:
    """Return a key of that name and curve, the same each time."""
    return _ec_key(name, curve)


@cache
def _ec_key(_name: str, curve: type[ec.EllipticCurve]) -> PrivateKey:
    return ec.generate_private_key(curve())


def rsa_key(bits: int = 2048, exponent: int = 65537) -> PrivateKey:
    """Return an RSA key, the same each time."""
    return _rsa_key(bits, exponent)


@cache
def _rsa_key(bits: int, exponent: int) -> PrivateKey:
    return rsa.generate_private_key(exponent, bits)


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def segment(part: object) -> str:
    """Return a segment: text and bytes as they are, all else as JSON."""
    if isinstance(part, str):
        return part
    return b64(part if isinstance(part, bytes) else json.dumps(part).encode())


def raw_signature(data: bytes, key: PrivateKey, algorithm: str) -> bytes:
    """Sign as RFC 7518 3.3 and 3.4 say."""
    digest = DIGESTS[algorithm[2:]]()
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), digest)
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
    width = (key.key_size + 7) // 8
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def forge(header: object, claims: object, key: PrivateKey | None = None, by: str = "ES256") -> str:
    """Return a token over these very parts, signed with `ec_key()` unless told otherwise."""
    signed = f"{segment(header)}.{segment(claims)}"
    return f"{signed}.{b64(raw_signature(signed.encode(), key or ec_key(), by))}"


def hmac_token(header: object, claims: object, secret: bytes) -> str:
    """Return a token under HS256."""
    signed = f"{segment(header)}.{segment(claims)}"
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def part(token: str, number: int, text: str) -> str:
    """Return a token with one of its parts exchanged."""
    parts = token.split(".")
    parts[number] = text
    return ".".join(parts)


def without(claims: Mapping[str, object], *names: str, **changed: object) -> dict[str, object]:
    """Return claims without some, and with others."""
    return {name: value for name, value in claims.items() if name not in names} | changed


def digest(text: str) -> str:
    """Return the SHA-256 of text, base64url."""
    return b64(hashlib.sha256(text.encode()).digest())


def keys(**held: Jwk) -> KeySet:
    """Return a key set with `k1`, which is `ec_key()`, and others."""
    return KeySet({"k1": public("k1", ec_key()), **held})


def public(key_id: str, key: PrivateKey, **said: str | frozenset[str]) -> Jwk:
    """Return a public key with what its owner says of it."""
    return Jwk(key.public_key(), key_id=key_id, **said)  # type: ignore[arg-type]


def issuer(algorithm: str = "ES256", held: KeySet | None = None) -> TrustedIssuer:
    """Return the issuer that tests trust."""
    return TrustedIssuer(ISSUER, JwsAlgorithm(algorithm), held or keys())
