"""State of the kernel's clock (Linux, adjtimex(2)): read only, unprivileged."""

import ctypes
import time
from dataclasses import dataclass

_UNSYNCHRONISED = 0x0040
"""STA_UNSYNC in <sys/timex.h>."""
_FAILED = -1


class _Timex(ctypes.Structure):
    """`struct timex` as far as it is read; the rest is room for what the kernel writes."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("_rest", ctypes.c_byte * 512),
    )


@dataclass(frozen=True, slots=True)
class KernelClock:
    """Kernel's own estimate of its clock's state."""

    synchronised: bool
    """Something (chrony, ntpd, timesyncd) keeps it in step with a time source."""
    max_error: float
    """Seconds, as that something told; grows by itself where it falls silent."""


def read_kernel_clock() -> KernelClock | None:
    """Return the kernel's state of the clock; None where it cannot be asked (not Linux, or
    forbidden).
    """
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return None
    state = _Timex()
    if adjtimex(ctypes.byref(state)) == _FAILED:
        return None
    return KernelClock(
        synchronised=not state.status & _UNSYNCHRONISED, max_error=state.maxerror / 1_000_000
    )


def seconds_since_boot() -> float:
    """Return seconds that nobody can set and that also grow while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
