"""Line of the register's journal that several machines share, in the documents' bucket (ADR 60).

A group of entries is an object `journal/<number of its first entry>.jsonl`, put where there is none
of that name, and ends with a code (HMAC-SHA256) under a key that the machines have and store and
database do not: who may write both still cannot put entries that any machine would take.

Putting is ordered by a row of the register, which is locked meanwhile and says how far the line
reaches. The row is not believed: it tells of what the store lacks, never makes up for it.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, select

from core.clock import Clock
from core.errors import ConfigurationError
from core.permits import Actor
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there, put
from registry.db.database import Database, without_time_limits
from registry.db.tables import register_facts
from registry.facts import messages
from registry.journal.journal import Journal, JournalEntry, JournalError, JournalKind
from registry.journal.position import Position
from registry.model import ConflictError
from registry.objects.named import NamedObjects

FACT: Final = "journal_line"
"""Of the register: number and hash of the line's last entry."""
UNSHARED_AT: Final = "journal_unshared"
"""Of a register whose journal is shared no more: the entry by which the one machine that has gone
on with it is known. It is in no line.
"""
SHARED, UNSHARED = "journal.shared", "journal.unshared"
"""Actions of the events that begin and end the sharing."""
FOLDER: Final = "journal"
_GROUP_BYTES: Final = 4 * 1024 * 1024
"""About as much of a journal that was there before is put as one group."""
_NAME = re.compile(rf"{FOLDER}/([0-9]{{12}})\.jsonl")
_CODE = re.compile(rb"#([0-9a-f]{64})\n")
_CODE_BYTES: Final = 66
_VALUE = re.compile("([0-9]{1,18}) ([0-9a-f]{64})")
_ROW = select(register_facts.c.value).where(register_facts.c.name == FACT)
_UNSHARED = select(register_facts.c.value).where(register_facts.c.name == UNSHARED_AT)


@dataclass(frozen=True, slots=True)
class _Held:
    """The line while its row is locked."""

    line: "RegisterLine"
    connection: Connection
    known: Position

    def put(self, first: int, lines: bytes) -> bool:
        """Put a group; False where another has that number. Raises `StoreUnreachableError`."""
        return self.line.put(first, lines)

    def reached(self, end: Position) -> None:
        """Let the register know how far the line reaches, once it is let go."""
        _note(self.connection, end)


class RegisterLine:
    """Line of one register; opened in the process that uses it."""

    def __init__(self, database_url: str, objects: NamedObjects, key: bytes) -> None:
        self._url = database_url
        self._objects = objects
        self._key = key
        self._own: tuple[int, Database] | None = None
        """Connections apart from those that wait for a journal, and the process that opened
        them."""

    @property
    def objects(self) -> NamedObjects:
        """Objects of the bucket."""
        return self._objects

    @contextmanager
    def held(self) -> Iterator[_Held]:
        """Keep other machines from putting, while the row is locked.

        Raises `JournalError` where the line was not begun, `DatabaseBusyError`.
        """
        with self._database().writing() as connection:
            # Who shares the line knows no more of it than the row: its loss costs a comparison.
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            known = _known(connection.execute(_ROW.with_for_update()).scalar_one_or_none())
            if known is None:
                raise JournalError(messages.JOURNAL_LINE_NOT_BEGUN)
            yield _Held(self, connection, known)

    def put(self, first: int, lines: bytes) -> bool:
        """Put a group; False where another has that number. Raises `StoreUnreachableError`."""
        return self._objects.put_named(_name(first), lines + self._code(first, lines))

    def get(self, first: int) -> bytes | None:
        """Return the lines of the group that begins with entry `first`; None where none does.

        Raises `JournalError` for a group that no machine of ours made, `StoreUnreachableError`.
        """
        found = self._objects.get_named(_name(first))
        if found is None:
            return None
        lines, code = found[:-_CODE_BYTES], found[-_CODE_BYTES:]
        if not hmac.compare_digest(code, self._code(first, lines)):
            raise JournalError(messages.journal_group_forged(first))
        return lines

    def begun(self) -> list[int]:
        """Return the numbers of the first entries of all groups. Raises `StoreUnreachableError`."""
        names = (_NAME.fullmatch(one) for one in self._objects.names(FOLDER))
        return sorted(int(one[1]) for one in names if one is not None)

    def last_begun(self, upto: int) -> int | None:
        """Return the first entry of the last group that begins with an entry up to `upto`.

        None where none does. Raises `StoreUnreachableError`.
        """
        return max((one for one in self.begun() if one <= upto), default=None)

    def close(self) -> None:
        """Close its connections."""
        if self._own is not None and self._own[0] == os.getpid():
            self._own[1].close()

    def _code(self, first: int, lines: bytes) -> bytes:
        said = hmac.digest(self._key, f"{_name(first)}\n".encode() + lines, hashlib.sha256)
        return b"#" + said.hex().encode() + b"\n"

    def _database(self) -> Database:
        if self._own is None or self._own[0] != os.getpid():
            self._own = os.getpid(), Database(self._url)
        return self._own[1]


def is_shared(database: Database) -> bool:
    """Tell whether the register's journal is shared by several machines."""
    with database.reading() as connection:
        return connection.execute(_ROW).scalar_one_or_none() is not None


def known_end(database: Database) -> Position | None:
    """Return the line's end as far as the register knows; None where none is shared."""
    with database.reading() as connection:
        return _known(connection.execute(_ROW).scalar_one_or_none())


def refuse_left_behind(connection: Connection, own: Journal, *, wholly: bool = False) -> None:
    """Raise `JournalError` where another machine went on with a journal that was shared.

    `wholly` compares the entry, else this copy need only reach so far: a copy that does not is
    never written to, and so never will.
    """
    known = _known(connection.execute(_UNSHARED).scalar_one_or_none())
    if known is None:
        return
    end = own.end.sequence
    if end < known.sequence or (wholly and not own.contains(known)):
        raise JournalError(messages.journal_went_on_elsewhere(end, known.sequence))


def share(
    database: Database, directory: Path, clock: Clock, line: RegisterLine, actor: Actor
) -> int:
    """Put into the line what it lacks of this machine's journal; return how many entries.

    The first time this begins it, on record. What is there already must be the same. Raises
    `ConfigurationError` for a store that would let one object take another's place,
    `ConflictError` where another machine's copy goes further, `JournalError`, also where another
    machine went on alone with what was shared before.
    """
    if not line.objects.keeps_first(FOLDER):
        raise ConfigurationError(messages.STORE_OVERWRITES)
    own = Journal(directory, clock)
    with database.writing() as connection:
        without_time_limits(connection)
        refuse_left_behind(connection, own, wholly=True)
        # Where this copy has half a group only, another would be begun in the middle of that.
        Journal(directory, clock, line).complete()
        nothing = {"name": FACT, "value": f"0 {'0' * 64}"}
        if insert_unless_there(connection, register_facts, nothing):
            _record(connection, clock, actor, SHARED)
        known = _known(connection.execute(_ROW.with_for_update()).scalar_one())
        end = own.end
        if known is not None and known.sequence > end.sequence:
            raise ConflictError(messages.journal_copy_behind(end.sequence, known.sequence))
        added = _fill(own, line)
        connection.execute(delete(register_facts).where(register_facts.c.name == UNSHARED_AT))
        _note(connection, end)
    Journal(directory, clock, line).catch_up()
    return added


def compare(own: Journal, line: RegisterLine) -> None:
    """Compare a machine's copy with the whole line. Raises `JournalError` where they differ."""
    entries = own.read()
    for entry in entries:
        group = line.get(entry.sequence)
        if group is None:
            raise JournalError(messages.journal_group_missing(entry.sequence))
        _compare(entry, group, entries)


def join(
    directory: Path, clock: Clock, line: RegisterLine, known: Position | None = None
) -> Journal:
    """Copy the line to a machine that has no journal yet, or catch up; return the copy.

    Raises `JournalError` where there is no line, it is not the journal's that is there, has a gap,
    or does not reach as far as the register knew before.
    """
    begun = line.begun()
    if not any(directory.glob("journal-*.jsonl")):
        group = line.get(1)
        if group is None:
            raise JournalError(messages.JOURNAL_LINE_NOT_BEGUN)
        Journal.copy_of(directory, group)
    journal = Journal(directory, clock, line)
    journal.complete()
    reached = journal.end.sequence
    if max([*begun, 0 if known is None else known.sequence]) > reached:
        raise JournalError(messages.journal_group_lost(reached + 1))
    return journal


def forget_line(connection: Connection) -> None:
    """Let the journal be one machine's: another one is begun, or the register is restored."""
    connection.execute(delete(register_facts).where(register_facts.c.name.in_([FACT, UNSHARED_AT])))


def unshare(
    database: Database, directory: Path, clock: Clock, line: RegisterLine, actor: Actor
) -> None:
    """Let the journal be this machine's alone, on record, once its copy has all that others put;
    they refuse to write from now on.

    Raises `ConflictError` where the copy cannot be brought so far, `JournalError`,
    `StoreUnreachableError`.
    """
    with database.writing() as connection:
        without_time_limits(connection)
        known = _known(connection.execute(_ROW.with_for_update()).scalar_one_or_none())
        if known is None:
            raise JournalError(messages.JOURNAL_LINE_NOT_BEGUN)
        end = join(directory, clock, line).end.sequence
        if known.sequence > end:
            raise ConflictError(messages.journal_copy_behind(end, known.sequence))
        forget_line(connection)
        _record(connection, clock, actor, UNSHARED)
        # In this copy alone, and the last thing: cut off here, the same command does it again.
        apart = Journal(directory, clock).append(JournalKind.UNSHARED, {})
        put(
            connection,
            register_facts,
            {"name": UNSHARED_AT},
            {"value": f"{apart.sequence} {apart.hash}"},
        )


def _record(connection: Connection, clock: Clock, actor: Actor, action: str) -> None:
    audit.record(connection, at=clock.now(), actor=actor, action=action, subject="register")


def _fill(own: Journal, line: RegisterLine) -> int:
    """Put what the line lacks, comparing what it has; return how many entries were put."""
    there, added, size = frozenset(line.begun()), 0, 0
    waiting: list[bytes] = []
    entries = own.read()
    for entry in entries:
        has_group = entry.sequence in there
        if waiting and (has_group or size >= _GROUP_BYTES):
            _put_missing(line, entry.sequence - len(waiting), waiting)
            size = 0
        if has_group:
            group = line.get(entry.sequence)
            if group is not None:
                _compare(entry, group, entries)
            continue
        waiting.append(entry.line())
        size += len(waiting[-1])
        added += 1
    if waiting:
        _put_missing(line, own.end.sequence - len(waiting) + 1, waiting)
    return added


def _put_missing(line: RegisterLine, first: int, waiting: list[bytes]) -> None:
    if not line.put(first, b"".join(waiting)):
        raise JournalError(messages.journal_group_differs(first))
    waiting.clear()


def _compare(entry: JournalEntry, group: bytes, entries: Iterator[JournalEntry]) -> None:
    """Compare a group with `entry` and those after it; it may go on where the copy ends.

    Raises `JournalError`.
    """
    first, *rest = group.splitlines(keepends=True)
    if entry.line() != first:
        raise JournalError(messages.journal_group_differs(entry.sequence))
    for line in rest:
        one = next(entries, None)
        if one is None:
            return
        if one.line() != line:
            raise JournalError(messages.journal_group_differs(one.sequence))


def _note(connection: Connection, end: Position) -> None:
    put(connection, register_facts, {"name": FACT}, {"value": f"{end.sequence} {end.hash}"})


def _known(value: str | None) -> Position | None:
    """Read the row; what cannot be read says nothing, and all is compared."""
    if value is None:
        return None
    read = _VALUE.fullmatch(value)
    return Position(0, "0" * 64) if read is None else Position(int(read[1]), read[2])


def _name(first: int) -> str:
    return f"{FOLDER}/{first:012}.jsonl"
