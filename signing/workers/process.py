"""A process that has files read by forks of its own, and may be killed any time.

A fresh interpreter with an empty environment and no descriptor but its socket. Each file has a
channel of its own, made here for one fork alone: what comes out of it is about that file, whoever
wrote it. A frame is its length (4 bytes, big-endian) and its bytes; every exchange has its
deadline.
"""

import contextlib
import dataclasses
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from signing.limits import Limits
from signing.workers.confinement import Confinement
from signing.workers.forks import END, ENDED, FORK, HEAD, READY

_log = logging.getLogger(__name__)
START_SECONDS = 60.0
"""Importing and warming up takes 2.5 s of CPU; a loaded machine may need many times that."""
GRACE_SECONDS = 1.0
MOST_FRAMES = 16
"""Of an answer, and of what is told before it."""
_CHUNK = 1024 * 1024
_MOST_TOLD = 1024
_CODES = {-signal.SIGXCPU: "limit_time", -signal.SIGSYS: "forbidden_call"}


class WorkerFailedError(Exception):
    """A worker gave no answer; `code` is the report's note."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WorkerProcess:
    """One process. Used by one thread at a time, except `stop`."""

    def __init__(
        self, module: str, limits: Limits, most_bytes: int, confinement: Confinement
    ) -> None:
        """`module` is what the interpreter runs; a file's answer has at most `most_bytes`."""
        self._module = module
        self._limits = limits
        self._most_bytes = most_bytes
        self._confinement = confinement
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._ready = False
        self._told = False
        self._stopped = False
        self._lock = threading.Lock()  # guards _process where it is taken away
        self.unfiltered: str | None = None
        """Cause for which the kernel's filter is not in force; empty: it is, None: not told."""
        self.most_kib = 0
        """The most memory that a fork took so far, KiB."""

    def start(self) -> None:
        """Start the process; it warms up while nobody waits."""
        self._stopped = False
        self._launch()

    def _launch(self) -> None:
        limits = json.dumps(dataclasses.asdict(self._limits))
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", self._module, limits],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"LC_ALL": "C.UTF-8"},  # nothing inherited, so no secret either
                cwd="/",
                start_new_session=True,  # a terminal's Ctrl-C is the parent's
            )
        ours.setblocking(False)
        self._socket, self._ready = ours, False

    @property
    def pid(self) -> int | None:
        """Number of the process; None where it does not run."""
        return None if self._process is None else self._process.pid

    def stop(self) -> None:
        """End the process with its forks, and start none in its place."""
        self._stopped = True
        self._end()

    def _end(self) -> None:
        """Kill the process with its forks, and reap it."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        if self._socket is not None:
            self._socket.close()

    def replace(self) -> None:
        """Kill the process and start another, unless it was stopped."""
        self._end()
        if not self._stopped:
            self._launch()
        if self._stopped:  # meanwhile, by another thread
            self._end()

    def await_ready(self) -> None:
        """Wait until it is warm, and confined as it must be. Raises `WorkerFailedError`."""
        if not self._ready:
            with self._doubted():
                told = self._receive(time.monotonic() + START_SECONDS)
                if told[:1] != READY:
                    raise WorkerFailedError("worker_died")
            self.unfiltered = told[1:].decode("ascii", "replace")
            self._ready = True
            self._tell_of_confinement()
        if self.unfiltered and self._confinement is Confinement.REQUIRE:
            raise WorkerFailedError("unconfined")

    def deadline(self) -> float:
        """Return the instant (monotonic) at which an exchange that begins now is given up."""
        return time.monotonic() + self._limits.seconds + GRACE_SECONDS

    def tell(self, frame: bytes, deadline: float) -> None:
        """Send a frame that is for the process itself. Raises `WorkerFailedError`."""
        with self._doubted():
            _send(self._control(), frame, deadline)

    def prepare(self, deadline: float) -> None:
        """Tell the process what it must know before the next file; there is nothing."""

    def ask(self, request: bytes, tries: int = 2) -> list[bytes]:
        """Return the frames of a fork's answer for one file. Raises `WorkerFailedError`.

        A process or a fork that ended for no reason of the clock's or the filter's gets a
        successor.
        """
        while True:
            tries -= 1
            try:
                self.await_ready()
                deadline = self.deadline()
                self.prepare(deadline)
                return self._ask(request, deadline)
            except WorkerFailedError as error:
                if tries <= 0 or self._stopped or error.code != "worker_died":
                    raise

    def _ask(self, request: bytes, deadline: float) -> list[bytes]:
        """Ask once. Where the process or what it may still do is in doubt, another is started."""
        with self._doubted():
            ours, theirs = socket.socketpair()
            with ours:
                ours.setblocking(False)
                with theirs:
                    _send(self._control(), FORK, deadline, theirs)
                with contextlib.suppress(OSError):  # it ended before it had read all
                    _send(ours, request, deadline)
                answer = _read_all(ours, self._most_bytes, deadline)
            ended = self._receive(deadline)
            if ended[:1] != ENDED or len(ended) != 1 + END.size:
                raise WorkerFailedError("worker_died")
        code, kib = END.unpack(ended[1:])
        self.most_kib = max(self.most_kib, kib)
        if code != 0:
            raise WorkerFailedError(_CODES.get(code, "worker_died"))
        return _frames(answer)

    @contextmanager
    def _doubted(self) -> Iterator[None]:
        """Replace a process with which something is wrong, and raise `WorkerFailedError`."""
        try:
            yield
        except (OSError, EOFError) as error:
            self.replace()
            raise WorkerFailedError("worker_died") from error
        except WorkerFailedError:
            self.replace()
            raise

    def _receive(self, deadline: float) -> bytes:
        """Return the process's next frame. Raises as `_doubted` expects."""
        control = self._control()
        (length,) = HEAD.unpack(_read(control, HEAD.size, deadline))
        if not 0 < length <= _MOST_TOLD:
            raise WorkerFailedError("worker_died")
        return _read(control, length, deadline)

    def _control(self) -> socket.socket:
        if self._process is None or self._socket is None:
            raise WorkerFailedError("worker_died")
        return self._socket

    def _tell_of_confinement(self) -> None:
        if not self.unfiltered or self._told:
            return
        self._told = True
        refused = self._confinement is Confinement.REQUIRE
        _log.log(
            logging.ERROR if refused else logging.WARNING,
            "no filter of system calls here (%s): files are %s",
            self.unfiltered,
            "not judged, as sandbox.confinement requires it" if refused else "judged without it",
            extra={"code": "unconfined"},
        )


def _send(
    through: socket.socket, body: bytes, deadline: float, passed: socket.socket | None = None
) -> None:
    """Send a frame, with a descriptor. Raises `OSError`, `WorkerFailedError` at the deadline."""
    left = memoryview(HEAD.pack(len(body)) + body)
    while left:
        _await(through, deadline, write=True)
        with contextlib.suppress(BlockingIOError):
            if passed is None:
                left = left[through.send(left[:_CHUNK]) :]
            else:
                left = left[socket.send_fds(through, [left[:_CHUNK]], [passed.fileno()]) :]
                passed = None


def _read(through: socket.socket, length: int, deadline: float) -> bytes:
    found = bytearray()
    while len(found) < length:
        part = _read_some(through, length - len(found), deadline)
        if not part:
            raise EOFError
        found += part
    return bytes(found)


def _read_all(through: socket.socket, most: int, deadline: float) -> memoryview:
    """Return all bytes until the end. Raises `WorkerFailedError` for too much, or too late."""
    found = bytearray()
    with contextlib.suppress(ConnectionResetError):  # it ended before it had read all
        while part := _read_some(through, _CHUNK, deadline):
            found += part
            if len(found) > most:
                raise WorkerFailedError("worker_died")
    return memoryview(found)


def _read_some(through: socket.socket, most: int, deadline: float) -> bytes:
    while True:
        _await(through, deadline, write=False)
        with contextlib.suppress(BlockingIOError):
            return through.recv(min(most, _CHUNK))


def _frames(answer: memoryview) -> list[bytes]:
    """Split an answer into its frames. Raises `WorkerFailedError` where they do not add up."""
    frames: list[bytes] = []
    at = 0
    while at < len(answer):
        if len(answer) - at < HEAD.size or len(frames) == MOST_FRAMES:
            raise WorkerFailedError("worker_died")
        (length,) = HEAD.unpack_from(answer, at)
        at += HEAD.size
        frames.append(bytes(answer[at : at + length]))
        at += length
    if at != len(answer) or not frames:
        raise WorkerFailedError("worker_died")
    return frames


def _await(through: socket.socket, deadline: float, *, write: bool) -> None:
    """Wait until a socket is ready. Raises `WorkerFailedError` at the deadline."""
    poll = select.poll()
    poll.register(through, select.POLLOUT if write else select.POLLIN)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise WorkerFailedError("limit_time")
