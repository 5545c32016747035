"""Sources of passphrases: never argv, never the environment.

In this order: a descriptor, a file of mode 0600 outside the home, a systemd credential, the
terminal.
"""

import getpass
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ConfigurationError
from core.files import MAX_SECRET_BYTES, read_secret_file
from keys import messages


@dataclass(frozen=True, slots=True)
class PassphraseSource:
    """Source of one passphrase, read lazily."""

    credential: str
    """Name of the systemd credential (systemd.exec(5), LoadCredential=)."""
    prompt: str
    home: Path
    descriptor: int | None = None
    file: Path | None = None
    environment: Mapping[str, str] | None = field(default=None, hash=False)
    option: str = "--passphrase"
    """Beginning of the options that name a source: `-file` and `-fd` follow."""

    @property
    def has_credential(self) -> bool:
        """Tell whether systemd handed out a credential of that name."""
        return self._credential_path is not None

    def read(self) -> bytes:
        """Return the passphrase. Raises `ConfigurationError` if no source has it."""
        if self.descriptor is not None:
            return _read_descriptor(self.descriptor, self.option)
        if self.file is not None:
            return read_secret_file(self._outside_home(self.file))
        if self._credential_path is not None:
            return _read_credential(self._credential_path)
        if sys.stdin.isatty():
            return getpass.getpass(self.prompt, stream=sys.stderr).encode()
        raise ConfigurationError(messages.no_passphrase_source(self.credential, self.option))

    @property
    def _credential_path(self) -> Path | None:
        directory = (self.environment or {}).get("CREDENTIALS_DIRECTORY")
        path = Path(directory) / self.credential if directory else None
        return path if path is not None and path.exists() else None

    def _outside_home(self, file: Path) -> Path:
        """A passphrase beside the keys that it protects protects nothing, backups included."""
        if file.resolve().is_relative_to(self.home.resolve()):
            raise ConfigurationError(messages.passphrase_file_inside_home(file))
        return file


def new_passphrase_reader(source: PassphraseSource) -> Callable[[], bytes]:
    """Return a reader for a passphrase that is being chosen: typed twice on a terminal."""

    def read() -> bytes:
        first = source.read()
        typed = source.descriptor is None and source.file is None and sys.stdin.isatty()
        if typed and getpass.getpass("Again 再次输入: ", stream=sys.stderr).encode() != first:
            raise ConfigurationError(messages.PASSPHRASES_DIFFER)
        return first

    return read


def read_once(read: Callable[[], bytes]) -> Callable[[], bytes]:
    """Return a reader that asks once for what several stores need: a pipe cannot be read twice."""
    lock = threading.Lock()
    known: list[bytes] = []

    def reader() -> bytes:
        with lock:
            if not known:
                known.append(read())
            return known[0]

    return reader


def _read_descriptor(descriptor: int, option: str) -> bytes:
    try:
        with os.fdopen(os.dup(descriptor), "rb") as file:
            data = file.read(MAX_SECRET_BYTES)
    except OSError as error:
        raise ConfigurationError(
            messages.passphrase_descriptor_unreadable(descriptor, option)
        ) from error
    return data.rstrip(b"\r\n")


def _read_credential(path: Path) -> bytes:
    # systemd hands credentials out as 0440 or 0400 in a directory only the service can enter.
    with path.open("rb") as file:
        return file.read(MAX_SECRET_BYTES).rstrip(b"\r\n")
