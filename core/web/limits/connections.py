"""Open connections of a server: bounded in total and per client network.

A newcomer is refused only where nothing idle can make room for it: its own network's oldest idle
connection beyond the network's bound, the oldest idle one of the network that holds most beyond the
total. So however many connections are held open, a health check still gets one.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.client_networks import ConnectionLimits


class Connection(Protocol):
    """An open connection."""

    def is_idle(self) -> bool:
        """True while no request on it is being answered, however much of the next has arrived."""
        ...

    def drop(self) -> None:
        """Close it without an answer."""
        ...


@dataclass(slots=True)
class Connections:
    """All connections of one process; belongs to its event loop."""

    limits: ConnectionLimits
    _by_network: dict[str, dict[Connection, None]] = field(default_factory=dict)
    """Each network's in the order of their beginning; none is empty."""
    _networks: dict[Connection, str] = field(default_factory=dict)

    def admit(self, connection: Connection, host: str | None) -> bool:
        """Count a new connection, making room where it must; tell whether there was any."""
        network = self.limits.networks.of(host)
        own = self._by_network.get(network, {})
        if len(own) >= self.limits.each and not self._is_proxy(host) and not self._drop_one(own):
            return False
        if len(self._networks) >= self.limits.total:
            greediest = sorted(self._by_network.values(), key=len, reverse=True)
            if not any(map(self._drop_one, greediest)):
                return False
        self._by_network.setdefault(network, {})[connection] = None
        self._networks[connection] = network
        return True

    def forget(self, connection: Connection) -> None:
        """Count a connection no longer; one that was never admitted, or is gone, is ignored."""
        network = self._networks.pop(connection, None)
        if network is not None:
            own = self._by_network[network]
            del own[connection]
            if not own:
                del self._by_network[network]

    def _drop_one(self, connections: dict[Connection, None]) -> bool:
        """Drop the oldest idle one; tell whether there was any."""
        idle = next((one for one in connections if one.is_idle()), None)
        if idle is None:
            return False
        self.forget(idle)
        idle.drop()
        return True

    def _is_proxy(self, host: str | None) -> bool:
        return is_within(host, self.limits.proxies)


def is_within(host: str | None, networks: Sequence[str]) -> bool:
    """Tell whether an address is one of, or in one of, `networks`."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(one) for one in networks)
