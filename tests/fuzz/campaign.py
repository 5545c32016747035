"""A run of many mutants through a real verifier with its sandbox, and what it found."""

import itertools
import json
import math
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from registry.answers.verification import RegisterVerifier
from registry.licences.licences import list_licences, list_revisions
from registry.model import RegistryError
from signing.report import ValidationReport
from signing.sandbox import Sandbox
from signing.trust.anchors import TrustMaterial
from tests.fuzz.mutators import mutate
from tests.fuzz.oracle import Oracle
from tests.fuzz.seeds import Seed, foreign_seeds, own_seeds
from tests.signing.material import pki
from tests.world import World, build_template, copy_world

_REFUSED = {"not_a_pdf", "encrypted_pdf", "unreadable_input"}
"""Codes of what is answered 415 or 422."""
MOST_RSS_KIB = 700 * 1024
"""Resident memory that a worker or its fork may ever take; honest files take some 150 MiB."""
MOST_GROWTH_KIB = 150 * 1024
"""That this process may grow by once it is warm, however many mutants it sends."""
_WARM = 200
_SAMPLE = 100


class WatchedSandbox(Sandbox):
    """Trusts the foreign seeds' root too, and remembers what it reported to each thread."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self._told = threading.local()
        self._anchor = pki().root.der

    def validate(self, data: bytes, trust: TrustMaterial, at: datetime) -> ValidationReport:
        """Judge, and remember."""
        report = super().validate(data, replace(trust, anchors=(*trust.anchors, self._anchor)), at)
        self._told.report = report
        return report

    def take_report(self) -> ValidationReport | None:
        """Return this thread's last report, once; None if the sandbox was not asked."""
        report: ValidationReport | None = getattr(self._told, "report", None)
        self._told.report = None
        return report

    def pids(self) -> list[int]:
        """Return the processes at work now."""
        processes = [worker._process for worker in self._workers]
        return [one.pid for one in processes if one is not None]


@dataclass(frozen=True, slots=True)
class Finding:
    """A mutant of which something was said that may not be."""

    index: int
    seed: str
    mutations: tuple[str, ...]
    faults: tuple[str, ...]
    seconds: float
    data: bytes = field(repr=False)


@dataclass
class Tally:
    """What came out."""

    count: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    structures: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    workers: set[int] = field(default_factory=set)
    worker_kib: int = 0
    own_kib: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def faults_of_resources(self) -> list[str]:
        """Return what leaks, of this process and its workers."""
        faults = []
        if self.worker_kib > MOST_RSS_KIB:
            faults.append(f"a worker took {self.worker_kib} KiB")
        if self.own_kib and self.own_kib[-1] - self.own_kib[0] > MOST_GROWTH_KIB:
            faults.append(f"this process grew from {self.own_kib[0]} to {self.own_kib[-1]} KiB")
        if self.descriptors and self.descriptors[-1] > self.descriptors[0]:
            faults.append(f"descriptors: {self.descriptors[0]}, now {self.descriptors[-1]}")
        return faults

    def described(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "count": self.count,
            "seconds": round(self.seconds, 1),
            "per_second": round(self.count / self.seconds, 1) if self.seconds else None,
            "slowest_seconds": round(self.slowest, 2),
            "structures": dict(self.structures.most_common()),
            "outcomes": dict(self.outcomes.most_common()),
            "later_changes": dict(self.changes.most_common()),
            "notes": dict(self.notes.most_common()),
            "workers_used": len(self.workers),
            "worker_mib": self.worker_kib // 1024,
            "own_mib": [kib // 1024 for kib in (self.own_kib[:1] + self.own_kib[-1:])],
            "findings": len(self.findings),
            "faults": dict(Counter(f for one in self.findings for f in one.faults)),
            "resources": self.faults_of_resources(),
        }


@dataclass(frozen=True, slots=True)
class Campaign:
    """A verifier, its sandbox, and the seeds."""

    sandbox: WatchedSandbox
    verifier: RegisterVerifier
    seeds: tuple[Seed, ...]
    oracle: Oracle

    def mutant(self, run: int, index: int) -> tuple[Seed, bytes, tuple[str, ...]]:
        """Return the mutant of a run's number; the same each time for the same seeds."""
        source = random.Random(f"{run}:{index}")
        seed, other = source.choice(self.seeds), source.choice(self.seeds)
        return (seed, *mutate(source, seed.data, other.data))

    def run(
        self,
        run: int,
        indices: range,
        progress: Callable[[Tally], None] = lambda _: None,
        seconds: float = math.inf,
    ) -> Tally:
        """Send the mutants, as many at once as there are workers; no more after `seconds`."""
        tally, lock, started = Tally(), threading.Lock(), time.monotonic()

        def send(index: int) -> None:
            seed, data, mutations = self.mutant(run, index)
            begun = time.monotonic()
            outcome, report, faults = self.judge(data)
            taken = time.monotonic() - begun
            with lock:
                _count(tally, outcome, report, taken)
                tally.seconds = time.monotonic() - started
                if faults:
                    found = Finding(index, seed.name, mutations, tuple(faults), taken, data)
                    tally.findings.append(found)
                if tally.count % _SAMPLE == 0:
                    self._sample(tally)
                    progress(tally)

        numbers, width = iter(indices), len(self.sandbox._workers)
        while tally.seconds < seconds and (
            batch := list(itertools.islice(numbers, width * _SAMPLE))
        ):
            with ThreadPoolExecutor(width) as pool:
                list(pool.map(send, batch))
        self._sample(tally)
        return tally

    def judge(self, data: bytes) -> tuple[str, ValidationReport | None, list[str]]:
        """Return the outcome of one file, its report and what is wrong with them."""
        faults: list[str] = []
        try:
            answer = self.verifier.by_file(data)
            outcome = str(answer.outcome)
            faults += self.oracle.faults_of_answer(data, answer)
        except RegistryError as error:
            outcome = error.code
            faults += [f"refused_{outcome}"] if outcome not in _REFUSED else []
        except Exception as error:  # noqa: BLE001 — whatever it is, it is a finding
            outcome = type(error).__name__
            faults.append(f"raised_{outcome}")
        report = self.sandbox.take_report()
        if report is not None:
            faults += self.oracle.faults_of_report(data, report)
        return outcome, report, faults

    def _sample(self, tally: Tally) -> None:
        for pid in self.sandbox.pids():
            tally.workers.add(pid)
            tally.worker_kib = max(tally.worker_kib, _kib(pid, "VmHWM"))
        for worker in self.sandbox._workers:
            tally.worker_kib = max(tally.worker_kib, worker.most_kib)
        if tally.count >= _WARM:
            tally.own_kib.append(_kib(os.getpid(), "VmRSS"))
            tally.descriptors.append(len(list(Path("/proc/self/fd").iterdir())))


def _count(tally: Tally, outcome: str, report: ValidationReport | None, taken: float) -> None:
    tally.count += 1
    tally.slowest = max(tally.slowest, taken)
    tally.outcomes[outcome] += 1
    tally.structures["-" if report is None else str(report.structure)] += 1
    if report is not None:
        tally.notes.update(report.notes)
        for signature in report.signatures:
            tally.changes[f"{signature.intact} {signature.later_changes}"] += 1
            tally.notes.update(signature.notes)


def _kib(pid: int, name: str) -> int:
    """Return a figure of a process's status; 0 where it ended meanwhile."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(name)), 0)


@contextmanager
def campaign(directory: Path, workers: int = 1, more: tuple[Seed, ...] = ()) -> Iterator[Campaign]:
    """Set up a home with registered licences, its verifier and its sandbox."""
    (directory / "template").mkdir()
    build_template(directory / "template", None)
    with (
        WatchedSandbox(workers) as sandbox,
        copy_world(directory / "template", directory / "copy", sandbox=sandbox) as world,
    ):
        own = own_seeds(world)
        seeds = (*own, *foreign_seeds(), *more)
        oracle = Oracle.of(seeds, _registered(world))
        yield Campaign(sandbox, world.home.verifier, seeds, oracle)


def _registered(world: World) -> frozenset[str]:
    with world.home.database.reading() as connection:
        return frozenset(
            str(revision.sha256)
            for licence in list_licences(connection, limit=None)
            for revision in list_revisions(connection, licence.identifier)
        )


def save(findings: list[Finding], folder: Path) -> None:
    """Write each mutant beside what is wrong with it."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in findings:
        (folder / f"{one.index}.pdf").write_bytes(one.data)
        told = {
            "seed": one.seed, "mutations": one.mutations, "faults": one.faults,
            "seconds": round(one.seconds, 2),
        }  # fmt: skip
        (folder / f"{one.index}.json").write_text(json.dumps(told, indent=1))
