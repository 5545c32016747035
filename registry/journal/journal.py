"""Journal beside the database, on a disk of its own if wished: survives the loss of the database.

Append-only lines of canonical JSON, each with the hash of the one before, durable before a number
or a revocation that they tell of takes effect (`registry.journal.mirroring`): of those the journal
may know more than the database, never less. A backup that is restored takes from it what happened
since: no revocation is forgotten, no number given twice.

Segments `journal-<sequence of the first entry>.jsonl`; one writer at a time, by a lock on a file.
"""

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path

from core.canonical import canonical_json
from core.clock import Clock
from core.errors import StorageError, XinyinError
from core.files import fsync_directory, make_private_directory
from core.os_errors import cause_zh, remedy
from registry.journal import messages
from registry.journal.line import HeldLine, SharedLine
from registry.journal.marks import KnownMarks
from registry.journal.position import Position

MAX_SEGMENT_BYTES = 8 * 1024 * 1024
"""Some 30,000 entries; a later one opens a new file."""
MARK_BLOCK = 64
"""By how much a counter's mark runs ahead: one entry for so many numbers."""
NOTHING_BEFORE = "0" * 64
MAX_LINE_BYTES = 16 * 1024

Facts = Mapping[str, str | int | None]


class JournalError(XinyinError):
    """The journal is missing, damaged, or another register's."""

    code = "journal"


class CounterSetBackError(JournalError):
    """A counter that would give a number again."""

    code = "counter_set_back"


class JournalKind(StrEnum):
    """Kind of an entry."""

    STARTED = "started"
    """The first entry: whose journal this is."""
    MARK = "mark"
    """A counter will not go beyond this number without a further mark."""
    STATUS = "status"
    """A certificate was revoked, put on hold or released."""
    LICENCE = "licence"
    """A licence left force, or came back."""
    ERASED = "erased"
    """What a licence said was erased."""
    KEY = "key"
    """A key was retired or destroyed."""
    ISSUER = "issuer"
    """A CA was put to use or retired."""
    IDENTITY = "identity"
    """An identity was disabled, merged into another, or put to use again."""
    ROLE = "role"
    """A role of an identity ended."""
    EMERGENCY = "emergency"
    """The emergency's credential was used, or somebody else acknowledged a use."""
    CORRECTION = "correction"
    """A correction of a licence was asked for, decided on or given more time."""
    RESERVED = "reserved"
    """A licence's number and identifier are about to be taken, or given up unused."""
    DOCUMENT = "document"
    """A document is about to be registered and handed out."""
    AUDIT_HEAD = "audit-head"
    UNSHARED = "unshared"
    """From here on it is one machine's alone; the line of several ends before."""
    BACKED_UP = "backed-up"
    """A backup was made, whose own copy of the journal ends before this."""
    RESTORED = "restored"
    LOSS_ACCEPTED = "loss-accepted"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line."""

    sequence: int
    """From 1, without a gap."""
    at: datetime
    kind: JournalKind
    facts: Facts
    previous: str
    """Hash of the entry before."""
    hash: str = field(init=False, compare=False, repr=False)
    """SHA-256 over the line without its hash, lower-case hexadecimal."""
    _line: bytes = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Make the line: its keys are sorted, so that the hash stands between two parts."""
        said = canonical_json({"at": self.at.isoformat(), "facts": dict(self.facts)})[:-1]
        place = {"kind": self.kind, "previous": self.previous, "sequence": self.sequence}
        rest = canonical_json(place)[1:]
        digest = hashlib.sha256(said + b"," + rest).hexdigest()
        object.__setattr__(self, "hash", digest)
        object.__setattr__(self, "_line", b'%s,"hash":"%s",%s\n' % (said, digest.encode(), rest))

    @property
    def position(self) -> Position:
        """Position in the journal."""
        return Position(self.sequence, self.hash)

    def line(self) -> bytes:
        """Return the line with its end."""
        return self._line

    @classmethod
    def parse(cls, line: bytes) -> "JournalEntry":
        """Read a line. Raises `JournalError` where it does not bear out its own hash."""
        try:
            fields = json.loads(line.decode())
            entry = cls(
                int(fields["sequence"]),
                datetime.fromisoformat(fields["at"]),
                JournalKind(fields["kind"]),
                dict(fields["facts"]),
                str(fields["previous"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _damaged() from error
        if entry.line() != line:  # its hash is a part of it
            raise _damaged(entry.sequence)
        return entry


class Journal:
    """The journal in a directory; may be used by several threads and processes."""

    def __init__(self, directory: Path, clock: Clock, line: SharedLine | None = None) -> None:
        """Open a journal. With `line` it is a copy of what several machines share.

        Raises `JournalError` where there is none.
        """
        self._directory = directory
        self._clock = clock
        self._line = line
        self._marks = KnownMarks(directory)
        self._durable: dict[str, int] = {}
        """Marks that this process has written: another's may not be durable yet."""
        self._lock = threading.Lock()
        """Guards both, and orders this process's writers."""
        if not self._segments():
            raise JournalError(messages.journal_missing(directory))

    @classmethod
    def start(cls, directory: Path, registry_id: str, clock: Clock) -> "Journal":
        """Begin the journal of a register, or find it. Raises `JournalError`, `StorageError`."""
        try:
            make_private_directory(directory)
        except OSError as error:
            raise _storage(error, directory) from error
        with _locked(directory):
            if not any(directory.glob("journal-*.jsonl")):
                facts = {"registry": registry_id}
                first = JournalEntry(1, clock.now(), JournalKind.STARTED, facts, NOTHING_BEFORE)
                _append(directory / _name(1), [first.line()], 0)
        return cls(directory, clock)

    @classmethod
    def copy_of(cls, directory: Path, group: bytes) -> None:
        """Begin a copy of a journal with its first entries. Raises `JournalError`, `StorageError`.

        Where one was begun meanwhile it is left as it is.
        """
        entries = _follow(group, Position(0, NOTHING_BEFORE))
        try:
            make_private_directory(directory)
        except OSError as error:
            raise _storage(error, directory) from error
        with _locked(directory):
            if not any(directory.glob("journal-*.jsonl")):
                _append(directory / _name(1), [one.line() for one in entries], 0)

    @property
    def directory(self) -> Path:
        """Directory of the journal."""
        return self._directory

    @property
    def first(self) -> JournalEntry:
        """The entry that begins it. Raises `JournalError`."""
        segments = self._segments()
        with segments[0].open("rb") as file:
            line = file.readline(MAX_LINE_BYTES)
        if not line and all(path.stat().st_size == 0 for path in segments):
            raise _emptied(self._directory)
        return JournalEntry.parse(line)

    @property
    def registry_id(self) -> str:
        """Id of the register that the journal belongs to. Raises `JournalError`."""
        return str(self.first.facts["registry"])

    @property
    def end(self) -> Position:
        """The last entry's place."""
        with self._lock, _locked(self._directory):
            return self._copied()[0].position

    def catch_up(self) -> None:
        """Copy what other machines have put; nothing where the journal is this machine's own.

        Raises `JournalError`, `StorageError`, `StoreUnreachableError`.
        """
        if self._line is not None:
            with self._lock, _locked(self._directory):
                self._copied()

    def complete(self) -> None:
        """Copy what other machines have put, also where a crash left half a group in this copy.

        Costs a listing of the store. Raises as `catch_up`.
        """
        if self._line is not None:
            with self._lock, _locked(self._directory):
                self._completed(self._line)

    def append(self, kind: JournalKind, facts: Facts) -> Position:
        """Add an entry, durable when this returns. Raises `StorageError`, `JournalError`."""
        return self.append_all(kind, [facts])

    def append_all(self, kind: JournalKind, all_facts: Sequence[Facts]) -> Position:
        """Add entries of a kind with one flush to disk; return the place of the last one.

        A crash may leave the first of them alone. Raises `StorageError`, `JournalError`.
        """
        with self._lock, _locked(self._directory):
            if self._line is None:
                end = self._read_end()
                return self._write(end, self._made(end[0], kind, all_facts))
            with self._line.held() as held:
                return self._put(self._line, held, kind, all_facts)

    def _made(
        self, last: JournalEntry, kind: JournalKind, all_facts: Sequence[Facts]
    ) -> list[JournalEntry]:
        """Make the entries that follow the last one."""
        made, place, now = list[JournalEntry](), last.position, self._clock.now()
        for facts in all_facts:
            made.append(JournalEntry(place.sequence + 1, now, kind, facts, place.hash))
            place = made[-1].position
        return made

    def _write(self, end: "_End", entries: Sequence[JournalEntry]) -> Position:
        """Write entries behind the end of the files, durably; return the place of the last one."""
        last, path, length = end
        if not entries:
            return last.position
        if length >= MAX_SEGMENT_BYTES:
            path, length = self._directory / _name(last.sequence + 1), 0
        _append(path, [one.line() for one in entries], length)
        return entries[-1].position

    def _put(
        self, line: SharedLine, held: HeldLine, kind: JournalKind, all_facts: Sequence[Facts]
    ) -> Position:
        """Put entries into the line, then into the copy."""
        end = self._read_end()
        if end[0].position != held.known:
            end = self._copied()
            if end[0].position != held.known:
                end = self._completed(line)
            self._check_shared(line, held.known, end[0])
        while entries := self._made(end[0], kind, all_facts):
            group = b"".join(one.line() for one in entries)
            if held.put(entries[0].sequence, group):
                place = self._write(end, entries)
                held.reached(place)
                return place
            # A machine was cut off before it could let the register know.
            before, end = end[0], self._copied()
            if end[0] == before:
                raise JournalError(messages.line_contradicts(before.sequence + 1))
        return end[0].position

    def _copied(self) -> "_End":
        """Copy what others have put, as it follows; return the end. To be called as `_read_end`."""
        end = self._read_end()
        if self._line is None:
            return end
        while (group := self._line.get(end[0].sequence + 1)) is not None:
            entries = _follow(group, end[0].position)
            self._write(end, entries)
            end = self._read_end()
        return end

    def _completed(self, line: SharedLine) -> "_End":
        """As `_copied`; a group that the copy has in part is copied to its end."""
        end = self._copied()
        first = line.last_begun(end[0].sequence)
        group = None if first is None else line.get(first)
        if first is None or group is None:
            return end
        own = list(islice(self._read(first - 1), group.count(b"\n")))
        entries = _follow(group, Position(first - 1, own[0].previous))
        for mine, one in zip(own, entries, strict=False):
            if mine != one:
                raise JournalError(messages.line_contradicts(one.sequence))
        if len(own) == len(entries):
            return end
        self._write(end, entries[len(own) :])
        return self._copied()

    def _check_shared(self, line: SharedLine, known: Position, last: JournalEntry) -> None:
        """See that the line has what this copy has: who puts behind a gap would end it there.

        Raises `JournalError` where the line lacks entries, or has others.
        """
        if known.sequence > last.sequence:
            raise JournalError(messages.line_lacks(last.sequence + 1))
        own = self._read(after=max(known.sequence - 1, 0))
        if known.sequence and next(own).position != known:
            raise JournalError(messages.line_contradicts(known.sequence))
        place = known
        while place.sequence < last.sequence:
            group = line.get(place.sequence + 1)
            if group is None:
                raise JournalError(messages.line_lacks(place.sequence + 1))
            for one in _follow(group, place):
                if next(own, None) != one:
                    raise JournalError(messages.line_contradicts(one.sequence))
                place = one.position

    def mark(self, scope: str, value: int, *, block: int = MARK_BLOCK) -> None:
        """Make sure that a counter's number `value` is covered by a mark, durably.

        Raises `CounterSetBackError` for a number that was given before, as far as that is known.
        """
        with self._lock, _locked(self._directory):
            if self._durable.get(scope, 0) < value:
                self._copied()
            # A mark of a block of its own for each number is its licence's: that bears the number.
            known = self._marks.highest(scope, look_back=block > 1)
        # The first number that a mark covers may have been taken back with its transaction.
        if value <= known - block:
            raise CounterSetBackError(
                messages.counter_behind_journal(
                    scope=scope, next_number=value, journal_number=known - block + 1
                ),
            )
        if self._durable.get(scope, 0) >= value:
            return
        mark = value + block - 1
        self.append(JournalKind.MARK, {"scope": scope, "value": mark})
        with self._lock:
            self._durable[scope] = max(mark, self._durable.get(scope, 0))

    def read(self, *, after: int = 0) -> Iterator[JournalEntry]:
        """Yield the entries that follow number `after` in order, each checked against the one
        before, from the beginning of the segment on.

        A line that a crash left unfinished at the very end is passed over: it was never
        acknowledged. Raises `JournalError`, and what `catch_up` raises.
        """
        self.catch_up()
        yield from self._read(after)

    def _read(self, after: int) -> Iterator[JournalEntry]:
        expected, previous = 1, NOTHING_BEFORE
        segments = self._segments()
        later = [path for path in segments if first_in(path) <= after + 1][-1:]
        if later and later[0] != segments[0]:
            segments = segments[segments.index(later[0]) :]
            expected, previous = first_in(segments[0]), ""
        for path in segments:
            if path.name != _name(expected):
                raise _damaged(expected)
            for line in _lines(path):
                if not line.endswith(b"\n") and path == segments[-1]:
                    return
                entry = JournalEntry.parse(line)
                if (entry.sequence, entry.previous) != (expected, previous or entry.previous):
                    raise _damaged(expected)
                if entry.sequence > after:
                    yield entry
                expected, previous = expected + 1, entry.hash

    def last(self, kind: JournalKind) -> JournalEntry | None:
        """Return the newest entry of a kind. Raises `JournalError`."""
        found: JournalEntry | None = None
        for entry in self.read():
            if entry.kind is kind:
                found = entry
        return found

    def contains(self, position: Position) -> bool:
        """Tell whether the journal goes through a place. Raises `JournalError`."""
        found = next(self.read(after=max(position.sequence - 1, 0)), None)
        return found is not None and found.position == position

    def segments(self) -> list[Path]:
        """Return its files in order, with what other machines have put. Raises as `catch_up`."""
        self.catch_up()
        return self._segments()

    def _segments(self) -> list[Path]:
        return sorted(self._directory.glob("journal-*.jsonl"))

    def _read_end(self) -> tuple[JournalEntry, Path, int]:
        """Return the last entry, its segment, and how long that is without an unfinished line.

        To be called under the file's lock.
        """
        for path in reversed(self._segments()):
            length = path.stat().st_size
            with path.open("rb") as file:
                start = max(0, length - 2 * MAX_LINE_BYTES)
                file.seek(start)
                tail = file.read()
            whole = tail[: tail.rfind(b"\n") + 1]
            if whole:
                line = whole[whole.rfind(b"\n", 0, -1) + 1 :]
                return JournalEntry.parse(line), path, start + len(whole)
        raise _emptied(self._directory)


_End = tuple[JournalEntry, Path, int]
"""The last entry, its segment, and how long that is."""


def _follow(group: bytes, place: Position) -> list[JournalEntry]:
    """Read the entries of a group. Raises `JournalError` unless they follow a place."""
    found: list[JournalEntry] = []
    for line in group.splitlines(keepends=True):
        entry = JournalEntry.parse(line)
        if (entry.sequence, entry.previous) != (place.sequence + 1, place.hash):
            raise JournalError(messages.line_contradicts(place.sequence + 1))
        found.append(entry)
        place = entry.position
    if not found:
        raise JournalError(messages.line_contradicts(place.sequence + 1))
    return found


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    try:
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _storage(error, directory) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _append(path: Path, lines: Sequence[bytes], length: int) -> None:
    """Write lines at `length`, over whatever a crash left there, and make them durable."""
    assert max(map(len, lines)) <= MAX_LINE_BYTES
    whole = b"".join(lines)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(descriptor, length)
            written = os.pwrite(descriptor, whole, length)
            if written != len(whole):
                os.ftruncate(descriptor, length)
                raise OSError(28, "No space left on device")  # ENOSPC, told by a short write
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if length == 0:
            fsync_directory(path.parent)
    except OSError as error:
        raise _storage(error, path.parent) from error


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES):
            yield line


def _name(sequence: int) -> str:
    return f"journal-{sequence:012}.jsonl"


def first_in(path: Path) -> int:
    """Return the number of a segment's first entry; 0 for a name that is none."""
    digits = path.stem.removeprefix("journal-")
    return int(digits) if digits.isdecimal() else 0


def _damaged(sequence: int | None = None) -> JournalError:
    where = "" if sequence is None else f" {sequence}"
    return JournalError(
        messages.journal_entry_damaged(entry_zh=where or " ? ", entry_en=where or " ?")
    )


def _emptied(directory: Path) -> JournalError:
    return JournalError(messages.journal_emptied(directory))


def _storage(error: OSError, directory: Path) -> StorageError:
    return StorageError(
        messages.journal_write_failed(
            directory=directory,
            cause_zh=cause_zh(error),
            remedy=remedy(error),
            strerror=error.strerror,
        ),
    )
