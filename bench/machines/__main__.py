"""`make machines ROWS=50000`: four workers, each in a network namespace, two of them killed −9.

One PostgreSQL and one S3-compatible store (TLS) on a bridge between them; each has a home of its
own, and a copy of the journal that they share in the store (ADR 60). With `--whole` the killed ones
run `xinyin serve --role issuing` too: all of a namespace is killed, and its home removed. One batch
first for a single worker, then one for four. Prints what came out, how long after a death another
worker had the dead one's chunk, how many documents a second the store alone takes, and where the
CPU time went: what is the workers' own grows with machines, what is the database's and the store's
is shared.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import psutil

from bench.machines.database import running_postgres
from bench.machines.network import GATE, kill_all, namespaces
from bench.machines.watching import TAKEN_WITHIN_SECONDS, watch
from home.wiring import Home
from registry.desk.batch.working import CHUNK
from registry.desk.batch_rows import RowState
from registry.desk.judging import MAX_ROWS
from registry.facts.journal_line import join, share
from registry.facts.line_opening import make_key
from registry.granting.granting import GrantStep
from registry.officers.model import Job, JobState
from tests.cli.holders import shop
from tests.clock import StoppedClock
from tests.object_store.service import StoreService, running_store
from tests.registry.desk.batch.batch_world import BatchWorld
from tests.world import World, build_template

ROOT = Path(__file__).parents[2]
WORKERS, KILLED = 4, 2
FLOOR_DOCUMENTS, FLOOR_BYTES = 400, 94_000
"""Put for the store's own limit; the bytes of a licence of the demo."""


class _Figures(TypedDict):
    """Figures of a batch, a licence each where they are milliseconds of CPU."""

    per_second: float
    taken_over: list[float]
    worker_ms: float
    database_ms: float
    store_ms: float


@dataclass
class Stage:
    """Home, database and store at work."""

    batches: BatchWorld
    url: str
    environment: dict[str, str]
    postgres: int
    store: int
    whole: bool

    def start(self, place: str, kill_after: int = 0) -> "subprocess.Popen[str]":
        """Start a worker in a namespace; it kills itself after so many groups were stored."""
        home = self._home_of(place)
        if self.whole and kill_after:
            serve = ["-c", "from cli.main import run; run()", "serve", "--role", "issuing"]
            server = self._run(place, [*serve, "--port", "0", "--home", str(home)])
            assert server.stdout
            assert server.stdout.readline().startswith("http"), "the server does not start"
        step = GrantStep.STORED if kill_after else ""
        program = "tests.registry.desk.batch.engine_worker"
        return self._run(place, ["-m", program, str(home), step, str(kill_after)])

    def lose(self, place: str) -> None:
        """Lose a machine whose worker was killed, and its disk with it."""
        if self.whole:
            kill_all(place)
            shutil.rmtree(self._home_of(place))

    def _run(self, place: str, arguments: list[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["ip", "netns", "exec", place, sys.executable, *arguments],
            env={**os.environ, **self.environment, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _home_of(self, place: str) -> Path:
        """Return the machine's home; made when first asked for, with a copy of the journal."""
        first = self.batches.world.home
        directory = first.directory.parent / place
        if not directory.exists():
            shutil.copytree(first.directory, directory, ignore=shutil.ignore_patterns("journal"))
            with Home(directory, self.environment) as home:
                join(home.journal_directory, home.clock, home.journal_line)
        return directory

    def shared_cpu(self) -> tuple[float, float]:
        """Return the seconds of CPU of database and store so far."""
        return _cpu(self.postgres), _cpu(self.store)


def main() -> int:
    """Run the rows; return 0 only where all came out right."""
    parser = argparse.ArgumentParser(prog="python -m bench.machines")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--whole", action="store_true")
    asked = parser.parse_args()
    rows = asked.rows
    if os.geteuid() or not shutil.which("ip"):
        print("Network namespaces need root and ip(8).", file=sys.stderr)
        return 2
    with (
        namespaces(WORKERS) as places,
        running_postgres() as (url, postgres),
        running_store(GATE) as store,
        tempfile.TemporaryDirectory(prefix="xy-machines-") as name,
    ):
        floor = _store_floor(store)
        settings, bucket = store.bucket()
        environment = store.environment(settings) | {"XINYIN_JOURNAL_SHARED": "true"}
        build_template(Path(name), url)
        home = Home(Path(name) / "home", environment, clock=StoppedClock())
        make_key(home.directory)
        share(home.database, home.journal_directory, home.clock, home.journal_line, home.actor)
        batches = BatchWorld(World(home, StoppedClock()))
        batches.staff()
        stage = Stage(batches, url, environment, postgres, store.process.pid, asked.whole)
        alone = max(min(rows // 4, 2000), 10)
        one = _run(stage, "one", range(alone), places[:1], 0)
        four = _run(stage, "four", range(alone, alone + rows), places, KILLED)
        objects = len(bucket.list_objects())
        batches.world.clock.at = home.clock.now()
        batches.world.check_everything()
        home.close()
    shared = four["database_ms"] + four["store_ms"]
    scales = four["worker_ms"] / (four["worker_ms"] + shared)
    told = {
        "name": "machines",
        "rows": rows + alone,
        "store_alone_per_second": floor,
        "stored": objects,
        "one_per_second": one["per_second"],
        "four_per_second": four["per_second"],
        "speed_up": round(four["per_second"] / one["per_second"], 2),
        "cores": os.cpu_count(),
        "worker_ms": four["worker_ms"],
        "database_ms": four["database_ms"],
        "store_ms": four["store_ms"],
        "share_that_grows_with_machines": round(scales, 3),
        "killed": KILLED,
        "taken_over_after_seconds": four["taken_over"],
    }
    print(json.dumps(told))
    return 0 if max(four["taken_over"]) <= TAKEN_WITHIN_SECONDS else 1


def _store_floor(store: StoreService) -> float:
    """Return how many documents a second the store takes where nothing else is done."""
    bucket = store.bucket()[1]
    documents = [os.urandom(FLOOR_BYTES) for _ in range(FLOOR_DOCUMENTS)]
    began = time.monotonic()
    bucket.put_all(documents)
    return round(FLOOR_DOCUMENTS / (time.monotonic() - began), 2)


def _run(stage: Stage, key: str, numbers: range, places: list[str], killed: int) -> "_Figures":
    parts = [numbers[at : at + MAX_ROWS] for at in range(0, len(numbers), MAX_ROWS)]
    jobs = [_begun(stage.batches, f"{key}-{number}", one) for number, one in enumerate(parts)]
    before, began = stage.shared_cpu(), time.monotonic()
    each = max(len(numbers) // len(places), 1)
    workers = [
        stage.start(place, kill_after=max(each // 2 // CHUNK, 1) if number < killed else 0)
        for number, place in enumerate(places)
    ]
    seen = watch(stage.url, workers, lambda number: stage.lose(places[number]))
    said = []
    for number, worker in enumerate(workers):
        out = worker.stdout.read().strip() if worker.stdout else ""
        said.append(f"{places[number]}: exit {worker.returncode} {out}")
        assert (worker.returncode == -9) is (number < killed), said
    wall = time.monotonic() - began
    print(*said, sep="\n", file=sys.stderr)
    assert len(seen.taken_over) == killed, seen
    after = stage.shared_cpu()
    for job, part in zip(jobs, parts, strict=True):
        found = stage.batches.desk.jobs.view(stage.batches.standing("zhao"), job.job_id)
        assert found.job.state is JobState.DONE, found
        assert dict(found.counts) == {RowState.GRANTED: len(part)}, found.counts
    count = len(numbers)
    return {
        "per_second": round(count / wall, 2),
        "taken_over": seen.taken_over,
        "worker_ms": round(sum(seen.cpu) / count * 1000, 2),
        "database_ms": round((after[0] - before[0]) / count * 1000, 2),
        "store_ms": round((after[1] - before[1]) / count * 1000, 2),
    }


def _begun(batches: BatchWorld, key: str, numbers: range) -> Job:
    """Begin a batch of made-up shops."""
    shops = [shop(number) for number in numbers]
    lines = [",".join(shops[0]), *(",".join(one.values()) for one in shops)]
    return batches.begun(("\n".join(lines) + "\n").encode(), key=f"batch-{key}")


def _cpu(pid: int) -> float:
    """Return the seconds of CPU of a process and its children, those that ended too."""
    process = psutil.Process(pid)
    all_of_them = [process, *process.children(recursive=True)]
    own = sum(sum(one.cpu_times()[:2]) for one in all_of_them)
    return float(own + sum(process.cpu_times()[2:4]))


if __name__ == "__main__":
    sys.exit(main())
