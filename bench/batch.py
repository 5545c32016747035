"""Batches on all cores, on both databases: CPU of all processes for one licence, and where it goes.

The baseline `one-by-one` grants each licence alone in one process, as an officer's own request is.
Rows `batch.<database>.<part>` are of the same work done in one process, each part without those
that are called from it; so are rows `grant.<part>` of single grants.
"""

import os
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from bench.granting import requests_of
from bench.home import BenchHome
from bench.measure import Baseline, Latency, Row, Sample
from ca.timestamps.tsa import TimestampUnit
from core import files
from core.processes import usable_cores
from home.sealers import open_pool
from home.wiring import Home
from registry.audit import chain
from registry.db import database
from registry.granting import granting
from registry.granting.drawing import Drawing
from registry.granting.groups import sealers
from registry.granting.groups.granting import MOST, GroupGranting
from registry.granting.groups.pool import SealerPool
from registry.granting.reservation import GrantRequest
from registry.granting.sealing import SealingRoom
from registry.journal import journal
from tests.databases import PostgresServer
from tests.world import build_template

GROUPS_AT_ONCE = 3
_PARTS = ("page", "seal", "timestamp", "judgement", "sql", "journal", "disk", "audit")
_TICKS = os.sysconf("SC_CLK_TCK")


def rows(_: BenchHome) -> Iterator[Row | Latency]:
    """Yield `batch.sqlite` and `batch.postgresql`, with their parts."""
    with TemporaryDirectory(prefix="xinyin-bench-") as name:
        yield from _rows(Path(name), "sqlite", None, lambda: 0.0)
    with TemporaryDirectory(prefix="xinyin-bench-") as name:
        place = Path(name) / "pg"
        place.mkdir()
        server = PostgresServer(place)
        try:
            with server.database() as url:
                yield from _rows(Path(name), "postgresql", url, partial(server_cpu, place))
        finally:
            server.stop()


def _rows(
    directory: Path, kind: str, url: str | None, server: Callable[[], float]
) -> Iterator[Row | Latency]:
    build_template(directory, url)
    registry = Home(directory / "home", {})
    with ExitStack() as opened:
        opened.callback(registry.close)
        pool = opened.enter_context(open_pool(registry, usable_cores()))
        groups, requests = registry.open_groups(pool), requests_of(registry)

        def batch() -> None:
            run_pipelined(groups, requests, GROUPS_AT_ONCE)

        def alone() -> None:
            registry.granting.grant(next(requests))

        def clock() -> float:
            return time.process_time() + pool_cpu(pool) + server()

        yield Row(
            f"batch.{kind}",
            batch,
            (Baseline("one-by-one", alone, calls=10, clock=clock),),
            calls=1,
            clock=clock,
            batch=GROUPS_AT_ONCE * MOST,
            rounds=4,
        )
        yield Latency(f"batch.{kind}.wall", "one-by-one", lambda: _walls(batch, alone))
        here = registry.open_groups()

        def group() -> None:
            _see(here.grant_group(list(islice(requests, MOST))))

        yield from _parts(registry, f"batch.{kind}", group, MOST)
        if url is None:
            yield from _parts(registry, "grant", alone, 1)


def _parts(registry: Home, name: str, work: Callable[[], None], batch: int) -> Iterator[Row]:
    """Yield where the CPU of a piece of work in one process goes."""
    for part in _PARTS:
        with split(registry) as spent:
            clock = partial(_read, spent, part)
            calls = max(1, 20 // batch)
            yield Row(f"{name}.{part}", work, calls=calls, clock=clock, batch=batch, rounds=2)


def _read(spent: dict[str, float], part: str) -> float:
    return spent[part]


def run_pipelined(groups: GroupGranting, requests: Iterator[GrantRequest], count: int) -> None:
    """Grant groups, one reserved while the one before is sealed, as a batch does."""
    begun = deque([groups.begin(list(islice(requests, MOST)))])
    for _ in range(count - 1):
        begun.append(groups.begin(list(islice(requests, MOST))))
        _see(groups.complete(begun.popleft()))
    _see(groups.complete(begun.popleft()))


def _see(outcomes: list[Any]) -> None:
    for one in outcomes:
        if isinstance(one, Exception):
            raise one


def _walls(batch: Callable[[], None], alone: Callable[[], None]) -> tuple[Sample, Sample]:
    """Return milliseconds of wall clock for one licence."""
    ours, theirs = Sample(), Sample()
    for _ in range(4):
        ours.add(Row("", batch, clock=time.perf_counter, batch=GROUPS_AT_ONCE * MOST))
        for _ in range(5):
            theirs.add(Row("", alone, clock=time.perf_counter))
    return ours, theirs


def pool_cpu(pool: SealerPool) -> float:
    """Return the seconds of CPU that the pool's processes have spent."""
    return sum(map(_cpu_of, pool.pids()))


def server_cpu(directory: Path) -> float:
    """Return the seconds of CPU that the processes of a directory's PostgreSQL have spent."""
    first = int((directory / "postmaster.pid").read_text().split()[0])
    return _cpu_of(first) + sum(map(_cpu_of, _children(first)))


def _children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


def _cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def split(registry: Home) -> Iterator[dict[str, float]]:
    """Hand out seconds of CPU by part, each without those within it."""
    spent: dict[str, float] = defaultdict(float)
    within: list[float] = []

    def timed(part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*given: Any, **named: Any) -> Any:
            begun = time.thread_time()
            within.append(0.0)
            try:
                return work(*given, **named)
            finally:
                took = time.thread_time() - begun
                spent[part] += took - within.pop()
                if within:
                    within[-1] += took

        return wrapper

    places: list[tuple[Any, str, str]] = [
        (Drawing, "draw", "page"),
        (SealingRoom, "seal", "seal"),
        (TimestampUnit, "token", "timestamp"),
        (sealers, "read_fresh", "judgement"),
        (granting, "read_fresh", "judgement"),
        (database, "_commit", "sql"),
        (os, "fsync", "disk"),
        (journal.Journal, "append_all", "journal"),
        (files, "_write_all", "disk"),
        (chain, "hash_event", "audit"),
    ]
    begun: list[float] = []

    def before(*_: object) -> None:
        begun.append(time.thread_time())

    def after(*_: object) -> None:
        took = time.thread_time() - begun.pop()
        spent["sql"] += took
        if within:
            within[-1] += took

    with ExitStack() as patched:
        for where, name, part in places:
            patched.enter_context(patch.object(where, name, timed(part, getattr(where, name))))
        engine = registry.database.engine
        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "after_cursor_execute", after)
        patched.callback(event.remove, engine, "before_cursor_execute", before)
        patched.callback(event.remove, engine, "after_cursor_execute", after)
        yield spent
