"""Memory of tokens that may be used once (`jti`, RFC 7519 4.1.7)."""

import hashlib
import heapq
import threading
from datetime import datetime
from typing import Protocol

from identity.tokens.refusals import Refusal, TokenRefusedError

MAX_REMEMBERED = 100_000
"""Some 20 MB; at a DPoP proof's three minutes, 550 requests a second."""


class ReplayMemory(Protocol):
    """Memory of ids that were used, shared by all workers that accept the same tokens.

    One in a database inserts (digest of scope and id, until) under a unique key.
    """

    def use(self, scope: str, token_id: str, until: datetime, now: datetime) -> None:
        """Note that an id was used, until its token could not be accepted any more.

        Ids are told apart within their scope: the kind of token with its issuer or key. Raises
        `TokenRefusedError`: REPLAYED, or REPLAY_MEMORY_FULL where nothing more can be noted.
        """
        ...


class InMemoryReplays:
    """Memory of one process; nothing is forgotten before its time, so when full it refuses."""

    def __init__(self, most: int = MAX_REMEMBERED) -> None:
        self._most = most
        self._used: set[bytes] = set()
        self._ends: list[tuple[float, bytes]] = []
        self._lock = threading.Lock()

    def use(self, scope: str, token_id: str, until: datetime, now: datetime) -> None:
        """Note an id, as `ReplayMemory.use` says."""
        digest = hashlib.sha256(f"{len(scope)}:{scope}{token_id}".encode()).digest()
        with self._lock:
            while self._ends and self._ends[0][0] < now.timestamp():
                self._used.discard(heapq.heappop(self._ends)[1])
            if digest in self._used:
                raise TokenRefusedError(Refusal.REPLAYED)
            if len(self._used) >= self._most:
                raise TokenRefusedError(Refusal.REPLAY_MEMORY_FULL)
            self._used.add(digest)
            heapq.heappush(self._ends, (until.timestamp(), digest))

    def __len__(self) -> int:
        """Return how many ids are remembered."""
        return len(self._used)
