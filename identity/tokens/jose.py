"""Signatures of tokens by python-jose, and what it leaves open. No other module imports it.

Alone it takes any algorithm that the caller allows with any key, text as an HMAC secret, lenient
base64, duplicate members, whatever the header names as critical, and lets its own slips out
(ADR 34 has the list). Here the header is read first, by us; it meets one key, which we chose, as an
object of `cryptography`; it is told one algorithm; and whatever it raises is a refusal.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwk as jose_jwk
from jose import jws as jose_jws

from core.errors import XinyinError
from identity.tokens import messages
from identity.tokens.algorithms import JwsAlgorithm, is_strong, key_algorithm
from identity.tokens.jwk import Jwk, read_jwk, show_jwk
from identity.tokens.model import HeaderRules, KeySource
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.strict import decode_base64url, read_object
from keys.algorithms import UnsupportedKeyError
from keys.model import Signer

MAX_TOKEN = 16 * 1024
"""Characters; a token with a person's groups takes some thousand, and headers end at 16 KiB."""
MAX_HEADER = 2 * 1024
"""Octets; a DPoP proof's with an RSA key of 8192 bits takes 1.5 KiB."""
MAX_CLAIMS = 10 * 1024
MAX_KEY_ID = 255
_PARTS = 3
_NEVER = {
    "crit": Refusal.CRITICAL_HEADER,  # RFC 7515 4.1.11: we understand no extension
    "b64": Refusal.UNENCODED_PAYLOAD,  # RFC 7797
    "jku": Refusal.KEY_ADDRESS,  # RFC 8725 3.10
    "x5u": Refusal.CERTIFICATE_ADDRESS,
    "x5c": Refusal.CERTIFICATE_IN_HEADER,
    "zip": Refusal.COMPRESSED,
    "enc": Refusal.ENCRYPTED,
}
"""Header members that no token may have."""
_PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
SigningKey = Signer | _PrivateKey
"""A key in custody, on a token too, or a private key of `cryptography`."""


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A token whose signature holds; its claims are still to be judged by a profile."""

    claims: Mapping[str, object]
    key: Jwk


def verify_token(token: str, rules: HeaderRules, keys: KeySource | None) -> VerifiedToken:
    """Verify a token's form, header and signature; its claims are parsed after that only.

    `keys` is None where the header brings the key. Raises `TokenRefusedError`,
    `KeysUnavailableError`.
    """
    # 1. Three parts of bounded length, each in its one spelling.
    if len(token) > MAX_TOKEN:
        raise TokenRefusedError(Refusal.TOO_LONG)
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise TokenRefusedError(Refusal.NOT_COMPACT)
    header_bytes, claims_bytes, _ = (decode_base64url(part) for part in parts)
    if len(header_bytes) > MAX_HEADER or len(claims_bytes) > MAX_CLAIMS:
        raise TokenRefusedError(Refusal.TOO_LONG)
    # 2. The header: the one algorithm and type, nothing that leads elsewhere.
    header = read_object(header_bytes)
    _check_header(header, rules)
    # 3. The key: chosen by us, and fit for this algorithm.
    key = _own_key(header) if rules.brings_key else _known_key(header, keys)
    key.check(rules.algorithm)
    # 4. The signature, over the very bytes that were read.
    if _verified_payload(token, key, rules.algorithm) != claims_bytes:
        raise TokenRefusedError(Refusal.BAD_SIGNATURE)
    return VerifiedToken(read_object(claims_bytes), key)


def unverified_issuer(token: str) -> str:
    """Return `iss` of a token before anything of it is believed, to choose whose rules it must
    pass; empty for what has none.
    """
    if len(token) > MAX_TOKEN or token.count(".") != _PARTS - 1:
        return ""
    try:
        issuer = read_object(decode_base64url(token.split(".")[1])).get("iss")
    except TokenRefusedError:
        return ""
    return issuer if isinstance(issuer, str) else ""


def sign_token(
    payload: Mapping[str, object] | bytes,
    key: SigningKey,
    *,
    typ: str,
    key_id: str | None = None,
    show_key: bool = False,
) -> str:
    """Sign a payload as compact JWS, by the algorithm that belongs to the key.

    `show_key` puts the public key into the header, as a DPoP proof has it. Bytes are signed as
    they are. Raises `UnsupportedKeyError`, `KeyUnavailableError`.
    """
    private = _private_key(key)
    public = private.public_key()
    algorithm = key_algorithm(public)
    if algorithm is None or not is_strong(public):
        raise UnsupportedKeyError(messages.UNSUPPORTED_SIGNING_KEY)
    header: dict[str, object] = {"typ": typ}
    if key_id is not None:
        header["kid"] = key_id
    if show_key:
        header["jwk"] = show_jwk(public)
    if not isinstance(payload, bytes):
        payload = json.dumps(
            payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        ).encode()
    held = jose_jwk.construct(private, algorithm.value)
    try:
        token: str = jose_jws.sign(payload, held, header, algorithm.value)
    except jose_jws.JWSError as error:
        if isinstance(error.__context__, XinyinError):  # of a key that cannot be reached
            raise error.__context__ from None
        raise
    return token


def _check_header(header: Mapping[str, object], rules: HeaderRules) -> None:
    for name, refusal in _NEVER.items():
        if name in header:
            raise TokenRefusedError(refusal)
    if "jwk" in header and not rules.brings_key:
        raise TokenRefusedError(Refusal.KEY_IN_HEADER)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        raise TokenRefusedError(Refusal.NO_ALGORITHM)
    if algorithm != rules.algorithm.value:
        raise TokenRefusedError(Refusal.WRONG_ALGORITHM)
    kind = header.get("typ")
    if isinstance(kind, str):
        kind = kind.lower().removeprefix("application/")
    elif "typ" in header:
        raise TokenRefusedError(Refusal.WRONG_TYPE)
    if kind not in rules.types:
        raise TokenRefusedError(Refusal.WRONG_TYPE)


def _known_key(header: Mapping[str, object], keys: KeySource | None) -> Jwk:
    key_id = header.get("kid")
    if keys is None or not isinstance(key_id, str) or not 0 < len(key_id) <= MAX_KEY_ID:
        raise TokenRefusedError(Refusal.NO_KEY_ID)
    return keys.find(key_id)


def _own_key(header: Mapping[str, object]) -> Jwk:
    value = header.get("jwk")
    if not isinstance(value, dict):
        raise TokenRefusedError(Refusal.NO_KEY)
    return read_jwk(value)


def _verified_payload(token: str, key: Jwk, algorithm: JwsAlgorithm) -> bytes:
    try:
        held = jose_jwk.construct(key.public_key, algorithm.value)
        payload: bytes = jose_jws.verify(token, held, [algorithm.value])
    except Exception as error:  # it lets RecursionError, TypeError and others out
        raise TokenRefusedError(Refusal.BAD_SIGNATURE) from error
    return payload


def _private_key(key: SigningKey) -> _PrivateKey:
    """Return an object that signs; never text, which python-jose would take for HMAC."""
    held = key.builder_key() if hasattr(key, "builder_key") else key
    if not isinstance(held, _PrivateKey):
        raise UnsupportedKeyError(messages.UNSUPPORTED_SIGNING_KEY)
    return held
