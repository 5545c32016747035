"""Runs `validate_pdf` in processes that can be killed and may do nothing but compute.

A hostile PDF can make a parser loop, eat memory or crash. Each worker is a fresh interpreter with
an empty environment and no descriptors but two pipes; its memory and time are bounded, it answers
in JSON, and it is replaced after a number of documents or at the first sign of trouble. Whatever
happens to a worker becomes a report with `Structure.FAILED`, never an exception; an exception that
nobody foresaw is logged here by its type alone, and the worker ends.
"""

import dataclasses
import gc
import json
import logging
import os
import queue
import re
import select
import signal
import struct
import subprocess
import sys
import threading
import time
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
from signing.trust import TrustMaterial

_log = logging.getLogger(__name__)
DOCUMENTS_PER_WORKER = 500
"""After that many a worker is replaced, so that nothing that leaks or lingers adds up."""
START_SECONDS = 60.0
"""Importing and warming up takes 2.5 s of CPU; a loaded machine may need many times that."""
_GRACE_SECONDS = 1.0
_CHUNK = 1024 * 1024
_PROBE = b"%PDF-1.7\n%%EOF\n"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


class _WorkerFailedError(Exception):
    """A worker gave no answer; `code` is the report's note."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Sandbox:
    """A fixed number of workers, shared by all threads of a process.

    They start at the first use (or with `start`) and warm up in the background. To be closed, or
    used as a context manager.
    """

    def __init__(self, workers: int, limits: Limits = DEFAULT_LIMITS) -> None:
        if workers < 1:
            raise ValueError("at least one worker")
        self._limits = limits
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._workers = [_Worker(limits) for _ in range(workers)]
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
            except _WorkerFailedError as error:
                _log.warning("a validation worker failed", extra={"code": error.code})
                worker.replace()
                return _unjudged(data, self._limits, Structure.FAILED, error.code)

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
        except _WorkerFailedError as error:
            _log.warning("a validation worker failed", extra={"code": error.code})
            worker.replace()
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


class _Worker:
    """One process. Used by one thread at a time, except `stop`."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._trust: TrustMaterial | None = None
        self._documents = 0

    def start(self) -> None:
        """Start the process; it warms up while nobody waits."""
        limits = json.dumps(dataclasses.asdict(self._limits))
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "signing.sandbox", limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},  # nothing inherited, so no secret either
            cwd="/",
            start_new_session=True,  # a terminal's Ctrl-C is the parent's
        )
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
        self._ready, self._trust, self._documents = False, None, 0

    def stop(self) -> None:
        """Kill the process and reap it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def replace(self) -> None:
        """Kill the process and start another."""
        self.stop()
        self.start()

    def validate(self, data: bytes, trust: TrustMaterial, at: datetime) -> ValidationReport:
        """Have one document judged. Raises `_WorkerFailedError`."""
        if self._documents >= DOCUMENTS_PER_WORKER:
            self.replace()
        self._await_ready()
        deadline = time.monotonic() + self._limits.seconds + _GRACE_SECONDS
        if trust != self._trust:
            self._send(b"T" + encode_trust(trust), deadline)
            self._trust = trust
        self._documents += 1
        self._send(b"D" + struct.pack(">q", _microseconds(at)) + data, deadline)
        failed = False
        while (answer := self._receive(deadline))[:1] == b"F":
            failed = True
            _log.error("unforeseen while judging a document: %s", _type_name(answer[1:]))
        try:
            report = decode_report(answer[1:])
        except ValueError as error:
            raise _WorkerFailedError("worker_died") from error
        if failed or report.structure is Structure.FAILED:
            self.replace()  # the process ends itself, or should have
        return report

    def probe(self) -> None:
        """Have a file judged that holds nothing. Raises `_WorkerFailedError`."""
        self.validate(_PROBE, self._trust or TrustMaterial(()), EPOCH)

    def _await_ready(self) -> None:
        if not self._ready:
            if self._receive(time.monotonic() + START_SECONDS) != b"R":
                raise _WorkerFailedError("worker_died")
            self._ready = True

    def _send(self, body: bytes, deadline: float) -> None:
        process = self._running()
        assert process.stdin is not None
        descriptor = process.stdin.fileno()
        left = memoryview(struct.pack(">I", len(body)) + body)
        while left:
            _await(descriptor, deadline, write=True)
            try:
                left = left[os.write(descriptor, left[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise _WorkerFailedError(self._how_it_ended()) from error

    def _receive(self, deadline: float) -> bytes:
        (length,) = struct.unpack(">I", self._read(4, deadline))
        if not 0 < length <= MOST_BYTES:
            raise _WorkerFailedError("worker_died")
        return self._read(length, deadline)

    def _read(self, length: int, deadline: float) -> bytes:
        process = self._running()
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        found = bytearray()
        while len(found) < length:
            _await(descriptor, deadline, write=False)
            try:
                part = os.read(descriptor, length - len(found))
            except BlockingIOError:
                continue
            except OSError as error:
                raise _WorkerFailedError("worker_died") from error
            if not part:
                raise _WorkerFailedError(self._how_it_ended())
            found += part
        return bytes(found)

    def _running(self) -> "subprocess.Popen[bytes]":
        process = self._process
        if process is None:
            raise _WorkerFailedError("worker_died")
        return process

    def _how_it_ended(self) -> str:
        """Tell a spent CPU limit from other ends of a process whose pipe is closed."""
        process = self._process
        if process is None:
            return "worker_died"
        try:
            code = process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return "worker_died"
        return "limit_time" if code == -signal.SIGXCPU else "worker_died"


def _await(descriptor: int, deadline: float, *, write: bool) -> None:
    """Wait until a pipe is ready. Raises `_WorkerFailedError` at the deadline."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT if write else select.POLLIN)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise _WorkerFailedError("limit_time")


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
