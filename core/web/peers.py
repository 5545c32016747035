"""Peers of connections: the address at the other end, and the certificate that it showed (TLS).

The protocol notes them for each request, since uvicorn puts what a trusted proxy says in the place
of the address, and has no TLS extension. Whoever asks the certificate of a proxy's client names the
proxies whose word counts: one that hands on whatever clients send would let them show any.
"""

import asyncio
import base64
import binascii
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection

PEER: Final = "xinyin.peer"
"""Key in the `extensions` of a request's scope."""
HEADER: Final = "client-cert"
"""RFC 9440: the certificate of a proxy's client, as a byte sequence of RFC 8941."""
_MAX_HEADER: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Peer:
    """Other end of a connection."""

    host: str | None = None
    certificate: bytes | None = None
    """DER; the handshake proved that the peer has its key."""


def peer_of(transport: asyncio.Transport, host: str | None) -> Peer:
    """Return the other end of a connection that was just made."""
    tls = transport.get_extra_info("ssl_object")
    return Peer(host, None if tls is None else tls.getpeercert(binary_form=True))


def client_certificate(connection: HTTPConnection, proxies: Sequence[str]) -> bytes | None:
    """Return the certificate (DER) of a request's client; None where it showed none.

    `proxies`: addresses and networks of those that terminate TLS for us and take `Client-Cert`
    away from what their own clients send. Anybody else's header is not read; a proxy's own
    certificate is not its client's.
    """
    peer = connection.scope.get("extensions", {}).get(PEER, {}).get("peer", Peer())
    if not _is_among(peer.host, proxies):
        found: bytes | None = peer.certificate
        return found
    values = connection.headers.getlist(HEADER)
    if len(values) != 1 or len(values[0]) > _MAX_HEADER:
        return None
    value = values[0].strip()
    if len(value) < 2 or value[0] != ":" or value[-1] != ":":  # noqa: PLR2004  # both colons
        return None
    try:
        return base64.b64decode(value[1:-1], validate=True) or None
    except binascii.Error:
        return None


def _is_among(host: str | None, networks: Sequence[str]) -> bool:
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(one) for one in networks)
