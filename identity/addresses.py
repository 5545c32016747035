"""Addresses of identity providers that may be asked, or that a browser may be sent to."""

import ipaddress
from urllib.parse import urlsplit

from identity import messages
from identity.errors import IdentityError

MAX_ADDRESS = 2000
"""Characters; longer ones break in proxies."""


class InsecureAddressError(IdentityError):
    """An address from which nobody should take keys or tokens."""

    code = "insecure_address"


def check_address(address: str, *, plain_loopback: bool = False) -> str:
    """Return an address that may be asked: https, without credentials or fragment.

    `plain_loopback` allows http:// to this machine, for tests, demonstrations, and a provider
    beside us. Raises `InsecureAddressError`.
    """
    if not _is_secure(address, plain_loopback=plain_loopback):
        raise InsecureAddressError(messages.insecure_address(address[:200]))
    return address


def _is_secure(address: str, *, plain_loopback: bool) -> bool:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and len(address) <= MAX_ADDRESS
    if not host or parts.username is not None or parts.fragment or not plain:
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and plain_loopback and is_loopback(host)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
