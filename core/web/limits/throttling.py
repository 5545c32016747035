"""Throttling of one client and of all together: token buckets and slots, for one event loop."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio
import anyio.to_thread

from core.clock import Monotonic
from core.errors import XinyinError
from core.web.limits import messages
from core.web.limits.levels import BucketLevel, Levels, LocalLevels

T = TypeVar("T")

MAX_CLIENTS = 65_536
"""Buckets kept, some 10 MB; the one unused longest is forgotten first, and it is full again."""
BUSY_RETRY_SECONDS = 5


class TooManyRequestsError(XinyinError):
    """This client, or all clients together, ask for more than we can do (HTTP 429)."""

    code = "too_many_requests"

    def __init__(self, retry_after: int, reason: str = "rate") -> None:
        super().__init__(messages.too_many_requests(retry_after), retry_after=retry_after)
        self.retry_after = retry_after
        """Whole seconds, at least 1 (RFC 9110 10.2.3)."""
        self.reason = reason
        """Which limit, for whoever watches the service: a word of a closed set."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: `burst` at once, refilled at `per_minute`."""

    burst: float
    per_minute: float


class TokenBuckets:
    """One token bucket per client.

    Tokens are requests (`take`), or what is known only afterwards, such as seconds of work
    (`require` before, `charge` after): such a bucket may go below zero, and is closed until it
    has refilled to zero.
    """

    def __init__(
        self,
        rate: Rate,
        monotonic: Monotonic,
        *,
        max_clients: int = MAX_CLIENTS,
        levels: Levels | None = None,
        name: str = "",
        reason: str = "rate",
    ) -> None:
        """`levels` may be shared by processes and by other buckets, of other names."""
        self._rate = rate
        self._monotonic = monotonic
        self._per_second = rate.per_minute / 60
        self._levels = LocalLevels(max_clients) if levels is None else levels
        self._name = name
        self._reason = reason

    def take(self, client: str) -> None:
        """Take one token of `client`; raises `TooManyRequestsError` when none is left."""
        tokens = self._tokens(client)
        if tokens < 1:
            raise self._refused(1 - tokens)
        self._keep(client, tokens - 1)

    def require(self, client: str) -> None:
        """Raise `TooManyRequestsError` while the client's bucket is below zero."""
        tokens = self._tokens(client)
        if tokens < 0:
            raise self._refused(-tokens)

    def charge(self, client: str, tokens: float) -> None:
        """Take what was used, even if there is less."""
        self._keep(client, self._tokens(client) - tokens)

    def _tokens(self, client: str) -> float:
        level = self._levels.get(self._name + client)
        if level is None:
            return float(self._rate.burst)
        refilled = level.value + (self._monotonic() - level.at) * self._per_second
        return min(float(self._rate.burst), refilled)

    def _keep(self, client: str, tokens: float) -> None:
        self._levels.put(self._name + client, BucketLevel(tokens, self._monotonic()))

    def _refused(self, missing: float) -> TooManyRequestsError:
        wait = max(1, math.ceil(missing / self._per_second))
        return TooManyRequestsError(wait, self._reason)


class Slots:
    """So many work in threads, so many more wait in line, the next is sent away."""

    def __init__(self, working: int, waiting: int) -> None:
        self._limiter = anyio.CapacityLimiter(working)
        self._most = working + waiting
        self._present = 0

    async def run(self, work: Callable[[], T], patience_seconds: float = math.inf) -> T:
        """Run blocking `work` in a thread; work that has begun is waited for.

        Raises `TooManyRequestsError` when the line is full, and `TimeoutError` for work that stood
        in line for `patience_seconds`.
        """
        if self._present >= self._most:
            raise TooManyRequestsError(BUSY_RETRY_SECONDS)
        self._present += 1
        try:
            with anyio.fail_after(patience_seconds):
                return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._present -= 1
