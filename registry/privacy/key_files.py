"""Files that hold the keys of codes; the public verifier reads the index's alone."""

from pathlib import Path
from typing import Final

from core.errors import ConfigurationError
from core.files import read_secret_file
from registry.privacy import messages
from registry.privacy.codes import KEY_BYTES, CodeIndex

DIRECTORY: Final = "privacy"
INDEX: Final = "index.key"


def index_path(home: Path) -> Path:
    """Return the file of the index's key."""
    return home / DIRECTORY / INDEX


def read_index(home: Path) -> CodeIndex | None:
    """Return the index of a home; None where it has no key of one. Raises `ConfigurationError`."""
    path = index_path(home)
    return CodeIndex(read_key(path)) if path.exists() else None


def read_key(path: Path) -> bytes:
    """Return a key. Raises `ConfigurationError` where the file is open to others, or holds none."""
    try:
        key = bytes.fromhex(read_secret_file(path).decode("ascii"))
    except ValueError as error:
        raise ConfigurationError(messages.no_key_in(path)) from error
    if len(key) != KEY_BYTES:
        raise ConfigurationError(messages.no_key_in(path))
    return key
