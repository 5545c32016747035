"""Files whose bytes are code that the real worker's fork runs where it would judge them.

Stands for a parser that was taken over. The worker is the real one, started as it always is, but
for a few lines before it that only these tests hand to the interpreter.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

MARK = b"%PDF-code\n"
_POPEN: Callable[..., Any] = subprocess.Popen
_RUNS_CODE = """
import ctypes, json, os, signal, struct, sys, time
from signing.inspection import worker, wire
from signing.report import Structure, ValidationReport
libc = ctypes.CDLL(None, use_errno=True)
judge = worker.validate_and_tell
def run(data, trust, at, limits):
    if not data.startswith(MARK):
        return judge(data, trust, at, limits)
    found = {}
    exec(data[len(MARK):], {**globals(), "found": found})
    return report(json.dumps(found)), ()
def report(*notes):
    return ValidationReport(Structure.BROKEN, (), False, (), (), notes)
def error(result):
    return "done" if result >= 0 else ctypes.get_errno()
worker.validate_and_tell = run
"""
_INTAKE = """
from signing.intake import worker as intake_worker
take = intake_worker.take
def take_or_run(data, limits, *, clean):
    if data.startswith(MARK):
        exec(data[len(MARK):], {**globals(), "found": {}})
    return take(data, limits, clean=clean)
intake_worker.take = take_or_run
intake_worker.main(sys.argv[1:])
"""
NO_SECCOMP = """
import ctypes, os, struct
prctl = {"x86_64": 157, "aarch64": 167}[os.uname().machine]
text = b"".join(struct.pack("<HBBI", *one) for one in (
    (0x20, 0, 0, 0), (0x15, 0, 3, prctl), (0x20, 0, 0, 16), (0x15, 0, 1, 22),
    (0x06, 0, 0, 0x00050016), (0x06, 0, 0, 0x7FFF0000)))
kept = ctypes.create_string_buffer(text, len(text))
class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("text", ctypes.c_void_p))
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
assert libc.prctl(22, 2, ctypes.byref(Program(6, ctypes.addressof(kept))), 0, 0) == 0
"""
"""A container that forbids: it answers prctl(PR_SET_SECCOMP) with EINVAL."""


def code(text: str) -> bytes:
    """Return a file that is code; it has `libc`, `error`, and tells by `found`."""
    return MARK + text.encode()


def told(notes: tuple[str, ...]) -> dict[str, Any]:
    """Return what a file's code found."""
    (found,) = notes
    read: dict[str, Any] = json.loads(found)
    return read


def run_code(patch: pytest.MonkeyPatch, before: str = "", *, intake: bool = False) -> None:
    """Let workers that are started from now on run files that are code."""
    end = _INTAKE if intake else "worker.main(sys.argv[1:])\n"
    script = f"{before}\nMARK = {MARK!r}\n{_RUNS_CODE}{end}"

    def popen(command: list[str], **more: Any) -> Any:
        if "-m" not in command:
            return _POPEN(command, **more)  # no worker
        return _POPEN([sys.executable, "-I", "-c", script, command[-1]], **more)

    patch.setattr("signing.workers.process.subprocess.Popen", popen)
