"""Metrics of several worker processes in one exposition: the one asked adds up all.

Sums must not fall: Prometheus takes a fall for a restart, and all that is left for new. So a worker
writes down what it has counted before it tells it. Where it does not answer, what it told last
stands; its successor goes on from there.
"""

import operator
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from core.metrics import MERGE, Merge, as_number

PATIENCE_SECONDS = 2.0
"""Of a sibling that does not answer by then, gauges are left out: it is being replaced."""
_MAX_BYTES = 1024 * 1024
_END = "# END\n"
_Exposition = Callable[[], str]


def merge(expositions: Iterable[str]) -> str:
    """Add up counters and histograms of several expositions; of a gauge, one value stands.

    Which one is the gauge's own to say (`core.metrics.Merge`). All lines of one metric come as one
    group, as the format wants it.
    """
    return _text(_merged(expositions).values())


def counted(exposition: str) -> str:
    """Return the monotonic part of an exposition: counters and histograms."""
    found = _merged([exposition]).values()
    return _text(one for one in found if one.choose is operator.add)


def _text(metrics: Iterable["_Merged"]) -> str:
    return "".join(f"{line}\n" for one in metrics for line in one.lines())


def _merged(expositions: Iterable[str]) -> dict[str, "_Merged"]:
    metrics: dict[str, _Merged] = {}
    merged = _Merged()
    for text in expositions:
        for line in text.splitlines():
            if line.startswith("# HELP "):
                merged = metrics.setdefault(line.split(" ")[2], _Merged())
            if line.startswith("# "):
                merged.head[line] = None
                if line.startswith(MERGE):
                    merged.choose = min if line.endswith(f" {Merge.LEAST}") else max
                continue
            sample, _, value = line.rpartition(" ")
            merged.add(sample, float(value))
    return metrics


@dataclass(slots=True)
class _Merged:
    """One metric, put together."""

    head: dict[str, None] = field(default_factory=dict)
    samples: dict[str, float] = field(default_factory=dict)
    choose: Callable[[float, float], float] = operator.add

    def add(self, sample: str, value: float) -> None:
        known = self.samples.get(sample)
        if known is not None:
            value = self.choose(known, value)
        self.samples[sample] = value

    def lines(self) -> Iterator[str]:
        yield from self.head
        for sample, value in self.samples.items():
            yield f"{sample} {as_number(value, 15)}"


class Siblings:
    """The workers of one service; each answers the others on a socket in a private directory."""

    def __init__(self, directory: Path, number: int) -> None:
        """`directory` must be open to this account alone."""
        self._directory = directory
        self._number = number

    def share(self, own: _Exposition) -> _Exposition:
        """Answer the others with `own` from now on; return the exposition of all."""
        told = _Told(self._path(self._number, "counted"), own)
        path = self._path(self._number, "metrics")
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(path))
        listener.listen()
        threading.Thread(target=_answer, args=(listener, told.exposition), daemon=True).start()
        return lambda: merge([told.exposition(), *self._ask_others()])

    def _ask_others(self) -> Iterable[str]:
        known = {int(path.stem) for path in self._directory.iterdir()}
        for number in sorted(known - {self._number}):
            answer = _ask(self._path(number, "metrics"))
            yield _read(self._path(number, "counted")) if answer is None else answer

    def _path(self, number: int, suffix: str) -> Path:
        return self._directory / f"{number}.{suffix}"


class _Told:
    """Metrics of one worker, with its predecessors' counts added."""

    def __init__(self, path: Path, own: _Exposition) -> None:
        self._path = path
        self._own = own
        self._before = _read(path)
        self._lock = threading.Lock()
        """Of writing: what is told never goes back."""

    def exposition(self) -> str:
        """Return it; what only grows is written down first."""
        with self._lock:
            text = merge([self._own(), self._before]) if self._before else self._own()
            new = self._path.with_suffix(".new")
            with suppress(OSError):  # a full disk must be seen
                new.write_text(counted(text), "utf-8")
                new.replace(self._path)
            return text


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""  # it never told anything


def _answer(listener: socket.socket, own: _Exposition) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(PATIENCE_SECONDS)
            try:
                connection.sendall(f"{own()}{_END}".encode())
            except OSError:
                continue  # who asked has gone


def _ask(path: Path) -> str | None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        try:
            connection.connect(str(path))
            received = bytearray()
            while (part := connection.recv(65536)) and len(received) < _MAX_BYTES:
                received += part
        except OSError:
            return None
    text = received.decode(errors="replace")
    return text.removesuffix(_END) if text.endswith(_END) else None  # else it was cut off
