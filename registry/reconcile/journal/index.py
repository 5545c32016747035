"""Index of a journal on disk, in order, for comparing tables with it row by row.

A private SQLite file, so that memory stays bounded, however long the journal is. One process fills
it, others read it then; as soon as all have opened it, it has no name any more.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from core.canonical import canonical_json
from core.errors import StorageError
from core.text import Text
from registry.audit.heads import SignedHead, UnreadableLine, head_from_json
from registry.journal.chunks import ChunkChain
from registry.journal.journal import Facts, JournalKind
from registry.journal.subjects import EntryContent, is_outdated, subject_of
from registry.reconcile.journal.reading import ChunkRead
from registry.revisions.faces import FACT
from registry.revisions.record import entries_of

_AT_ONCE = 500
_NOTHING = b"{}"
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE revisions (identifier TEXT, entry TEXT, PRIMARY KEY (identifier, entry)) WITHOUT ROWID;
CREATE TABLE subjects (
    kind TEXT, name TEXT, sequence INTEGER, at TEXT, face TEXT, reserved INTEGER, line BLOB,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE TABLE heads (sequence INTEGER PRIMARY KEY, line BLOB);
"""
_KEEP = "INSERT OR REPLACE INTO subjects VALUES (?, ?, ?, ?, ?, ?, ?)"
_COLUMNS = "SELECT name, sequence, at, face, reserved, line FROM subjects WHERE kind = ?"
_FACE = "SELECT face, reserved FROM subjects WHERE kind = ? AND name = ?"

_SHORT = (JournalKind.DOCUMENT, JournalKind.RESERVED, JournalKind.AUDIT_HEAD)
"""Kinds of which nothing is kept but what has a column."""


NO_ROOM = Text(
    "临时目录写不进：核对恢复日志的索引存放在那里。请腾出空间，或另设目录（TMPDIR），再核验一次。",
    "The folder for temporary files cannot be written: the index with which the journal is "
    "compared lies there. Make room, or set another folder (TMPDIR), and verify again.",
)


@dataclass(frozen=True, slots=True)
class JournalLatest:
    """The last that the journal says of a reservation, a document, a licence, a certificate; of a
    counter, its highest mark; of a signed head, that it is there.
    """

    name: str
    """A licence's identifier, a certificate's issuer/serial, a counter's scope, or the
    number of the event at which a head was signed."""
    sequence: int
    at: datetime
    face: str | None
    """Of a reservation or document: the digest of its licence's face; entries from before have
    none."""
    reserved: bool
    """Of a document: its licence was reserved with that face, or before the journal heard so."""
    facts: Facts
    """Of a licence or a certificate: as `licence_entry` and `status_entry` make them."""


class JournalIndex:
    """For one process, which has it from `made`, or from `reopened` after it was forked."""

    def __init__(self, connection: sqlite3.Connection, path: Path, until: datetime) -> None:
        self._connection = connection
        self._path = path
        self._until = until
        """Of counters, what the journal says up to here counts: of later marks the number may not
        be committed yet."""
        self._chain = ChunkChain()
        self.entries = 0
        self.restored: list[EntryContent] = []
        """Where the register was restored from a backup."""
        self.covers_after: int | None = None
        """What audit events after this number tell of is in the journal: the number of the first
        signed head that follows a document. None where there is no such head.
        """
        self.first: EntryContent | None = None
        """The entry that begins it."""
        self.accepted: list[EntryContent] = []
        """Where a loss was accepted."""
        self.hears_of_reservations = False
        """What is pending is in the journal, and documents that follow are of what it has."""
        self._documents = False

    @classmethod
    @contextmanager
    def made(cls, until: datetime) -> Iterator[Self]:
        """Make an empty one, which is gone with the block. Raises `StorageError`."""
        try:
            with tempfile.NamedTemporaryFile(prefix="xinyin-", delete=False) as file:
                path = Path(file.name)
        except OSError as error:
            raise StorageError(NO_ROOM) from error
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.executescript(_SCHEMA)
                yield cls(connection, path, until)
        except sqlite3.Error as error:  # that of the register comes as another
            raise StorageError(NO_ROOM) from error
        finally:
            path.unlink(missing_ok=True)

    def reopened(self) -> Self:
        """Return the same index in a process that was forked."""
        address = f"{self._path.as_uri()}?mode=ro"
        connection = sqlite3.connect(address, uri=True, isolation_level=None)
        connection.execute("SELECT count(*) FROM heads").fetchall()  # opens the file
        return type(self)(connection, self._path, self._until)

    def drop_name(self) -> None:
        """Take the file's name away, now that all who read it have opened it."""
        self._path.unlink(missing_ok=True)

    @property
    def is_damaged(self) -> bool:
        """True if the journal does not hold beyond the entries that were read."""
        return self._chain.damaged

    @property
    def end(self) -> int:
        """Number of the last entry up to which the journal holds."""
        return self._chain.end.sequence

    def add(self, read: ChunkRead) -> None:
        """Take in the next chunk of the journal, as far as it holds."""
        if self._chain.joins(read.chunk, read.ends):
            self.entries += read.entries
            self._connection.execute("BEGIN")
            for one in read.said:
                self._read(one)
            self._connection.execute("COMMIT")

    def give_up(self) -> None:
        """Take the journal for damaged, which cannot be read."""
        self._chain.damaged = True

    def heads(self, until: int) -> Iterator[SignedHead | UnreadableLine]:
        """Yield the signed heads in the entries up to a number, as far as the journal holds."""
        query = "SELECT sequence, line FROM heads WHERE sequence <= ? ORDER BY sequence"
        cursor = self._connection.execute(query, (until,))
        while group := cursor.fetchmany(_AT_ONCE):
            for sequence, line in group:
                yield head_from_json(json.loads(line)) or UnreadableLine(sequence)
        if self.is_damaged and self.end <= until:  # what follows cannot be looked at
            yield UnreadableLine(self.end + 1)

    def names(self, identifier: str, entry: str) -> bool:
        """Tell whether the journal names a revision, listed as `entry_of` has it."""
        query = "SELECT 1 FROM revisions WHERE identifier = ? AND entry = ?"
        return self._connection.execute(query, (identifier, entry)).fetchone() is not None

    def find(self, kind: JournalKind, name: str) -> JournalLatest | None:
        """Return the last that was said of one subject."""
        row = self._connection.execute(f"{_COLUMNS} AND name = ?", (kind, name)).fetchone()
        return None if row is None else _said(row)

    def all_said(
        self, kind: JournalKind, after: str | None = None, until: str | None = None
    ) -> Iterator[list[JournalLatest]]:
        """Yield the last that was said of every subject of a kind, some at a time; of all, or of
        those between two names.
        """
        query, values = _COLUMNS, [str(kind)]
        if after is not None:
            query, values = f"{query} AND name > ?", [*values, after]
        if until is not None:
            query, values = f"{query} AND name <= ?", [*values, until]
        cursor = self._connection.execute(query, values)
        while group := cursor.fetchmany(_AT_ONCE):
            yield [_said(row) for row in group]

    def dividers(self, kind: JournalKind, size: int) -> list[str]:
        """Return every so manieth name of the subjects of a kind, in order."""
        query = "SELECT name FROM subjects WHERE kind = ? AND name > ? ORDER BY name LIMIT 1"
        found: list[str] = []
        while True:
            values = (kind, found[-1] if found else "", size - 1)
            row = self._connection.execute(f"{query} OFFSET ?", values).fetchone()
            if row is None:
                return found
            found.append(row[0])

    def _read(self, entry: EntryContent) -> None:
        self.first = self.first or entry
        match entry.kind:
            case JournalKind.DOCUMENT:
                self._documents = True
                self._read_document(entry)
            case JournalKind.STATUS | JournalKind.LICENCE:
                name = subject_of(entry)
                before = self.find(entry.kind, name)
                if before is None or not is_outdated(entry, before.sequence):
                    self._keep(entry, name, None)
            case JournalKind.RESERVED:
                self.hears_of_reservations = True
                if entry.facts["identifier"] is not None:
                    self._keep(entry, subject_of(entry), str(entry.facts[FACT]))
            case JournalKind.MARK:
                self._read_mark(entry)
            case JournalKind.AUDIT_HEAD:
                self._read_head(entry)
            case JournalKind.RESTORED:
                self.restored.append(entry)
            case JournalKind.LOSS_ACCEPTED:
                self.accepted.append(entry)
            case _:
                pass

    def _read_mark(self, entry: EntryContent) -> None:
        if entry.at > self._until:
            return
        name, mark = str(entry.facts["scope"]), int(entry.facts["value"] or 0)
        known = self.find(entry.kind, name)
        if known is None or int(known.facts["value"] or 0) < mark:
            self._keep(entry, name, None)

    def _read_head(self, entry: EntryContent) -> None:
        sequence = int(entry.facts["sequence"] or 0)
        self._keep(entry, str(sequence), None)
        line = canonical_json(dict(entry.facts))
        self._connection.execute("INSERT INTO heads VALUES (?, ?)", (entry.sequence, line))
        if self._documents and self.covers_after is None:
            self.covers_after = sequence

    def _read_document(self, entry: EntryContent) -> None:
        listed = entries_of(entry.facts)
        if listed is None:
            return  # tokens alone
        identifier = subject_of(entry)
        add = "INSERT OR IGNORE INTO revisions VALUES (?, ?)"
        self._connection.executemany(add, ((identifier, one) for one in listed))
        before, face = self._face(entry.kind, identifier), entry.facts.get(FACT)
        reserved = before is None or bool(before[1])
        if face is None:  # an archive revision says nothing of it
            face = None if before is None else before[0]
        elif self.hears_of_reservations:
            taken = self._face(JournalKind.RESERVED, identifier)
            reserved &= taken is not None and taken[0] == face
        self._keep(entry, identifier, None if face is None else str(face), reserved=reserved)

    def _face(self, kind: JournalKind, name: str) -> tuple[str | None, int] | None:
        """Return the face that was said of a subject, and whether it was reserved with it."""
        row: tuple[str | None, int] | None
        row = self._connection.execute(_FACE, (kind, name)).fetchone()
        return row

    def _keep(
        self, entry: EntryContent, name: str, face: str | None, *, reserved: bool = True
    ) -> None:
        short = entry.kind in _SHORT
        line = _NOTHING if short else canonical_json(dict(entry.facts))
        at = entry.at.isoformat()
        values = (entry.kind, name, entry.sequence, at, face, reserved, line)
        self._connection.execute(_KEEP, values)


def _said(row: tuple[str, int, str, str | None, int, bytes]) -> JournalLatest:
    name, sequence, at, face, reserved, line = row
    when = datetime.fromisoformat(at)
    facts = {} if line == _NOTHING else json.loads(line)
    return JournalLatest(name, sequence, when, face, bool(reserved), facts)
