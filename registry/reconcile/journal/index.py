"""Index of a journal on disk, in order, for comparing tables with it row by row.

A private SQLite file that is deleted on close: memory stays bounded, however long the journal is.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from core.canonical import canonical_json
from registry.journal.journal import Facts, Journal, JournalEntry, JournalKind
from registry.journal.subjects import is_outdated, subject_of
from registry.revisions.faces import FACT
from registry.revisions.record import entries_of

_AT_ONCE = 500
_PROGRESS_EVERY = 1000
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE revisions (identifier TEXT, entry TEXT, PRIMARY KEY (identifier, entry)) WITHOUT ROWID;
CREATE TABLE subjects (
    kind TEXT, name TEXT, sequence INTEGER, at TEXT, face TEXT, reserved INTEGER, line BLOB,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
"""
_KEEP = "INSERT OR REPLACE INTO subjects VALUES (?, ?, ?, ?, ?, ?, ?)"
_COLUMNS = "SELECT name, sequence, at, face, reserved, line FROM subjects WHERE kind = ?"

_SHORT = (JournalKind.DOCUMENT, JournalKind.RESERVED, JournalKind.AUDIT_HEAD)
"""Kinds of which nothing is kept but what has a column."""


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
    """A context manager; for the thread that made it."""

    def __init__(self, entries: Iterable[JournalEntry], until: datetime | None = None) -> None:
        """Read a journal; of counters, what it says up to `until`. Raises `JournalError`."""
        self._until = until
        self.entries = 0
        self.restored: list[JournalEntry] = []
        """Where the register was restored from a backup."""
        self.covers_after: int | None = None
        """What audit events after this number tell of is in the journal: the number of the first
        signed head that follows a document. None where there is no such head.
        """
        self.first: JournalEntry | None = None
        """The entry that begins it."""
        self.accepted: list[JournalEntry] = []
        """Where a loss was accepted."""
        self.hears_of_reservations = False
        """What is pending is in the journal, and documents that follow are of what it has."""
        self._documents = False
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(_SCHEMA)
        self._connection.execute("BEGIN")
        try:
            for entry in entries:
                self._read(entry)
        except BaseException:
            self.close()
            raise

    def names(self, identifier: str, entry: str) -> bool:
        """Tell whether the journal names a revision, listed as `entry_of` has it."""
        query = "SELECT 1 FROM revisions WHERE identifier = ? AND entry = ?"
        return self._connection.execute(query, (identifier, entry)).fetchone() is not None

    def find(self, kind: JournalKind, name: str) -> JournalLatest | None:
        """Return the last that was said of one subject."""
        row = self._connection.execute(f"{_COLUMNS} AND name = ?", (kind, name)).fetchone()
        return None if row is None else _said(row)

    def all_said(self, kind: JournalKind) -> Iterator[list[JournalLatest]]:
        """Yield the last that was said of every subject of a kind, some at a time."""
        cursor = self._connection.execute(_COLUMNS, (kind,))
        while group := cursor.fetchmany(_AT_ONCE):
            yield [_said(row) for row in group]

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self, entry: JournalEntry) -> None:
        self.entries += 1
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

    def _read_mark(self, entry: JournalEntry) -> None:
        if self._until is not None and entry.at > self._until:
            return
        name, mark = str(entry.facts["scope"]), int(entry.facts["value"] or 0)
        known = self.find(entry.kind, name)
        if known is None or int(known.facts["value"] or 0) < mark:
            self._keep(entry, name, None)

    def _read_head(self, entry: JournalEntry) -> None:
        sequence = int(entry.facts["sequence"] or 0)
        self._keep(entry, str(sequence), None)
        if self._documents and self.covers_after is None:
            self.covers_after = sequence

    def _read_document(self, entry: JournalEntry) -> None:
        listed = entries_of(entry.facts)
        if listed is None:
            return  # tokens alone
        identifier = subject_of(entry)
        add = "INSERT OR IGNORE INTO revisions VALUES (?, ?)"
        self._connection.executemany(add, ((identifier, one) for one in listed))
        before, face = self.find(entry.kind, identifier), entry.facts.get(FACT)
        reserved = before is None or before.reserved
        if face is None:  # an archive revision says nothing of it
            face = None if before is None else before.face
        elif self.hears_of_reservations:
            taken = self.find(JournalKind.RESERVED, identifier)
            reserved &= taken is not None and taken.face == face
        self._keep(entry, identifier, None if face is None else str(face), reserved=reserved)

    def _keep(
        self, entry: JournalEntry, name: str, face: str | None, *, reserved: bool = True
    ) -> None:
        short = entry.kind in _SHORT
        line = b"{}" if short else canonical_json(dict(entry.facts))
        at = entry.at.isoformat()
        values = (entry.kind, name, entry.sequence, at, face, reserved, line)
        self._connection.execute(_KEEP, values)


def read_index(
    journal: Journal,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
    until: datetime | None = None,
) -> JournalIndex:
    """Index a journal to its end; `on_progress` is told (done, of how many). Marks of counters
    count up to `until`: of later ones the number may not be committed yet.

    Raises `JournalError`.
    """
    end = journal.end.sequence

    def entries() -> Iterator[JournalEntry]:
        for entry in journal.read():
            if entry.sequence % _PROGRESS_EVERY == 0:
                on_progress(min(entry.sequence, end), end)
            yield entry
        on_progress(end, end)

    return JournalIndex(entries(), until)


def _said(row: tuple[str, int, str, str | None, int, bytes]) -> JournalLatest:
    name, sequence, at, face, reserved, line = row
    when = datetime.fromisoformat(at)
    return JournalLatest(name, sequence, when, face, bool(reserved), json.loads(line))
