"""Public keys as JSON (RFC 7517, RFC 7518 6), read strictly, and their thumbprints (RFC 7638)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from core.canonical import canonical_json
from identity.tokens.algorithms import (
    MAX_RSA_BITS,
    JwsAlgorithm,
    PublicKey,
    is_strong,
    key_algorithm,
)
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.strict import decode_base64url, encode_base64url

_CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
}
_CURVE_NAMES = {curve.name: name for name, curve in _CURVES.items()}
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
"""RFC 7518 6.2.2, 6.3.2 and 6.4.1; `priv` is of ML-DSA's keys."""


@dataclass(frozen=True, slots=True)
class Jwk:
    """A public key with what its owner says of it."""

    public_key: PublicKey
    key_id: str | None = None
    use: str | None = None
    operations: frozenset[str] | None = None
    algorithm: str | None = None

    def check(self, algorithm: JwsAlgorithm) -> None:
        """Raise `TokenRefusedError` unless it may verify signatures by `algorithm`."""
        if not algorithm.takes(self.public_key):
            raise TokenRefusedError(Refusal.WRONG_KEY_TYPE)
        if not is_strong(self.public_key):
            raise TokenRefusedError(Refusal.WEAK_KEY)
        if self.use not in {None, "sig"}:
            raise TokenRefusedError(Refusal.WRONG_KEY_USE)
        if self.operations is not None and "verify" not in self.operations:
            raise TokenRefusedError(Refusal.WRONG_KEY_USE)
        if self.algorithm not in {None, algorithm.value}:
            raise TokenRefusedError(Refusal.WRONG_KEY_ALGORITHM)

    @property
    def thumbprint(self) -> str:
        """SHA-256 thumbprint (RFC 7638), base64url."""
        return thumbprint(self.public_key)


def read_jwk(value: Mapping[str, object]) -> Jwk:
    """Read a public EC or RSA key. Raises `TokenRefusedError`."""
    if PRIVATE_MEMBERS & value.keys():
        raise TokenRefusedError(Refusal.PRIVATE_KEY)
    kind = value.get("kty")
    if kind == "EC":
        public_key: PublicKey = _read_ec(value)
    elif kind == "RSA":
        public_key = _read_rsa(value)
    else:
        raise TokenRefusedError(Refusal.WRONG_KEY_TYPE)
    return Jwk(
        public_key,
        key_id=_text(value, "kid"),
        use=_text(value, "use"),
        operations=_operations(value.get("key_ops")),
        algorithm=_text(value, "alg"),
    )


def show_jwk(key: PublicKey) -> dict[str, str]:
    """Return the required members of a key, and no other."""
    numbers = key.public_numbers()
    if isinstance(numbers, rsa.RSAPublicNumbers):
        return {"kty": "RSA", "n": _shortest(numbers.n), "e": _shortest(numbers.e)}
    name, width = _CURVE_NAMES[numbers.curve.name], (numbers.curve.key_size + 7) // 8
    x, y = (encode_base64url(half.to_bytes(width, "big")) for half in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": name, "x": x, "y": y}


def key_set_of(keys: Mapping[str, bytes]) -> dict[str, list[dict[str, str]]]:
    """Return a set (RFC 7517 5) of public keys for signatures: their ids with their SPKI (DER).

    Raises `ValueError` for a key by which no token is signed.
    """
    return {"keys": [_of_signatures(key_id, spki) for key_id, spki in keys.items()]}


def _of_signatures(key_id: str, spki: bytes) -> dict[str, str]:
    key = load_der_public_key(spki)
    algorithm = key_algorithm(key) if isinstance(key, PublicKey) else None
    if algorithm is None or not isinstance(key, PublicKey):
        raise ValueError(f"{key_id} signs no tokens")
    return {**show_jwk(key), "kid": key_id, "use": "sig", "alg": algorithm.value}


def thumbprint(key: PublicKey) -> str:
    """Return a key's SHA-256 thumbprint (RFC 7638 3), base64url."""
    return encode_base64url(hashlib.sha256(canonical_json(show_jwk(key))).digest())


def _read_ec(value: Mapping[str, object]) -> ec.EllipticCurvePublicKey:
    curve = _CURVES.get(_required(value, "crv"))
    if curve is None:
        raise TokenRefusedError(Refusal.WRONG_KEY_TYPE)
    width = (curve.key_size + 7) // 8
    x, y = (decode_base64url(_required(value, name)) for name in ("x", "y"))
    if len(x) != width or len(y) != width:  # RFC 7518 6.2.1.2: with leading zeros
        raise TokenRefusedError(Refusal.BAD_KEY)
    point = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), curve)
    try:
        return point.public_key()
    except ValueError as error:  # not on its curve
        raise TokenRefusedError(Refusal.BAD_KEY) from error


def _read_rsa(value: Mapping[str, object]) -> rsa.RSAPublicKey:
    modulus, exponent = (decode_base64url(_required(value, name)) for name in ("n", "e"))
    if modulus[:1] in {b"", b"\0"} or exponent[:1] in {b"", b"\0"}:
        raise TokenRefusedError(Refusal.BAD_KEY)  # RFC 7518 2: no more octets than it takes
    if max(len(modulus), len(exponent)) * 8 > MAX_RSA_BITS:
        raise TokenRefusedError(Refusal.WEAK_KEY)
    numbers = rsa.RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big"))
    try:
        return numbers.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise TokenRefusedError(Refusal.BAD_KEY) from error


def _required(value: Mapping[str, object], name: str) -> str:
    text = _text(value, name)
    if text is None:
        raise TokenRefusedError(Refusal.BAD_KEY)
    return text


def _text(value: Mapping[str, object], name: str) -> str | None:
    text = value.get(name)
    if name in value and not isinstance(text, str):
        raise TokenRefusedError(Refusal.BAD_KEY)
    return text if isinstance(text, str) else None


def _operations(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TokenRefusedError(Refusal.BAD_KEY)
    return frozenset(value)


def _shortest(number: int) -> str:
    return encode_base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))
