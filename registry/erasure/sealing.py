"""Sealing of what is on record in the clear, and sealing anew what an older key sealed.

Some rows in each transaction, in the order of their keys, each looked at under its lock: cut off at
any point, it goes on with what is left, and what runs beside it reads rows of either kind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, select, tuple_, update

from core.ids import TypeCode
from registry.accession import hiding as accession_hiding
from registry.db.database import Database
from registry.db.tables import (
    accessions,
    batch_rows,
    correction_files,
    corrections,
    document_drafts,
    document_files,
    export_parts,
    exports,
    licences,
    request_contents,
    search_entries,
    series,
)
from registry.erasure.unsealed import sealed_tables
from registry.licences import exported
from registry.licences.corrections import contents as correction_contents
from registry.licences.hiding import hidden_values, place_of
from registry.privacy import places
from registry.privacy.codes import Privacy
from registry.privacy.records import (
    SEALED_IN,
    read_content,
    read_file,
    resealed,
    sealed_content,
    sealed_file,
)
from registry.types.catalogue import Catalogue

AT_ONCE: Final = 200
_FILES_AT_ONCE: Final = {
    correction_files: 10,
    document_files: 2,
    request_contents: 20,
    batch_rows: 20,
    export_parts: 4,
}
"""Rows of tables with files, which are megabytes."""
Change = Callable[[Connection, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SealedRows:
    """Number of rows sealed that were in the clear, and of those sealed anew."""

    first: int = 0
    anew: int = 0


def seal_rows(database: Database, privacy: Privacy, *, at_once: int = AT_ONCE) -> SealedRows:
    """Seal all rows under the newest key. Raises `PrivacyKeyMissingError`, `DatabaseBusyError`."""
    sealer = _Sealer(privacy)
    first = anew = 0
    for one in sealed_tables(privacy.box.current):
        first += _go_through(database, one.table, one.clear, sealer.change(one.table), at_once)
        anew += _go_through(database, one.table, one.older, sealer.change(one.table), at_once)
    return SealedRows(first, anew)


def _go_through(
    database: Database, table: Table, condition: ColumnElement[bool], change: Change, at_once: int
) -> int:
    """Change the rows for which a condition holds, until none is left; return how many."""
    keys = list(table.primary_key.columns)
    at_once = min(at_once, _FILES_AT_ONCE.get(table, at_once))
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
    """Functions that seal a row of each table under the newest key, whatever it is under."""

    def __init__(self, privacy: Privacy) -> None:
        self._privacy = privacy
        self._catalogue = Catalogue()

    def change(self, table: Table) -> Change:
        """Return the function of a table."""
        return {
            licences: self._licence,
            accessions: self._accession,
            request_contents: self._content,
            batch_rows: self._row,
            document_drafts: self._draft,
            document_files: self._document,
            corrections: self._correction,
            correction_files: self._evidence,
            exports: self._export,
            export_parts: self._part,
        }[table]

    def _licence(self, connection: Connection, row: Any) -> dict[str, Any]:
        if row[SEALED_IN] is not None:
            return {SEALED_IN: resealed(self._privacy, place_of(row["identifier"]), row[SEALED_IN])}
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

    def _accession(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        if row[SEALED_IN] is not None:
            place = accession_hiding.place_of(row["accession_id"])
            return {SEALED_IN: resealed(self._privacy, place, row[SEALED_IN])}
        stored = accession_hiding.hidden_values(self._privacy, row)
        return {name: stored[name] for name in stored if stored[name] != row[name]}

    def _content(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        name = row["request_id"]
        kept = self._anew(places.of_content(name), row["content"])
        return {"content": kept, **self._photo(places.of_content(name, "photo"), row["photo"])}

    def _row(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        this, values = (row["request_id"], row["number"]), {}
        if row["record"] is not None:
            values["record"] = self._anew(places.of_row(*this), row["record"])
        return {**values, **self._photo(places.of_row(*this, "photo"), row["photo"])}

    def _draft(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        return {"wishes": self._anew(places.of_wishes(row["draft_id"]), row["wishes"])}

    def _document(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        name, number = row["draft_id"], row["number"]
        place = places.of_file(name, number, "found")
        found = read_content(self._privacy, place, row["found"])
        facts = {places.DRAFT_TITLE: row["name"], **found}
        kept = sealed_content(self._privacy, place, facts)
        values: dict[str, Any] = {"name": places.TITLE_SEALED, "found": kept}
        if row["data"] is not None:
            place = places.of_file(name, number, "data")
            values["data"] = self._file_anew(place, row["data"])
        return values

    def _anew(self, place: str, kept: Any) -> dict[str, str]:
        return sealed_content(self._privacy, place, read_content(self._privacy, place, kept))

    def _photo(self, place: str, kept: bytes | None) -> dict[str, bytes]:
        return {} if kept is None else {"photo": self._file_anew(place, kept)}

    def _file_anew(self, place: str, kept: bytes) -> bytes:
        return sealed_file(self._privacy, place, read_file(self._privacy, place, kept))

    def _correction(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        words = correction_contents.words_of(self._privacy, row)
        stored = correction_contents.sealed_words(self._privacy, row["correction_id"], words)
        return dict(stored)

    def _evidence(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        content = correction_contents.read_file(self._privacy, row)
        name, number = row["correction_id"], row["number"]
        return {"content": correction_contents.sealed_file(self._privacy, name, number, content)}

    def _export(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        place = exported.place_of_filter(row["export_id"])
        return {"sought": self._anew(place, row["sought"])}

    def _part(self, connection: Connection, row: Any) -> dict[str, Any]:
        del connection
        place = exported.place_of_part(row["export_id"], row["number"])
        return {"content": resealed(self._privacy, place, row["content"])}
