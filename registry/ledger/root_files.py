"""Roots pinned as files, `HOME/trust/roots/*.cer`: trusted whatever the database says.

Written where the operator vouches for a root (founding, ceremonies, imports by SHA-256, `xinyin ca
pin-root`); never from the database alone, so that who can write that forges nothing. An anchor is
taken out of trust by removing its file.
"""

import hashlib
import logging
import threading
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from core.errors import StorageError
from core.files import make_private_directory, write_atomically
from core.os_errors import cause_zh, remedy
from registry.ledger import messages

MAX_ROOTS = 32
_MAX_BYTES = 64 * 1024
_CHECK_SECONDS = 1.0
"""A file that is added or removed is noticed within this time."""
_PEM = b"-----BEGIN CERTIFICATE-----"

_log = logging.getLogger(__name__)
_State = tuple[tuple[str, int, int], ...]


class RootFiles:
    """The pinned roots of a home; callable, for several threads."""

    def __init__(self, home: Path) -> None:
        self.directory = home / "trust" / "roots"
        self._lock = threading.Lock()
        """Guards what follows."""
        self._checked = float("-inf")
        self._state: _State | None = None
        self._roots: tuple[bytes, ...] = ()

    def __call__(self) -> tuple[bytes, ...]:
        """Return the roots (DER), read again where a file changed. Empty where there is none."""
        now = time.monotonic()
        with self._lock:
            if now - self._checked >= _CHECK_SECONDS:
                state = self._look()
                if state != self._state:
                    self._roots, self._state = self._read(state), state
                self._checked = now
            return self._roots

    def pin(self, certificate: bytes) -> bool:
        """Pin a root (DER), durably; return whether that was needed. Raises `StorageError`."""
        if certificate in self._read(self._look()):
            return False
        path = self.directory / f"{hashlib.sha256(certificate).hexdigest()[:32]}.cer"
        try:
            make_private_directory(self.directory)
        except OSError as error:
            raise StorageError(
                messages.directory_creation_failed(
                    directory=self.directory,
                    cause_zh=cause_zh(error),
                    remedy=remedy(error),
                    strerror=error.strerror,
                ),
            ) from error
        write_atomically(path, certificate, mode=0o600)
        with self._lock:
            self._checked = float("-inf")
        return True

    def unreadable(self) -> list[str]:
        """Return the names of files that hold no certificate."""
        return [name for name, *_ in self._look() if self._load(name) is None]

    def _look(self) -> _State:
        found: list[tuple[str, int, int]] = []
        for path in sorted(self.directory.glob("*.cer"))[:MAX_ROOTS]:
            try:
                status = path.stat()
            except OSError:
                continue  # removed just now
            found.append((path.name, status.st_mtime_ns, status.st_size))
        return tuple(found)

    def _read(self, state: _State) -> tuple[bytes, ...]:
        loaded = {name: self._load(name) for name, *_ in state}
        for name in [name for name, root in loaded.items() if root is None]:
            _log.error("the root file %s cannot be read, and is not trusted", name)
        return tuple(dict.fromkeys(root for root in loaded.values() if root is not None))

    def _load(self, name: str) -> bytes | None:
        """Return a file's certificate, which may be DER or PEM."""
        try:
            with (self.directory / name).open("rb") as file:
                data = file.read(_MAX_BYTES)
            pem = _PEM in data
            parsed = (
                x509.load_pem_x509_certificate(data)
                if pem
                else x509.load_der_x509_certificate(data)
            )
        except (OSError, ValueError):
            return None
        return parsed.public_bytes(Encoding.DER)
