"""Sealing of what is on record in the clear, and sealing anew what an older key sealed.

Some rows in each transaction, in the order of their keys, each looked at under its lock: cut off at
any point, it goes on with what is left, and what runs beside it reads rows of either kind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select, tuple_, update

from core.ids import TypeCode
from registry.accession import hiding as accession_hiding
from registry.db.database import Database
from registry.db.tables import (
    accessions,
    batch_rows,
    correction_files,
    corrections,
    export_parts,
    exports,
    licences,
    request_contents,
    search_entries,
    series,
)
from registry.licences import exported
from registry.licences.corrections import contents as correction_contents
from registry.licences.hiding import hidden_values, place_of
from registry.privacy.codes import Privacy
from registry.privacy.records import SEALED_IN, resealed, sealed_content
from registry.types.catalogue import Catalogue

AT_ONCE: Final = 200
_FILES_AT_ONCE: Final = 10
"""Of files, which are megabytes."""
_NAME_ROOM: Final = 64
"""Octets within which the name of a key ends."""
_KINDS: Final = ("grant", "change", "batch", "type")
"""Kinds of contents that officers ask for; what else is kept there holds no holder."""
_PARTS: Final = 4
"""Pieces of exports in one transaction: each has up to a mebibyte."""
Change = Callable[[Connection, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SealedRows:
    """Number of rows sealed that were in the clear, and of those sealed anew."""

    first: int = 0
    anew: int = 0


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Number of records in the clear still, or under an older key."""

    clear: int
    older: int


def seal_rows(database: Database, privacy: Privacy, *, at_once: int = AT_ONCE) -> SealedRows:
    """Seal all rows under the newest key. Raises `PrivacyKeyMissingError`, `DatabaseBusyError`."""
    sealer = _Sealer(privacy)
    first = anew = 0
    for table, clear, change in sealer.clear():
        first += _go_through(database, table, clear, change, at_once)
    for table, older, change in sealer.older():
        few = _PARTS if table is export_parts else at_once
        anew += _go_through(database, table, older, change, min(few, at_once))
    return SealedRows(first, anew)


def count_unsealed(connection: Connection, current: str | None) -> Unsealed:
    """Count the licences, granted and taken over, whose codes are in the clear or under another
    key than the current one.
    """
    clear = older = 0
    for table in (licences, accessions):
        column = table.c
        counted = select(func.count()).select_from(table)
        unsealed = and_(column[SEALED_IN].is_(None), column.erased_at.is_(None))
        clear += connection.execute(counted.where(unsealed)).scalar_one()
        if current is not None:
            under_other = counted.where(_not_under(column[SEALED_IN], current))
            older += connection.execute(under_other).scalar_one()
    return Unsealed(clear, older)


def _not_under(column: ColumnElement[Any], current: str) -> ColumnElement[bool]:
    return and_(column.is_not(None), ~column.startswith(f"{current}.", autoescape=True))


def _go_through(
    database: Database, table: Table, condition: ColumnElement[bool], change: Change, at_once: int
) -> int:
    """Change the rows for which a condition holds, until none is left; return how many."""
    keys = list(table.primary_key.columns)
    at_once = min(at_once, _FILES_AT_ONCE) if table is correction_files else at_once
    done, after = 0, None
    while True:
        with database.writing() as connection:
            query = select(table).where(condition).order_by(*keys).limit(at_once).with_for_update()
            if after is not None:
                query = query.where(tuple_(*keys) > tuple_(*after))
            rows: Sequence[Any] = connection.execute(query).mappings().all()
            for row in rows:
                values = change(connection, row)
                if values:
                    this = [key == row[key.name] for key in keys]
                    connection.execute(update(table).where(*this).values(values))
                    done += 1
        if len(rows) < at_once:
            return done
        after = [rows[-1][key.name] for key in keys]


class _Sealer:
    """Function by which a row of each table is sealed."""

    def __init__(self, privacy: Privacy) -> None:
        self._privacy = privacy
        self._catalogue = Catalogue()

    def clear(self) -> list[tuple[Table, ColumnElement[bool], Change]]:
        """Return the tables, which of their rows may be in the clear, and how they are sealed."""
        return [
            (
                licences,
                and_(licences.c.secret.is_(None), licences.c.erased_at.is_(None)),
                self._licence,
            ),
            (
                accessions,
                and_(accessions.c.secret.is_(None), accessions.c.erased_at.is_(None)),
                self._accession,
            ),
            (request_contents, request_contents.c.request_id.is_not(None), self._content),
            (batch_rows, batch_rows.c.record.is_not(None), self._record),
            (corrections, corrections.c.field.is_not(None), self._correction),
            (correction_files, correction_files.c.number.is_not(None), self._file),
        ]

    def older(self) -> list[tuple[Table, ColumnElement[bool], Change]]:
        """Return the same of rows under an older key."""
        current = self._privacy.box.current
        return [
            (licences, _not_under(licences.c.secret, current), self._licence_again),
            (accessions, _not_under(accessions.c.secret, current), self._accession_again),
            (request_contents, request_contents.c.request_id.is_not(None), self._content_again),
            (batch_rows, batch_rows.c.record.is_not(None), self._record_again),
            (
                corrections,
                corrections.c[correction_contents.KEPT_IN].is_not(None),
                self._correction_again,
            ),
            (correction_files, correction_files.c.number.is_not(None), self._file_again),
            (exports, exports.c.export_id.is_not(None), self._export_again),
            (export_parts, _not_under(export_parts.c.content, current), self._part_again),
        ]

    def _licence(self, connection: Connection, row: Any) -> dict[str, Any]:
        definition = self._catalogue.granted_under(
            connection, TypeCode(row["type_code"]), row["created_at"]
        )
        stored = hidden_values(self._privacy, definition, row)
        if stored["number"] != row["number"]:
            connection.execute(
                update(series)
                .where(series.c.series_id == row["series_id"], series.c.number == row["number"])
                .values(number=stored["number"])
            )
            connection.execute(
                update(search_entries)
                .where(search_entries.c.identifier == row["identifier"])
                .values(number="", number_backwards="")
            )
        return {name: stored[name] for name in stored if stored[name] != row[name]}

    def _licence_again(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        return {SEALED_IN: resealed(self._privacy, place_of(row["identifier"]), row[SEALED_IN])}

    def _accession(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        stored = accession_hiding.hidden_values(self._privacy, row)
        return {name: stored[name] for name in stored if stored[name] != row[name]}

    def _accession_again(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        place = accession_hiding.place_of(row["accession_id"])
        return {SEALED_IN: resealed(self._privacy, place, row[SEALED_IN])}

    def _content(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        content = row["content"]
        if SEALED_IN in content or content.get("kind", "grant") not in _KINDS:
            return {}
        if "kind" not in content and "record" not in content:
            return {}
        place = f"request_contents\0{row['request_id']}\0content"
        return {"content": sealed_content(self._privacy, place, content)}

    def _content_again(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        place = f"request_contents\0{row['request_id']}\0content"
        return self._kept_again("content", place, row["content"])

    def _record(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        record = row["record"]
        if set(record) == {SEALED_IN}:
            return {}
        place = f"batch_rows\0{row['request_id']}\0{row['number']}\0record"
        return {"record": sealed_content(self._privacy, place, record)}

    def _record_again(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        place = f"batch_rows\0{row['request_id']}\0{row['number']}\0record"
        return self._kept_again("record", place, row["record"])

    def _kept_again(self, name: str, place: str, kept: Any) -> dict[str, Any]:
        sealed = kept.get(SEALED_IN) if set(kept) == {SEALED_IN} else None
        if sealed is None or self._is_current(sealed):
            return {}
        return {name: {SEALED_IN: resealed(self._privacy, place, sealed)}}

    def _correction(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        words = correction_contents.words_of(self._privacy, row)
        stored = correction_contents.sealed_words(self._privacy, row["correction_id"], words)
        return dict(stored)

    def _correction_again(self, connection: Connection, row: Any) -> dict[str, Any]:
        if self._is_current(row[correction_contents.KEPT_IN]):
            return {}
        return self._correction(connection, row)

    def _file(self, connection: Connection, row: Any) -> dict[str, Any]:
        if correction_contents.is_sealed(row["content"]):
            return {}
        return self._file_anew(connection, row)

    def _file_again(self, connection: Connection, row: Any) -> dict[str, Any]:
        beginning = row["content"][:_NAME_ROOM].decode("ascii", "replace")
        return {} if self._is_current(beginning) else self._file_anew(connection, row)

    def _file_anew(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        content = correction_contents.read_file(self._privacy, row)
        name, number = row["correction_id"], row["number"]
        return {"content": correction_contents.sealed_file(self._privacy, name, number, content)}

    def _export_again(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        place = exported.place_of_filter(row["export_id"])
        return self._kept_again("sought", place, row["sought"])

    def _part_again(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        place = exported.place_of_part(row["export_id"], row["number"])
        return {"content": resealed(self._privacy, place, row["content"])}

    def _is_current(self, sealed: str) -> bool:
        return sealed.startswith(f"{self._privacy.box.current}.")
