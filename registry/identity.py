"""Which register this is: a random id in the database and in its journal."""

from pathlib import Path

from sqlalchemy import insert, select

from core.clock import Clock
from core.ids import Random, random_token
from registry.database import Database
from registry.journal import Journal, JournalError
from registry.tables import register_facts

_NAME = "registry_id"


def find_registry_id(database: Database) -> str | None:
    """Return the register's id; None before it was given one."""
    with database.reading() as connection:
        query = select(register_facts.c.value).where(register_facts.c.name == _NAME)
        return connection.execute(query).scalar_one_or_none()


def identify(database: Database, directory: Path, clock: Clock, random: Random) -> None:
    """Give a register its id, and begin its journal, where it has none yet.

    The journal comes first: cut off in between, its id is taken over. Raises `StorageError`.
    """
    if find_registry_id(database) is not None:
        return
    registry_id = Journal.start(directory, random_token(random), clock).registry_id
    with database.writing() as connection:
        connection.execute(insert(register_facts).values(name=_NAME, value=registry_id))


def open_journal(database: Database, directory: Path, clock: Clock) -> Journal:
    """Open the journal of a register. Raises `JournalError` if it is missing or another's."""
    journal = Journal(directory, clock)
    if journal.registry_id != find_registry_id(database):
        raise JournalError(
            f"“{directory}”中的日志属于另一个登记库。请检查 [journal] directory。",
            f"The journal in “{directory}” is another register's. Check [journal] directory.",
        )
    return journal
