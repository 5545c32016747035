"""Verifying signature values, and remembering those that held.

A CA's certificates, its responder's and its CRL come with every document of that CA; verifying
each anew is a fifth of a validation (P-384). Only successes are remembered, under a digest of
everything that went into them.
"""

import hashlib
from functools import cache
from typing import Any

from pyhanko_certvalidator.sig_validate import (
    DEFAULT_SIGNATURE_VALIDATOR,
    DEFAULT_VALIDATION_CONTEXT,
    SignatureValidationContext,
    SignatureValidator,
)

_MOST_REMEMBERED = 2048
"""32 bytes each; forgotten all at once when full, which hostile input can force but not abuse."""


class RememberingValidator(SignatureValidator):
    """pyHanko's validator, asked once for the same signature."""

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
        DEFAULT_SIGNATURE_VALIDATOR.validate_signature(
            signature, signed_data, public_key_info, signature_algorithm, context
        )
        if len(self._held) >= _MOST_REMEMBERED:
            self._held.clear()
        self._held.add(key)


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
