"""Gives up, for the process of one hostile file, every right but to compute and to answer.

The kernel holds it (seccomp): nobody inside can take it back, whatever code they run. Where the
kernel has no such filter, or whoever runs this process forbids it, that is found by trying, and
told; limits of resources alone then hold what they can.
"""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from enum import StrEnum

from core.processes import die_with
from signing.limits import DEFAULT_LIMITS, Limits
from signing.workers.system_calls import ARCHITECTURES, filter_program

_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWNET = 0x40000000
_CPU_ROOM = 2
"""Seconds of CPU beyond the limit by the clock: the last resort, should nobody watch any more."""
_MOST_DESCRIPTORS = 16
_MOST_SAID = 100
_PROBE_SECONDS = 60


class Confinement(StrEnum):
    """Demand on what holds a file's process, as `sandbox.confinement` says."""

    REQUIRE = "require"
    """By the kernel's filter; without it nothing is judged."""
    PREFER = "prefer"
    """By the filter where there is one."""


class UnconfinedError(Exception):
    """The kernel's filter could not be put in force; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Program(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def hold_still() -> None:
    """Give up what a process that starts others needs as little as they: privileges, dumps (and
    with them being traced or read by its own account), the network, files of its own.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.unshare(_CLONE_NEWNET)  # where allowed; those below can make no socket anyway
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_DESCRIPTORS, _MOST_DESCRIPTORS))


def confine(descriptor: int, limits: Limits, parent: int) -> None:
    """Leave this process one descriptor, as number 0, within limits, and end it with its parent.

    The filter is apart (`filter_calls`).
    """
    os.dup2(descriptor, 0)
    os.closerange(1, _MOST_DESCRIPTORS)
    die_with(parent)
    for kind, most in (
        (resource.RLIMIT_CPU, int(limits.seconds) + _CPU_ROOM),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 1),
    ):
        resource.setrlimit(kind, (most, most))


def filter_calls() -> None:
    """Put the filter of system calls in force for good. Raises `UnconfinedError`."""
    if sys.platform != "linux":
        raise UnconfinedError(f"platform_{sys.platform}")
    machine = os.uname().machine
    if machine not in ARCHITECTURES:
        raise UnconfinedError(f"machine_{machine}")
    instructions = filter_program(ARCHITECTURES[machine])
    text = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Program(len(instructions) // 8, ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise UnconfinedError("no_new_privs")
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise UnconfinedError(f"seccomp_errno_{ctypes.get_errno()}")


def try_filter(limits: Limits, rehearse: Callable[[], None]) -> str:
    """Return why the kernel's filter is no use here; empty if it is.

    Tried by processes that put it in force: one does what is needed (`rehearse`) and is refused a
    file, another does what is fatal.
    """

    def works() -> str:
        try:
            filter_calls()
        except UnconfinedError as error:
            return error.code
        rehearse()
        return "" if _is_refused() else "files_not_refused"

    def is_ended() -> str:
        filter_calls()
        socket.socket()
        return ""

    why, code = _in_a_process(works, limits)
    if why or code != 0:
        return why or f"rehearsal_{code}"
    _, code = _in_a_process(is_ended, limits)
    return "" if code == -signal.SIGSYS else "calls_not_fatal"


def _is_refused() -> bool:
    try:
        os.open("/", os.O_RDONLY)
    except PermissionError:
        return True
    return False


def _in_a_process(run: Callable[[], str], limits: Limits) -> tuple[str, int]:
    """Run a function in a confined process; return what it returned, and the exit code."""
    reading, writing = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            confine(writing, limits, parent)
            os.write(0, run().encode())
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        said = told.read(_MOST_SAID).decode("ascii", "replace")
    return said, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def probe() -> str:
    """Run `try_filter` in a process of this account, and return its finding."""
    try:
        tried = subprocess.run(
            [sys.executable, "-I", "-m", "signing.workers.confinement"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={"LC_ALL": "C.UTF-8"},
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "probe_timeout"
    said = tried.stdout[:_MOST_SAID].decode("ascii", "replace")
    return said or ("" if tried.returncode == 0 else f"probe_{tried.returncode}")


def _main() -> None:
    """Print why the filter is no use here; nothing if it is."""
    hold_still()
    sys.stdout.write(try_filter(DEFAULT_LIMITS, lambda: None))


if __name__ == "__main__":
    _main()
