"""Guard of the clock: no timestamp while it cannot be trusted (EN 319 421 7.7.2); fails closed.

A machine alone cannot know the time; it can know that its clock is wrong:

1. The clock was set while the process runs: it and the seconds since boot went apart by more than
   the accuracy that tokens state. Then nobody here knows which of the two times was right, so no
   token is made until the kernel says that the clock is in step again, or the service is restarted
   by somebody who has looked at it.
2. It lies before what is on record: the register holds an event of a later time, so that the clock
   was set back while nothing ran, or a snapshot was restored.
3. The kernel says that nothing keeps it in step, or that its error may exceed the accuracy. Asked
   only where the configuration requires it, since containers and laptops often cannot tell.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from ca.errors import ClockUntrustedError
from ca.timestamps import messages
from core.errors import XinyinError
from core.kernel_clock import KernelClock
from core.text import Text

ACCURACY = timedelta(seconds=1)
"""What a token states (EN 319 421, best-practice policy: one second or better)."""
_TOLERANCE = 2 * ACCURACY
"""Between the records of two machines, each within the accuracy."""
_LOOK_AGAIN = 60.0
"""Seconds between looks into the record and at the kernel."""

_log = logging.getLogger(__name__)


class ClockGuard:
    """One per process; may be used by several threads."""

    def __init__(
        self,
        *,
        seconds: Callable[[], float],
        last_recorded_at: Callable[[], datetime | None],
        kernel: Callable[[], KernelClock | None],
        require_synchronised: bool,
    ) -> None:
        """`seconds` grows evenly, whatever is done to the clock; the other two may block."""
        self._seconds = seconds
        self._last_recorded_at = last_recorded_at
        self._kernel = kernel
        self._require = require_synchronised
        self._lock = threading.Lock()
        """Guards what follows."""
        self._anchor: tuple[datetime, float] | None = None
        self._looked_at = float("-inf")
        self.trusted = True
        """What came of the last check."""

    def check(self, now: datetime) -> None:
        """Raise `ClockUntrustedError` unless `now`, just read from the clock, may be stated."""
        with self._lock:
            trusted, self.trusted = self.trusted, False
            try:
                self._check(now)
            except ClockUntrustedError as error:
                if trusted:
                    _log.critical("clock: %s", error.text.en, extra={"code": error.code})
                raise
            self.trusted = True

    def _check(self, now: datetime) -> None:
        seconds = self._seconds()
        if self._anchor is None:
            self._anchor = (now, seconds)
        expected = self._anchor[0] + timedelta(seconds=seconds - self._anchor[1])
        if abs(now - expected) > ACCURACY:
            if not self._is_in_step():
                raise _untrusted(messages.CLOCK_SET_WHILE_RUNNING)
            self._anchor = (now, seconds)
            self._looked_at = float("-inf")
        if seconds - self._looked_at >= _LOOK_AGAIN:
            self._look(now)
            self._looked_at = seconds

    def _look(self, now: datetime) -> None:
        if self._require and not self._is_in_step():
            raise _untrusted(messages.CLOCK_NOT_SYNCHRONIZED)
        try:
            last = self._last_recorded_at()
        except XinyinError as error:
            raise _untrusted(messages.RECORDED_TIME_UNREADABLE) from error
        if last is not None and now < last - _TOLERANCE:
            raise _untrusted(messages.clock_behind_record(last.isoformat()))

    def _is_in_step(self) -> bool:
        known = self._kernel()
        return (
            known is not None and known.synchronised and known.max_error <= ACCURACY.total_seconds()
        )


def _untrusted(text: Text) -> ClockUntrustedError:
    return ClockUntrustedError(messages.clock_not_trusted(text))
