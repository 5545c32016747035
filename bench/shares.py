"""Shares of a piece of work: CPU and wall-clock time of its parts, in this process and its forks.

Functions and methods are replaced by timed ones while they are measured. A part's time is its own:
what one part does by another (an audit event by SQL) counts for the inner one alone. Forks that
were made meanwhile count too; programs that were started do not.
"""

import multiprocessing
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from sqlalchemy import Connection, Engine, Transaction

from ca.ocsp.responder import OcspResponder
from ca.timestamps.tsa import TimestampUnit
from registry.audit import chain
from registry.journal.journal import Journal
from registry.objects.files import FileStore
from signing.render.renderer import LicenceRenderer
from signing.sealing.pades import Sealer

Place = tuple[Any, str]
"""A class or module, and the name of a function in it."""
PARTS: Mapping[str, tuple[Place, ...]] = {
    "page": ((LicenceRenderer, "render"),),
    "seal": ((Sealer, "seal"),),
    "timestamp": ((TimestampUnit, "token"),),
    "ocsp": ((OcspResponder, "answer"),),
    "audit": ((chain, "append"),),
    "journal": ((Journal, "append"),),
    "store": ((FileStore, "put"),),
    "sql": (
        (Engine, "connect"),
        (Connection, "begin"),
        (Connection, "execute"),
        (Connection, "exec_driver_sql"),
        (Connection, "close"),
        (Transaction, "commit"),
        (Transaction, "rollback"),
    ),
    "fsync": ((os, "fsync"), (os, "fdatasync"), (os, "sync")),
}
"""Parts of a grant; whatever is in none of them is the rest."""
_MOST_PROCESSES = 64


@dataclass(frozen=True, slots=True)
class Share:
    """Time of a part, of all calls together."""

    cpu_ms: float
    wall_ms: float
    """Includes waiting for locks, disks and other programs on the same core."""
    calls: int


class _Frames(threading.local):
    """Of each thread: the parts that it is in, with what inner ones took of each."""

    def __init__(self) -> None:
        self.open: list[list[float]] = []


class Shares:
    """Times of parts, collected over all processes."""

    def __init__(self, parts: Mapping[str, tuple[Place, ...]] = PARTS) -> None:
        fork = multiprocessing.get_context("fork")
        self._parts = parts
        self._next = fork.Value("i", 0)
        self._times = fork.RawArray("d", _MOST_PROCESSES * 3 * len(parts))
        self._slot = 0
        self._collects = False
        self._frames = _Frames()
        self._lock = threading.Lock()
        """Guards this process's slot."""

    @contextmanager
    def collecting(self) -> Iterator["Shares"]:
        """Time all parts within the block."""
        os.register_at_fork(after_in_child=self._take_slot)
        self._collects = True
        kept: list[tuple[Any, str, Any]] = []
        try:
            for number, places in enumerate(self._parts.values()):
                for owner, name in places:
                    for holder in _holders(owner, name):
                        function = holder.__dict__[name]
                        kept.append((holder, name, function))
                        setattr(holder, name, self._timed(function, number))
            yield self
        finally:
            self._collects = False
            for holder, name, function in reversed(kept):
                setattr(holder, name, function)

    def clear(self) -> None:
        """Forget what was collected so far."""
        self._times[:] = [0.0] * len(self._times)

    def told(self) -> dict[str, Share]:
        """Return the share of each part."""
        times, width = list(self._times), 3 * len(self._parts)
        sums = [sum(times[at::width]) for at in range(width)]
        return {
            part: Share(sums[3 * at] * 1000, sums[3 * at + 1] * 1000, round(sums[3 * at + 2]))
            for at, part in enumerate(self._parts)
        }

    def _take_slot(self) -> None:
        if not self._collects:
            return
        with self._next.get_lock():
            self._next.value = self._slot = self._next.value + 1
        if self._slot >= _MOST_PROCESSES:
            raise RuntimeError("more processes than can be counted")
        self._frames, self._lock = _Frames(), threading.Lock()

    def _timed(self, function: Callable[..., Any], number: int) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            open_frames = self._frames.open
            own = [0.0, 0.0]
            open_frames.append(own)
            cpu, wall = time.thread_time(), time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
                open_frames.pop()
                if open_frames:
                    open_frames[-1][0] += cpu
                    open_frames[-1][1] += wall
                self._add(number, cpu - own[0], wall - own[1])

        return timed

    def _add(self, number: int, cpu: float, wall: float) -> None:
        at = 3 * (self._slot * len(self._parts) + number)
        with self._lock:
            self._times[at] += cpu
            self._times[at + 1] += wall
            self._times[at + 2] += 1


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _holders(owner: Any, name: str) -> list[Any]:
    """Return the holders of a function: its class; or each module of ours that imported it."""
    if isinstance(owner, type) or owner is os:
        return [owner]
    function = getattr(owner, name)
    modules = [one for one in list(sys.modules.values()) if hasattr(one, "__dict__")]
    return [one for one in modules if one.__dict__.get(name) is function]
