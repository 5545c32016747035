"""Temporary files of a run in memory, where there is room.

What tests make lives for seconds, and all that Xinyin and its databases write is written through
to the disk: on a disk, making and dropping one PostgreSQL database costs 0.2 s of CPU, and each of
the many waits for a write some ms; in memory a tenth. Programs see the same calls and answers.
"""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 3 << 30
"""A whole run needs less than half of it."""


def use_memory(place: Path = _MEMORY) -> None:
    """Have this process and those that it starts make temporary files in memory.

    Who names a folder (`TMPDIR`) gets it. A container's few megabytes are no room, and scripts that
    tests write must be able to run.
    """
    if "TMPDIR" in os.environ or not _has_room(place):
        return
    os.environ["TMPDIR"] = str(place)
    tempfile.tempdir = None  # asked for again


def _has_room(place: Path) -> bool:
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return False
    runs = not os.statvfs(place).f_flag & os.ST_NOEXEC
    return runs and shutil.disk_usage(place).free >= _ROOM and _free_memory() >= 2 * _ROOM


def _free_memory() -> int:
    """Return the memory that may still be taken, in bytes; 0 where nobody tells."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return 0
    told = dict(line.split(":", 1) for line in lines)
    return int(told.get("MemAvailable", "0 kB").split()[0]) << 10
