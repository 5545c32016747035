"""The inside of a sandboxed worker: warm up, give up every right, then answer frames.

A frame is its length (4 bytes, big-endian) and its bytes; its first byte says what it is. From the
parent: `T` trust material (JSON, base64), `D` a document (8 bytes of microseconds since 1970, then
the PDF). To the parent: `R` ready, `F` the type of an unforeseen exception, `A` an answer (JSON). A
worker ends after an answer that followed `F`.
"""

import ctypes
import gc
import json
import logging
import os
import resource
import struct
import sys
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from signing.inspection.preload import preload
from signing.inspection.wire import EPOCH, MICROSECOND, decode_trust, encode_report
from signing.limits import Limits
from signing.report import Structure, ValidationReport
from signing.trust import TrustMaterial
from signing.validation import validate_and_tell

_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_STANDARD_DESCRIPTORS = 3
_FORBIDDEN = frozenset({"open", "import", "os.listdir", "os.scandir", "ctypes.dlopen"})
_MOST_TOLD = 4
"""Attempts that are told; one already ends the worker."""


def serve(limits: Limits) -> None:
    """Answer frames on stdin until it closes, or until something unforeseen was told."""
    logging.disable(logging.CRITICAL)  # what hostile bytes make pyHanko say goes nowhere
    warnings.simplefilter("ignore")  # showing one would open its source
    warm_up(limits)
    _settle_memory()
    touched = watch_rights()
    _give_up_rights(limits)
    touched.clear()
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
            report, failures = _judge(body[8:], trust, at, limits, touched)
            for failure in failures:
                _write(b"F" + failure.encode("ascii", "replace"))
            _write(b"A" + encode_report(report))
            if failures or report.structure is Structure.FAILED:
                return  # nothing is known of the state that this process is in


def _judge(
    data: bytes, trust: TrustMaterial, at: datetime, limits: Limits, touched: list[str]
) -> tuple[ValidationReport, tuple[str, ...]]:
    """Judge a document; what was missing in this process is no finding on it."""
    report, failures = validate_and_tell(data, trust, at, limits)
    if touched:
        report = replace(report, structure=Structure.FAILED, signatures=(), notes=("exception",))
        return report, (*failures, *touched)
    return report, failures


def warm_up(limits: Limits) -> None:
    """Load what could be needed, and judge a sealed sample, so that nothing is left to open."""
    preload()
    sample = Path(__file__).with_name("sample.pdf").read_bytes()
    anchor = Path(__file__).with_name("sample.cer").read_bytes()
    trust = TrustMaterial(anchors=(anchor,))
    for data in (sample, sample[:-100], sample + b"x"):
        validate_and_tell(data, trust, datetime(2026, 3, 2, 9, tzinfo=UTC), limits)


def watch_rights() -> list[str]:
    """Return a list that names each attempt to open or import from now on.

    Such an attempt fails here, and whoever made it may take that for a fault of the document.
    """
    touched: list[str] = []

    def watch(event: str, _: tuple[object, ...]) -> None:
        if event in _FORBIDDEN and len(touched) < _MOST_TOLD:
            touched.append(event)

    sys.addaudithook(watch)
    return touched


def _settle_memory() -> None:
    """Keep what is loaded out of garbage collection, and collect seldom: parsing makes few cycles
    and many objects, and the worker is bounded and replaced.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


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
