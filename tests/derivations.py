"""scrypt once for each passphrase and salt in this process, not once for each time a key is opened.

Tests open the same keys again with every home and every command, some 80 ms of CPU each time. What
is derived stays what scrypt says: only asking again is free.
"""

from functools import cache

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt


class RememberedScrypt:
    """Stands in for `Scrypt` where keys are opened."""

    def __init__(self, *, salt: bytes, length: int, n: int, r: int, p: int) -> None:
        self._salt, self._length, self._cost = salt, length, (n, r, p)

    def derive(self, passphrase: bytes) -> bytes:
        """Return what `Scrypt` derives."""
        return _derive(passphrase, self._salt, self._length, self._cost)


@cache
def _derive(passphrase: bytes, salt: bytes, length: int, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    return Scrypt(salt=salt, length=length, n=n, r=r, p=p).derive(passphrase)
