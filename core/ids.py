"""Typed identifiers, so that one kind cannot be handed in for another. Randomness is passed in."""

import base64
from collections.abc import Callable
from typing import NewType

KeyId = NewType("KeyId", str)
AuthorityId = NewType("AuthorityId", str)
SealId = NewType("SealId", str)
TypeCode = NewType("TypeCode", str)
LicenceNumber = NewType("LicenceNumber", str)
LicenceIdentifier = NewType("LicenceIdentifier", str)
LinkToken = NewType("LinkToken", str)
Sha256 = NewType("Sha256", str)
"""Lower-case hexadecimal, 64 characters."""
IdentityId = NewType("IdentityId", str)
"""Names an identity in the register and the audit, and says nothing of the person."""
IssuerId = NewType("IssuerId", str)
"""Names one CA certificate with its key: `root`, `issuing-1`; stands in /pki/{issuer}.cer."""

Random = Callable[[int], bytes]
"""Returns that many unpredictable bytes; `secrets.token_bytes` outside tests."""


def random_token(random: Random) -> str:
    """Return a URL-safe token of 160 random bits (27 characters)."""
    return base64.urlsafe_b64encode(random(20)).rstrip(b"=").decode()
