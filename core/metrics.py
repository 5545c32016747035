"""Metrics in Prometheus' text format 0.0.4. One instance per process.

Labels come from closed sets (routes, methods, statuses, outcomes), never from a request's text,
so that nobody can make the numbers grow without bound. Counted from several threads.
"""

import logging
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from importlib.metadata import version
from threading import Lock
from typing import Protocol

from core.errors import XinyinError

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds: look-ups lie at the lower end, hostile files near the sandbox's limit at the upper."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

MERGE = "# MERGE "
"""Begins a line that says how workers' values of a gauge become one; a comment to all others."""

Labels = tuple[tuple[str, str], ...]

_log = logging.getLogger(__name__)


class Merge(StrEnum):
    """Aggregation of a gauge's values over several workers."""

    GREATEST = "greatest"
    LEAST = "least"
    """Where one bad worker must be seen."""


class Metric(Protocol):
    """Something that is exposed."""

    def lines(self) -> Iterator[str]:
        """Yield the exposition."""
        ...


def exposition(metrics: Iterable[Metric]) -> str:
    """Return the text of several, one sample a line. May block where a gauge does."""
    return "".join(f"{line}\n" for metric in metrics for line in metric.lines())


class Gauge:
    """Numbers as they are when they are asked for, by label."""

    def __init__(
        self,
        name: str,
        explanation: str,
        read: Callable[[], Iterable[tuple[Labels, float]]],
        merge: Merge = Merge.GREATEST,
    ) -> None:
        """`read` may block and is called at each exposition; what it cannot tell, it leaves out."""
        self._name = name
        self._explanation = explanation
        self._read = read
        self._merge = merge
        self._is_unread = False

    def lines(self) -> Iterator[str]:
        """Yield the exposition; without a sample while the part that it reads is away."""
        yield f"# HELP {self._name} {self._explanation}"
        yield f"# TYPE {self._name} gauge"
        yield f"{MERGE}{self._name} {self._merge}"
        for labels, value in self._samples():
            yield f"{self._name}{_render(labels) if labels else ''} {as_number(value, 6)}"

    def _samples(self) -> list[tuple[Labels, float]]:
        """One part that is away (a token, the database) must not hide the numbers of others."""
        try:
            found = list(self._read())
        except XinyinError as error:
            if not self._is_unread:
                _log.warning("gauge %s: %s", self._name, error.text.en, extra={"code": error.code})
            self._is_unread = True
            return []
        self._is_unread = False
        return found


def build_info(role: str) -> Gauge:
    """Return the gauge that says which version serves, and as what."""
    labels = (("version", version("xinyin")), ("role", role))
    return Gauge("xinyin_build_info", "1; version and role of the process.", lambda: [(labels, 1)])


class CounterCell:
    """One number of a counter, for a path where microseconds count: one thread alone adds to it."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


class Counter:
    """Numbers that only grow, by label."""

    def __init__(self, name: str, explanation: str) -> None:
        self._name = name
        self._explanation = explanation
        self._lock = Lock()
        self._values: dict[Labels, int] = defaultdict(int)
        """Guarded by `_lock`; so is the next."""
        self._cells: list[tuple[Labels, CounterCell]] = []

    def add(self, **labels: str) -> None:
        """Add one to the value under `labels`."""
        with self._lock:
            self._values[tuple(labels.items())] += 1

    def cell(self, **labels: str) -> CounterCell:
        """Return a cell of its own for `labels`; what else is counted under them is added to it."""
        cell = CounterCell()
        with self._lock:
            self._cells.append((tuple(labels.items()), cell))
        return cell

    def lines(self) -> Iterator[str]:
        """Yield the exposition."""
        with self._lock:
            values = defaultdict(int, self._values)
            for labels, cell in self._cells:
                values[labels] += cell.value
        yield f"# HELP {self._name} {self._explanation}"
        yield f"# TYPE {self._name} counter"
        for labels, value in sorted(values.items()):
            yield f"{self._name}{_render(labels) if labels else ''} {value}"


class Histogram:
    """Durations in seconds, by route."""

    def __init__(self, name: str, explanation: str) -> None:
        self._name = name
        self._explanation = explanation
        self._lock = Lock()
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._sums: dict[str, float] = defaultdict(float)
        """Both guarded by `_lock`."""

    def observe(self, seconds: float, route: str) -> None:
        """Count one duration of `route`."""
        place = sum(seconds > bound for bound in BUCKETS)
        with self._lock:
            self._counts[route][place] += 1
            self._sums[route] += seconds

    def lines(self) -> Iterator[str]:
        """Yield the exposition; buckets are cumulative."""
        with self._lock:
            state = [(r, list(self._counts[r]), self._sums[r]) for r in sorted(self._counts)]
        yield f"# HELP {self._name} {self._explanation}"
        yield f"# TYPE {self._name} histogram"
        for route, counts, total in state:
            running = 0
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
                running += count
                labels = _render((("route", route), ("le", bound)))
                yield f"{self._name}_bucket{labels} {running}"
            labels = _render((("route", route),))
            yield f"{self._name}_sum{labels} {total:.6f}"
            yield f"{self._name}_count{labels} {running}"


def as_number(value: float, digits: int) -> str:
    """Return a value as the format writes it; what is not finite is without end."""
    return f"{value:.{digits}g}" if math.isfinite(value) else "+Inf"


def _render(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
