"""How much one client, and all clients together, may ask. Belongs to one event loop: no locks."""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import anyio
import anyio.to_thread

from core.clock import Monotonic
from core.errors import XinyinError

T = TypeVar("T")

MAX_CLIENTS = 65_536
"""Buckets kept, some 10 MB; the one unused longest is forgotten first, and it is full again."""
IPV6_PREFIX = 64
"""One subscriber has a whole /64 (RFC 6177), so single addresses would limit nobody."""
BUSY_RETRY_SECONDS = 5


class TooManyRequestsError(XinyinError):
    """This client, or all clients together, ask for more than we can do (HTTP 429)."""

    code = "too_many_requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"请求过多，请在 {retry_after} 秒后重试。",
            f"Too many requests. Try again in {retry_after} seconds.",
            retry_after=retry_after,
        )
        self.retry_after = retry_after
        """Whole seconds, at least 1 (RFC 9110 10.2.3)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: `burst` at once, refilled at `per_minute`."""

    burst: int
    per_minute: float


@lru_cache(maxsize=4096)  # the same few proxies and offices, over and over
def client_network(host: str | None) -> str:
    """Return whom to count a peer address as: an IPv4 address or an IPv6 /64."""
    try:
        address = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))


class TokenBuckets:
    """One token bucket per client."""

    def __init__(self, rate: Rate, monotonic: Monotonic, *, max_clients: int = MAX_CLIENTS) -> None:
        self._rate = rate
        self._monotonic = monotonic
        self._max_clients = max_clients
        self._per_second = rate.per_minute / 60
        self._levels: OrderedDict[str, list[float]] = OrderedDict()
        """Client → [tokens, when they were counted], the one seen last at the end."""

    def take(self, client: str) -> None:
        """Take one token of `client`; raises `TooManyRequestsError` when none is left."""
        now = self._monotonic()
        level = self._levels.get(client)
        if level is None:
            level = self._levels[client] = [float(self._rate.burst), now]
            if len(self._levels) > self._max_clients:
                self._levels.popitem(last=False)
        else:
            self._levels.move_to_end(client)
        tokens = min(self._rate.burst, level[0] + (now - level[1]) * self._per_second)
        level[1] = now
        if tokens < 1:
            level[0] = tokens
            raise TooManyRequestsError(max(1, math.ceil((1 - tokens) / self._per_second)))
        level[0] = tokens - 1


class Slots:
    """So many work in threads, so many more wait in line, the next is sent away."""

    def __init__(self, working: int, waiting: int) -> None:
        self._limiter = anyio.CapacityLimiter(working)
        self._most = working + waiting
        self._present = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Run blocking `work` in a thread; raises `TooManyRequestsError` when the line is full."""
        if self._present >= self._most:
            raise TooManyRequestsError(BUSY_RETRY_SECONDS)
        self._present += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._present -= 1


class MemoryBudget:
    """Bytes of uploads that stand in memory, over all requests."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0

    @contextmanager
    def share(self) -> Iterator["MemoryShare"]:
        """Open one request's share; what it took is given back at the end."""
        share = MemoryShare(self)
        try:
            yield share
        finally:
            self._held -= share.taken

    def take(self, count: int) -> None:
        """Count `count` more bytes; raises `TooManyRequestsError` beyond the limit."""
        if self._held + count > self._limit:
            raise TooManyRequestsError(BUSY_RETRY_SECONDS)
        self._held += count


class MemoryShare:
    """What one request holds of the budget."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget
        self.taken = 0

    def take(self, count: int) -> None:
        """Count `count` more bytes to this request."""
        self._budget.take(count)
        self.taken += count
