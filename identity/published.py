"""Published documents of an issuer, fetched when needed and kept, for all threads of a process.

One thread fetches at a time. Whoever cannot go on without it waits, though not for long: while an
issuer hangs, every thread would stand still for as long as the fetch may take.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.clock import Monotonic

Document = TypeVar("Document")


@dataclass(frozen=True, slots=True)
class KeepingTimes:
    """Times for which a document is kept, in seconds."""

    max_age: float
    """After it the document is fetched again, by the next that asks."""
    max_stale: float
    """For which it goes on while its address does not answer."""
    pause: float
    """Between the end of one fetch and the next, whoever asks."""
    max_wait: float
    """That a thread waits for another's fetch."""


class PublishedDocument(Generic[Document]):
    """One document."""

    def __init__(
        self, fetch: Callable[[], Document | None], times: KeepingTimes, monotonic: Monotonic
    ) -> None:
        """`fetch` returns None where the document cannot be had; what it raises ends `get`."""
        self._fetch = fetch
        self._times = times
        self._monotonic = monotonic
        self._fetching = threading.Lock()
        self._held: Document | None = None
        self._fetched_at = self._asked_at = float("-inf")

    def get(self, will_do: Callable[[Document], bool] = lambda _: True) -> Document | None:
        """Return the document; None where there is none, or only a stale one.

        One that will not do, or is old, is fetched anew if the pause is over; a document that is
        merely old is handed out meanwhile.
        """
        held = self._fresh_enough()
        if held is None or not will_do(held):
            self._refresh(wait=True)
        elif self._age() > self._times.max_age:
            self._refresh(wait=False)
        return self._fresh_enough()

    def _fresh_enough(self) -> Document | None:
        return self._held if self._age() <= self._times.max_stale else None

    def _age(self) -> float:
        return self._monotonic() - self._fetched_at

    def _refresh(self, *, wait: bool) -> None:
        """Fetch, unless another thread just did."""
        if not self._fetching.acquire(timeout=self._times.max_wait if wait else 0):
            return
        try:
            if self._monotonic() - self._asked_at >= self._times.pause:
                self._ask()
        finally:
            self._fetching.release()

    def _ask(self) -> None:
        try:
            found = self._fetch()
            if found is not None:
                self._held, self._fetched_at = found, self._monotonic()
        finally:
            self._asked_at = self._monotonic()  # a slow issuer is not asked by one after another
