"""Measuring CPU time per call on one core, ours and the baselines in turns."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean, median

Work = Callable[[], object]
ROUNDS = 20
"""Each row is measured in so many turns with its baselines: what the machine does meanwhile
touches all alike."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a row is compared with."""

    name: str
    work: Work
    calls: int = 2
    """In each round."""
    clock: Callable[[], float] = time.process_time
    """Seconds of CPU: this process's, or a server's whose requests `work` sends."""
    batch: int = 1
    """What `work` does at once; figures are for one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is measured."""

    name: str
    work: Work
    baselines: tuple[Baseline, ...] = ()
    calls: int = 10
    """In each round."""
    tail: bool = False
    """Report the slowest call too, as a row `NAME.slowest`."""
    clock: Callable[[], float] = time.process_time
    """As a baseline's; so the next."""
    batch: int = 1
    rounds: int = ROUNDS


@dataclass(frozen=True, slots=True)
class Sample:
    """CPU milliseconds of each call, or of its latency."""

    times: list[float] = field(default_factory=list)

    @property
    def mean(self) -> float:
        """What a core needs for one, all in all."""
        return fmean(self.times)

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.times)

    @property
    def p90(self) -> float:
        """Nine of ten are faster."""
        return sorted(self.times)[len(self.times) * 9 // 10]

    @property
    def p99(self) -> float:
        """All but one of a hundred are faster."""
        return sorted(self.times)[len(self.times) * 99 // 100]

    @property
    def slowest(self) -> float:
        """The slowest one."""
        return max(self.times)

    def add(self, one: "Row | Baseline") -> None:
        """Do its work once."""
        start = one.clock()
        one.work()
        self.times.append((one.clock() - start) * 1000 / one.batch)


@dataclass(frozen=True, slots=True)
class Result:
    """A row, measured."""

    row: Row
    ours: Sample
    baselines: dict[str, Sample]


def measure(row: Row) -> Result:
    """Measure one row with its baselines; the first call of each is not counted."""
    result = Result(row, Sample(), {baseline.name: Sample() for baseline in row.baselines})
    row.work()
    for baseline in row.baselines:
        baseline.work()
    for _ in range(row.rounds):
        for _ in range(row.calls):
            result.ours.add(row)
        for baseline in row.baselines:
            for _ in range(baseline.calls):
                result.baselines[baseline.name].add(baseline)
    return result


@dataclass(frozen=True, slots=True)
class Split:
    """One thing whose parts are told (`bench.shares`), after it was measured as a whole."""

    name: str
    work: Work
    calls: int = 40
    batch: int = 1
    """What `work` does at once; figures are for one."""


@dataclass(frozen=True, slots=True)
class Latency:
    """One thing whose wall-clock time matters, under a condition and without it."""

    name: str
    baseline: str
    """The condition's absence."""
    measure: Callable[[], tuple[Sample, Sample]]
    """Returns what was measured under the condition, and without it."""
