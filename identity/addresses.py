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


def origin_of(address: str) -> str:
    """Return an address as browsers write it in `Origin`: a scheme's own port is left out."""
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        return address  # no address; whoever uses it says so
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    if port is None or port != usual or parts.path:
        return address
    return f"{parts.scheme}://{parts.netloc.rpartition(':')[0]}"


def public_address(public_url: str, path: str) -> str:
    """Return the address at which people and clients find a path of ours (`/issuing/…`)."""
    return f"{public_url}{path}"


def leads_elsewhere(public_url: str, answering_at: str) -> bool:
    """Tell whether an address of this machine itself has another port than the service.

    Nothing answers there then, unless a proxy of this machine does. Of addresses of other machines
    nothing can be told from here.
    """
    public, answering = urlsplit(public_url), urlsplit(answering_at)
    usual = 443 if public.scheme == "https" else 80
    return is_loopback(public.hostname or "") and (public.port or usual) != answering.port


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
