"""The inside of a worker: a process that reads no hostile byte, and a fork of it for each file.

Over its descriptor 0, a socket, the parent sends frames: a length (4 bytes, big-endian) and as many
bytes. `F` carries a descriptor and asks for a fork; other frames are for the worker itself. To the
parent: `R` ready, with why the kernel's filter is no use here (nothing if it is), and after each
fork `E`, how it ended and the most memory it took (KiB).

A fork has one descriptor, the file's own channel, of which only the parent has the other end: it
can neither hear nor answer for another file, and what comes late comes to nobody. In the channel
the parent sends one frame; the fork answers with frames, and ends.
"""

import gc
import os
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterable
from typing import Final

from signing.limits import Limits
from signing.workers.confinement import confine, filter_calls, hold_still, try_filter

READY, FORK, ENDED = b"R", b"F", b"E"
HEAD: Final = struct.Struct(">I")
END: Final = struct.Struct(">iQ")
_CHUNK = 1024 * 1024
Answer = Callable[[bytes], Iterable[bytes]]


def serve(
    limits: Limits,
    answer: Answer,
    rehearse: Callable[[], None],
    hear: Callable[[bytes], None] | None = None,
) -> None:
    """Serve until the parent is gone, from when all is loaded.

    `answer` gives a file's frames, in its fork; `rehearse` does so for a sample, and raises where
    something is refused that is needed; `hear` takes the frames that are for the worker itself.
    """
    _settle_memory()
    hold_still()
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGCHLD,))  # waited for, never delivered
    why_unfiltered = try_filter(limits, rehearse)
    parent = socket.socket(fileno=0)
    _send(parent, READY + why_unfiltered.encode())
    while (received := _receive(parent)) is not None:
        frame, channels = received
        if frame[:1] == FORK and len(channels) == 1:
            ended = _judge_in_a_fork(channels[0], limits, answer, filtered=not why_unfiltered)
            _send(parent, ENDED + END.pack(*ended))
        elif hear is not None and not channels:
            hear(frame)
        else:
            return


def _settle_memory() -> None:
    """Keep what is loaded out of garbage collection, and collect seldom: parsing makes few cycles
    and many objects, and a fork is bounded and ends.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


def _judge_in_a_fork(
    channel: int, limits: Limits, answer: Answer, *, filtered: bool
) -> tuple[int, int]:
    """Have a file judged; return the exit code (of a spent time: of SIGXCPU) and memory."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            confine(channel, limits, parent)
            if filtered:
                filter_calls()
            for frame in answer(_read_frame()):
                _write_frame(frame)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(channel)
    deadline = time.monotonic() + limits.seconds
    ended, status, used = os.wait4(pid, os.WNOHANG)
    while ended == 0 and (left := deadline - time.monotonic()) > 0:
        signal.sigtimedwait((signal.SIGCHLD,), left)
        ended, status, used = os.wait4(pid, os.WNOHANG)
    if ended == 0:
        os.kill(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
        return -signal.SIGXCPU, used.ru_maxrss
    return os.waitstatus_to_exitcode(status), used.ru_maxrss


def _read_frame() -> bytes:
    (length,) = HEAD.unpack(_read(HEAD.size))
    return _read(length)


def _read(length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        part = os.read(0, min(_CHUNK, length - len(found)))
        if not part:
            raise EOFError
        found += part
    return bytes(found)


def _write_frame(body: bytes) -> None:
    for part in (HEAD.pack(len(body)), body):  # a long one is not copied for its head's sake
        left = memoryview(part)
        while left:
            left = left[os.write(0, left[:_CHUNK]) :]


def _send(parent: socket.socket, body: bytes) -> None:
    parent.sendall(HEAD.pack(len(body)) + body)


def _receive(parent: socket.socket) -> tuple[bytes, list[int]] | None:
    """Return the next frame and the descriptors that came with it; None at the end."""
    head, channels, _, _ = socket.recv_fds(parent, HEAD.size, 1)
    while head and len(head) < HEAD.size:
        head += (part := parent.recv(HEAD.size - len(head)))
        if not part:
            return None
    if not head:
        return None
    (length,) = HEAD.unpack(head)
    body = bytearray()
    while len(body) < length:
        part = parent.recv(min(_CHUNK, length - len(body)))
        if not part:
            return None
        body += part
    return bytes(body), channels
