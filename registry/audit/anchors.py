"""Anchors of signed heads outside the database: the journal, and a file if configured."""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from core.errors import StorageError
from core.files import fsync_directory
from core.os_errors import cause_zh, remedy
from core.text import Text
from registry.audit import messages
from registry.audit.heads import SignedHead, UnreadableLine, head_from_json, read_heads
from registry.journal.journal import Journal, JournalEntry, JournalError, JournalKind

JOURNAL = "journal"
"""Name of the journal as a place of heads."""
_RECENT = 10_000
"""Entries of the journal that are read first, where only its end matters."""
_MAX_LINE_BYTES = 8192
"""An ML-DSA-87 signature is 4627 octets."""


class JournalAnchor:
    """The register's journal. It is opened when it is used: events can be verified without it.

    With `recent` it is read no further back than there is a head.
    """

    def __init__(self, open_journal: Callable[[], Journal], *, recent: bool = False) -> None:
        self._open = open_journal
        self._recent = recent

    @property
    def name(self) -> str:
        """Name for people."""
        return JOURNAL

    def append(self, head: SignedHead) -> None:
        """Keep a head, durable when this returns. Raises `StorageError`, `JournalError`."""
        self._open().append(JournalKind.AUDIT_HEAD, head.to_json())

    def restorations(self) -> list[JournalEntry]:
        """Return the entries of restorations from a backup, as far as they can be read."""
        found: list[JournalEntry] = []
        with suppress(JournalError):  # `heads` tells of it
            journal = self._open()
            entries = journal.read(after=self._begin(journal, journal.end.sequence))
            found.extend(entry for entry in entries if entry.kind is JournalKind.RESTORED)
        return found

    def heads(self) -> Iterator[SignedHead | UnreadableLine] | Text:
        """Return the heads in the journal as long as it is now; else why there is no journal."""
        try:
            journal = self._open()
            end = journal.end.sequence
            begin = self._begin(journal, end)
        except JournalError as error:
            return _unusable(error)

        def read() -> Iterator[SignedHead | UnreadableLine]:
            number = begin
            try:
                for entry in journal.read(after=begin):
                    number = entry.sequence
                    if number > end:
                        return
                    if entry.kind is JournalKind.AUDIT_HEAD:
                        yield head_from_json(entry.facts) or UnreadableLine(number)
            except JournalError:  # what follows cannot be looked at
                yield UnreadableLine(number + 1)

        return read()

    def _begin(self, journal: Journal, end: int) -> int:
        """Return the number after which the journal is read."""
        back = _RECENT
        while self._recent and back < end:
            entries = journal.read(after=end - back)
            if any(entry.kind is JournalKind.AUDIT_HEAD for entry in entries):
                return end - back
            back *= 8
        return 0


def journal_end(journal: Journal) -> int | Text:
    """Return the number of its last entry as it is now; else why it cannot be read."""
    try:
        return journal.end.sequence
    except JournalError as error:
        return _unusable(error)


def _unusable(error: JournalError) -> Text:
    return messages.journal_unusable_for_comparison(error.text)


class FileAnchor:
    """A file with one head a line (JSON), only ever appended to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """The file's path."""
        return str(self._path)

    def append(self, head: SignedHead) -> None:
        """Add a line, durable when this returns. Raises `StorageError`."""
        line = json.dumps(head.to_json()).encode() + b"\n"
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        try:
            descriptor = os.open(self._path, flags, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                os.write(descriptor, _mend(descriptor) + line)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            fsync_directory(self._path.parent)
        except OSError as error:
            raise StorageError(
                messages.heads_file_write_failed(
                    path=self._path,
                    cause_zh=cause_zh(error),
                    remedy=remedy(error),
                    strerror=error.strerror,
                ),
            ) from error

    def heads(self) -> Iterator[SignedHead | UnreadableLine] | Text:
        """Return the heads in the file as long as it is now; else that it is not there.

        Raises `StorageError` if it is there and cannot be read.
        """
        try:
            length = self._path.stat().st_size
            file = self._path.open("rb")
        except FileNotFoundError:
            return messages.heads_file_missing(self._path)
        except OSError as error:
            raise StorageError(
                messages.file_unreadable(
                    path=self._path, cause_zh=cause_zh(error), strerror=error.strerror
                ),
            ) from error

        def read() -> Iterator[SignedHead | UnreadableLine]:
            with file:
                yield from read_heads(_lines(file, length))

        return read()


def _lines(file: Iterable[bytes], length: int) -> Iterator[bytes]:
    """Yield whole lines within `length`; what a crash left of a last one is passed over."""
    for line in file:
        length -= len(line)
        if length < 0 or not line.endswith(b"\n"):
            return
        yield line if len(line) <= _MAX_LINE_BYTES else b"too long"


def _mend(descriptor: int) -> bytes:
    """Cut off what a crash left of a last line; where the file cannot be cut, end that line."""
    length = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, _MAX_LINE_BYTES, max(0, length - _MAX_LINE_BYTES))
    if not tail or tail.endswith(b"\n"):
        return b""
    try:
        os.ftruncate(descriptor, length - len(tail) + tail.rfind(b"\n") + 1)
    except PermissionError:  # a file that may only be appended to
        return b"\n"
    return b""
