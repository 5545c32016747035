"""Line of the journal that several machines share: what the settings must have, and its key.

`privacy/journal.key`, mode 0600, 64 hexadecimal digits: made by who shares the journal, copied to
each machine that joins, never in the store or the database.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from core.errors import ConfigurationError
from core.files import make_private_directory, write_atomically
from core.settings import Settings
from registry.facts import messages
from registry.facts.journal_line import RegisterLine
from registry.objects.named import NamedObjects
from registry.objects.opening import bucket_place
from registry.privacy.codes import KEY_BYTES
from registry.privacy.key_files import DIRECTORY, read_key

_KEY: Final = "journal.key"


def open_line(settings: Settings, home: Path, environment: Mapping[str, str]) -> RegisterLine:
    """Return the line that the settings name. Raises `ConfigurationError`."""
    url = settings.database_url(home)
    if settings.objects.place != "bucket" or not url.startswith("postgres"):
        raise ConfigurationError(messages.SHARING_WANTS_BUCKET_AND_POSTGRESQL)
    path = home / DIRECTORY / _KEY
    if not path.exists():
        raise ConfigurationError(messages.journal_key_missing(path))
    place = bucket_place(settings.objects, home, environment)
    return RegisterLine(url, NamedObjects(place), read_key(path))


def make_key(home: Path) -> None:
    """Make the key of a line that is to be begun, where there is none. Raises `StorageError`."""
    path = home / DIRECTORY / _KEY
    make_private_directory(path.parent)
    with suppress(FileExistsError):
        write_atomically(
            path, secrets.token_hex(KEY_BYTES).encode() + b"\n", mode=0o600, overwrite=False
        )
