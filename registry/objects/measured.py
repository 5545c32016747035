"""Measurement of the store: how long its answers take, and which fail, for whoever watches it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from core.clock import Monotonic
from core.errors import XinyinError
from core.ids import Sha256
from core.metrics import Counter, Gauge, Histogram, Labels, Merge, Metric
from registry.objects.bucket import BucketStore
from registry.objects.store import ObjectStore, StoreUnreachableError

_FRESH_SECONDS: Final = 10.0
"""For so long an answer stands: probes must not keep a store busy that is slow."""


class StoreMetrics:
    """Counts of one process."""

    def __init__(self) -> None:
        self.requests = Counter(
            "xinyin_store_requests_total",
            "Uses of the store of documents, by operation (put, get, erase) and outcome.",
        )
        self.seconds = Histogram(
            "xinyin_store_seconds",
            "Time that the store took, by operation as route; several documents put at once are "
            "one put.",
        )
        self.all: tuple[Metric, ...] = (self.requests, self.seconds)

    @contextmanager
    def measuring(self, operation: str) -> Iterator[None]:
        """Count what happens in the block."""
        began, outcome = time.monotonic(), "failed"
        try:
            yield
            outcome = "done"
        except StoreUnreachableError:
            outcome = "unreachable"
            raise
        finally:
            self.requests.add(operation=operation, outcome=outcome)
            self.seconds.observe(time.monotonic() - began, operation)


class MeasuredStore:
    """A store whose uses are counted."""

    def __init__(self, store: ObjectStore, metrics: StoreMetrics) -> None:
        self.store = store
        self._metrics = metrics

    def get(self, sha256: Sha256) -> bytes:
        """Return the stored bytes. Raises as the store's own."""
        with self._metrics.measuring("get"):
            return self.store.get(sha256)

    def put(self, data: bytes) -> Sha256:
        """Store `data`. Raises as the store's own."""
        with self._metrics.measuring("put"):
            return self.store.put(data)

    def put_all(self, objects: Sequence[bytes]) -> list[Sha256]:
        """Store several. Raises as the store's own."""
        with self._metrics.measuring("put"):
            return self.store.put_all(objects)

    def erase(self, sha256: Sha256) -> None:
        """Remove content for good. Raises as the store's own."""
        with self._metrics.measuring("erase"):
            self.store.erase(sha256)

    def list_objects(self) -> list[Sha256]:
        """Return the digests of all that is stored. Raises as the store's own."""
        return self.store.list_objects()


class StoreReach:
    """Reach of a bucket, asked for at most every ten seconds; files are always in reach."""

    def __init__(self, open_store: Callable[[], ObjectStore], monotonic: Monotonic) -> None:
        self._open_store = open_store
        self._monotonic = monotonic
        self._looked: tuple[float, bool] | None = None

    def is_there(self) -> bool:
        """Tell whether the store answers and lets this process list it."""
        looked, now = self._looked, self._monotonic()
        if looked is None or now - looked[0] >= _FRESH_SECONDS:
            looked = self._looked = now, self._look()
        return looked[1]

    def gauge(self) -> Gauge:
        """Return the gauge of it."""

        def read() -> Iterator[tuple[Labels, float]]:
            yield (), float(self.is_there())

        return Gauge(
            "xinyin_store_reachable",
            "1 if the store of documents answers, 0 if it does not.",
            read,
            Merge.LEAST,
        )

    def _look(self) -> bool:
        try:
            store = self._open_store()
            if isinstance(store, BucketStore):
                store.check_reach()
        except XinyinError:
            return False
        return True
