"""Enrolment codes: by one, somebody who has no passkey yet makes their first.

A password alone must not do for that: whoever learnt it would make a passkey of their own and be
strongly signed in from then on (NIST SP 800-63B-4 4.1.2). An operator makes the code and hands it
over; it serves once, for a day.
"""

import base64
import hashlib
import secrets
from datetime import timedelta
from typing import Final

GOOD_FOR: Final = timedelta(days=1)
_OCTETS: Final = 15
"""120 bits: nobody guesses it, so its digest needs no slow hash."""
_GROUP: Final = 4
_MAX_TYPED: Final = 100


def make_code(octets: int = _OCTETS) -> str:
    """Return a new code: base32 in groups of four."""
    text = base64.b32encode(secrets.token_bytes(octets)).decode().rstrip("=")
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def plain_code(typed: str) -> str:
    """Return a code as it is compared, however it was typed."""
    return "".join(one for one in typed[:_MAX_TYPED].upper() if one.isalnum())


def digest_of_code(typed: str) -> str:
    """Return the digest under which a code is kept."""
    return hashlib.sha256(plain_code(typed).encode()).hexdigest()
