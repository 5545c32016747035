"""Pool of processes that seal; one thread here hands orders out and takes documents in.

A worker that dies is replaced, and what it had in hand is given to others. An order at which two
died fails alone, with an internal error; where none can live, all orders fail. A fault of what all
need (database, disk, key) is what comes of every order that waits, too: one after the other they
would meet it anew, each after a wait.
"""

import logging
import os
import selectors
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Self

from core.errors import UnreachableError, XinyinError
from core.nursery import HEAD, ask_for_fork, framed, start_nursery
from core.web.problems import is_of_surroundings
from registry.granting.groups import messages
from registry.granting.groups.sealers import Sealed, SealingTask, UnexpectedFaultError, Wait
from registry.granting.groups.worker import (
    OpenSealer,
    pid_of,
    seal_orders,
    unpack_sealed,
)

_log = logging.getLogger(__name__)

AHEAD: Final = 2
"""Orders that a worker has in hand: the next waits in its socket while one is carried out."""
LIVES: Final = 2
"""Workers that an order may cost."""
MOST_DEATHS: Final = 12
"""Deaths in a row without a document, after which no more workers are started."""
DEADLINE: Final = 180.0
"""Seconds that an order may take: a page takes milliseconds, a token on a network some seconds."""
FAREWELL: Final = 20.0
"""Seconds in which workers record how many answers they signed, and end."""
_CHUNK: Final = 1024 * 1024


class SealersGoneError(UnreachableError):
    """The pool has no workers and cannot start any."""


class _LeftError(Exception):
    """A worker leaves by itself."""


@dataclass(slots=True, eq=False)
class _Group:
    """Orders that are waited for together."""

    left: int


@dataclass(slots=True, eq=False)
class _Job:
    """An order on its way."""

    frame: memoryview
    group: _Group
    result: Sealed | None = None
    deaths: int = 0

    def end(self, result: Sealed) -> bool:
        """Note the result; tell whether it was the last of its group."""
        self.result = result
        self.group.left -= 1
        return not self.group.left


@dataclass(slots=True, eq=False)
class _Worker:
    """A process as the thread knows it."""

    channel: socket.socket
    pid: int | None = None
    in_hand: deque[_Job] = field(default_factory=deque)
    """The one at whose document it works first."""
    since: float = 0.0
    """When it took up the first."""
    to_send: deque[memoryview] = field(default_factory=deque)
    received: bytearray = field(default_factory=bytearray)
    fault: XinyinError | None = None
    """What came of its last order."""
    leaving: bool = False


class SealerPool:
    """Sealers in other processes; to be closed. For one thread of callers."""

    def __init__(self, open_sealer: OpenSealer, jobs: int) -> None:
        """Fork the nursery (`core.nursery.start_nursery`, which see)."""
        self._jobs = jobs
        self._nursery = start_nursery(partial(seal_orders, open_sealer))
        self._waiting: deque[_Job] = deque()
        self._workers: list[_Worker] = []
        self._deaths = 0
        self._closing = False
        self._broken = False
        self._changed = threading.Condition()
        """Guards what is above it, but for the workers, which are the thread's."""
        self._bell, self._heard = socket.socketpair()
        for one in (self._bell, self._heard):
            one.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._heard, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._run, name="sealers", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, orders: Sequence[SealingTask]) -> Wait:
        """Hand orders to the workers."""
        group = _Group(len(orders))
        jobs = [_Job(framed(one), group) for one in orders]
        with self._changed:
            self._waiting.extend(jobs)
        self._ring()

        def wait() -> list[Sealed]:
            with self._changed:
                self._changed.wait_for(lambda: self._broken or not group.left)
            gone = Sealed(None, SealersGoneError(messages.SEALERS_GONE))
            return [one.result or gone for one in jobs]

        return wait

    def close(self) -> None:
        """Let the workers record what they signed, and end."""
        with self._changed:
            self._closing = True
        self._ring()
        self._thread.join(FAREWELL + 5)
        for one in (self._nursery, self._bell, self._heard):
            one.close()
        self._selector.close()

    def pids(self) -> list[int]:
        """Return the processes that seal just now."""
        return [one.pid for one in list(self._workers) if one.pid is not None]

    def _ring(self) -> None:
        with suppress(BlockingIOError):
            self._bell.send(b"!")

    def _run(self) -> None:
        """Serve until it is closed, or no worker can live."""
        try:
            self._serve()
        except Exception:  # noqa: BLE001  # told to who waits, as a pool that is gone
            _log.exception("the pool of sealing processes ended", extra={"code": "internal"})
        finally:
            with self._changed:
                self._broken = True
                self._changed.notify_all()
            for one in list(self._workers):
                self._drop(one)

    def _serve(self) -> None:
        leaving_at: float | None = None
        while self._deaths < MOST_DEATHS:
            with self._changed:
                closing = self._closing
            now = time.monotonic()
            if closing:
                leaving_at = leaving_at or now + FAREWELL
                self._dismiss()
                if not self._workers or now >= leaving_at:
                    return
            else:
                self._hand_out()
            for key, ready in self._selector.select(0.5):
                worker = key.data
                if worker is None:
                    with suppress(BlockingIOError):
                        self._heard.recv(4096)
                elif worker in self._workers:
                    self._exchange(worker, ready)
            self._end_the_stuck()

    def _hand_out(self) -> None:
        """Give waiting orders to workers that have room; start workers where some are missing."""
        with self._changed:
            if self._closing:
                return
            wanted = min(self._jobs, len(self._workers) + len(self._waiting))
        while len(self._workers) < wanted:
            try:
                worker = _Worker(ask_for_fork(self._nursery))
            except OSError:  # the nursery is gone: those that are left do all
                if not self._workers:
                    raise
                break
            worker.channel.setblocking(False)
            self._workers.append(worker)
            self._selector.register(worker.channel, selectors.EVENT_READ, worker)
        for room in range(AHEAD):
            for worker in self._workers:
                if len(worker.in_hand) > room:
                    continue
                with self._changed:
                    job = self._waiting.popleft() if self._waiting else None
                if job is None:
                    return
                if not worker.in_hand:
                    worker.since = time.monotonic()
                worker.in_hand.append(job)
                self._send(worker, job.frame)

    def _dismiss(self) -> None:
        for worker in self._workers:
            if not worker.leaving:
                worker.leaving = True
                self._send(worker, framed(None))

    def _send(self, worker: _Worker, frame: memoryview) -> None:
        waits = bool(worker.to_send)
        worker.to_send.append(frame)
        if waits:
            return
        with suppress(OSError):  # of a worker that is gone: seen where its end is read
            self._write(worker)
        if worker.to_send:
            both = selectors.EVENT_READ | selectors.EVENT_WRITE
            self._selector.modify(worker.channel, both, worker)

    def _exchange(self, worker: _Worker, ready: int) -> None:
        try:
            if ready & selectors.EVENT_WRITE:
                self._write(worker)
                if not worker.to_send:
                    self._selector.modify(worker.channel, selectors.EVENT_READ, worker)
            if ready & selectors.EVENT_READ:
                self._read(worker)
        except _LeftError:
            self._relieve(worker)
        except (OSError, EOFError):
            self._bury(worker)

    def _write(self, worker: _Worker) -> None:
        while worker.to_send:
            try:
                sent = worker.channel.send(worker.to_send[0])
            except BlockingIOError:
                return
            rest = worker.to_send.popleft()[sent:]
            if rest:
                worker.to_send.appendleft(rest)

    def _read(self, worker: _Worker) -> None:
        try:
            part = worker.channel.recv(_CHUNK)
        except BlockingIOError:
            return
        if not part:
            raise EOFError
        worker.received += part
        while len(worker.received) >= HEAD.size:
            (length,) = HEAD.unpack_from(worker.received)
            if len(worker.received) < HEAD.size + length:
                return
            with (
                memoryview(worker.received) as received,
                received[HEAD.size : HEAD.size + length] as body,
            ):
                self._take_in(worker, body)
            del worker.received[: HEAD.size + length]

    def _take_in(self, worker: _Worker, body: memoryview) -> None:
        if worker.pid is None:
            worker.pid = pid_of(body)
            return
        result = unpack_sealed(body)
        if result is None:
            raise _LeftError
        worker.fault = result.error
        job = worker.in_hand.popleft()
        worker.since = time.monotonic()
        with self._changed:
            self._deaths = 0
            ended = [job.end(result)]
            if result.error is not None and is_of_surroundings(result.error):
                while self._waiting:
                    ended.append(self._waiting.popleft().end(Sealed(None, result.error)))
            if any(ended):
                self._changed.notify_all()
        self._hand_out()

    def _relieve(self, worker: _Worker) -> None:
        """Let a worker go that meets the same fault with every order: another takes its place."""
        self._drop(worker)
        with self._changed:
            ended = [job.end(Sealed(None, worker.fault)) for job in worker.in_hand]
            if any(ended):
                self._changed.notify_all()

    def _bury(self, worker: _Worker) -> None:
        """Give what a dead worker had in hand to others; it died of the first, if of any."""
        self._drop(worker)
        if worker.leaving:
            return
        _log.error("a sealing process ended", extra={"code": "sealer_died"})
        failed = Sealed(None, UnexpectedFaultError(messages.SEALER_DIED))
        with self._changed:
            self._deaths += 1
            if worker.in_hand and worker.pid is not None:  # else it was never born
                first = worker.in_hand[0]
                first.deaths += 1
                if first.deaths >= LIVES:
                    worker.in_hand.popleft()
                    if first.end(failed):
                        self._changed.notify_all()
            self._waiting.extendleft(reversed(worker.in_hand))

    def _drop(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._selector.unregister(worker.channel)
        worker.channel.close()

    def _end_the_stuck(self) -> None:
        """Kill a worker that takes too long; what it had in hand is given to others."""
        now = time.monotonic()
        for worker in list(self._workers):
            if not worker.in_hand or now - worker.since <= DEADLINE:
                continue
            if worker.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
            self._bury(worker)
