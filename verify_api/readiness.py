"""Readiness of the parts behind the edge, probed seldom and within bounds."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from core.clock import Monotonic

PATIENCE_SECONDS = 5.0
"""A part that takes longer is not ready; most who ask wait no longer either."""
FRESH_SECONDS = 2.0
"""For so long an answer stands: who asks without end must not keep the parts busy."""


class Readiness:
    """Asks all parts in one thread for however many ask at once; called from any thread."""

    def __init__(
        self,
        parts: Sequence[Callable[[], bool]],
        monotonic: Monotonic,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """`parts` may block; what they raise is a fault of theirs, and raised to who asks."""
        self._parts = parts
        self._monotonic = monotonic
        self._patience = patience_seconds
        self._lock = threading.Lock()
        self._answer: Future[bool] | None = None
        self._answered_at = 0.0
        """Both guarded by `_lock`."""

    def __call__(self) -> bool:
        """Tell whether all parts are ready; False too where they take too long."""
        with self._lock:
            answer = self._answer
            if answer is None or (
                answer.done() and self._monotonic() - self._answered_at >= FRESH_SECONDS
            ):
                answer = self._answer = Future()
                threading.Thread(target=self._ask, args=(answer,), daemon=True).start()
        try:
            return answer.result(self._patience)
        except TimeoutError:
            return False

    def _ask(self, answer: Future[bool]) -> None:
        try:
            ready = all(part() for part in self._parts)
        except Exception as error:  # noqa: BLE001 - raised to all who wait for it
            self._now()
            answer.set_exception(error)
        else:
            self._now()
            answer.set_result(ready)

    def _now(self) -> None:
        with self._lock:
            self._answered_at = self._monotonic()
