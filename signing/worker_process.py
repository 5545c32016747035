"""A process that answers frames through two pipes, and may be killed at any time.

A fresh interpreter with an empty environment and no descriptors but its pipes. A frame is its
length (4 bytes, big-endian) and its bytes; every exchange has its deadline.
"""

import dataclasses
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time

from signing.limits import Limits

START_SECONDS = 60.0
"""Importing and warming up takes 2.5 s of CPU; a loaded machine may need many times that."""
GRACE_SECONDS = 1.0
_CHUNK = 1024 * 1024


class WorkerFailedError(Exception):
    """A worker gave no answer; `code` is the report's note."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WorkerProcess:
    """One process. Used by one thread at a time, except `stop`."""

    def __init__(self, module: str, limits: Limits, most_bytes: int) -> None:
        """`module` is what the interpreter runs; a frame from it has at most `most_bytes`."""
        self._module = module
        self._limits = limits
        self._most_bytes = most_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False

    def start(self) -> None:
        """Start the process; it warms up while nobody waits."""
        limits = json.dumps(dataclasses.asdict(self._limits))
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", self._module, limits],
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
        self._ready = False

    @property
    def pid(self) -> int | None:
        """Number of the process; None where it does not run."""
        return None if self._process is None else self._process.pid

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

    def await_ready(self) -> None:
        """Wait until it has warmed up. Raises `WorkerFailedError`."""
        if not self._ready:
            if self.receive(time.monotonic() + START_SECONDS) != b"R":
                raise WorkerFailedError("worker_died")
            self._ready = True

    def deadline(self) -> float:
        """Return the instant (monotonic) at which an exchange that begins now is given up."""
        return time.monotonic() + self._limits.seconds + GRACE_SECONDS

    def send(self, body: bytes, deadline: float) -> None:
        """Send a frame. Raises `WorkerFailedError`."""
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
                raise WorkerFailedError(self._how_it_ended()) from error

    def receive(self, deadline: float) -> bytes:
        """Return the next frame. Raises `WorkerFailedError`."""
        (length,) = struct.unpack(">I", self._read(4, deadline))
        if not 0 < length <= self._most_bytes:
            raise WorkerFailedError("worker_died")
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
                raise WorkerFailedError("worker_died") from error
            if not part:
                raise WorkerFailedError(self._how_it_ended())
            found += part
        return bytes(found)

    def _running(self) -> "subprocess.Popen[bytes]":
        process = self._process
        if process is None:
            raise WorkerFailedError("worker_died")
        return process

    def _how_it_ended(self) -> str:
        """Tell a spent CPU limit from other ends of a process whose pipe is closed."""
        process = self._process
        if process is None:
            return "worker_died"
        try:
            code = process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return "worker_died"
        return "limit_time" if code == -signal.SIGXCPU else "worker_died"


def _await(descriptor: int, deadline: float, *, write: bool) -> None:
    """Wait until a pipe is ready. Raises `WorkerFailedError` at the deadline."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT if write else select.POLLIN)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise WorkerFailedError("limit_time")
