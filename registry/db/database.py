"""The database: SQLite in WAL mode by default, PostgreSQL beyond one machine; one code for both.

A transaction is opened at the edge and its connection passed down; nothing below commits.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, RootTransaction, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.files import has_room
from registry.db import messages
from registry.db.drift import missing_parts
from registry.db.engines import PATIENCE, READING, file_of, postgresql_engine, sqlite_engine
from registry.db.faults import (
    UnknownOutcomeError,
    damaged,
    incomplete_schema,
    may_write,
    newer_schema,
    no_register,
    not_copied,
    older_schema,
    translated,
)
from registry.db.schema import MIGRATIONS, knows_schema, newest_schema, revision_of
from registry.journal.journal import Journal
from registry.journal.mirroring import MIRROR_OPTION, Mirror
from registry.privacy.codes import PRIVACY_OPTION, Privacy

_MIGRATION_LOCK = 0x58494E59
"""Key of the advisory lock under which one process changes the schema."""

_ROOM = 256 * 1024
"""Bytes of which SQLite must have room: more than a grant puts into its WAL."""


class Database:
    """One engine; made once per process by the entry point."""

    def __init__(
        self,
        url: str,
        *,
        read_only: bool = False,
        journal: Callable[[], Journal] | None = None,
        privacy: Callable[[], Privacy] | None = None,
    ) -> None:
        """`journal` opens what mirrors the numbers taken and certificates revoked here; `privacy`
        what this process may know of holders' codes, nothing by default.
        """
        self._url = url
        self._journal = journal
        self._read_only = read_only
        self._privacy = privacy
        self.engine = (
            sqlite_engine(url, read_only)
            if url.startswith("sqlite")
            else postgresql_engine(url, read_only)
        )
        if privacy is not None:
            self.engine = self.engine.execution_options(**{PRIVACY_OPTION: privacy})
        self._reader = self.engine.execution_options(**{READING: True})

    @contextmanager
    def writing(self, patience: timedelta | None = None) -> Iterator[Connection]:
        """Open a transaction that writes; it commits when the block ends without an error.

        It waits for other writers ten seconds at most, or for `patience`.

        Raises `DatabaseBusyError` when the database is locked, full or out of reach,
        `UnknownOutcomeError` when it went away while committing, and `JournalError` when something
        took effect that should then be in the journal and is not.
        """
        mirror = Mirror(self._journal)
        with self.translating(), self.engine.connect() as connection:
            connection.execution_options(**{PATIENCE: patience})
            transaction = connection.begin()
            try:
                yield connection.execution_options(**{MIRROR_OPTION: mirror})
            except BaseException:
                _roll_back(transaction)
                raise
            _commit(transaction)
        mirror.committed()

    def mirror(self) -> Mirror:
        """Return a mirror for what is journalled outside a transaction."""
        return Mirror(self._journal)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads. Raises `DatabaseBusyError`."""
        with self.translating(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction in which every query sees the same moment. Raises as `reading`."""
        with self.reading() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            without_time_limits(connection)
            yield connection

    def session(self) -> Connection:
        """Return a connection outside any transaction that is the caller's alone, to be closed."""
        with self.translating():
            connection = self.engine.connect()
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()
        return connection

    @property
    def url(self) -> str:
        """Its address."""
        return self._url

    @property
    def is_missing(self) -> bool:
        """True if it is an SQLite file that is not there."""
        path = make_url(self._url).database
        return self._url.startswith("sqlite") and bool(path) and not Path(str(path)).exists()

    def is_writable(self) -> bool:
        """Tell whether it could be written, without waiting for a writer. Raises as `reading`.

        A file system that was mounted read-only after an error or is full, or a standby of
        PostgreSQL, goes on answering. Whether the disk of PostgreSQL's server is full, nothing but
        a write tells.
        """
        if self._url.startswith("sqlite"):
            path = file_of(self._url)
            return may_write(path) and has_room(path.parent, _ROOM)
        with self.reading() as connection:
            said = connection.exec_driver_sql("SHOW transaction_read_only").scalar_one()
        return bool(said == "off")

    def create(self, revision: str = "head") -> None:
        """Make the database of a new home, or find the one that is there.

        Only this makes an SQLite file: one that has gone missing must not come back empty, with
        every licence unknown.
        """
        path = make_url(self._url).database
        if self._url.startswith("sqlite") and path:
            # For its owner alone; SQLite gives its WAL the same mode.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        self.migrate(revision)

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema to a revision, the newest by default; one process at a time.

        Does not wait for writers where it is there already.
        """
        if self.schema_revision() == newest_schema():
            return
        from alembic import command  # noqa: PLC0415  # takes a while, and few migrate
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.writing() as connection:
            without_time_limits(connection)
            if connection.dialect.name == "postgresql":  # SQLite's writers are one at a time
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

    def upgrade(self) -> tuple[str, str]:
        """Bring the schema of a register to the newest; return the revisions before and after.

        Raises `OtherSchemaError` where there is no register, one of a newer version, or one that
        lacks something of the newest schema though it bears its number.
        """
        before = self.schema_revision()
        if before is None:
            raise no_register()
        if not knows_schema(before):
            raise newer_schema(before)
        self.migrate()
        with self.reading() as connection:
            missing = missing_parts(connection)
        if missing:
            raise incomplete_schema(newest_schema(), missing)
        return before, newest_schema()

    def check_schema(self) -> None:
        """Raise `OtherSchemaError` unless the schema is this version's, saying what to do."""
        found = self.schema_revision()
        if found is None:
            raise no_register()
        if not knows_schema(found):
            raise newer_schema(found)
        if found != newest_schema():
            raise older_schema(found, newest_schema())

    def schema_revision(self) -> str | None:
        """Return the revision of the schema; None where there is none yet."""
        with self.reading() as connection:
            return revision_of(connection)

    def reopened(self) -> "Database":
        """Return the same database with connections of its own, for a process that was forked."""
        return Database(
            self._url, read_only=self._read_only, journal=self._journal, privacy=self._privacy
        )

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def translating(self) -> Iterator[None]:
        """Raise what a fault of the database is told as (`registry.db.faults`)."""
        try:
            yield
        except (PoolTimeoutError, DBAPIError) as error:
            told = translated(self._url, error)
            if told is None:
                raise
            raise told from error


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy an SQLite database as it is at one moment, whoever writes to it meanwhile.

    File by file, the copies of the database and its WAL would be of different moments. Raises
    `DatabaseBusyError`.
    """
    address = f"file:{quote(str(source))}?mode=rw"
    try:
        with (
            closing(sqlite3.connect(address, uri=True)) as original,
            closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)
    except sqlite3.OperationalError as error:
        raise not_copied(source, error) from error


def check_whole(connection: Connection) -> None:
    """Let SQLite look through its file. Raises `DamagedDatabaseError`."""
    if connection.dialect.name == "sqlite":
        said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if said != "ok":
            raise damaged()


def without_time_limits(connection: Connection) -> None:
    """Let this transaction's statements take as long as they need (a backup, a migration)."""
    if connection.dialect.name == "postgresql":
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")


def _roll_back(transaction: RootTransaction) -> None:
    """Roll back; where the connection is gone the server does it by itself."""
    with suppress(DBAPIError):
        transaction.rollback()


def _commit(transaction: RootTransaction) -> None:
    """Commit. Raises `UnknownOutcomeError` where the server may have done it unheard."""
    try:
        transaction.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise UnknownOutcomeError(messages.COMMIT_OUTCOME_UNKNOWN) from error
        raise
