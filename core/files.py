"""Files written so that a crash leaves the old or the new one; secrets read with care."""

import ctypes
import errno
import fcntl
import os
import platform
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from core import messages
from core.errors import ConfigurationError, StorageError
from core.os_errors import cause_zh, remedy

MAX_SECRET_BYTES = 4096
_SYNCFS_TELLS: Final = (5, 8)
PUBLIC: Final = 0o644
"""Mode of files that anybody may read: certificates, lists of revocations, definitions of types."""


def fsync_directory(directory: Path) -> None:
    """Make renames within `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_private_directory(path: Path) -> None:
    """Make a directory, and those above it that are missing, for its owner alone."""
    for one in (*reversed(path.parents), path):
        if not one.is_dir():
            one.mkdir(mode=0o700, exist_ok=True)


def make_durable_directory(path: Path) -> None:
    """Make a directory for its owner alone, durable when this returns. Raises `OSError`.

    A file in a folder that a crash forgets is gone with it.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return
    fsync_directory(path.parent)


def write_atomically(
    path: Path, data: bytes | IO[bytes], *, mode: int = 0o600, overwrite: bool = True
) -> None:
    """Write `data` to `path`, durable when this returns; readers see the old file or the new one.

    For its owner alone unless `mode` says otherwise, whatever the mode of one that was there.

    Raises `FileExistsError` if the file is there and `overwrite` is false, `StorageError` when the
    disk refuses.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if isinstance(data, bytes):
                    file.write(data)
                else:
                    shutil.copyfileobj(data, file)
                file.flush()
                os.fsync(file.fileno())
            if overwrite:
                temporary.replace(path)
            else:
                os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        fsync_directory(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise StorageError(
            messages.file_write_failed(
                path=path, cause_zh=cause_zh(error), remedy=remedy(error), strerror=error.strerror
            ),
        ) from error


def write_together(files: Sequence[tuple[Path, bytes | None]], *, mode: int = 0o600) -> None:
    """Write several files of one file system, durable when this returns, with one flush to disk.

    Each is whole under its name, or not there, unless the machine itself stops before this returns.
    One without data is there already, and is made durable too. Raises `StorageError` when the disk
    refuses.
    """
    if not files:
        return
    made: list[tuple[Path, Path]] = []
    try:
        # Opened first: it tells of what could not be written since.
        with _file_system_of(files[0][0].parent) as flush:
            try:
                for path, data in files:
                    if data is None:
                        continue
                    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
                    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                    descriptor = os.open(temporary, flags, mode)
                    made.append((temporary, path))
                    try:
                        _write_all(descriptor, data)
                    finally:
                        os.close(descriptor)
                for temporary, path in made:
                    temporary.replace(path)
            except BaseException:
                for temporary, _ in made:
                    temporary.unlink(missing_ok=True)
                raise
            flush([path for path, _ in files])
    except OSError as error:
        path = made[-1][1] if made else files[0][0]
        raise StorageError(
            messages.file_write_failed(
                path=path, cause_zh=cause_zh(error), remedy=remedy(error), strerror=error.strerror
            ),
        ) from error


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


@contextmanager
def _file_system_of(directory: Path) -> Iterator[Callable[[Sequence[Path]], None]]:
    """Hand out how files of a directory's file system are made durable together."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def flush(paths: Sequence[Path]) -> None:
        call = _syncfs()
        if call is None or any(one.parent.stat().st_dev != device for one in paths):
            _flush_each(paths)
        elif call(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(directory))

    device = os.fstat(descriptor).st_dev
    try:
        yield flush
    finally:
        os.close(descriptor)


def _flush_each(paths: Sequence[Path]) -> None:
    for one in (*paths, *dict.fromkeys(path.parent for path in paths)):
        descriptor = os.open(one, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@lru_cache(maxsize=1)
def _syncfs() -> Callable[[int], int] | None:
    """Return the system's call; None where it would not tell that a write failed (syncfs(2): Linux
    before 5.8), or is not there.
    """
    version = re.match(r"(\d+)\.(\d+)", platform.release())
    if platform.system() != "Linux" or version is None:
        return None
    if (int(version[1]), int(version[2])) < _SYNCFS_TELLS:
        return None
    found = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    return found if found is None else cast("Callable[[int], int]", found)


def erase_file(path: Path) -> None:
    """Overwrite a file once and delete it, durably.

    Raises `FileNotFoundError`, and `StorageError` when the disk refuses.
    """
    try:
        with path.open("r+b") as file:
            file.write(os.urandom(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        fsync_directory(path.parent)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageError(
            messages.file_delete_failed(
                path=path, cause_zh=cause_zh(error), remedy=remedy(error), strerror=error.strerror
            ),
        ) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that one process of this machine has at a time; `path` is made for it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


_held_here: set[int] = set()
"""Descriptors of the locks of `locked_at_once`."""


@contextmanager
def locked_at_once(path: Path) -> Iterator[bool]:
    """Hold such a lock if nobody else does, and tell whether it is held; never wait for it.

    Processes that are forked meanwhile have no share in it: it is free once this one has died.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    _held_here.add(descriptor)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        if descriptor in _held_here:
            _held_here.discard(descriptor)
            os.close(descriptor)


def _leave_locks() -> None:
    """Close a parent's locks in its fork."""
    while _held_here:
        os.close(_held_here.pop())


os.register_at_fork(after_in_child=_leave_locks)


def has_room(directory: Path, size: int) -> bool:
    """Tell whether so many bytes could be written in a directory now.

    They are allocated and given back at once: a quota or limit counts too, which free space does
    not tell.
    """
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            os.posix_fallocate(file.fileno(), 0, size)
    except OSError:
        return False
    return True


def open_regular(path: Path) -> BinaryIO:
    """Open a file that somebody named, for reading; what may never end, as a pipe, is refused.

    Raises `OSError`.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.ENXIO, "Not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def read_secret_file(path: Path, *, limit: int = MAX_SECRET_BYTES) -> bytes:
    """Read a secret from a file that only its owner may read (mode 0600 or stricter).

    Raises `ConfigurationError` if it is missing, too large or open to others.
    """
    try:
        with open_regular(path) as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(limit + 1)
    except OSError as error:
        raise ConfigurationError(
            messages.secret_file_unreadable(
                path=path, cause_zh=cause_zh(error), strerror=error.strerror
            ),
        ) from error
    if mode & 0o077:
        raise ConfigurationError(messages.secret_file_exposed(path))
    if len(data) > limit:
        raise ConfigurationError(messages.secret_file_too_large(path=path, max_secret_bytes=limit))
    return data.rstrip(b"\r\n")
