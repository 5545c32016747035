"""Verifying signature values, and remembering those that held.

A CA's certificates, its responder's and its CRL come with every document of that CA; verifying
each anew is a fifth of a validation (P-384). Only successes are remembered, under a digest of
everything that went into them.
"""

import hashlib
from functools import cache
from typing import Any

from asn1crypto import keys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_SIGNATURE_VALIDATOR,
    DEFAULT_VALIDATION_CONTEXT,
    SignatureValidationContext,
    SignatureValidator,
)
from pyhanko_certvalidator.util import get_pyca_cryptography_hash_for_signing

from signing.inspection.algorithms import PLAIN_ECDSA, RSA_SHA3

_MOST_REMEMBERED = 2048
"""32 bytes each; forgotten all at once when full, which hostile input can force but not abuse."""


class RememberingValidator(SignatureValidator):
    """pyHanko's validator and two algorithms more, asked once for the same signature."""

    def __init__(self) -> None:
        self._held: set[bytes] = set()

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: Any,
        signature_algorithm: Any,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Verify as pyHanko does. Raises `InvalidSignature` and what pyHanko raises."""
        key = _digest(
            signature,
            signed_data,
            public_key_info.dump(),
            signature_algorithm.dump(),
            repr(context).encode(),
        )
        if key in self._held:
            return
        _verify(signature, signed_data, public_key_info, signature_algorithm, context)
        if len(self._held) >= _MOST_REMEMBERED:
            self._held.clear()
        self._held.add(key)


def _verify(
    signature: bytes,
    signed_data: bytes,
    key_info: Any,
    algorithm: Any,
    context: SignatureValidationContext,
) -> None:
    dotted = algorithm["algorithm"].dotted
    key_info = _positive(key_info)
    if dotted in RSA_SHA3 or dotted in PLAIN_ECDSA:
        _verify_added(signature, signed_data, key_info, dotted, context)
        return
    DEFAULT_SIGNATURE_VALIDATOR.validate_signature(
        signature, signed_data, key_info, algorithm, context
    )


def _verify_added(
    signature: bytes, data: bytes, key_info: Any, dotted: str, context: SignatureValidationContext
) -> None:
    """Verify by the algorithms that pyHanko lacks. Raises `InvalidSignature`."""
    key = load_der_public_key(key_info.dump())
    name = RSA_SHA3.get(dotted) or PLAIN_ECDSA[dotted]
    algorithm = get_pyca_cryptography_hash_for_signing(name, prehashed=context.prehashed)
    if dotted in RSA_SHA3:
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(signature, data, padding.PKCS1v15(), algorithm)
        return
    assert isinstance(key, ec.EllipticCurvePublicKey)
    size = (key.curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        raise InvalidSignature
    r, s = int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
    key.verify(encode_dss_signature(r, s), data, ec.ECDSA(algorithm))


def _positive(key_info: Any) -> Any:
    """Return a key whose RSA modulus is positive.

    Old national cards left out the octet of zeros before a modulus that begins with a one bit, so
    that it reads as negative (X.690 8.3.3); the number meant is plain.
    """
    if key_info.algorithm != "rsa":
        return key_info
    modulus = key_info["public_key"].parsed["modulus"]
    if modulus.native >= 0:
        return key_info
    meant = int.from_bytes(modulus.contents)
    exponent = key_info["public_key"].parsed["public_exponent"].native
    public = keys.RSAPublicKey({"modulus": meant, "public_exponent": exponent})
    return keys.PublicKeyInfo.wrap(public, "rsa")


def _digest(*parts: bytes) -> bytes:
    """Return a digest of the parts, each with its length before it."""
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(len(part).to_bytes(8))
        hasher.update(part)
    return hasher.digest()


@cache
def remembering_validator() -> RememberingValidator:
    """Return the validator of this process."""
    return RememberingValidator()
