"""Commitment of a sign-in to the key that it has certified.

The nonce of the ID token is a digest of a server's challenge, of that server, of what is asked for
and of the public key. So the token is good for that key alone, at that server, once: whoever takes
it, on its way or from a database, can have nothing else certified by it. The key signs the same, so
that nobody has a key certified that they do not hold.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from identity.tokens.strict import encode_base64url

_NONCE: Final = b"xinyin enrolment nonce 1"
_POSSESSION: Final = b"xinyin enrolment possession 1"
"""Begins no DER and no JWS, so that the key signs nothing else by this."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """An enrolment that somebody signs in for."""

    server: str
    """Address of the server that is asked, as its settings have it."""
    challenge: str
    """By that server, to be used once."""
    profile: str
    authority_id: str
    """For which the officer will sign."""
    spki: bytes
    """SubjectPublicKeyInfo of the key, DER."""

    @property
    def nonce(self) -> str:
        """Nonce for the sign-in."""
        return encode_base64url(hashlib.sha256(self._encoded(_NONCE)).digest())

    @property
    def statement(self) -> bytes:
        """Statement to be signed by the key."""
        return self._encoded(_POSSESSION)

    def _encoded(self, domain: bytes) -> bytes:
        """Return all parts, each with its length before it: no two enrolments look alike."""
        asked = (self.server, self.challenge, self.profile, self.authority_id)
        parts = [domain, *(one.encode() for one in asked), self.spki]
        return b"".join(len(one).to_bytes(4) + one for one in parts)
