"""Workers watched until they end: their CPU, and how long a dead one's chunk waited for another."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil
import psycopg

TAKEN_WITHIN_SECONDS = 15.0
_LOOK_SECONDS = 0.2
_CHUNKS = "SELECT id, attempts, status = 'doing' FROM engine.procrastinate_jobs"
"""An attempt more is a new lease of a chunk."""


@dataclass
class Watched:
    """What was seen of some workers."""

    cpu: list[float]
    """Seconds of each, as far as was seen."""
    taken_over: list[float] = field(default_factory=list)
    """Seconds from each death until a chunk that was leased out then was leased anew."""


def watch(
    url: str,
    workers: "Sequence[subprocess.Popen[str]]",
    on_death: Callable[[int], None] = lambda _: None,
) -> Watched:
    """Watch until all have ended; `on_death` is told the number of one that was killed."""
    processes = [psutil.Process(one.pid) for one in workers]
    seen = Watched([0.0] * len(workers))
    deaths: list[tuple[float, dict[int, int]]] = []
    with psycopg.connect(url, autocommit=True) as connection:
        alive = set(range(len(workers)))
        while alive:
            leased, now = connection.execute(_CHUNKS).fetchall(), time.monotonic()
            for number in sorted(alive):
                seen.cpu[number] = max(seen.cpu[number], _cpu_of(processes[number]))
                if workers[number].poll() is not None:
                    alive.remove(number)
                    if workers[number].returncode < 0:
                        on_death(number)
                        deaths.append((now, {row[0]: row[1] for row in leased}))
            for chunk, attempts, doing in leased:
                for death in deaths:
                    if doing and attempts > death[1].get(chunk, attempts):
                        seen.taken_over.append(round(now - death[0], 1))
                        deaths.remove(death)
                        break
            time.sleep(_LOOK_SECONDS)
    return seen


def _cpu_of(process: psutil.Process) -> float:
    try:
        return float(sum(process.cpu_times()[:2]))
    except psutil.Error:
        return 0.0
