"""Documents and photos as files of the home, each under the SHA-256 of its content."""

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.errors import StorageError
from core.files import erase_file, make_durable_directory, write_atomically, write_together
from core.ids import Sha256
from core.os_errors import cause_zh, remedy
from registry.objects import messages
from registry.objects.store import DamagedObjectError, MissingObjectError, sha256_of

_DIGEST = re.compile("[0-9a-f]{64}")


class FileStore:
    """Files below one directory, two hex digits a folder."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, data: bytes) -> Sha256:
        """Store `data`, durable when this returns; a damaged copy of it is replaced.

        Raises `StorageError` on a full disk.
        """
        sha256 = sha256_of(data)
        path = self.path(sha256)
        if self._has(sha256):  # left by a process that had not made it durable yet
            write_together([(path, None)])
        else:
            self._make_folder(path)
            write_atomically(path, data, mode=0o600)
        return sha256

    def put_all(self, objects: Sequence[bytes]) -> list[Sha256]:
        """Store several with one flush to disk, durable when this returns. Raises as `put`."""
        digests = [sha256_of(data) for data in objects]
        files: dict[Path, bytes | None] = {}
        for sha256, data in zip(digests, objects, strict=True):
            path = self.path(sha256)
            files[path] = None if self._has(sha256) else data
            if files[path] is not None:
                self._make_folder(path)
        write_together(list(files.items()), mode=0o600)
        return digests

    def _has(self, sha256: Sha256) -> bool:
        path = self.path(sha256)
        return path.exists() and sha256_of(path.read_bytes()) == sha256

    def _make_folder(self, path: Path) -> None:
        try:
            try:
                make_durable_directory(path.parent)
            except FileNotFoundError:  # the first of all
                make_durable_directory(self._directory)
                make_durable_directory(path.parent)
        except OSError as error:
            raise StorageError(
                messages.store_creation_failed(
                    directory=path.parent,
                    cause_zh=cause_zh(error),
                    remedy=remedy(error),
                    strerror=error.strerror,
                ),
            ) from error

    def get(self, sha256: Sha256) -> bytes:
        """Return the stored bytes, checked against their name.

        Raises `DamagedObjectError`, also where it is missing.
        """
        path = self.path(sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise MissingObjectError(messages.stored_file_damaged(sha256[:12])) from None
        if sha256_of(data) != sha256:
            raise DamagedObjectError(messages.stored_file_damaged(sha256[:12]))
        return data

    def erase(self, sha256: Sha256) -> None:
        """Remove content for good, overwritten first; what is gone already is no error.

        Raises `StorageError`.
        """
        with suppress(FileNotFoundError):
            erase_file(self.path(sha256))

    def path(self, sha256: Sha256) -> Path:
        """Return the path of content of that digest, whether it is there or not."""
        return self._directory / sha256[:2] / sha256[2:]

    def list_objects(self) -> list[Sha256]:
        """Return the digests of all that is stored; what is just being written is not yet."""
        found = (path.parent.name + path.name for path in sorted(self._directory.glob("??/*")))
        return [Sha256(name) for name in found if _DIGEST.fullmatch(name)]
