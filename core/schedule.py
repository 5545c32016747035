"""Duties that a service does by itself, again and again: one at a time, in a thread for those that
need others' services and one for those that do not, so that a slow foreign server delays nothing
of our own; some have one to themselves.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from core.errors import XinyinError
from core.log import about

JOIN_SECONDS = 20.0
"""Longest wait for a duty when the process is told to end; each bears being cut off."""
FIRST_RETRY = 5.0
"""Seconds until a duty that failed is tried again; doubled with each failure, up to its period."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """Work to be done about so often. It must bear being cut off and being done twice."""

    name: str
    every: timedelta
    work: Callable[[], object]
    remote: bool = False
    """Whether it waits for services of others."""
    alone: bool = False
    """Whether it has a thread to itself: what must not wait for any other."""


@dataclass(slots=True)
class _Turn:
    duty: Duty
    due: float
    failures: int = 0


class Schedule:
    """Runs duties until it is stopped; a failing one is logged, counted, and tried again."""

    def __init__(
        self,
        duties: Sequence[Duty],
        *,
        on_end: Callable[[str, bool], None] = lambda _name, _succeeded: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_end` is told each duty's name and whether it succeeded, for the metrics."""
        self._turns = [_Turn(duty, monotonic()) for duty in duties]
        self._on_end = on_end
        self._monotonic = monotonic
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the duty under way end, for a while, and start no other."""
        self._stop.set()
        self._thread.join(JOIN_SECONDS)
        if self._thread.is_alive():
            _log.error("a duty did not end within %g s; it is left behind", JOIN_SECONDS)

    def run_due(self) -> float:
        """Do what is due; return the seconds until the next is."""
        for turn in self._turns:
            if self._monotonic() >= turn.due and not self._stop.is_set():
                self._do(turn)
        now = self._monotonic()
        return max(0.0, min((turn.due - now for turn in self._turns), default=60.0))

    def _run(self) -> None:
        while not self._stop.wait(self.run_due()):
            pass

    def _do(self, turn: _Turn) -> None:
        duty = turn.duty
        every = duty.every.total_seconds()
        succeeded = _attempt(duty)
        turn.failures = 0 if succeeded else turn.failures + 1
        pause = every if succeeded else min(every, FIRST_RETRY * 2 ** (turn.failures - 1))
        turn.due = self._monotonic() + pause
        self._on_end(duty.name, succeeded)


@contextmanager
def on_duty(duties: Sequence[Duty], *, on_end: Callable[[str, bool], None]) -> Iterator[None]:
    """Do duties while the block lasts, those that wait for others in a thread of their own."""
    shared = [one for one in duties if not one.alone]
    remote, own = ([one for one in shared if one.remote is kind] for kind in (True, False))
    with ExitStack() as running:
        for group in (own, remote, *([one] for one in duties if one.alone)):
            running.enter_context(Schedule(group, on_end=on_end))
        yield


def _attempt(duty: Duty) -> bool:
    with about(duty=duty.name):
        try:
            duty.work()
        except XinyinError as error:
            _log.error("duty failed: %s", error.text.en, extra={"code": error.code})
            return False
        except Exception:  # noqa: BLE001  # one duty must not end the others
            _log.exception("duty failed: internal error", extra={"code": "internal"})
            return False
    return True
