"""The database as lines of JSON, some files a table: the same for SQLite and PostgreSQL.

A large table is cut where its keys say so, not after so many rows: a row that comes between others
changes one file, and all others are those of the backup before. Written from one snapshot while the
service runs, and read back under the schema that it was written under, which is then brought up to
date as any other database is.
"""

import base64
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Self
from zlib import crc32

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    column,
    insert,
    inspect,
    select,
    table,
    text,
    update,
)
from sqlalchemy.types import NullType, TypeEngine

from registry.backup import messages
from registry.db.database import Database
from registry.db.schema import knows_schema
from registry.db.tables import PASSING, Instant, metadata
from registry.model import RegistryError

_ALEMBICS = "alembic_version"
_AT_ONCE = 500
"""Rows in one statement."""
_ROWS_A_PART = 4096
_MAX_LINE_BYTES = 32 * 1024 * 1024
"""The largest value is a CRL: 100,000 entries take some 5 MB, a third more in base64."""


class BadBackupError(RegistryError):
    """A backup is not what was written, or cannot be restored here."""

    code = "bad_backup"


@dataclass(frozen=True, slots=True)
class TableDump:
    """Summary of a table in a backup."""

    name: str
    columns: dict[str, str]
    """Name → kind: instant, date, bytes, json or plain."""
    rows: int
    parts: int = 1
    """Files that hold its lines, one after the other."""

    @property
    def files(self) -> list[str]:
        """The names of its files."""
        return [part_name(self.name, number) for number in range(self.parts)]


def part_name(table_name: str, number: int) -> str:
    """Return the name of one of a table's files."""
    return f"{table_name}-{number}.jsonl" if number else f"{table_name}.jsonl"


_KINDS: dict[str, TypeEngine[Any]] = {
    "instant": Instant(),
    "date": Date(),
    "bytes": LargeBinary(),
    "json": JSON(),
    "plain": NullType(),
}
_WRITE: dict[str, Callable[[Any], object]] = {
    "instant": datetime.isoformat,
    "date": date.isoformat,
    "bytes": lambda value: base64.b64encode(value).decode(),
}
_READ: dict[str, Callable[[Any], object]] = {
    "instant": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": lambda value: base64.b64decode(value, validate=True),
}


def dump(connection: Connection, directory: Path) -> list[TableDump]:
    """Write every table of a snapshot into `directory`; return them in the order to load them.

    As the database has them, so that one of an earlier schema can be backed up before it is
    migrated.
    """
    found = MetaData()
    found.reflect(connection)
    return [
        _dump_table(connection, one, directory)
        for one in found.sorted_tables
        if one.name != _ALEMBICS and one.name not in PASSING
    ]


def read_rows(dumped: TableDump, directory: Path) -> Iterator[dict[str, object]]:
    """Yield the rows of a table. Raises `BadBackupError`."""
    count = 0
    for line in _lines(dumped, directory):
        try:
            values = json.loads(line)
            row = {
                name: None if values[name] is None else _READ.get(kind, _same)(values[name])
                for name, kind in dumped.columns.items()
            }
        except (ValueError, KeyError, TypeError) as error:
            raise _bad_table(dumped.name) from error
        count += 1
        yield row
    if count != dumped.rows:
        raise _bad_table(dumped.name)


def _lines(dumped: TableDump, directory: Path) -> Iterator[bytes]:
    for name in dumped.files:
        with (directory / name).open("rb") as file:
            while line := file.readline(_MAX_LINE_BYTES):
                yield line


def refuse_newer(revision: str) -> None:
    """Raise `BadBackupError` for a schema that this version of the program does not know."""
    if not knows_schema(revision):
        raise BadBackupError(messages.backup_schema_too_new(revision))


def load(database: Database, revision: str, dumps: list[TableDump], directory: Path) -> None:
    """Fill an empty database at schema `revision`, then bring it to the newest.

    Raises `BadBackupError` where it holds anything already.
    """
    database.create(revision)
    with database.writing() as connection:
        refuse_unless_empty(connection, dumps)
        for dumped in reversed(dumps):
            connection.execute(
                _typed(dumped.name, dumped.columns).delete()
            )  # what a migration put there
        for dumped in dumps:
            _load_table(connection, dumped, directory)
    database.migrate()


def _dump_table(connection: Connection, source: Table, directory: Path) -> TableDump:
    known = metadata.tables.get(source.name)
    declared = {} if known is None else dict(known.columns.items())
    columns = [declared.get(one.name, one) for one in source.columns]
    kinds = {one.name: _kind(one) for one in columns}
    typed = table(source.name, *(column(one.name, one.type) for one in columns))
    keys = [one.name for one in source.primary_key.columns]
    found = connection.execution_options(yield_per=_AT_ONCE).execute(
        select(typed).order_by(*(typed.c[name] for name in keys))
    )
    with _Parts(source.name, directory) as parts:
        for row in found.mappings():
            values = {
                name: None if row[name] is None else _WRITE.get(kind, _same)(row[name])
                for name, kind in kinds.items()
            }
            line = json.dumps(values, ensure_ascii=False).encode() + b"\n"
            parts.write(line, ends=_ends_part([values[name] for name in keys]))
    return TableDump(source.name, kinds, parts.rows, parts.number + 1)


def _ends_part(key: list[object]) -> bool:
    """Tell whether the row with this key is the last of its file: about one of so many is."""
    return crc32(json.dumps(key).encode()) % _ROWS_A_PART == 0


class _Parts:
    """Files of one table, durable when this closes."""

    def __init__(self, name: str, directory: Path) -> None:
        self.rows = 0
        self.number = 0
        self._name, self._directory = name, directory
        self._file = self._open()
        self._ended = False

    def write(self, line: bytes, *, ends: bool) -> None:
        """Add a line, to a file of its own where the one before ended a file."""
        if self._ended:
            self._close()
            self.number += 1
            self._file = self._open()
        self._file.write(line)
        self.rows += 1
        self._ended = ends

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _open(self) -> BinaryIO:
        return open(self._directory / part_name(self._name, self.number), "xb", opener=_private)

    def _close(self) -> None:
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())


def _kind(one: Column[Any]) -> str:
    for kind, type_ in (
        ("instant", (Instant, DateTime)),
        ("date", Date),
        ("bytes", LargeBinary),
        ("json", JSON),
    ):
        if isinstance(one.type, type_):
            return kind
    return "plain"


def refuse_unless_empty(connection: Connection, dumps: list[TableDump]) -> None:
    """Raise `BadBackupError` if a register is there; its tables alone are none."""
    there = set(inspect(connection).get_table_names())
    for name in ("licences", "certificates", "authorities"):
        if (
            name in there
            and any(one.name == name for one in dumps)
            and connection.execute(select(text("1")).select_from(table(name)).limit(1)).first()
        ):
            raise BadBackupError(messages.TARGET_DATABASE_NOT_EMPTY)


def _load_table(connection: Connection, dumped: TableDump, directory: Path) -> None:
    """Insert the rows; what refers to another row of the same table is filled in afterwards."""
    target = _typed(dumped.name, dumped.columns)
    keys, own = _references_to_itself(dumped.name)
    later: list[dict[str, object]] = []
    rows = read_rows(dumped, directory)
    while chunk := list(islice(rows, _AT_ONCE)):
        later += [
            {f"its_{name}": row[name] for name in (*keys, *own)}
            for row in chunk
            if any(row[name] is not None for name in own)
        ]
        connection.execute(insert(target), [row | dict.fromkeys(own) for row in chunk])
    if later:
        this = [target.c[name] == bindparam(f"its_{name}") for name in keys]
        values: dict[str, Any] = {name: bindparam(f"its_{name}") for name in own}
        connection.execute(update(target).where(*this).values(values), later)
    _go_on_counting(connection, dumped)


def _references_to_itself(name: str) -> tuple[list[str], list[str]]:
    """Return a table's key, and its columns that refer to other rows of it."""
    known = metadata.tables.get(name)
    if known is None:
        return [], []
    own = [one.parent.name for one in known.foreign_keys if one.column.table is known]
    return [one.name for one in known.primary_key.columns], own


def _go_on_counting(connection: Connection, dumped: TableDump) -> None:
    """PostgreSQL counts identities by itself: it must go on after the ones that were loaded."""
    known = metadata.tables.get(dumped.name)
    if connection.dialect.name != "postgresql" or known is None:
        return
    counted = known.autoincrement_column
    if counted is not None and counted.autoincrement is True:
        sequence = f"pg_get_serial_sequence('{known.name}', '{counted.name}')"
        highest = f"SELECT max({counted.name}) FROM {known.name}"  # noqa: S608  # names from our schema
        connection.exec_driver_sql(f"SELECT setval({sequence}, ({highest})) WHERE ({highest}) > 0")


def _typed(name: str, kinds: dict[str, str]) -> Any:
    """Return a table whose values are bound as a backup's kinds say.

    Where our column keeps nothing as NULL, and not as JSON's null, so does this.
    """
    known = metadata.tables.get(name)

    def type_of(one: str, kind: str) -> TypeEngine[Any]:
        declared = None if known is None or one not in known.c else known.c[one].type
        return declared if kind == "json" and isinstance(declared, JSON) else _KINDS[kind]

    return table(name, *(column(one, type_of(one, kind)) for one, kind in kinds.items()))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _same(value: object) -> object:
    return value


def _bad_table(name: str) -> BadBackupError:
    return BadBackupError(messages.backup_table_damaged(name))
