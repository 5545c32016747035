"""The filter of system calls under which a hostile file is read, as a BPF program for the kernel.

What is not named is refused with EPERM, so that a C library that asks for more than it needs goes
on without. What nobody but an attacker asks for ends the process (SIGSYS), and is told. Another
architecture's calls, x32's too, would mean something else by the same numbers, and end it as well.
Numbers after Linux: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h
(aarch64); tests compare them with libseccomp's.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

ALLOWED: Final[Mapping[str, tuple[int, int | None]]] = MappingProxyType(
    {
        "read": (0, 63),
        "write": (1, 64),
        "munmap": (11, 215),
        "brk": (12, 214),
        "mremap": (25, 216),
        "madvise": (28, 233),
        "clock_gettime": (228, 113),
        "clock_getres": (229, 114),
        "clock_nanosleep": (230, 115),
        "nanosleep": (35, 101),
        "gettimeofday": (96, 169),
        "time": (201, None),
        "times": (100, 153),
        "getrandom": (318, 278),
        "getpid": (39, 172),
        "gettid": (186, 178),
        "getrusage": (98, 165),
        "sched_yield": (24, 124),
        "rt_sigaction": (13, 134),
        "rt_sigprocmask": (14, 135),
        "rt_sigreturn": (15, 139),
        "sigaltstack": (131, 132),
        "restart_syscall": (219, 128),
        "exit": (60, 93),
        "exit_group": (231, 94),
    }
)
"""Numbers on x86-64 and aarch64; None where an architecture has no such call. `read` and `write`
reach one descriptor: there is no other, and none can be had."""
WITHOUT: Final[Mapping[str, tuple[int, int | None, int, int]]] = MappingProxyType(
    {
        "mmap": (9, 222, 2, 0x4),  # PROT_EXEC
        "mprotect": (10, 226, 2, 0x4),
        "futex": (202, 98, 1, 0x6),  # of those below 16 leaves 0, 1, 8, 9
    }
)
"""Allowed unless an argument (its place, from 0) has one of these bits."""
ALONE: Final[Mapping[str, tuple[int, int]]] = MappingProxyType({"futex": (0x8, 0x1)})
"""Or has the first of these bits without the second: FUTEX_TRYLOCK_PI. What is left is FUTEX_WAIT,
FUTEX_WAKE, FUTEX_WAIT_BITSET."""
FATAL: Final[Mapping[str, tuple[int, int | None]]] = MappingProxyType(
    {
        "fork": (57, None),
        "vfork": (58, None),
        "clone": (56, 220),
        "clone3": (435, 435),
        "execve": (59, 221),
        "execveat": (322, 281),
        "ptrace": (101, 117),
        "process_vm_readv": (310, 270),
        "process_vm_writev": (311, 271),
        "process_madvise": (440, 440),
        "kcmp": (312, 272),
        "kill": (62, 129),
        "tkill": (200, 130),
        "rt_sigqueueinfo": (129, 138),
        "rt_tgsigqueueinfo": (297, 240),
        "pidfd_open": (434, 434),
        "pidfd_getfd": (438, 438),
        "pidfd_send_signal": (424, 424),
        "socket": (41, 198),
        "socketpair": (53, 199),
        "connect": (42, 203),
        "bind": (49, 200),
        "listen": (50, 201),
        "accept": (43, 202),
        "accept4": (288, 242),
        "sendmsg": (46, 211),
        "sendmmsg": (307, 269),
        "recvmsg": (47, 212),
        "recvmmsg": (299, 243),
        "mount": (165, 40),
        "umount2": (166, 39),
        "pivot_root": (155, 41),
        "chroot": (161, 51),
        "unshare": (272, 97),
        "setns": (308, 268),
        "open_tree": (428, 428),
        "move_mount": (429, 429),
        "fsopen": (430, 430),
        "keyctl": (250, 219),
        "add_key": (248, 217),
        "request_key": (249, 218),
        "bpf": (321, 280),
        "perf_event_open": (298, 241),
        "userfaultfd": (323, 282),
        "io_uring_setup": (425, 425),
        "io_uring_enter": (426, 426),
        "io_uring_register": (427, 427),
        "seccomp": (317, 277),
        "memfd_create": (319, 279),
        "init_module": (175, 105),
        "finit_module": (313, 273),
        "kexec_load": (246, 104),
        "setuid": (105, 146),
        "setresuid": (117, 147),
        "capset": (126, 91),
        "open_by_handle_at": (304, 265),
        "modify_ldt": (154, None),
    }
)

KILL: Final = 0x80000000  # SECCOMP_RET_KILL_PROCESS; before Linux 4.14 the same bits kill a thread
REFUSE: Final = 0x00050001  # SECCOMP_RET_ERRNO, EPERM
ALLOW: Final = 0x7FFF0000
_LOAD, _IS, _HAS_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data, linux/seccomp.h
_X32 = 0x40000000


@dataclass(frozen=True, slots=True)
class Architecture:
    """One whose numbers are known."""

    token: int
    """AUDIT_ARCH_…, linux/audit.h."""
    column: int


ARCHITECTURES: Final[Mapping[str, Architecture]] = MappingProxyType(
    {"x86_64": Architecture(0xC000003E, 0), "aarch64": Architecture(0xC00000B7, 1)}
)
"""By what uname(2) calls the machine; both are little-endian."""


def filter_program(architecture: Architecture) -> bytes:
    """Return the program as an array of struct sock_filter."""
    return b"".join(
        struct.pack("<HBBI", code, if_true, if_false, operand)
        for code, if_true, if_false, operand in _instructions(architecture)
    )


def _instructions(architecture: Architecture) -> Iterator[tuple[int, int, int, int]]:
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _IS, 1, 0, architecture.token
    yield _RETURN, 0, 0, KILL
    yield _LOAD, 0, 0, _NUMBER
    yield _HAS_BITS, 0, 1, _X32
    yield _RETURN, 0, 0, KILL
    for numbers in ALLOWED.values():
        yield from _decide(numbers[architecture.column], ALLOW)
    for name, (*numbers_of_one, place, bits) in WITHOUT.items():
        alone, beside = ALONE.get(name, (0, 0))
        number = numbers_of_one[architecture.column]
        if number is not None:
            yield _IS, 0, 6, number
            yield _LOAD, 0, 0, _ARGUMENTS + 8 * place  # the lower half: the flags are there
            yield _HAS_BITS, 2, 0, bits
            yield _HAS_BITS, 0, 2, alone
            yield _HAS_BITS, 1, 0, beside
            yield _RETURN, 0, 0, REFUSE
            yield _RETURN, 0, 0, ALLOW
    for numbers in FATAL.values():
        yield from _decide(numbers[architecture.column], KILL)
    yield _RETURN, 0, 0, REFUSE


def _decide(number: int | None, action: int) -> Iterator[tuple[int, int, int, int]]:
    if number is not None:
        yield _IS, 0, 1, number
        yield _RETURN, 0, 0, action
