"""Epoch of the answers signed ahead, polled so often that a revocation is seen within a second.

Belongs to one event loop: no locks. A process that cannot look any more does not know whether what
it has signed still holds, and says so.
"""

import asyncio
import logging
from collections.abc import Callable, Hashable

import anyio
import anyio.to_thread

from core.clock import Monotonic
from core.errors import XinyinError

CHECK_SECONDS = 0.4
"""After so long the next request looks again, without waiting for what comes of it."""
MAX_AGE_SECONDS = 0.9
"""What was seen longer ago is not relied on. Counted from when the look began, so that an answer
given now knows of everything that was revoked a second ago."""

_log = logging.getLogger(__name__)


class EpochWatch:
    """The state of the ledger, as of less than a second ago."""

    def __init__(self, read: Callable[[], Hashable], monotonic: Monotonic) -> None:
        """`read` may block and is called in a thread; one call at a time."""
        self._read = read
        self._monotonic = monotonic
        self._state: Hashable = None
        self._seen_at = float("-inf")
        self._look: asyncio.Task[None] | None = None
        self._thread = anyio.CapacityLimiter(1)

    def known(self) -> Hashable | None:
        """Return the state if it is fresh, else None; starts a look where it is time for one."""
        age = self._monotonic() - self._seen_at
        if age < CHECK_SECONDS:
            return self._state
        if self._look is None:
            self._look = asyncio.get_running_loop().create_task(self._see())
        return self._state if age < MAX_AGE_SECONDS else None

    async def fresh(self) -> Hashable | None:
        """Return the state, waiting for the look under way where need be; None if it fails."""
        state = self.known()
        if state is None and self._look is not None:
            await asyncio.wait({self._look}, timeout=MAX_AGE_SECONDS)
            if self._monotonic() - self._seen_at < MAX_AGE_SECONDS:
                return self._state
        return state

    async def _see(self) -> None:
        begun = self._monotonic()
        try:
            self._state = await anyio.to_thread.run_sync(self._read, limiter=self._thread)
            self._seen_at = begun
        except XinyinError as error:
            _log.error("state of the ledger: %s", error.text.en, extra={"code": error.code})
        finally:
            self._look = None
