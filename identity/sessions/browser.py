"""Cookies that a browser keeps, and signs that a request came from a page of ours.

Cookies are `__Host-`, `Secure`, `HttpOnly` and `SameSite=Lax` (RFC 6265bis 4.1.3.2): no other host
can set them, no script read them. Over plain http, as a demonstration on this machine has it, a
browser takes no `__Host-` cookie from elsewhere than a trustworthy origin; `localhost` is one.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

SESSION_COOKIE: Final = "__Host-xinyin-session"
SIGN_IN_COOKIE: Final = "__Host-xinyin-sign-in"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_COOKIES: Final = 8 * 1024


def read_cookie(header: str, name: str) -> str | None:
    """Return a cookie of a request's header; None where it is absent, or there are several.

    Several of one name come from somebody who plants them beside ours.
    """
    if len(header) > _MAX_COOKIES:
        return None
    found = [
        value.strip()
        for key, sign, value in (part.partition("=") for part in header.split(";"))
        if sign and key.strip() == name
    ]
    return found[0] if len(found) == 1 else None


def write_cookie(name: str, value: str, *, seconds: int | None = None) -> str:
    """Return a `Set-Cookie` header; without `seconds` it goes when the browser closes."""
    age = "" if seconds is None else f"; Max-Age={seconds}"
    return f"{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}"


def drop_cookie(name: str) -> str:
    """Return the `Set-Cookie` header that takes a cookie away."""
    return write_cookie(name, "", seconds=0)


def is_from_own_page(method: str, headers: Mapping[str, str], origins: Iterable[str]) -> bool:
    """Tell whether a request that changes something was sent by a page of ours.

    By `Sec-Fetch-Site` where the browser tells it, and by `Origin`; a browser that tells neither is
    not believed. Reading needs no such sign. `headers` by lower-case names.

    The origin of a form is `null` on pages that send no referrer, as ours (Fetch, 3.2): then
    `Sec-Fetch-Site` alone decides, which no page can set.
    """
    if method in _SAFE:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = headers.get("origin")
    if origin in (None, "null"):
        return site == "same-origin"
    return origin in set(origins)


def is_local_path(address: str) -> bool:
    """Tell whether an address to go to after sign-in is a path of ours, and no other host's."""
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return False
    if not (address.isascii() and address.isprintable()):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
