"""The database: SQLite in WAL mode by default, PostgreSQL beyond one machine; one code for both.

A transaction is opened at the edge and its connection passed down; nothing below commits.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from core.errors import UnreachableError
from registry.journal import Journal
from registry.mirroring import MIRROR_OPTION, Mirror

_BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another on SQLite before it is told that the database is locked."""
_READING = "xinyin_reading"


class DatabaseBusyError(UnreachableError):
    """The database is locked or cannot be reached just now; nothing was changed."""


class DamagedDatabaseError(UnreachableError):
    """The file is no database, or no longer a whole one."""


class OtherSchemaError(UnreachableError):
    """The database lacks a table or column that this version asks for."""


class Database:
    """One engine; made once per process by the entry point."""

    def __init__(
        self,
        url: str,
        *,
        read_only: bool = False,
        journal: Callable[[], Journal] | None = None,
    ) -> None:
        """`journal` opens what mirrors the numbers taken and certificates revoked here."""
        self._url = url
        self._journal = journal
        self.engine = _sqlite(url, read_only) if url.startswith("sqlite") else _server(url)
        if read_only and not url.startswith("sqlite"):
            event.listen(self.engine, "connect", _postgresql_read_only)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes; it commits when the block ends without an error.

        Raises `DatabaseBusyError` when the database is locked, full or out of reach, and
        `JournalError` when something took effect that should then be in the journal and is not.
        """
        mirror = Mirror(self._journal)
        with _translated(), self.engine.begin() as connection:
            yield connection.execution_options(**{MIRROR_OPTION: mirror})
        mirror.committed()

    def mirror(self) -> Mirror:
        """Return a mirror for what is journalled outside a transaction."""
        return Mirror(self._journal)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads. Raises `DatabaseBusyError`."""
        with (
            _translated(),
            self.engine.connect().execution_options(**{_READING: True}) as connection,
        ):
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction in which every query sees the same moment. Raises as `reading`."""
        with self.reading() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @property
    def is_missing(self) -> bool:
        """Whether it is an SQLite file that is not there."""
        path = make_url(self._url).database
        return self._url.startswith("sqlite") and bool(path) and not Path(str(path)).exists()

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
        """Bring the schema to a revision, the newest by default.

        Does not wait for writers where it is there already.
        """
        config = _migrations()
        if self.schema_revision() == ScriptDirectory.from_config(config).get_current_head():
            return
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

    def schema_revision(self) -> str | None:
        """Return the revision of the schema; None where there is none yet."""
        with self.reading() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def knows_schema(revision: str) -> bool:
    """Tell whether this version of the program knows a revision of the schema."""
    scripts = ScriptDirectory.from_config(_migrations())
    return revision in {script.revision for script in scripts.walk_revisions()}


def check_whole(connection: Connection) -> None:
    """Let SQLite look through its file. Raises `DamagedDatabaseError`."""
    if connection.dialect.name == "sqlite":
        said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if said != "ok":
            raise _damaged()


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if _lacks_schema(error):
            raise _other_schema() from error
        raise DatabaseBusyError(
            "数据库繁忙、已满或无法连接，未作任何更改。请稍后重试。",
            "The database is busy, full or out of reach; nothing was changed. Try again shortly.",
        ) from error
    except DBAPIError as error:
        if type(error.orig) is sqlite3.DatabaseError:  # its subclasses mean other things
            raise _damaged() from error
        if _lacks_schema(error):
            raise _other_schema() from error
        if error.connection_invalidated:
            raise DatabaseBusyError(
                "与数据库的连接中断，未作任何更改。请稍后重试。",
                "The connection to the database broke; nothing was changed. Try again shortly.",
            ) from error
        raise


def _lacks_schema(error: DBAPIError) -> bool:
    """Tell whether a table or column is not there: SQLite says so in words, PostgreSQL by code."""
    words, state = str(error.orig), getattr(error.orig, "sqlstate", None)
    return words.startswith(("no such table", "no such column")) or state in ("42P01", "42703")


def _other_schema() -> OtherSchemaError:
    return OtherSchemaError(
        "数据库的结构与此版本不符，未作任何更改。下一条会写入的命令会将其更新，请先运行一条。",
        "The database's schema is not this version's; nothing was changed. The next command that "
        "writes brings it up to date: run one first.",
    )


def _damaged() -> DamagedDatabaseError:
    return DamagedDatabaseError(
        "数据库文件已损坏。请停止服务并从备份恢复。",
        "The database file is damaged. Stop the service and restore a backup.",
    )


def _server(url: str) -> Engine:
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"), pool_pre_ping=True)


def _postgresql_read_only(connection: object, record: ConnectionPoolEntry) -> None:
    del record
    connection.read_only = True  # type: ignore[attr-defined]  # psycopg's


def _sqlite(url: str, read_only: bool) -> Engine:  # noqa: FBT001
    address = f"file:{quote(make_url(url).database or '')}?mode=rw"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        del record
        connection.isolation_level = None  # SQLAlchemy's BEGIN, not the driver's, opens
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        else:
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged commit survives a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock at once: upgrading a reader's lock can fail half-way.
        reading = read_only or connection.get_execution_options().get(_READING, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
