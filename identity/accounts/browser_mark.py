"""Mark of a browser in which an account has signed in: it is known when it comes back.

It signs nobody in. It only keeps strangers' failures from making its person wait (`throttle`).
"""

import hashlib
import hmac
import secrets
from typing import Final

from identity.tokens.strict import encode_base64url

MARK_COOKIE: Final = "__Host-xinyin-browser"
SECONDS: Final = 180 * 24 * 3600
SECRET_OCTETS: Final = 32
_NONCE_OCTETS: Final = 16
_MAX_MARK: Final = 100


def make_mark(browser_secret: bytes) -> str:
    """Return a new mark under an account's secret, which another password replaces."""
    nonce = encode_base64url(secrets.token_bytes(_NONCE_OCTETS))
    return f"{nonce}.{_tag(browser_secret, nonce)}"


def nonce_of(mark: str | None, browser_secret: bytes) -> str | None:
    """Return the nonce of a mark that we made under this secret; None for any other."""
    if mark is None or len(mark) > _MAX_MARK or not mark.isascii():
        return None
    nonce, _, tag = mark.partition(".")
    return nonce if hmac.compare_digest(tag, _tag(browser_secret, nonce)) else None


def _tag(browser_secret: bytes, nonce: str) -> str:
    return encode_base64url(hmac.digest(browser_secret, nonce.encode(), hashlib.sha256))
