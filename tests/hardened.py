"""Runs a command under what a unit of deploy/ takes away, where no systemd runs.

`python -m tests.hardened UNIT COMMAND …` applies, as systemd would (systemd.exec(5)), the unit's
SystemCallFilter, MemoryDenyWriteExecute, NoNewPrivileges and CapabilityBoundingSet, then becomes
the command. What works on namespaces and mounts is not applied.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path

_ALLOW, _REFUSE_EPERM = 0x7FFF0000, 0x00050001
_CAPBSET_DROP, _SET_NO_NEW_PRIVS, _SET_MDWE = 24, 38, 65
_MDWE_REFUSE_EXEC_GAIN = 1
_CAPABILITIES = 41


def directives(unit: Path) -> dict[str, list[str]]:
    """Return what a unit says under `[Service]`, by directive."""
    service = unit.read_text("utf-8").split("[Service]", 1)[1].split("\n[", 1)[0]
    found: dict[str, list[str]] = {}
    for line in service.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def allowed_calls(filters: list[str]) -> set[str]:
    """Return the names of system calls that `SystemCallFilter=` lines leave."""
    allowed: set[str] = set()
    for line in filters:
        taken_away = line.startswith("~")
        for name in line.removeprefix("~").split():
            members = set(_members(name))
            allowed = allowed - members if taken_away else allowed | members
    return allowed


def _members(name: str) -> Iterator[str]:
    """Yield a system call, or those of a set of systemd's."""
    if not name.startswith("@"):
        yield name
        return
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", name],
        check=True, capture_output=True, text=True, timeout=30,
    ).stdout  # fmt: skip
    for line in listed.splitlines()[1:]:
        if (one := line.strip()) and not one.startswith("#"):
            yield from _members(one)


def _filter(calls: set[str]) -> None:
    """Let the kernel refuse all other system calls with EPERM."""
    library = ctypes.CDLL(find_library("seccomp"), use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    library.seccomp_rule_add.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint,
    ]  # fmt: skip
    context = library.seccomp_init(_REFUSE_EPERM)
    assert context
    for call in sorted(calls):
        number = library.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            assert library.seccomp_rule_add(context, _ALLOW, number, 0) == 0, call
    assert library.seccomp_load(context) == 0


def main(unit: Path, command: list[str]) -> None:
    """Take away what the unit takes away, and become the command."""
    said = directives(unit)
    calls = allowed_calls(said["SystemCallFilter"])
    libc = ctypes.CDLL(None, use_errno=True)
    if said["CapabilityBoundingSet"] == [""]:
        for capability in range(_CAPABILITIES):
            libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)
    if said["NoNewPrivileges"] == ["yes"]:
        assert libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    _filter(calls)
    if said["MemoryDenyWriteExecute"] == ["yes"]:
        assert libc.prctl(_SET_MDWE, _MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0, "Linux 6.3 or newer"
    os.execv(command[0], command)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
