"""Index of the search: what people look for a licence by, kept beside its record.

One mechanism on both databases: each entry has its folded words, and every two characters that
stand beside each other in them (grams) lead to it. A name of two characters is one gram, and there
is no shorter word to look for but a single character, which begins a gram itself. Who granted a
licence, and its type, lead to it too. An entry's number grows with time, so that the newest are
found first without sorting.

Written in the transaction that reserves a licence. It holds no code of a holder. It is in no
backup: `rebuild` makes it from the licences.
"""

import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from registry.db.database import Database, without_time_limits
from registry.db.tables import licences, search_entries, search_grams
from registry.privacy.codes import is_token
from registry.types.document_type import TITLE

LONGEST_WORDS: Final = 2000
"""Characters of all that a licence is found by; the number is apart."""
_AT_ONCE = 1000
_GRAMS_AT_ONCE = 500_000
"""In memory while the index is made anew: some 70 MB, written in the order of their table."""
_HALF = 1 << 31
_COLUMN = licences.c
_ENTRY = search_entries.c
_SOURCE = (
    _COLUMN.identifier,
    _COLUMN.authority_id,
    _COLUMN.type_code,
    _COLUMN.granted_on,
    _COLUMN.number,
    _COLUMN.holders,
    _COLUMN.data,
)


def fold(text: str) -> str:
    """Return a text as it is compared: one width, one case, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def words_of(row: Mapping[str, Any]) -> str:
    """Return the words by which a licence is found: its holders' names and its title."""
    names = [str(one["name"]) for one in row["holders"]]
    title = row["data"].get(TITLE) if row["data"] else None
    said = [*names, *([title] if isinstance(title, str) else [])]
    return "\n".join(dict.fromkeys(filter(None, map(fold, said))))[:LONGEST_WORDS]


def gram(first: str, second: str) -> int:
    """Return the number of two characters; some share one, so that words are compared too."""
    return ((ord(first) & 0xFFFF) << 16 | ord(second) & 0xFFFF) - _HALF


def grams_beginning(character: str) -> tuple[int, int]:
    """Return the first and the last gram that a character begins."""
    lowest = ((ord(character) & 0xFFFF) << 16) - _HALF
    return lowest, lowest + 0xFFFF


def grams_in(word: str) -> list[int]:
    """Return the grams of a folded word."""
    return list(dict.fromkeys(map(gram, word, word[1:])))


def gram_of(kind: str, name: str) -> int:
    """Return the gram of a licence's authority or type: in Unicode's private area."""
    return (0xE000 << 16 | zlib.crc32(f"{kind}:{name}".encode()) & 0x0FFFFFFF) - _HALF


def index_licence(connection: Connection, row: Mapping[str, Any]) -> None:
    """Put a licence that was just recorded into the index; `row` is what was inserted."""
    entry = connection.execute(
        insert(search_entries).values(_entry_of(row)).returning(_ENTRY.entry)
    ).scalar_one()
    connection.execute(
        insert(search_grams), [{"gram": one, "entry": entry} for one in _grams_of(row)]
    )


def index_licences(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put several into it that were just recorded."""
    added = insert(search_entries).returning(_ENTRY.identifier, _ENTRY.entry)
    known = connection.execute(added, [_entry_of(row) for row in rows])
    entries = {row.identifier: row.entry for row in known}
    _insert_grams(
        connection,
        [(gram, entries[row["identifier"]]) for row in rows for gram in _grams_of(row)],
    )


def index_again(
    connection: Connection, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Let a licence be found by what its row says now, and no longer by what it said."""
    this = _ENTRY.identifier == before["identifier"]
    entry = connection.execute(select(_ENTRY.entry).where(this)).scalar_one_or_none()
    if entry is None:
        return
    values = _entry_of(after)
    connection.execute(update(search_entries).where(this).values(values))
    old, new = set(_grams_of(before)), set(_grams_of(after))
    grams = search_grams.c
    if gone := sorted(old - new):
        connection.execute(delete(search_grams).where(grams.entry == entry, grams.gram.in_(gone)))
    if come := sorted(new - old):
        connection.execute(insert(search_grams), [{"gram": one, "entry": entry} for one in come])


def rebuild(database: Database) -> int:
    """Make the whole index anew from the licences, in one transaction; return how many."""
    with database.writing() as connection:
        without_time_limits(connection)
        return rebuild_in(connection)


def rebuild_in(connection: Connection) -> int:
    """Make the index anew within a transaction."""
    connection.execute(delete(search_grams))
    connection.execute(delete(search_entries))
    count = 0
    grams: list[tuple[int, int]] = []
    for rows in _in_order(connection):
        entries = []
        for row in rows:
            count += 1
            entries.append({"entry": count, **_entry_of(row)})
            grams += [(one, count) for one in _grams_of(row)]
        connection.execute(insert(search_entries), entries)
        if len(grams) >= _GRAMS_AT_ONCE:
            _insert_grams(connection, grams)
            grams = []
    _insert_grams(connection, grams)
    _go_on_counting(connection, count)
    return count


@dataclass(frozen=True, slots=True)
class IndexState:
    """Agreement of the index with the licences."""

    missing: int
    """Licences without an entry."""
    differing: tuple[str, ...]
    """Identifiers among those looked at whose entry says something else."""


def compare(connection: Connection, *, newest: int | None = 2000) -> IndexState:
    """Compare the index with the licences: all are counted, the newest so many looked at."""
    counted = select(func.count()).select_from(licences)
    entries = select(func.count()).select_from(search_entries)
    missing = connection.execute(counted).scalar_one() - connection.execute(entries).scalar_one()
    query = select(search_entries, *(one.label(f"its_{one.name}") for one in _SOURCE)).join(
        licences, _COLUMN.identifier == _ENTRY.identifier
    )
    rows = connection.execute(query.order_by(_ENTRY.entry.desc()).limit(newest)).mappings()
    differing = []
    for row in rows:
        source = {one.name: row[f"its_{one.name}"] for one in _SOURCE}
        grams = select(search_grams.c.gram).where(search_grams.c.entry == row["entry"])
        wanted = set(_grams_of(source))
        entry = _entry_of(source)
        said = {name: row[name] for name in entry}
        if said != entry or set(connection.execute(grams).scalars()) != wanted:
            differing.append(str(row["identifier"]))
    return IndexState(missing, tuple(differing))


def _entry_of(row: Mapping[str, Any]) -> dict[str, Any]:
    # One that holds a holder's code is found by its token, whole, in the licence's own row.
    number = "" if is_token(row["number"]) else fold(row["number"]).upper()[:64]
    return {
        "identifier": row["identifier"],
        "authority_id": row["authority_id"],
        "type_code": row["type_code"],
        "granted_on": row["granted_on"],
        "words": words_of(row),
        "number": number,
        "number_backwards": number[::-1],
    }


def _grams_of(row: Mapping[str, Any]) -> list[int]:
    # The last character of a word begins a gram too, with the end of the line.
    found = {
        gram_of("authority", row["authority_id"]),
        gram_of("type", row["type_code"]),
        *(one for line in words_of(row).splitlines() for one in grams_in(f"{line}\n")),
    }
    return sorted(found)


def _insert_grams(connection: Connection, grams: list[tuple[int, int]]) -> None:
    """Insert many, by the drivers' own fast ways: there are a dozen for each licence."""
    grams.sort()
    if not grams:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO search_grams (gram, entry) VALUES (?, ?)", grams)
        return
    cursor = connection.connection.cursor()
    with cursor, cursor.copy("COPY search_grams (gram, entry) FROM STDIN") as copy:  # type: ignore[attr-defined]
        for one in grams:
            copy.write_row(one)


def _in_order(connection: Connection) -> Iterator[Sequence[Any]]:
    """Yield all licences, the oldest first, some at a time."""
    order = _COLUMN.created_at, _COLUMN.identifier
    query = select(*_SOURCE).order_by(*order).execution_options(yield_per=_AT_ONCE)
    yield from connection.execute(query).mappings().partitions()


def _go_on_counting(connection: Connection, count: int) -> None:
    if connection.dialect.name == "postgresql":
        sequence = "pg_get_serial_sequence('search_entries', 'entry')"
        connection.exec_driver_sql(f"SELECT setval({sequence}, {max(count, 1)})")
