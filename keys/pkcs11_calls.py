"""Calls into a PKCS#11 library, made by a thread of their own: none is waited for without end.

A call in C cannot be interrupted. One that gives no answer is left behind, and until it returns
nothing more is asked of the library: what has failed so is told at once.
"""

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Final, TypeVar

T = TypeVar("T")

_LOOK_SECONDS: Final = 1.0
"""Between two looks of who waits in line at the call that is being made."""


class NoAnswerError(Exception):
    """The library gives no answer."""


class AbandonedError(Exception):
    """Nobody waits for this call any more: what it has not begun is not begun."""


class _Call:
    """A call on its way."""

    def __init__(self, work: Callable[[], Any], seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self.end = float("inf")
        """Time at which it is given up, once it is begun."""
        self.is_done = False
        self.bell = threading.Lock()
        """Released once it is done: cheaper than an event."""
        self.bell.acquire()
        self.abandoned = False
        self.result: Any = None
        self.error: BaseException | None = None

    def make(self) -> None:
        self.end = time.monotonic() + self._seconds
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            self.error = error
        finally:
            self.is_done = True
            self.bell.release()


class LibraryThread:
    """The thread that calls a library, begun with the first call."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[_Call] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._current: _Call | None = None

    @property
    def is_stuck(self) -> bool:
        """The library has not answered within a call's time, and has not since."""
        call = self._current
        return call is not None and call.abandoned

    def call(self, work: Callable[[], T], seconds: float) -> T:
        """Make a call, in the turn of those that wait; return its result.

        Raises what it raises, and `NoAnswerError` where it, or one before it, takes longer than its
        seconds.
        """
        if threading.current_thread() is self._thread:
            return work()
        if self.is_stuck:
            raise NoAnswerError
        self._start()
        call = _Call(work, seconds)
        self._calls.put(call)
        while not call.bell.acquire(timeout=self._patience(call)):
            running = self._current
            if running is None or running.is_done or time.monotonic() < running.end:
                continue
            running.abandoned = call.abandoned = True
            raise NoAnswerError
        if call.error is not None:
            raise call.error
        result: T = call.result
        return result

    def check_wanted(self) -> None:
        """Raise `AbandonedError` in a call for which nobody waits any more."""
        if self.is_stuck and threading.current_thread() is self._thread:
            raise AbandonedError

    def _patience(self, call: _Call) -> float:
        return max(min(call.end - time.monotonic(), _LOOK_SECONDS), 0.0)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                # Of a daemon the interpreter does not wait for the end.
                self._thread = threading.Thread(target=self._run, name="pkcs11", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            call = self._calls.get()
            if call.abandoned:
                continue
            self._current = call
            call.make()
            self._current = None
