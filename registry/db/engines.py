"""SQLAlchemy's engines for the two databases: how patient they are, and what they refuse."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

_BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another on SQLite before it is told that the database is locked."""
_POOL_SECONDS = 10
"""How long a thread waits for one of this process's connections."""
_POSTGRESQL_PATIENCE: dict[str, object] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
"""A server that is gone without a word is noticed within half a minute."""
_POSTGRESQL_OPTIONS = (
    "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
)
"""One session that is stuck must not stop all others in silence; what is set in the address's own
`options` comes after these, and wins."""
READING = "xinyin_reading"
PATIENCE = "xinyin_patience"
# hide_parameters: a statement's values are names and numbers, and errors quote them.
_FILE = "xinyin_file"
"""Which file an SQLite connection has open, in the pool's record of it."""


_SECRETS = ("password", "sslpassword")
"""What of an address's query nobody else may read."""


def without_password(url: str) -> str:
    """Return a database's address as it may be written down: the same, unless it has a password.

    What is no address is returned as it is; the settings refuse it.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        return url
    if not (address.password or set(_SECRETS) & set(address.query)):
        return url
    kept = address.difference_update_query(_SECRETS)
    return kept._replace(password=None).render_as_string(hide_password=False)


def postgresql_engine(url: str, read_only: bool) -> Engine:  # noqa: FBT001
    """Return an engine that notices a server that is gone, and lets no session stay stuck."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    chosen = address.query.get("options", ())
    options = " ".join([_POSTGRESQL_OPTIONS, *((chosen,) if isinstance(chosen, str) else chosen)])
    engine = create_engine(
        address,
        pool_pre_ping=True,
        pool_timeout=_POOL_SECONDS,
        hide_parameters=True,
        connect_args={**_POSTGRESQL_PATIENCE, **dict(address.query), "options": options},
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if (patience := _patience_ms(connection)) is not None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience}")

    if read_only:
        event.listen(engine, "connect", _postgresql_read_only)
    return engine


def _patience_ms(connection: Connection) -> int | None:
    patience: timedelta | None = connection.get_execution_options().get(PATIENCE)
    return None if patience is None else int(patience.total_seconds() * 1000)


def file_of(url: str) -> Path:
    """Return the file of an SQLite address."""
    return Path(str(make_url(url).database))


def _identity(path: Path) -> tuple[int, int] | None:
    """Return a file's identity, apart from its name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _postgresql_read_only(connection: object, record: ConnectionPoolEntry) -> None:
    del record
    connection.read_only = True  # type: ignore[attr-defined]  # psycopg's


def sqlite_engine(url: str, read_only: bool) -> Engine:  # noqa: FBT001
    """Return an engine on a file that must be there, and stay there."""
    address = f"file:{quote(make_url(url).database or '')}?mode=rw"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)
    path = file_of(url)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        record.info[_FILE] = _identity(path)
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

    @event.listens_for(engine, "checkout")
    def check_file(
        connection: sqlite3.Connection, record: ConnectionPoolEntry, proxy: object
    ) -> None:
        """An open handle would go on with a file that was moved away or put in another's place."""
        del connection, proxy
        if record.info.get(_FILE) != _identity(path):
            raise InvalidatePoolError("the file is another by now")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        patience = _patience_ms(connection) or _BUSY_TIMEOUT_MS
        if connection.info.get(PATIENCE, _BUSY_TIMEOUT_MS) != patience:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
            connection.info[PATIENCE] = patience
        # A writer takes its lock at once: upgrading a reader's lock can fail half-way.
        reading = read_only or connection.get_execution_options().get(READING, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
