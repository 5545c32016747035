"""The keys of holders' codes in a home: `privacy/index.key`, and `privacy/codes/<name>.key`.

Files of mode 0600 in folders of mode 0700, 64 hexadecimal digits each: they protect the database,
wherever it, its dumps and its replicas are, not the home itself, whose documents bear the codes. So
they are in a backup beside the documents. The newest of the codes' keys seals, the older ones open
until `xinyin privacy rotate` has sealed anew what they sealed.

A process that answers the public gets the first file alone (`verify_api`).
"""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from core.errors import ConfigurationError
from core.files import erase_file, make_private_directory, write_atomically
from home import messages
from registry.privacy.cipher import AesCodeBox
from registry.privacy.codes import BLIND, KEY_BYTES, CodeIndex, Privacy
from registry.privacy.key_files import DIRECTORY, index_path, read_index, read_key

CODES: Final = "codes"
_GONE: Final = ".gone"
_NAME: Final = re.compile(r"c[0-9]{4}")


class CodeKeys:
    """The keys of one home, read again where a file was added or taken away."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folders = str(home / DIRECTORY), str(home / DIRECTORY / CODES)
        self._seen: tuple[int, int] | None = None
        self._privacy = BLIND

    @property
    def codes(self) -> Path:
        """The folder of the codes' keys."""
        return self._home / DIRECTORY / CODES

    def privacy(self) -> Privacy:
        """Return the keys to codes of this home; none where there are no files of them.

        Raises `ConfigurationError` for a file that is open to others, or is no key.
        """
        folder, codes = self._folders
        seen = _changed_at(folder), _changed_at(codes)
        if seen != self._seen:
            keys = {path.stem: read_key(path) for path in self._paths()}
            box = AesCodeBox(keys) if keys else None
            self._privacy, self._seen = Privacy(read_index(self._home), box), seen
        return self._privacy

    def make_missing(self) -> None:
        """Make the keys of a home that has none. Raises `StorageError`."""
        make_private_directory(self.codes)
        index = index_path(self._home)
        if not index.exists():
            _write(index)
        if not self._paths():
            _write(self.codes / "c0001.key")
        self._seen = None

    def add(self) -> str:
        """Make a further key for the codes, which seals from now on; return its name."""
        name = f"c{int(self._paths()[-1].stem[1:]) + 1:04}"
        _write(self.codes / f"{name}.key")
        self._seen = None
        return name

    def forget_but(self, name: str) -> list[str]:
        """Delete the keys but one, which nothing is sealed with any more; return their names."""
        gone = [path for path in self._paths() if path.stem != name]
        for path in gone:  # half overwritten it would be no key: it is none by its name first
            path.rename(path.with_suffix(_GONE))
        for path in self.codes.glob(f"*{_GONE}"):
            with suppress(FileNotFoundError):
                erase_file(path)
        self._seen = None
        return [path.stem for path in gone]

    def _paths(self) -> list[Path]:
        return sorted(
            path for path in self.codes.glob("*.key") if _NAME.fullmatch(path.stem) is not None
        )


def _write(path: Path) -> None:
    with suppress(FileExistsError):  # another process was first
        write_atomically(
            path, secrets.token_hex(KEY_BYTES).encode() + b"\n", mode=0o600, overwrite=False
        )


def _changed_at(directory: str) -> int:
    try:
        return os.stat(directory).st_mtime_ns  # noqa: PTH116  # asked for every licence
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise ConfigurationError(messages.code_keys_unreadable(Path(directory))) from error


def check_index(privacy: Privacy, expected: str | None) -> None:
    """See that the index's key is the register's. Raises `ConfigurationError`.

    With another one every holder would be new, and could be granted a second licence.
    """
    if expected is None or privacy.its_index is None:
        return
    if privacy.its_index.fingerprint != expected:
        raise ConfigurationError(messages.OTHER_CODE_INDEX)


__all__ = ["CODES", "CodeIndex", "CodeKeys", "check_index"]
