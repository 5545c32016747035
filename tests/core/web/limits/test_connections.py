"""Open connections: bounded for each network and in total, the idle making room."""

from dataclasses import dataclass

import pytest

from core.client_networks import ClientNetworks, ConnectionLimits
from core.web.limits.connections import Connections, is_within


@dataclass(eq=False)
class Scripted:
    """A connection that is idle or not, as told."""

    idle: bool = True
    dropped: bool = False

    def is_idle(self) -> bool:
        return self.idle

    def drop(self) -> None:
        self.dropped = True


def test_beyond_its_share_a_network_s_oldest_idle_connection_makes_room() -> None:
    connections = Connections(ConnectionLimits(total=10, each=2))
    busy, idle, newcomer, other = Scripted(idle=False), Scripted(), Scripted(), Scripted()
    assert connections.admit(busy, "192.0.2.1")
    assert connections.admit(idle, "192.0.2.1")
    assert connections.admit(other, "192.0.2.2")
    assert connections.admit(newcomer, "192.0.2.1")
    assert [one.dropped for one in (busy, idle, newcomer, other)] == [False, True, False, False]


def test_where_none_is_idle_the_newcomer_is_refused_and_counts_for_nothing() -> None:
    connections = Connections(ConnectionLimits(total=10, each=1))
    busy, refused = Scripted(idle=False), Scripted()
    assert connections.admit(busy, "192.0.2.1")
    assert not connections.admit(refused, "192.0.2.1")
    connections.forget(refused)
    connections.forget(busy)
    connections.forget(busy)
    assert connections.admit(refused, "192.0.2.1")


def test_beyond_the_total_the_network_that_holds_most_makes_room() -> None:
    connections = Connections(ConnectionLimits(total=5, each=3))
    honest = Scripted()
    assert connections.admit(honest, "198.51.100.1")
    greedy = [Scripted() for _ in range(3)]
    for one in greedy:
        assert connections.admit(one, "192.0.2.1")
    assert connections.admit(Scripted(), "192.0.2.2")
    health_check = Scripted()
    assert connections.admit(health_check, "127.0.0.1")
    assert [one.dropped for one in (honest, *greedy, health_check)] == [
        False,
        True,
        False,
        False,
        False,
    ]


def test_a_busy_greedy_network_is_passed_over_for_an_idle_one() -> None:
    connections = Connections(ConnectionLimits(total=3, each=3))
    busy = [Scripted(idle=False), Scripted(idle=False)]
    for one in busy:
        assert connections.admit(one, "192.0.2.1")
    idle = Scripted()
    assert connections.admit(idle, "192.0.2.2")
    assert connections.admit(Scripted(idle=False), "192.0.2.3")
    assert idle.dropped
    assert not connections.admit(Scripted(), "192.0.2.4")


def test_a_trusted_proxy_is_bound_by_the_total_alone() -> None:
    limits = ConnectionLimits(total=3, each=1, proxies=("10.0.0.0/8",))
    connections = Connections(limits)
    through = [Scripted(idle=False) for _ in range(3)]
    assert [connections.admit(one, "10.1.2.3") for one in through] == [True] * 3
    assert not connections.admit(Scripted(), "10.1.2.3")


def test_networks_are_grouped_as_set() -> None:
    networks = ClientNetworks(ipv4_prefix=24)
    connections = Connections(ConnectionLimits(total=9, each=1, networks=networks))
    assert connections.admit(Scripted(idle=False), "192.0.2.1")
    assert not connections.admit(Scripted(), "192.0.2.200")
    assert connections.admit(Scripted(), "192.0.3.1")


@pytest.mark.parametrize(
    ("host", "within"),
    [
        ("127.0.0.1", True),
        ("10.9.9.9", True),
        ("fd00::1", True),
        ("11.0.0.1", False),
        ("testclient", False),
        (None, False),
    ],
)
def test_an_address_lies_within_networks(host: str | None, within: bool) -> None:  # noqa: FBT001
    assert is_within(host, ("127.0.0.1", "10.0.0.0/8", "fd00::/8")) is within
