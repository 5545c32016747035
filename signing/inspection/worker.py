"""The inside of a sandboxed worker: warm up, give up every right, then answer frames.

A frame is its length (4 bytes, big-endian) and its bytes; its first byte says what it is. From the
parent: `T` trust material (JSON, base64), `D` a document (8 bytes of microseconds since 1970, then
the PDF). To the parent: `R` ready, `A` an answer (JSON).
"""

import ctypes
import gc
import json
import logging
import os
import resource
import struct
import sys
from datetime import UTC, datetime
from pathlib import Path

from signing.inspection.wire import EPOCH, MICROSECOND, decode_trust, encode_report
from signing.structure import Limits
from signing.trust import TrustMaterial
from signing.validation import validate_pdf

_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_STANDARD_DESCRIPTORS = 3


def serve(limits: Limits) -> None:
    """Answer frames on stdin until it closes."""
    logging.disable(logging.CRITICAL)  # what hostile bytes make pyHanko say goes nowhere
    _warm_up(limits)
    _settle_memory()
    _give_up_rights(limits)
    _write(b"R")
    trust = TrustMaterial(anchors=())
    while (frame := _read()) is not None:
        kind, body = frame[:1], frame[1:]
        if kind == b"T":
            trust = decode_trust(body)
        elif kind == b"D":
            (microseconds,) = struct.unpack_from(">q", body)
            at = EPOCH + microseconds * MICROSECOND
            _limit_cpu(limits)
            _write(b"A" + encode_report(validate_pdf(body[8:], trust, at, limits)))


def _warm_up(limits: Limits) -> None:
    """Validate a sealed sample, so that nothing is left to import or open afterwards."""
    sample = Path(__file__).with_name("sample.pdf").read_bytes()
    anchor = Path(__file__).with_name("sample.cer").read_bytes()
    trust = TrustMaterial(anchors=(anchor,))
    for data in (sample, sample[:-100], sample + b"x"):
        validate_pdf(data, trust, datetime(2026, 3, 2, 9, tzinfo=UTC), limits)


def _settle_memory() -> None:
    """Keep what is loaded out of garbage collection, and collect seldom: parsing makes few cycles
    and many objects, and the worker is bounded and replaced.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _give_up_rights(limits: Limits) -> None:
    """Bound memory, forbid new descriptors (files and sockets alike), privileges and dumps."""
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.unshare(_CLONE_NEWNET)  # where allowed; without descriptors there is no network anyway
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_STANDARD_DESCRIPTORS, _STANDARD_DESCRIPTORS))


def _limit_cpu(limits: Limits) -> None:
    """Let the kernel end a document that computes too long, should the parent be gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = int(used.ru_utime + used.ru_stime + limits.seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


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
    os._exit(0)  # nothing to clean up, and no descriptor to do it with
