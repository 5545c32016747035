"""Processes forked to share a command's work, which end with the process that forked them."""

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

_PR_SET_PDEATHSIG = 1


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def die_with(parent: int) -> None:
    """End this process by SIGKILL when `parent`, which forked it, is gone (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def forked_pool(processes: int, begin: Callable[[], None]) -> ProcessPoolExecutor:
    """Return an executor of forked processes, each of which calls `begin` once.

    They inherit what the caller has; a connection to a database is not theirs to use. An interrupt
    from the terminal is the caller's to answer. One that dies breaks the executor: what it was
    doing raises `concurrent.futures.process.BrokenProcessPool`.
    """
    return ProcessPoolExecutor(
        processes,
        multiprocessing.get_context("fork"),
        initializer=_begin,
        initargs=(os.getpid(), begin),
    )


def _begin(parent: int, begin: Callable[[], None]) -> None:
    die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    begin()
