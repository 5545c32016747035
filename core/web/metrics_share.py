"""One exposition of several worker processes: whichever is asked, asks the others and adds up."""

import operator
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.metrics import MERGE, Merge, as_number

PATIENCE_SECONDS = 2.0
"""A sibling that does not answer by then is left out: it is being replaced."""
_MAX_BYTES = 1024 * 1024
_Exposition = Callable[[], str]


def merge(expositions: Iterable[str]) -> str:
    """Add up counters and histograms of several expositions; of a gauge, one value stands.

    Which one is the gauge's own to say (`core.metrics.Merge`). All lines of one metric come as one
    group, as the format wants it.
    """
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
    return "".join(f"{line}\n" for one in metrics.values() for line in one.lines())


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
        path = self._path(self._number)
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(path))
        listener.listen()
        threading.Thread(target=_answer, args=(listener, own), daemon=True).start()
        return lambda: merge([own(), *self._ask_others()])

    def _ask_others(self) -> Iterable[str]:
        own = self._path(self._number)
        for path in sorted(self._directory.glob("*.metrics")):
            if path != own:
                answer = _ask(path)
                if answer is not None:
                    yield answer

    def _path(self, number: int) -> Path:
        return self._directory / f"{number}.metrics"


def _answer(listener: socket.socket, own: _Exposition) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(PATIENCE_SECONDS)
            try:
                connection.sendall(own().encode())
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
    return received.decode()
