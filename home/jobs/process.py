"""Job process as its server sees it: begun with the first job, gone some minutes after the last.

A server forks a nursery (`core.nursery`) before it opens anything. When there is a job, the nursery
forks the job process (`home.jobs.working`), which opens keys and a pool of sealing processes for
itself, so that no request of the server waits for its work. It ends with the nursery, and that with
the server. Where the nursery is gone, or job processes die again and again, the server carries jobs
out by itself.
"""

import logging
import os
import pickle
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

from core.errors import XinyinError
from core.nursery import HEAD, Work, ask_for_fork, error_of, start_nursery
from home.jobs.working import Message

FAREWELL: Final = 35.0
"""Seconds in which a job process finishes what it has begun, from when it is told to end: a group
that waits ten for the database, and the 25 that its pool may take."""
MOST_DEATHS: Final = 3
"""Job processes that die in a row without a row done, before the server does a turn by itself."""
TURN_SECONDS: Final = 30.0
"""Seconds that such a turn takes."""
LONGEST_PAUSE: Final = 10.0
"""Seconds before another is begun where some ended at once without a row done, as while the token
or `identity.toml` is away; doubled with each, from two."""
_AT_ONCE: Final = 30.0
_CHUNK: Final = 65536

_log = logging.getLogger(__name__)


class Workers(Protocol):
    """Carries out jobs."""

    def is_anything_there(self) -> bool:
        """Tell whether there is any to be carried out."""
        ...

    def work(self, is_over: Callable[[], bool]) -> None:
        """Carry them out until none is left, or the time is over."""
        ...


class JobMetrics(Protocol):
    """Metrics of jobs."""

    def count_row(self, outcome: str) -> None:
        """Count a row by what came of it."""
        ...

    def count_takeover(self) -> None:
        """Count a dead worker's chunk that was leased out again."""
        ...


class _Unread:
    """Metrics of a server that ends: nobody reads them any more."""

    def count_row(self, outcome: str) -> None:
        del outcome

    def count_takeover(self) -> None:
        pass


class JobProcess:
    """Job process of a server, or the want of one."""

    def __init__(self, work: Work) -> None:
        """Fork the nursery; `work` is what a job process does. See `core.nursery`."""
        self._nursery: socket.socket | None = start_nursery(work)
        self._channel: socket.socket | None = None
        self._received = bytearray()
        self._pid: int | None = None
        self._deaths = 0
        self._ended = self._rows_done = False
        self._fault: XinyinError | None = None
        self._barren = 0
        """Processes in a row that ended at once without a row done."""
        self._begun_at = self._not_before = 0.0
        self._said: str | None = None
        """Fault that was told last; not again while processes end at once by it."""
        self._dismissed_at: float | None = None
        self._turn = threading.Lock()
        """Held while what is above is read or written: duties and the end have their threads."""

    def look(self, workers: Workers, metrics: JobMetrics) -> None:
        """See that jobs are carried out, and take in what the job process told.

        Raises the fault of the surroundings that it met.
        """
        with self._turn:
            self._hear(metrics)
            alone = False
            rests = self._closing or time.monotonic() < self._not_before
            # After a death at once, not when the lease of what it had has run out.
            begins = self._channel is None and not rests
            if begins and (self._deaths or workers.is_anything_there()):
                alone = not self._begin()
            fault, self._fault = self._fault, None
            if fault is not None and self._barren and fault.text.en == self._said:
                fault = None
            elif fault is not None:
                self._said = fault.text.en
        if fault is not None:
            raise fault
        if alone:
            end = time.monotonic() + TURN_SECONDS
            workers.work(lambda: self._closing or time.monotonic() >= end)

    def dismiss(self) -> None:
        """Tell the job process to end; begin no other."""
        if self._dismissed_at is None:
            self._dismissed_at = time.monotonic()
        if self._channel is not None:
            with suppress(OSError):
                self._channel.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Wait for the job process to end, for a while, then kill it."""
        self.dismiss()
        with self._turn:
            deadline = (self._dismissed_at or 0.0) + FAREWELL
            while self._channel is not None and time.monotonic() < deadline:
                self._hear(_Unread())
                time.sleep(0.02)
            if self._channel is not None:
                _log.error("the job process did not end when told to; killed")
                if self._pid is not None:
                    with suppress(ProcessLookupError):
                        os.kill(self._pid, signal.SIGKILL)
                self._channel.close()
            if self._nursery is not None:
                self._nursery.close()

    @property
    def _closing(self) -> bool:
        return self._dismissed_at is not None

    def _begin(self) -> bool:
        """Have a job process forked; tell whether there is one now."""
        if self._deaths >= MOST_DEATHS:
            self._deaths = 0  # the next turn tries again
            return False
        if self._nursery is None:
            return False
        try:
            self._channel = ask_for_fork(self._nursery)
        except OSError:
            _log.error(
                "no job process can be begun any more: this process carries jobs out until it is "
                "started again",
                extra={"code": "job_process_died"},
            )
            self._nursery.close()
            self._nursery = None
            return False
        self._channel.setblocking(False)
        self._received.clear()
        self._pid, self._ended = None, False
        self._begun_at, self._rows_done = time.monotonic(), False
        return True

    def _hear(self, metrics: JobMetrics) -> None:
        """Take in what the job process told, without waiting for more."""
        while self._channel is not None:
            try:
                part = self._channel.recv(_CHUNK)
            except BlockingIOError:
                return
            except OSError:
                part = b""
            if not part:
                self._channel.close()
                self._channel = None
                self._count_barren()
                if not self._ended:
                    self._deaths += 1
                    _log.error("the job process died", extra={"code": "job_process_died"})
                return
            self._received += part
            while len(self._received) >= HEAD.size:
                (length,) = HEAD.unpack_from(self._received)
                if len(self._received) < HEAD.size + length:
                    break
                body = bytes(self._received[HEAD.size : HEAD.size + length])
                del self._received[: HEAD.size + length]
                self._take_in(pickle.loads(body), metrics)  # noqa: S301  # from our own fork

    def _count_barren(self) -> None:
        """Let the next wait where this one came to nothing at once; deaths are counted apart."""
        now = time.monotonic()
        if not self._ended or self._rows_done or now - self._begun_at >= _AT_ONCE:
            self._barren = 0
            return
        self._barren += 1
        self._not_before = now + min(2.0**self._barren, LONGEST_PAUSE)

    def _take_in(self, told: tuple[Message, Any], metrics: JobMetrics) -> None:
        kind, value = told
        match kind:
            case Message.BEGUN:
                self._pid = value
            case Message.ROWS:
                self._deaths, self._rows_done = 0, True
                for outcome, rows in value.items():
                    for _ in range(rows):
                        metrics.count_row(outcome)
            case Message.TAKEN_OVER:
                for _ in range(value):
                    metrics.count_takeover()
            case Message.FAULT:
                self._fault = error_of(value)
            case Message.ENDED:
                self._deaths, self._ended = 0, True
