"""Identity of this register: a random id in the database and in its journal."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, select

from core.clock import Clock
from core.errors import UnreachableError
from core.ids import Random, random_token
from core.permits import Actor
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.counters import block_of
from registry.db.database import Database
from registry.db.tables import counters, register_facts
from registry.facts import messages
from registry.facts.journal_line import forget_line, is_shared, refuse_left_behind
from registry.journal.journal import Journal, JournalError
from registry.journal.line import SharedLine
from registry.model import ConflictError
from registry.revisions.tokens import forget_bookmark

REGISTRY_ID = "registry_id"
_ID = select(register_facts.c.value).where(register_facts.c.name == REGISTRY_ID)
STARTED = "journal.started"
"""Action of the event that begins a journal in place of a lost one."""


class OtherRegisterError(UnreachableError):
    """The database holds another register than the home's, or an empty one in its place."""


def find_registry_id(database: Database) -> str | None:
    """Return the register's id; None before it was given one."""
    with database.reading() as connection:
        return _find(connection)


def register_id_of(connection: Connection) -> str:
    """Return the register's id; empty before it was given one."""
    return _find(connection) or ""


def identify(database: Database, directory: Path, clock: Clock, random: Random) -> None:
    """Give a register its id, and begin its journal, where it has none yet.

    The journal comes first: cut off in between, its id is taken over. Raises `StorageError`, and
    `OtherRegisterError` where the journal has gone on: the database is an empty one in another's
    place, and would call all that was granted unknown.
    """
    if find_registry_id(database) is not None:
        return
    journal = Journal.start(directory, random_token(random), clock)
    if journal.end.sequence > 1:
        raise _empty(directory)
    registry_id = journal.registry_id
    with database.writing() as connection:
        # Another process may be first: it took the id from the same journal.
        insert_unless_there(connection, register_facts, {"name": REGISTRY_ID, "value": registry_id})


def register_check(directory: Path, clock: Clock) -> Callable[[Connection], None]:
    """Return a check that raises `OtherRegisterError` unless the database is of the home's journal.

    Where there is no journal, or it cannot be read, nothing is known and nothing raised.
    """
    expected: str | None = None

    def check(connection: Connection) -> None:
        nonlocal expected
        if expected is None:
            with suppress(JournalError, OSError):
                expected = Journal(directory, clock).registry_id
        found = None if expected is None else _find(connection)
        if found == expected:
            return
        raise _empty(directory) if found is None else _other(directory)

    return check


def open_journal(
    database: Database, directory: Path, clock: Clock, line: SharedLine | None = None
) -> Journal:
    """Open the journal of a register, or with `line` this machine's copy of what several share.

    Raises `JournalError` if it is missing or another's, or shared where the settings are not.
    """
    journal = Journal(directory, clock, line)
    if journal.registry_id != find_registry_id(database):
        raise JournalError(messages.journal_of_another_register(directory))
    if is_shared(database) != (line is not None):
        raise JournalError(
            messages.JOURNAL_LINE_NOT_BEGUN if line is not None else messages.JOURNAL_IS_SHARED
        )
    if line is None:
        with database.reading() as connection:
            refuse_left_behind(connection, journal)
    return journal


def renew_journal(  # noqa: PLR0917  # each of another meaning
    database: Database,
    directory: Path,
    clock: Clock,
    actor: Actor,
    basis: str,
    line: SharedLine | None = None,
) -> Journal:
    """Begin a new journal in place of one that is lost, on record.

    Every counter is marked at once. Raises `ConflictError` where there is a journal, here or in
    the line that it was a copy of.
    """
    if line is not None and line.get(1) is not None:
        raise ConflictError(messages.JOURNAL_IN_STORE)
    registry_id = find_registry_id(database)
    if registry_id is None or any(directory.glob("journal-*.jsonl")):
        raise ConflictError(messages.journal_already_present(directory))
    with database.writing() as connection:
        audit.record(
            connection,
            at=clock.now(),
            actor=actor,
            action=STARTED,
            subject="register",
            basis=basis,
        )
        forget_bookmark(connection)
        forget_line(connection)
        marks = connection.execute(select(counters.c.scope, counters.c.value)).all()
        journal = Journal.start(directory, registry_id, clock)
        for scope, value in marks:
            journal.mark(scope, value, block=block_of(scope))
    return journal


def _find(connection: Connection) -> str | None:
    return connection.execute(_ID).scalar_one_or_none()


def _empty(directory: Path) -> OtherRegisterError:
    return OtherRegisterError(messages.register_unexpectedly_empty(directory))


def _other(directory: Path) -> OtherRegisterError:
    return OtherRegisterError(messages.database_journal_mismatch(directory))
