"""Memory that uploads stand in: bounded in total and per client, with room kept for small ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.web.limits.throttling import BUSY_RETRY_SECONDS, TooManyRequestsError


@dataclass(frozen=True, slots=True)
class MemoryLimits:
    """Bounds in bytes, and on uploads under way."""

    total: int
    each: int
    """Of one client."""
    small: int = 2 * 1024 * 1024
    """An upload up to this size is small."""
    kept_for_small: int = 0
    """Of the total, what larger uploads cannot have."""
    uploads: int = 512
    uploads_each: int = 64


@dataclass(slots=True)
class _Held:
    """Share of the budget held by one client."""

    taken: int = 0
    uploads: int = 0


@dataclass(slots=True)
class MemoryBudget:
    """Bytes of uploads that stand in memory, over all requests."""

    limits: MemoryLimits
    _taken: int = 0
    _large: int = 0
    """Of that, by uploads that are not small."""
    _uploads: int = 0
    _clients: dict[str, _Held] = field(default_factory=dict)
    """Only those that have an upload under way."""

    @contextmanager
    def share(self, client: str) -> Iterator["MemoryShare"]:
        """Open one upload's share; what it took is given back at the end.

        Raises `TooManyRequestsError` when too many uploads are under way.
        """
        held = self._clients.get(client) or _Held()
        if self._uploads >= self.limits.uploads or held.uploads >= self.limits.uploads_each:
            raise _short()
        self._clients[client] = held
        held.uploads += 1
        self._uploads += 1
        share = MemoryShare(self, client)
        try:
            yield share
        finally:
            self._give_back(client, share.taken)

    def take(self, client: str, before: int, count: int) -> None:
        """Count `count` more bytes to an upload that has `before`; raises as `share`."""
        held, limits = self._clients[client], self.limits
        after = before + count
        large = self._of_large(after) - self._of_large(before)
        if (
            self._taken + count > limits.total
            or held.taken + count > limits.each
            or (large and self._large + large > limits.total - limits.kept_for_small)
        ):
            raise _short()
        self._taken += count
        self._large += large
        held.taken += count

    def _of_large(self, size: int) -> int:
        """Return an upload's share of the room of large ones: all or nothing."""
        return size if size > self.limits.small else 0

    def _give_back(self, client: str, taken: int) -> None:
        held = self._clients[client]
        held.taken -= taken
        held.uploads -= 1
        self._taken -= taken
        self._large -= self._of_large(taken)
        self._uploads -= 1
        if not held.uploads:
            del self._clients[client]


class MemoryShare:
    """Share of the budget held by one upload."""

    def __init__(self, budget: MemoryBudget, client: str) -> None:
        self._budget = budget
        self._client = client
        self.taken = 0

    def take(self, count: int) -> None:
        """Count `count` more bytes to this upload."""
        self._budget.take(self._client, self.taken, count)
        self.taken += count


def _short() -> TooManyRequestsError:
    return TooManyRequestsError(BUSY_RETRY_SECONDS, "memory")
