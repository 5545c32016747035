"""`make machines ROWS=50000`: four workers, each in a network namespace, two of them killed −9.

One PostgreSQL and one S3-compatible store (TLS) on a bridge between them; the home (settings, keys,
journal) is a shared file system. One batch first for a single worker, then one for four. Prints
what came out, and where the CPU time went: what is the workers' own grows with machines, what is
the database's and the store's is shared.
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

import psutil

from bench.machines.database import running_postgres
from bench.machines.network import GATE, namespaces
from home.wiring import Home
from registry.desk.batch_rows import RowState
from registry.granting.granting import GrantStep
from registry.officers.model import Job, JobState
from tests.cli.holders import shop
from tests.clock import StoppedClock
from tests.object_store.service import running_store
from tests.registry.desk.batch.batch_world import BatchWorld
from tests.world import World, build_template

ROOT = Path(__file__).parents[2]
WORKERS, KILLED = 4, 2


@dataclass
class Stage:
    """Home, database and store at work."""

    batches: BatchWorld
    environment: dict[str, str]
    postgres: int
    store: int

    def start(self, place: str, kill_after: int = 0) -> "subprocess.Popen[str]":
        """Start a worker in a namespace; it kills itself after so many documents were stored."""
        program = [sys.executable, "-m", "tests.registry.desk.batch.engine_worker"]
        step = GrantStep.STORED if kill_after else ""
        home = str(self.batches.world.home.directory)
        return subprocess.Popen(
            ["ip", "netns", "exec", place, *program, home, step, str(kill_after)],
            env={**os.environ, **self.environment, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def shared_cpu(self) -> tuple[float, float]:
        """Return the seconds of CPU of database and store so far."""
        return _cpu(self.postgres), _cpu(self.store)


def main() -> int:
    """Run the rows; return 0 only where all came out right."""
    parser = argparse.ArgumentParser(prog="python -m bench.machines")
    parser.add_argument("--rows", type=int, default=2000)
    rows = parser.parse_args().rows
    if os.geteuid() or not shutil.which("ip"):
        print("Network namespaces need root and ip(8).", file=sys.stderr)
        return 2
    with (
        namespaces(WORKERS) as places,
        running_postgres() as (url, postgres),
        running_store(GATE) as store,
        tempfile.TemporaryDirectory(prefix="xy-machines-") as name,
    ):
        settings, bucket = store.bucket()
        environment = store.environment(settings)
        build_template(Path(name), url)
        home = Home(Path(name) / "home", environment, clock=StoppedClock())
        batches = BatchWorld(World(home, StoppedClock()))
        batches.staff()
        stage = Stage(batches, environment, postgres, store.process.pid)
        alone = max(rows // 4, 10)
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
    }
    print(json.dumps(told))
    return 0


def _run(
    stage: Stage, key: str, numbers: range, places: list[str], killed: int
) -> dict[str, float]:
    job = _begun(stage.batches, key, numbers)
    before, began = stage.shared_cpu(), time.monotonic()
    each = max(len(numbers) // len(places), 1)
    workers = [
        stage.start(place, kill_after=each // 2 if number < killed else 0)
        for number, place in enumerate(places)
    ]
    cpu, said = 0.0, []
    for number, worker in enumerate(workers):
        cpu += _watched(worker)
        out = worker.stdout.read().strip() if worker.stdout else ""
        said.append(f"{places[number]}: exit {worker.returncode} {out}")
        assert (worker.returncode == -9) is (number < killed), said
    wall = time.monotonic() - began
    print(*said, sep="\n", file=sys.stderr)
    after = stage.shared_cpu()
    seen = stage.batches.desk.jobs.view(stage.batches.standing("zhao"), job.job_id)
    assert seen.job.state is JobState.DONE, seen
    assert dict(seen.counts) == {RowState.GRANTED: len(numbers)}, seen.counts
    count = len(numbers)
    return {
        "per_second": round(count / wall, 2),
        "worker_ms": round(cpu / count * 1000, 2),
        "database_ms": round((after[0] - before[0]) / count * 1000, 2),
        "store_ms": round((after[1] - before[1]) / count * 1000, 2),
    }


def _begun(batches: BatchWorld, key: str, numbers: range) -> Job:
    """Begin a batch of made-up shops."""
    shops = [shop(number) for number in numbers]
    lines = [",".join(shops[0]), *(",".join(one.values()) for one in shops)]
    return batches.begun(("\n".join(lines) + "\n").encode(), key=f"batch-{key}")


def _watched(worker: "subprocess.Popen[str]") -> float:
    """Wait for a worker's end; return the seconds of CPU that it took, as far as was seen."""
    process, seen = psutil.Process(worker.pid), 0.0
    while worker.poll() is None:
        try:
            seen = max(seen, sum(process.cpu_times()[:2]))
        except psutil.Error:
            break
        time.sleep(0.2)
    worker.wait()
    return seen


def _cpu(pid: int) -> float:
    """Return the seconds of CPU of a process and its children, those that ended too."""
    process = psutil.Process(pid)
    all_of_them = [process, *process.children(recursive=True)]
    own = sum(sum(one.cpu_times()[:2]) for one in all_of_them)
    return float(own + sum(process.cpu_times()[2:4]))


if __name__ == "__main__":
    sys.exit(main())
