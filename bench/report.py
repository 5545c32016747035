"""JSON lines for machines on stdout, a table for people on stderr."""

import json
import sys
import time
from collections.abc import Iterator

from bench.measure import Latency, Result, Sample, Split
from bench.shares import Shares, cpu_seconds

UNIT = "ms CPU"
_HEAD = ("", "mean", "median", "p90", "slowest", "per s", "ratio")


def write_head() -> None:
    """Begin the table."""
    print(
        f"{UNIT} per call; per s: so many a second and core; ratio: the baseline's mean over ours",
        file=sys.stderr,
    )
    _line(*_HEAD)


def write(result: Result) -> None:
    """Write one row and its baselines."""
    for line in _lines(result):
        print(json.dumps(line), flush=True)
    _line(result.row.name, *_figures(result.ours), "")
    for name, sample in result.baselines.items():
        _line(f"  {name}", *_figures(sample), f"{sample.mean / result.ours.mean:.2f}x")


def write_latency(row: Latency) -> None:
    """Measure and write a row of wall-clock milliseconds: the median, and `NAME.p99`."""
    ours, baseline = row.measure()
    for name, value, before in (
        (row.name, ours.median, baseline.median),
        (f"{row.name}.p99", ours.p99, baseline.p99),
    ):
        entry = _entry(name, value, row.baseline, before) | {"unit": "ms"}
        print(json.dumps(entry), flush=True)
        print(
            f"{name:<24}{value:>10.1f} ms of wall clock; {row.baseline} {before:.1f} ms, "
            f"ratio {before / value:.2f}x",
            file=sys.stderr,
        )


def write_split(split: Split, shares: Shares | None = None) -> None:
    """Measure and write CPU and wall-clock time of each part, and of the rest, for one."""
    split.work()
    with (shares or Shares()).collecting() as collected:
        cpu, wall = cpu_seconds(), time.perf_counter()
        for _ in range(split.calls):
            split.work()
        cpu, wall = (cpu_seconds() - cpu) * 1000, (time.perf_counter() - wall) * 1000
    count, told = split.calls * split.batch, collected.told()
    parts = {name: (one.cpu_ms, one.wall_ms, one.calls) for name, one in told.items()}
    rest = cpu - sum(one.cpu_ms for one in told.values())
    parts["rest"] = rest, wall - sum(one.wall_ms for one in told.values()), 0
    print(
        f"{split.name}: {cpu / count:.3f} ms CPU, {wall / count:.3f} ms of wall clock; its parts:",
        file=sys.stderr,
    )
    _line("", "CPU", "share", "wall", "calls")
    for name, (part, waited, calls) in parts.items():
        print(json.dumps(_entry(f"{split.name}.{name}", part / count, None, None)), flush=True)
        figures = f"{part / count:.3f}", f"{part / cpu:.0%}", f"{waited / count:.3f}"
        _line(f"  {name}", *figures, f"{calls / count:.1f}" if calls else "")


def _lines(result: Result) -> Iterator[dict[str, object]]:
    name, ours = result.row.name, result.ours
    if not result.baselines:
        yield _entry(name, ours.mean, None, None)
    for baseline, sample in result.baselines.items():
        yield _entry(name, ours.mean, baseline, sample.mean)
        if result.row.tail:
            yield _entry(f"{name}.slowest", ours.slowest, baseline, sample.slowest)


def _entry(
    name: str, value: float, baseline: str | None, baseline_value: float | None
) -> dict[str, object]:
    return {
        "name": name,
        "value": round(value, 4),
        "unit": UNIT,
        "baseline": baseline,
        "baseline_value": None if baseline_value is None else round(baseline_value, 4),
        "ratio": None if baseline_value is None else round(baseline_value / value, 4),
    }


def _figures(sample: Sample) -> tuple[str, ...]:
    return (
        *(f"{figure:.3f}" for figure in (sample.mean, sample.median, sample.p90, sample.slowest)),
        f"{1000 / sample.mean:.0f}",
    )


def _line(name: str, *figures: str) -> None:
    print(f"{name:<24}" + "".join(f"{figure:>10}" for figure in figures), file=sys.stderr)
