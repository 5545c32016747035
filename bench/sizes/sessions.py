"""Connections to both databases for filling them: quick, and safe from no power cut."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date

import psycopg
from sqlalchemy import make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from bench.sizes.filling import TABLES, Row, Session
from registry.db.engines import file_of

_CACHE_KB = 2_000_000


@contextmanager
def open_session(url: str) -> Iterator[Session]:
    """Open a connection; on SQLite nobody else may have one."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(file_of(url), isolation_level=None)) as connection:
            yield _Sqlite(connection)
            connection.execute("PRAGMA journal_mode = WAL")
    else:
        address = make_url(url).set(drivername="postgresql")
        text = address.render_as_string(hide_password=False)
        with psycopg.connect(text, autocommit=True) as server:
            yield _Postgresql(server)


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.create_function("reverse", 1, lambda text: text[::-1], deterministic=True)
        connection.create_function("sha256", 1, _sha256, deterministic=True)
        for setting in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "foreign_keys = OFF",
            "temp_store = FILE",
            f"cache_size = -{_CACHE_KB}",
        ):
            connection.execute(f"PRAGMA {setting}")

    def run(self, sql: str) -> None:
        self._connection.execute(sql)

    def rows(self, sql: str) -> list[Row]:
        return self._connection.execute(sql).fetchall()

    def put(self, table: str, rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(rows[0]))
        self._connection.execute("BEGIN")
        self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        self._connection.execute("COMMIT")

    def date(self, start: date, days: str) -> str:
        return f"date('{start}', '+' || {days} || ' days')"

    def instant(self, day: str) -> str:
        return f"({day} || ' 00:00:00.000000')"

    def random(self, octets: int, what: str) -> str:
        del what
        return f"lower(hex(randomblob({octets})))"

    def numbers(self, first: int, end: int) -> str:
        return (
            f"(WITH RECURSIVE counted(n) AS (SELECT {first} UNION ALL "
            f"SELECT n + 1 FROM counted WHERE n + 1 < {end}) SELECT n FROM counted) AS num"
        )

    def integer(self, number: int) -> str:
        return str(number)

    def sha256(self, text: str) -> str:
        return f"sha256({text})"

    def json(self, text: str) -> str:
        return text

    @contextmanager
    def bare(self) -> Iterator[None]:
        indexes = [one for table in TABLES for one in table.indexes]
        for one in indexes:
            self.run(f"DROP INDEX {one.name}")
        self.run("BEGIN")
        yield
        self.run("COMMIT")
        for one in indexes:
            self.run(str(CreateIndex(one).compile(dialect=sqlite.dialect())))


class _Postgresql:
    _SETTINGS = (
        "session_replication_role = replica",  # no foreign key is checked
        "maintenance_work_mem = '1GB'",
        "work_mem = '512MB'",
        "synchronous_commit = off",
        "jit = off",
    )

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        for setting in self._SETTINGS:
            connection.execute(f"SET {setting}")

    def run(self, sql: str) -> None:
        self._connection.execute(sql)

    def rows(self, sql: str) -> list[Row]:
        return self._connection.execute(sql).fetchall()

    def put(self, table: str, rows: Sequence[Row]) -> None:
        with self._connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            for one in rows:
                copy.write_row(one)
        self.run(f"ANALYZE {table}")

    def date(self, start: date, days: str) -> str:
        return f"(date '{start}' + ({days})::integer)"

    def instant(self, day: str) -> str:
        return f"(({day})::timestamp AT TIME ZONE 'UTC')"

    def random(self, octets: int, what: str) -> str:
        return f"left(encode(sha256(convert_to('{what}' || n, 'UTF8')), 'hex'), {2 * octets})"

    def numbers(self, first: int, end: int) -> str:
        return f"generate_series({first}::bigint, {end - 1}::bigint) AS num(n)"

    def integer(self, number: int) -> str:
        return f"({number})::bigint"

    def sha256(self, text: str) -> str:
        return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"

    def json(self, text: str) -> str:
        return f"({text})::json"

    @contextmanager
    def bare(self) -> Iterator[None]:
        names = ", ".join(f"'{table.name}'" for table in TABLES)
        unique = self.rows(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
            f"FROM pg_constraint WHERE conrelid::regclass::text IN ({names}) AND (contype = 'u' "
            "OR contype = 'p' AND conrelid::regclass::text = 'search_grams')"
        )
        for table, name, _ in unique:
            self.run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        indexes = self.rows(
            f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({names}) "
            "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"
        )
        for name, _ in indexes:
            self.run(f"DROP INDEX {name}")
        yield
        for table, name, definition in unique:
            self.run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for _, definition in indexes:
            self.run(definition)
        entry = "pg_get_serial_sequence('search_entries', 'entry')"
        self.run(f"SELECT setval({entry}, (SELECT max(entry) FROM search_entries))")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
