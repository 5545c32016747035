"""Several processes that answer on one address, watched over by a parent that holds nothing else.

The parent forks before anything is opened (no thread, database, key or token is there yet), so
that each worker opens its own. One that dies is replaced. They end with their parent, however that
ends: while they listen, no other service could.
"""

import logging
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

MAX_WORKERS = 64
START_SECONDS = 60.0
"""Until a worker must answer: opening keys takes some 80 ms each, loading fonts a second."""
DISMISS_SECONDS = 80.0
"""Until a worker that was told to end must have: answers under way get 30 s, duties twice 20. Less
than the 90 s after which systemd would kill the parent as well."""
RESTART_SECONDS = 1.0
"""Between a worker's death and its successor's start: one that cannot live must not burn a core."""
_EXIT_INTERNAL = 1
_LOOK_SECONDS = 0.05
_TELLING = (signal.SIGTERM, signal.SIGINT)

Ready = Callable[[], None]
Work = Callable[[int, Ready], int]
"""Takes the worker's number and what to call once it answers; serves until SIGTERM; returns the
exit code."""

_log = logging.getLogger(__name__)


class _Told(BaseException):
    """The parent is asked to end."""


@dataclass(slots=True)
class _Crew:
    """The workers by process id."""

    work: Work
    patience: float
    pids: dict[int, int] = field(default_factory=dict)
    lifeline: tuple[int, int] = field(default_factory=os.pipe)
    """A pipe whose writing end the parent alone keeps: it closes when that is gone."""

    def hire(self, number: int, ready: int | None) -> None:
        """Fork a worker; it writes to the descriptor `ready` once it answers.

        Signals wait meanwhile: one that came in between would leave a worker that nobody knows,
        or unwind the parent's stack in the child.
        """
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _TELLING)
        try:
            pid = os.fork()
            if pid == 0:
                self._watch_parent()
                _be_worker(self.work, number, ready, mask)
            self.pids[pid] = number
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _watch_parent(self) -> None:
        """In a worker: end it, as `dismiss` does, once the parent is gone."""
        reading, writing = self.lifeline
        os.close(writing)

        def watch() -> None:
            os.read(reading, 1)
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(self.patience)
            os.kill(os.getpid(), signal.SIGKILL)

        threading.Thread(target=watch, daemon=True).start()

    def dismiss(self) -> None:
        """Ask all to end, and kill those that have not within `patience` seconds.

        Who is told to end a second time waits no longer.
        """
        deadline = time.monotonic() + self.patience
        try:
            self._send(signal.SIGTERM)
            while self.pids and time.monotonic() < deadline:
                self._reap(os.WNOHANG)
                time.sleep(_LOOK_SECONDS)
        except _Told:
            _log.warning("told to end again: not waiting for the workers any longer")
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, _TELLING)
            if self.pids:
                _log.error("%d workers did not end when told to; killed", len(self.pids))
            self._send(signal.SIGKILL)
            while self.pids:
                self._reap(0)

    def _send(self, signum: signal.Signals) -> None:
        for pid in self.pids:
            os.kill(pid, signum)

    def _reap(self, options: int) -> None:
        """Forget the workers that have ended; without WNOHANG, wait for one."""
        pid, _ = os.waitpid(-1, options)
        while pid:
            self.pids.pop(pid, None)
            if not self.pids:
                return
            pid, _ = os.waitpid(-1, os.WNOHANG)


def run_workers(
    count: int, work: Work, announce: Ready, *, patience: float = DISMISS_SECONDS
) -> int:
    """Run `count` workers until SIGINT or SIGTERM; call `announce` once all of them answer.

    A worker that ends before it answered ends everything: it would do so again. Returns the exit
    code: 0 when told to end, else that worker's. `patience` is what `_Crew.dismiss` takes.
    """
    crew = _Crew(work, patience)
    for signum in _TELLING:
        signal.signal(signum, _tell)
    try:
        failed = _start(crew, count)
        if failed is not None:
            return failed
        announce()
        while True:
            pid, status = os.wait()
            number = crew.pids.pop(pid, None)
            if number is not None:
                code = os.waitstatus_to_exitcode(status)
                _log.error(
                    "worker %d ended (%d); starting another", number, code, extra={"worker": number}
                )
                time.sleep(RESTART_SECONDS)
                crew.hire(number, None)
    except _Told:
        return 0
    finally:
        crew.dismiss()


def _start(crew: _Crew, count: int) -> int | None:
    """Start all; return the exit code of one that failed to."""
    reading, writing = os.pipe()
    for number in range(count):
        crew.hire(number, writing)
    os.close(writing)
    deadline = time.monotonic() + START_SECONDS
    answering = 0
    try:
        while answering < count:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([reading], [], [], min(left, 0.2))[0]:
                ended = _ended(crew)
                if ended is not None or left == 0:
                    return _EXIT_INTERNAL if ended is None else ended
                continue
            said = os.read(reading, count)
            if not said:  # every one that has not answered has ended
                return _ended(crew) or _EXIT_INTERNAL
            answering += len(said)
    finally:
        os.close(reading)
    return None


def _ended(crew: _Crew) -> int | None:
    pid, status = os.waitpid(-1, os.WNOHANG)
    if pid == 0:
        return None
    crew.pids.pop(pid, None)
    return os.waitstatus_to_exitcode(status) or _EXIT_INTERNAL


def _be_worker(
    work: Work, number: int, ready: int | None, mask: set[int | signal.Signals]
) -> NoReturn:
    code = _EXIT_INTERNAL
    try:
        for signum in _TELLING:
            signal.signal(signum, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

        def answer() -> None:
            if ready is not None:
                os.write(ready, b"1")
                os.close(ready)

        code = work(number, answer)
    except BaseException as error:  # noqa: BLE001  # the parent's stack must not unwind here
        _log.critical("worker %d: internal error", number, exc_info=error, extra={"worker": number})
    finally:
        os._exit(code)


def _tell(_signum: int, _frame: FrameType | None) -> NoReturn:
    raise _Told
