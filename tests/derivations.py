"""scrypt once for each passphrase and salt in this process, not once for each time a key is opened.

Tests open the same keys again with every home and every command, some 80 ms of CPU each time. What
is derived stays what scrypt says: only asking again is free. Processes that are forked for one
command each share a folder of what was derived (`share`).
"""

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from keys import software

_SHARED: list[Path] = []


class RememberedScrypt:
    """Stands in for `Scrypt` where keys are opened."""

    def __init__(self, *, salt: bytes, length: int, n: int, r: int, p: int) -> None:
        self._salt, self._length, self._cost = salt, length, (n, r, p)

    def derive(self, passphrase: bytes) -> bytes:
        """Return what `Scrypt` derives."""
        return _derive(passphrase, self._salt, self._length, self._cost)


def share(folder: Path) -> None:
    """Have this process and its forks remember in a folder, which is of tests' keys alone."""
    _SHARED.append(folder)
    vars(software)["Scrypt"] = RememberedScrypt


@cache
def _derive(passphrase: bytes, salt: bytes, length: int, cost: tuple[int, int, int]) -> bytes:
    name = hashlib.sha256(repr((passphrase, salt, length, cost)).encode()).hexdigest()
    for folder in _SHARED:
        with suppress(OSError):
            return (folder / name).read_bytes()
    n, r, p = cost
    derived = Scrypt(salt=salt, length=length, n=n, r=r, p=p).derive(passphrase)
    for folder in _SHARED:
        with suppress(OSError):  # a process that may write nothing
            own = folder / f"{name}.{os.getpid()}"
            own.write_bytes(derived)
            own.replace(folder / name)
    return derived
