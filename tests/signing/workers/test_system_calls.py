"""The filter's program, run by hand for both architectures."""

import ctypes
import struct

import pytest

from signing.workers.system_calls import (
    ALLOW,
    ALLOWED,
    ARCHITECTURES,
    FATAL,
    KILL,
    REFUSE,
    WITHOUT,
    filter_program,
)


def _verdict(program: bytes, number: int, token: int, arguments: tuple[int, ...] = ()) -> int:
    """Do what the kernel does with the program."""
    data = struct.pack("<IIQ6Q", number, token, 0, *(*arguments, *[0] * 6)[:6])
    held, at = 0, 0
    while True:
        operation, if_true, if_false, operand = struct.unpack_from("<HBBI", program, 8 * at)
        at += 1
        if operation == 0x06:
            return int(operand)
        if operation == 0x20:
            (held,) = struct.unpack_from("<I", data, operand)
        else:
            taken = {0x15: held == operand, 0x45: bool(held & operand)}[operation]
            at += if_true if taken else if_false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_program_says_so_on_both_architectures(machine: str) -> None:
    """Numbers by libseccomp, whatever ours are."""
    library = ctypes.CDLL("libseccomp.so.2")
    resolve = library.seccomp_syscall_resolve_name_arch
    resolve.argtypes = [ctypes.c_uint32, ctypes.c_char_p]
    architecture = ARCHITECTURES[machine]
    program, token = filter_program(architecture), architecture.token
    for name, *numbers in (
        *((name, *pair) for table in (ALLOWED, FATAL) for name, pair in table.items()),
        *((name, *row[:2]) for name, row in WITHOUT.items()),
    ):
        number = resolve(token, name.encode())
        assert numbers[architecture.column] == (number if number >= 0 else None), name
        expected = KILL if name in FATAL else ALLOW
        if number >= 0:
            assert _verdict(program, number, token) == expected, name
            assert _verdict(program, number, token ^ 1) == KILL
            assert _verdict(program, number | 0x40000000, token) == KILL
    for name in ("openat", "close", "dup", "ioctl", "prctl", "prlimit64", "tgkill", "readv"):
        assert _verdict(program, resolve(token, name.encode()), token) == REFUSE, name
    futex = resolve(token, b"futex")
    for operation in range(14):
        for flags in (0, 128, 256, 384):  # FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME
            expected = ALLOW if operation in {0, 1, 9} else REFUSE
            assert _verdict(program, futex, token, (0, operation | flags)) == expected
    for number in (463, 500, 1000):
        assert _verdict(program, number, token) == REFUSE
    for name, executable in (("mmap", (0, 0, 7)), ("mprotect", (0, 0, 5)), ("futex", (0, 6))):
        number = resolve(token, name.encode())
        assert _verdict(program, number, token, executable) == REFUSE
        assert _verdict(program, number, token, (0, 0, 3)) == ALLOW
