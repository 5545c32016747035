"""Client networks: which peer addresses count as one client, and how much one may hold."""

import ipaddress
from dataclasses import dataclass, field
from functools import lru_cache

IPV4_PREFIX = 32
"""A single address: a /24 holds unrelated offices and whole pools of carriers' NAT, so that one
attacker would silence them all, while further IPv4 addresses cost whoever wants them money."""
IPV6_PREFIX = 56
"""A subscriber's site has a /56 (RFC 6177 2, RIPE-690), hence 256 times a /64 for the asking; a
carrier's 256 phones within one /56 fit into rates that are made for an office of 200."""


@dataclass(frozen=True, slots=True)
class ClientNetworks:
    """The prefix of peer addresses that are counted as one client."""

    ipv4_prefix: int = IPV4_PREFIX
    ipv6_prefix: int = IPV6_PREFIX

    def of(self, host: str | None) -> str:
        """Return the client that a peer address belongs to; one for all that are no address."""
        return _network(host or "", self.ipv4_prefix, self.ipv6_prefix)


_DEFAULT = ClientNetworks()


def client_network(host: str | None) -> str:
    """Return the client that a peer address belongs to, by the default prefixes."""
    return _DEFAULT.of(host)


@lru_cache(maxsize=4096)  # the same few proxies and offices, over and over
def _network(host: str, ipv4_prefix: int, ipv6_prefix: int) -> str:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    prefix = ipv4_prefix if isinstance(address, ipaddress.IPv4Address) else ipv6_prefix
    if prefix == address.max_prefixlen:
        return str(address)
    return str(ipaddress.ip_network((address, prefix), strict=False))


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bounds of one process."""

    total: int = 2048
    """Some 10 KB each."""
    each: int = 256
    """Of one client network: an office of 200 whose browsers keep one or two open."""
    networks: ClientNetworks = field(default_factory=ClientNetworks)
    proxies: tuple[str, ...] = ()
    """Addresses or networks that connect for others, so that only the total bounds them."""
