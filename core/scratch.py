"""Scratch space: lists and look-ups that may outgrow memory, in files that have no names.

Lists, and copies of files too large for memory, are written in chunks, each encrypted under a key
that this process alone has and never writes down; keys of look-ups are keyed digests. What a killed
process leaves is no file, and what is left of it on the disk nobody can read.
"""

import errno
import hashlib
import io
import marshal
import os
import pickle
import secrets
import sqlite3
import tempfile
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import IO, Any, Final, Protocol, Self, TypeVar, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core import messages
from core.errors import StorageError
from core.files import make_private_directory
from core.os_errors import cause_zh, remedy
from core.packing import packed

T = TypeVar("T")

_CHUNK: Final = 64
"""Items that are written together."""
_FEW_BYTES: Final = 4 * 1024 * 1024
"""A copy of a file so large stays in memory."""
_PIECE: Final = 256 * 1024
"""Of a file that is copied."""
_CACHE_KIB: Final = 4 * 1024
"""Of a look-up, in memory."""
_TOGETHER: Final = 1024
"""Entries of a look-up that are written together."""
_FILTER: Final = 4 * 1024 * 1024
"""Bytes of the filter before a look-up: of a million rows, one new one in 200 is looked up."""
_THREE: Final = Struct("<3I")


class Gathered(Collection[T], Protocol[T]):
    """List that only grows."""

    def append(self, item: T, /) -> None:
        """Add an item."""
        ...

    def extend(self, items: Iterable[T], /) -> None:
        """Add items."""
        ...


class Firsts(Protocol):
    """Look-up of what was met before, with where it was first."""

    def setdefault(self, what: Any, first: int, /) -> int:
        """Return the place where something was met first: this one, unless it was before."""
        ...


@dataclass(frozen=True, slots=True)
class Keeping:
    """Maker of lists and look-ups."""

    items: Callable[[], Gathered[Any]] = list
    firsts: Callable[[], Firsts] = dict


IN_MEMORY: Final = Keeping()
"""For what has a limit that memory can hold."""


def whole(items: Gathered[T]) -> Sequence[T]:
    """Return a list that is complete; one in memory as a tuple."""
    return items if isinstance(items, Items) else tuple(items)


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A file as it was read, whatever becomes of it since."""

    file: IO[bytes]
    sha256: str
    size: int


class Scratch:
    """Scratch space in a folder; to be closed. Not for several threads at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._end = 0
        self._chunks = 0
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._open: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything."""
        while self._open:
            self._open.pop()()
        self._file = None

    @property
    def keeping(self) -> Keeping:
        """The maker of its lists and look-ups."""
        return Keeping(self.items, self.firsts)

    def items(self) -> "Items[Any]":
        """Return a new list."""
        return Items(self)

    def firsts(self) -> "DiskFirsts":
        """Return a new look-up. Raises `StorageError`."""
        with _told(self._folder):
            made = DiskFirsts(self._folder)
        self._open.append(made.close)
        return made

    def copy(self, source: IO[bytes], most: int) -> FileCopy | None:
        """Return a copy of a file; None where it has more than so many bytes.

        Raises `StorageError`; `OSError` where it cannot be read.
        """
        digest, size = hashlib.sha256(), 0
        held = io.BytesIO()
        kept: _Pieces | None = None
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > most:
                return None
            digest.update(piece)
            if kept is not None:
                kept.add(piece)
                continue
            held.write(piece)
            if size > _FEW_BYTES:
                kept = _Pieces(self)
                kept.add(held.getbuffer())
                held = io.BytesIO()
        if kept is None:
            held.seek(0)
            return FileCopy(held, digest.hexdigest(), size)
        kept.end()
        return FileCopy(io.BufferedReader(kept, _PIECE), digest.hexdigest(), size)

    def temporary(self) -> IO[bytes]:
        """Return a file without a name, in plain: for what is about to be handed out as a file.

        Raises `StorageError`, as writing to it does.
        """
        with _told(self._folder):
            make_private_directory(self._folder)
            # One without a name from its beginning, where the file system has such.
            with tempfile.TemporaryFile(dir=self._folder, buffering=0) as nameless:
                raw = _Nameless(os.dup(nameless.fileno()), self._folder)
        made = io.BufferedRandom(raw)

        def close() -> None:
            with suppress(StorageError):  # nothing of it is kept
                made.close()

        self._open.append(close)
        return made

    def put(self, data: bytes) -> tuple[int, int, int]:
        """Write a chunk; return number, place and length. Raises `StorageError`."""
        if self._file is None:
            self._file = self.temporary()
        number, at = self._chunks, self._end
        sealed = self._cipher.encrypt(number.to_bytes(12, "big"), data, None)
        with _told(self._folder):
            _write_at(self._file.fileno(), sealed, at)
        self._chunks, self._end = number + 1, at + len(sealed)
        return number, at, len(sealed)

    def get(self, place: tuple[int, int, int]) -> bytes:
        """Return a chunk. Raises `StorageError`."""
        number, at, length = place
        assert self._file is not None
        with _told(self._folder):
            data = os.pread(self._file.fileno(), length, at)
            try:
                return self._cipher.decrypt(number.to_bytes(12, "big"), data, None)
            except InvalidTag as error:  # it is not what was written
                raise OSError(errno.EIO, os.strerror(errno.EIO)) from error


class _Pieces(io.RawIOBase):
    """File that is written once, in encrypted pieces of one size, then read anywhere."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._waiting = bytearray()
        """What is not written yet."""
        self._places: list[tuple[int, int, int]] = []
        self._size = self._at = 0
        self._read: tuple[int, bytes] = (-1, b"")

    def add(self, data: bytes | memoryview) -> None:
        """Write what follows. Raises `StorageError`."""
        self._waiting += data
        self._size += len(data)
        while len(self._waiting) >= _PIECE:
            self._put(_PIECE)

    def end(self) -> None:
        """Write what is left. Raises `StorageError`."""
        if self._waiting:
            self._put(len(self._waiting))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Read up to the end of a piece. Raises `StorageError`."""
        number, within = divmod(self._at, _PIECE)
        if self._at >= self._size:
            return 0
        if self._read[0] != number:
            self._read = number, self._scratch.get(self._places[number])
        view = memoryview(buffer).cast("B")
        part = memoryview(self._read[1])[within : within + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _put(self, length: int) -> None:
        self._places.append(self._scratch.put(bytes(self._waiting[:length])))
        del self._waiting[:length]


class _Nameless(io.FileIO):
    """Temporary file that tells of what the disk refuses. An `OSError` might be taken for one of
    what is read meanwhile.
    """

    def __init__(self, descriptor: int, folder: Path) -> None:
        super().__init__(descriptor, "r+")
        self._folder = folder

    def write(self, data: Any, /) -> int:
        """Write data. Raises `StorageError`."""
        with _told(self._folder):
            return super().write(data)


class Items(Sequence[T]):
    """List of which at most some chunks are in memory."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._last: list[T] = []
        """Items that are not written yet."""
        self._places = array("Q")
        self._read: tuple[int, list[T]] = (-1, [])

    def append(self, item: T, /) -> None:
        """Add an item. Raises `StorageError`."""
        self._last.append(item)
        if len(self._last) == _CHUNK:
            self._places.extend(self._scratch.put(bytes(packed(self._last))))
            self._last = []

    def extend(self, items: Iterable[T]) -> None:
        """Add items. Raises `StorageError`."""
        for one in items:
            self.append(one)

    def __len__(self) -> int:
        return len(self._places) // 3 * _CHUNK + len(self._last)

    def __iter__(self) -> Iterator[T]:
        """Yield the items that are there, and those that are added meanwhile."""
        at = 0
        while at < len(self):
            some = self._chunk(at // _CHUNK)
            yield from some[at % _CHUNK :]
            at += len(some) - at % _CHUNK

    @overload
    def __getitem__(self, at: int) -> T: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...

    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        at %= len(self)
        number = at // _CHUNK
        if number * 3 == len(self._places):
            return self._last[at % _CHUNK]
        if self._read[0] != number:
            self._read = number, self._chunk(number)
        return self._read[1][at % _CHUNK]

    def _chunk(self, number: int) -> list[T]:
        if number * 3 == len(self._places):
            return list(self._last)
        first, at, length = self._places[number * 3 : number * 3 + 3]
        found: list[T] = pickle.loads(self._scratch.get((first, at, length)))  # noqa: S301  # ours, and authenticated
        return found


class DiskFirsts:
    """Look-up by keyed digests, of which at most a cache is in memory."""

    def __init__(self, folder: Path) -> None:
        make_private_directory(folder)
        self._folder = folder
        self._key = secrets.token_bytes(32)
        self._new: dict[bytes, int] = {}
        """Those that are not written yet."""
        self._filter = bytearray(_FILTER)
        descriptor, name = tempfile.mkstemp(prefix=".firsts-", dir=folder)
        os.close(descriptor)
        try:
            self._database = sqlite3.connect(name, isolation_level=None)
            self._database.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                f"PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -{_CACHE_KIB};"
                "BEGIN EXCLUSIVE;"
                "CREATE TABLE met (digest BLOB PRIMARY KEY, first INTEGER) WITHOUT ROWID;"
            )
        finally:
            Path(name).unlink()  # it stays as long as it is open

    def setdefault(self, what: Any, first: int, /) -> int:
        """Return the place where a text, or a tuple of such, was first. Raises `StorageError`."""
        # Version 0: the same bytes for equal texts, wherever else they are referred to.
        said = hashlib.blake2b(marshal.dumps(what, 0), key=self._key, digest_size=16).digest()
        if self._may_be_met(said):
            found = self._new.get(said)
            if found is None:
                with _told(self._folder):
                    query = "SELECT first FROM met WHERE digest = ?"
                    row = self._database.execute(query, (said,)).fetchone()
                found = None if row is None else int(row[0])
            if found is not None:
                return found
        self._new[said] = first
        if len(self._new) == _TOGETHER:
            with _told(self._folder):
                put = "INSERT INTO met VALUES (?, ?)"
                self._database.executemany(put, sorted(self._new.items()))
            self._new.clear()
        return first

    def _may_be_met(self, digest: bytes) -> bool:
        """Tell whether a digest may be one of those before, and note it: most are new, and need no
        look-up then (a Bloom filter of three bits each).
        """
        met = True
        for one in _THREE.unpack_from(digest):
            at, bit = one >> 3 & _FILTER - 1, 1 << (one & 7)
            if not self._filter[at] & bit:
                self._filter[at] |= bit
                met = False
        return met

    def close(self) -> None:
        """Let go of it."""
        with suppress(sqlite3.Error):
            self._database.close()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Raise `StorageError` for what the disk refuses."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        fault = error
        if isinstance(fault, sqlite3.OperationalError):
            full = fault.sqlite_errorcode == sqlite3.SQLITE_FULL
            number = errno.ENOSPC if full else errno.EIO
            fault = OSError(number, os.strerror(number))
        raise StorageError(
            messages.file_write_failed(
                path=folder,
                cause_zh=cause_zh(fault),
                remedy=remedy(fault),
                strerror=fault.strerror,
            )
        ) from error


def _write_at(descriptor: int, data: bytes, at: int) -> None:
    left = memoryview(data)
    while left:
        done = os.pwrite(descriptor, left, at)
        left, at = left[done:], at + done
