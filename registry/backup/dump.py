"""The database as lines of JSON, some files a table: the same for SQLite and PostgreSQL.

A large table is cut into spans (`registry.backup.spans`), each a file; those that did not change
are the files of the backup before. Written from one snapshot while the service runs, and read back
under the schema that it was written under, which is then brought up to date as any other database
is.
"""

import base64
import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Select,
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
from registry.backup.spans import Key, Span, read_spans, within
from registry.db.database import Database
from registry.db.schema import knows_schema
from registry.db.tables import PASSING, Instant, metadata
from registry.model import RegistryError

_ALEMBICS = "alembic_version"
_AT_ONCE = 500
"""Rows in one statement."""
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
    spans: list[Span] = field(default_factory=list)
    """What each of them holds; nothing in a backup of an earlier format."""

    @property
    def files(self) -> list[str]:
        """The names of its files."""
        return [part_name(self.name, number) for number in range(self.parts)]

    def held(self) -> Iterator[tuple[Span, str]]:
        """Yield the spans, each with its file."""
        yield from zip(self.spans, self.files, strict=True)


def part_name(table_name: str, number: int) -> str:
    """Return the name of one of a table's files."""
    return f"{table_name}-{number}.jsonl" if number else f"{table_name}.jsonl"


APPENDED: Final = "audit_events"
"""Table whose rows never change, each chained to the one before."""
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


@dataclass(frozen=True, slots=True)
class Earlier:
    """Tables of the backup before, of the same schema, and where its files are."""

    directory: Path
    tables: dict[str, TableDump]


@dataclass(frozen=True, slots=True)
class Dumped:
    """Tables that were written, in the order to load them."""

    tables: list[TableDump]
    shared: dict[str, str]
    """File → file of the backup before that it is."""


def dump(connection: Connection, directory: Path, earlier: Earlier | None = None) -> Dumped:
    """Write every table of a snapshot into `directory`; what did not change since `earlier` is
    its file.

    As the database has them, so that one of an earlier schema can be backed up before it is
    migrated.
    """
    found = MetaData()
    found.reflect(connection)
    shared: dict[str, str] = {}
    tables = [
        _dump_table(connection, one, directory, earlier, shared)
        for one in found.sorted_tables
        if one.name != _ALEMBICS and one.name not in PASSING
    ]
    return Dumped(tables, shared)


def read_rows(
    dumped: TableDump, directory: Path, passed_over: Collection[str] = ()
) -> Iterator[dict[str, object]]:
    """Yield the rows of a table, without some of its files. Raises `BadBackupError`."""
    read = 0
    for number, name in enumerate(dumped.files):
        if name in passed_over:
            continue
        count = 0
        for line in _lines(directory / name):
            count += 1
            yield row_of(dumped, line)
        wanted = dumped.spans[number].rows if dumped.spans else count
        read += count
        if count != wanted:
            raise _bad_table(dumped.name)
    if not passed_over and read != dumped.rows:
        raise _bad_table(dumped.name)


def row_of(dumped: TableDump, line: bytes) -> dict[str, object]:
    """Return the row in a line of a table's file. Raises `BadBackupError`."""
    try:
        values = json.loads(line)
        return {
            name: None if values[name] is None else _READ.get(kind, _same)(values[name])
            for name, kind in dumped.columns.items()
        }
    except (ValueError, KeyError, TypeError) as error:
        raise _bad_table(dumped.name) from error


def last_row(dumped: TableDump, path: Path) -> dict[str, object]:
    """Return the row in the last line of one of a table's files. Raises `BadBackupError`."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _MAX_LINE_BYTES))
        lines = file.read().splitlines()
    return row_of(dumped, lines[-1] if lines else b"")


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
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


def _dump_table(
    connection: Connection,
    source: Table,
    directory: Path,
    earlier: Earlier | None,
    shared: dict[str, str],
) -> TableDump:
    """Write a table's spans; name those in `shared` that are files of the backup before."""
    known = metadata.tables.get(source.name)
    declared = {} if known is None else dict(known.columns.items())
    columns = [declared.get(one.name, one) for one in source.columns]
    kinds = {one.name: _kind(one) for one in columns}
    typed = table(source.name, *(column(one.name, one.type) for one in columns))
    keys = [typed.c[one.name] for one in source.primary_key.columns]
    before = None if earlier is None else earlier.tables.get(source.name)
    if before is None or before.columns != kinds:
        before = None
    kept = [] if before is None or source.name != APPENDED else before.spans[:-1]
    after = kept[-1].last if kept else None
    read = read_spans(connection, typed, [one.name for one in keys], after=after)
    spans = [*kept, *read]  # read to their end: writing one asks the same connection
    same = {} if before is None else {_content(one): file for one, file in before.held()}
    previous: Key | None = None
    for number, span in enumerate(spans):
        path = directory / part_name(source.name, number)
        old = same.get(_content(span))
        if earlier is not None and old is not None and link_to(earlier.directory / old, path):
            shared[path.name] = old
        else:
            query = select(typed).where(*within(keys, previous, span)).order_by(*keys)
            _write(connection, query, kinds, path, span.rows)
        previous = span.last
    return TableDump(source.name, kinds, sum(one.rows for one in spans), len(spans), spans)


def _content(span: Span) -> tuple[object, ...]:
    return span.rows, span.mark, tuple(span.last or ())


def link_to(old: Path, new: Path) -> bool:
    """Let a file be one of the backup before; False where there are no links, or it is gone."""
    try:
        new.hardlink_to(old)
    except OSError:
        return False
    return True


def _write(
    connection: Connection, query: Select[Any], kinds: dict[str, str], path: Path, rows: int
) -> None:
    """Write the rows of a span, durable when this returns."""
    found = connection.execute(query.execution_options(yield_per=_AT_ONCE))
    count = 0
    with open(path, "xb", opener=_private) as file:
        for row in found.mappings():
            values = {
                name: None if row[name] is None else _WRITE.get(kind, _same)(row[name])
                for name, kind in kinds.items()
            }
            file.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")
            count += 1
        file.flush()
        os.fsync(file.fileno())
    assert count == rows, "both are of one snapshot"


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
