"""Parts of the audit's verification, one after the other or in several processes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.util import Finalize
from threading import BrokenBarrierError
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from core.processes import forked_pool
from registry.db.database import Database
from registry.db.tables import audit_chain
from registry.reconcile.journal.index import JournalIndex

T = TypeVar("T")
_PATIENCE = 120
"""Seconds in which all processes must have begun."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The register at one moment, and what the journal said after it."""

    connection: Connection
    index: JournalIndex | None
    """None where there is no journal to compare with."""


Part = Callable[[Sources], T]
"""Looks at a part and returns what it found; can be sent to another process."""


class Crew(Protocol):
    """Process or processes that look at parts."""

    def results(self, parts: Iterable[Part[T]]) -> Iterator[T]:
        """Yield the result of each part, in order. Raises what the parts raise."""
        ...


@contextmanager
def crew(database: Database, sources: Sources, processes: int) -> Iterator[Crew]:
    """Hand out a crew: this process alone, or so many that are forked from it.

    Each of several has a snapshot of its own, opened before the block begins: it may be of a later
    moment than that of `sources`, so that a part must be right by itself at any moment. Raises
    `BrokenProcessPool` if one of the processes dies, and what opening a snapshot raises.
    """
    index = sources.index
    if processes == 1:
        if index is not None:
            index.drop_name()
        yield _Alone(sources)
        return
    worker = _Worker(database, index, processes)
    with forked_pool(processes, worker.begin) as pool:
        try:
            _meet([pool.submit(_open) for _ in range(processes)])
            if index is not None:
                index.drop_name()
            yield _Several(pool, processes)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


class _Alone:
    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def results(self, parts: Iterable[Part[T]]) -> Iterator[T]:
        return (part(self._sources) for part in parts)


class _Several:
    def __init__(self, pool: ProcessPoolExecutor, processes: int) -> None:
        self._pool = pool
        self._ahead = 2 * processes + 2

    def results(self, parts: Iterable[Part[T]]) -> Iterator[T]:
        """Keep some parts under way; no more, for what they return waits in this process."""
        begun: deque[Future[T]] = deque()
        for part in parts:
            begun.append(self._pool.submit(_work, part))
            if len(begun) > self._ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


class _Worker:
    """Work of one forked process, known to it alone once it has begun."""

    here: "_Worker"
    sources: Sources

    def __init__(self, database: Database, index: JournalIndex | None, processes: int) -> None:
        self._database = database
        self._index = index
        self._all_open = get_context("fork").Barrier(processes)

    def begin(self) -> None:
        """Take note of the work, in the process that was forked."""
        _Worker.here = self

    def open(self) -> None:
        """Open the database and the index anew, and wait until all have."""
        try:
            opened = ExitStack()
            Finalize(None, opened.close, exitpriority=1)
            connection = opened.enter_context(self._database.reopened().snapshot())
            connection.execute(audit_chain.select().limit(1)).all()  # the moment that it shows
            index = None if self._index is None else self._index.reopened()
            self.sources = Sources(connection, index)
        except BaseException:
            self._all_open.abort()
            raise
        self._all_open.wait(_PATIENCE)


def _meet(opening: Iterable[Future[None]]) -> None:
    """Wait until all have opened what they read. Raises what hindered the first."""
    errors = [error for one in opening if (error := one.exception()) is not None]
    errors.sort(key=lambda one: isinstance(one, BrokenBarrierError))
    if errors:
        raise errors[0]


def _open() -> None:
    _Worker.here.open()


def _work(part: Part[T]) -> T:
    return part(_Worker.here.sources)
