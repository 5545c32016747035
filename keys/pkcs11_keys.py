"""`cryptography`'s private keys as facades: they sign on a token and hold no private numbers."""

import hashlib
from collections.abc import Callable
from typing import Any, NoReturn

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from pkcs11 import Mechanism

from keys import messages
from keys.model import KeysError

RawSign = Callable[[bytes, Mechanism], bytes]
"""Signs on the token, by a mechanism, what the host has digested."""

_DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
"""DigestInfo up to the digest (RFC 8017 9.2, note 1)."""


class StaysOnTokenError(KeysError):
    """Something was asked of a token's key that it does not do: it signs."""

    code = "key_stays_on_token"


class TokenEcKey(ec.EllipticCurvePrivateKey):
    """A P-256 or P-384 key on a token."""

    def __init__(self, public_key: ec.EllipticCurvePublicKey, sign: RawSign) -> None:
        self._public_key = public_key
        self._sign = sign
        self._half = (public_key.key_size + 7) // 8

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """Return DER `ECDSA-Sig-Value` (RFC 3279 2.2.3); the token gives r and s, joined."""
        digest = _digest(data, signature_algorithm.algorithm)
        raw = self._sign(digest, Mechanism.ECDSA)
        if len(raw) != 2 * self._half:
            raise _bad_signature()
        r, s = raw[: self._half], raw[self._half :]
        return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public half."""
        return self._public_key

    @property
    def curve(self) -> ec.EllipticCurve:
        """The curve."""
        return self._public_key.curve

    @property
    def key_size(self) -> int:
        """Bits of the curve's order."""
        return self._public_key.key_size

    def _refuse(self, *_arguments: object, **_named: object) -> NoReturn:
        raise _stays()

    exchange = private_numbers = private_bytes = _refuse

    def __copy__(self) -> "TokenEcKey":
        """Return itself: there is one key, on the token."""
        return self

    def __deepcopy__(self, memo: object) -> "TokenEcKey":
        """Return itself."""
        return self


class TokenRsaKey(rsa.RSAPrivateKey):
    """An RSA key on a token; signs by PKCS#1 v1.5."""

    def __init__(self, public_key: rsa.RSAPublicKey, sign: RawSign) -> None:
        self._public_key = public_key
        self._sign = sign

    def sign(self, data: Any, padding: object, algorithm: object) -> bytes:
        """Return an RSASSA-PKCS1-v1_5 signature (RFC 8017 8.2); other paddings are refused."""
        if not isinstance(padding, _PKCS1):
            raise StaysOnTokenError(messages.TOKEN_RSA_PADDING_UNSUPPORTED)
        name = _hash_of(algorithm).name
        digest = _digest(data, algorithm)
        signature = self._sign(_DIGEST_INFO[name] + digest, Mechanism.RSA_PKCS)
        if len(signature) * 8 != self.key_size:
            raise _bad_signature()
        return signature

    def public_key(self) -> rsa.RSAPublicKey:
        """Return the public half."""
        return self._public_key

    @property
    def key_size(self) -> int:
        """Bits of the modulus."""
        return self._public_key.key_size

    def _refuse(self, *_arguments: object, **_named: object) -> NoReturn:
        raise _stays()

    decrypt = private_numbers = private_bytes = _refuse

    def __copy__(self) -> "TokenRsaKey":
        """Return itself: there is one key, on the token."""
        return self

    def __deepcopy__(self, memo: object) -> "TokenRsaKey":
        """Return itself."""
        return self


_PKCS1 = padding.PKCS1v15


def _digest(data: Any, algorithm: object) -> bytes:
    """Digest on the host, unless that was done (`Prehashed`)."""
    if isinstance(algorithm, Prehashed):
        if len(data) != algorithm.digest_size:
            raise ValueError("the digest has another length than its algorithm's")
        return bytes(data)
    return hashlib.new(_hash_of(algorithm).name, data).digest()


def _hash_of(algorithm: object) -> hashes.HashAlgorithm:
    chosen = algorithm._algorithm if isinstance(algorithm, Prehashed) else algorithm  # noqa: SLF001  # it has no other accessor
    if not isinstance(chosen, hashes.HashAlgorithm) or chosen.name not in _DIGEST_INFO:
        raise StaysOnTokenError(messages.DIGEST_UNSUPPORTED)
    return chosen


def _stays() -> StaysOnTokenError:
    return StaysOnTokenError(messages.TOKEN_KEY_NOT_EXPORTABLE)


def _bad_signature() -> StaysOnTokenError:
    return StaysOnTokenError(messages.TOKEN_SIGNATURE_WRONG_LENGTH)
