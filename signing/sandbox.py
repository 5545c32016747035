"""Runs `validate_pdf` in processes that can be killed and may do nothing but compute.

A hostile PDF can make a parser loop, eat memory, crash, or run its own code. Each worker is a fresh
interpreter with an empty environment that reads no document: a fork of it does, one for each, held
by the kernel to computing and to its own channel, within bounds of memory and time, and answers in
JSON. Whatever happens to either becomes a report with `Structure.FAILED`, never an exception; an
exception that nobody foresaw is logged here by its type alone.
"""

import gc
import logging
import queue
import re
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from signing.inspection.wire import (
    EPOCH,
    MICROSECOND,
    MOST_BYTES,
    decode_report,
    encode_trust,
)
from signing.limits import DEFAULT_LIMITS, Limits
from signing.report import Structure, ValidationReport
from signing.structure import look
from signing.trust.anchors import TrustMaterial
from signing.workers.confinement import Confinement
from signing.workers.process import WorkerFailedError, WorkerProcess

_log = logging.getLogger(__name__)
_PROBE = b"%PDF-1.7\n%%EOF\n"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


class Sandbox:
    """A fixed number of workers, shared by all threads of a process.

    They start at the first use (or with `start`) and warm up in the background. To be closed, or
    used as a context manager.
    """

    def __init__(
        self,
        workers: int,
        limits: Limits = DEFAULT_LIMITS,
        confinement: Confinement = Confinement.REQUIRE,
    ) -> None:
        if workers < 1:
            raise ValueError("at least one worker")
        self._limits = limits
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._workers = [_Worker(limits, confinement) for _ in range(workers)]
        self._started = False
        self._lock = threading.Lock()  # guards _started
        for worker in self._workers:
            self._idle.put(worker)

    def start(self) -> None:
        """Start all workers without waiting for them."""
        with self._lock:
            if not self._started:
                for worker in self._workers:
                    worker.start()
                self._started = True

    def validate(self, data: bytes, trust: TrustMaterial, at: datetime) -> ValidationReport:
        """Judge `data` as `signing.validation.validate_pdf` does; waits for a free worker.

        Raises `ValueError` if `at` is naive.
        """
        if at.tzinfo is None:
            raise ValueError("`at` must be aware")
        if len(data) > self._limits.file_bytes:
            return _unjudged(data, self._limits, Structure.LIMIT, "limit_size")
        self.start()
        with self._borrowed() as worker:
            try:
                return worker.validate(data, trust, at)
            except WorkerFailedError as error:
                _log.warning("a validation worker failed", extra={"code": error.code})
                return _unjudged(data, self._limits, Structure.FAILED, error.code)

    @property
    def unfiltered(self) -> str | None:
        """Cause for which files are read without the kernel's filter; empty: they are not,
        None: no worker has told yet.
        """
        return max(
            (one.unfiltered for one in self._workers if one.unfiltered is not None), default=None
        )

    def answers(self) -> bool:
        """Tell whether an idle worker judges a tiny file; blocks until it has warmed up.

        Where all are at work nothing is asked: each has its deadline.
        """
        self.start()
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            return True
        try:
            worker.probe()
        except WorkerFailedError as error:
            _log.warning("a validation worker failed", extra={"code": error.code})
            return False
        finally:
            self._idle.put(worker)
        return True

    @contextmanager
    def _borrowed(self) -> Iterator["_Worker"]:
        worker = self._idle.get()
        try:
            yield worker
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End all workers; a document being judged gets `worker_died`."""
        for worker in self._workers:
            worker.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Worker(WorkerProcess):
    """One process. Used by one thread at a time, except `stop`."""

    def __init__(self, limits: Limits, confinement: Confinement) -> None:
        super().__init__("signing.sandbox", limits, MOST_BYTES, confinement)
        self._trust: TrustMaterial | None = None
        """What the process was told."""
        self._wanted = TrustMaterial(())

    def _launch(self) -> None:
        super()._launch()
        self._trust = None

    def prepare(self, deadline: float) -> None:
        """Tell the process whom to trust, if that changed."""
        if self._wanted != self._trust:
            self.tell(b"T" + encode_trust(self._wanted), deadline)
            self._trust = self._wanted

    def validate(
        self, data: bytes, trust: TrustMaterial, at: datetime, tries: int = 2
    ) -> ValidationReport:
        """Have one document judged. Raises `WorkerFailedError`."""
        self._wanted = trust
        *told, answer = self.ask(struct.pack(">q", _microseconds(at)) + data, tries)
        if answer[:1] != b"A" or any(one[:1] != b"F" for one in told):
            raise WorkerFailedError("worker_died")
        for one in told:
            _log.error("unforeseen while judging a document: %s", _type_name(one[1:]))
        try:
            return decode_report(answer[1:])
        except ValueError as error:
            raise WorkerFailedError("worker_died") from error

    def probe(self) -> None:
        """Have a file judged that holds nothing. Raises `WorkerFailedError`."""
        self.validate(_PROBE, self._wanted, EPOCH, tries=1)


def _type_name(told: bytes) -> str:
    """Return an exception's type as a worker told it, if it looks like one."""
    text = told[:64].decode("ascii", "replace")
    return text if _NAME.fullmatch(text) else "?"


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _unjudged(data: bytes, limits: Limits, structure: Structure, note: str) -> ValidationReport:
    facts = look(data, limits)
    return ValidationReport(
        structure=structure,
        signatures=(),
        traces=facts.traces,
        identifiers=facts.identifiers,
        revision_ends=facts.revision_ends,
        notes=(note,),
    )


def _main() -> None:
    gc.disable()  # what is imported stays; the worker settles its memory when it has warmed up
    from signing.inspection.worker import main  # noqa: PLC0415 — pyHanko stays out of the parent

    main(sys.argv[1:])


if __name__ == "__main__":
    _main()
