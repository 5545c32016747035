"""The inside of the intake's process: warm up, then a fork for each file, without any rights.

Each file is looked at by a process that has seen no other: what a hostile one brought about ends
with it. A frame is its length (4 bytes, big-endian) and its bytes; the first says what it is. From
the parent: `T` a file to be taken in (a byte, 1 to clean it), `W` a word to be found in one (its
length in 2 bytes, UTF-8). To the parent: `R` ready, `A` the answer, `E` the fork ended well.
"""

import ctypes
import gc
import json
import logging
import os
import resource
import select
import signal
import struct
import sys
import warnings

from signing.inspection.preload import preload
from signing.inspection.worker import watch_rights
from signing.intake.report import encode
from signing.intake.taking import take
from signing.intake.words import find_words, warm_up_words
from signing.limits import Limits

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_STANDARD_DESCRIPTORS = 3


def serve(limits: Limits) -> None:
    """Answer frames on stdin until it closes."""
    logging.disable(logging.CRITICAL)  # what hostile bytes make pyHanko say goes nowhere
    warnings.simplefilter("ignore")
    preload()
    warm_up_words()
    gc.collect()
    gc.freeze()
    _write(b"R")
    while (frame := _read()) is not None:
        pid = os.fork()
        if pid == 0:
            _answer(frame, limits)
            os._exit(0)
        if not _ended_well(pid, limits.seconds):
            return  # the answer may be half-written: the parent starts another
        _write(b"E")


def _answer(frame: bytes, limits: Limits) -> None:
    """Answer one frame, in a fork."""
    touched = watch_rights()
    _give_up_rights(limits)
    touched.clear()
    kind, body = frame[:1], frame[1:]
    if kind == b"T":
        answer = encode(take(body[1:], limits, clean=body[:1] == b"\1"))
    else:
        (length,) = struct.unpack_from(">H", body)
        word = body[2 : 2 + length].decode("utf-8", "replace")
        answer = json.dumps(find_words(body[2 + length :], word)).encode()
    if not touched:
        _write(b"A" + answer)


def _ended_well(pid: int, seconds: float) -> bool:
    """Wait for a fork, and end it when its time is over; tell whether it ended by itself."""
    descriptor = os.pidfd_open(pid)
    try:
        if not select.select([descriptor], [], [], seconds)[0]:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    finally:
        os.close(descriptor)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _give_up_rights(limits: Limits) -> None:
    """Bound memory and time, forbid new descriptors, processes, privileges and dumps."""
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    seconds = int(limits.seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_STANDARD_DESCRIPTORS, _STANDARD_DESCRIPTORS))


def _read() -> bytes | None:
    head = sys.stdin.buffer.read(4)
    if len(head) < len(b"size"):
        return None
    (length,) = struct.unpack(">I", head)
    body = sys.stdin.buffer.read(length)
    return body if len(body) == length else None


def _write(body: bytes) -> None:
    sys.stdout.buffer.write(struct.pack(">I", len(body)) + body)
    sys.stdout.buffer.flush()


def main(arguments: list[str]) -> None:
    """Serve with the limits given as one JSON argument."""
    serve(Limits(**json.loads(arguments[0])))
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
