"""Levels of buckets by client: in this process, or in memory that several processes share."""

import mmap
import secrets
import struct
from collections import OrderedDict
from hashlib import blake2b
from typing import NamedTuple, Protocol

_ROW = struct.Struct("=Qddd")
_WAYS = 8
"""Rows that a key may stand in: the one of them unused longest is given up for a new key."""
SHARED_ROWS = 131_072
"""4 MiB; two tables' worth of `core.web.limits.throttling.MAX_CLIENTS`."""


class BucketLevel(NamedTuple):
    """A client's level, and when it was counted."""

    value: float
    at: float
    """On the system's monotonic clock, which is one for all processes (`clock_gettime(2)`)."""
    until: float = 0.0
    """Before it the client is refused, where that does not follow from the level."""


class Levels(Protocol):
    """Bounded memory of levels; what it forgets counts as never seen."""

    def get(self, key: str) -> BucketLevel | None:
        """Return the level that was put last."""
        ...

    def put(self, key: str, level: BucketLevel) -> None:
        """Keep a level."""
        ...


class LocalLevels:
    """Levels of one process, the one put longest ago forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._levels: OrderedDict[str, BucketLevel] = OrderedDict()

    def get(self, key: str) -> BucketLevel | None:
        """Return the level that was put last."""
        return self._levels.get(key)

    def put(self, key: str, level: BucketLevel) -> None:
        """Keep a level."""
        self._levels[key] = level
        self._levels.move_to_end(key)
        if len(self._levels) > self._most:
            self._levels.popitem(last=False)


class SharedLevels:
    """Levels in memory shared with all processes that are forked later.

    Without locks, so that a killed process leaves none behind: of two processes that count the
    same client within the same microseconds, one may be lost, which is a token too many. Keys are
    hashed with a secret of the table, so that nobody can choose addresses that share a row.
    """

    def __init__(self, rows: int = SHARED_ROWS) -> None:
        self._sets = max(1, rows // _WAYS)
        self._memory = mmap.mmap(-1, self._sets * _WAYS * _ROW.size)
        self._secret = secrets.token_bytes(16)

    def get(self, key: str) -> BucketLevel | None:
        """Return the level that was put last."""
        hashed, start = self._place(key)
        for way in range(_WAYS):
            found, *level = _ROW.unpack_from(self._memory, start + way * _ROW.size)
            if found == hashed:
                return BucketLevel(*level)
        return None

    def put(self, key: str, level: BucketLevel) -> None:
        """Keep a level, in place of the oldest of its set where the key is new."""
        hashed, start = self._place(key)
        offset, oldest = start, float("inf")
        for at in range(start, start + _WAYS * _ROW.size, _ROW.size):
            found, _, counted, _ = _ROW.unpack_from(self._memory, at)
            if found == hashed:
                offset = at
                break
            if counted < oldest:
                offset, oldest = at, counted
        _ROW.pack_into(self._memory, offset, hashed, *level)

    def _place(self, key: str) -> tuple[int, int]:
        digest = blake2b(key.encode(), digest_size=8, key=self._secret).digest()
        hashed = int.from_bytes(digest, "little") or 1  # 0 is an empty row
        return hashed, hashed % self._sets * _WAYS * _ROW.size
