"""The index by which people look for licences; indices to count them and to list seals' uses"""

import unicodedata
import zlib
from typing import Any

import sqlalchemy as sa
from alembic import op

from registry.db.migrations.private_tables import keep_private

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000
_HALF = 1 << 31
_LONGEST_WORDS = 2000
_OCTETS = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
licences = sa.table(
    "licences",
    *(
        sa.column(name, kind)
        for name, kind in (
            ("identifier", sa.String()),
            ("authority_id", sa.String()),
            ("type_code", sa.String()),
            ("granted_on", sa.Date()),
            ("number", sa.String()),
            ("holders", sa.JSON()),
            ("data", sa.JSON()),
            ("created_at", sa.DateTime(timezone=True)),
        )
    ),
)
_LISTED = (
    "authority_id",
    "created_at",
    "identifier",
    "state",
    "valid_from",
    "valid_until",
    "type_code",
    "holder_name",
    "holder_code",
)
"""Columns of the index from which the desk's list was read before there was a search."""
_COUNTED = "authority_id", "type_code", "granted_on", "state", "valid_from", "valid_until"


def upgrade() -> None:
    entries = op.create_table(
        "search_entries",
        sa.Column("entry", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("identifier", sa.String(length=128), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("type_code", sa.String(length=21), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("number", _OCTETS, nullable=False),
        sa.Column("number_backwards", _OCTETS, nullable=False),
        sa.ForeignKeyConstraint(
            ["identifier"], ["licences.identifier"], name="fk_search_entries_identifier"
        ),
        sa.PrimaryKeyConstraint("entry", name="pk_search_entries"),
        sa.UniqueConstraint("identifier", name="uq_search_entries_identifier"),
    )
    grams = op.create_table(
        "search_grams",
        sa.Column("gram", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("gram", "entry", name="pk_search_grams"),
        sqlite_with_rowid=False,
    )
    _fill(op.get_bind(), entries, grams)
    op.create_index("ix_search_entries_number", "search_entries", ["number"])
    op.create_index("ix_search_entries_number_backwards", "search_entries", ["number_backwards"])
    op.drop_index("ix_licences_desk", "licences")
    op.create_index("ix_licences_counted", "licences", list(_COUNTED))
    op.create_index("ix_licences_seal_uses", "licences", ["seal_id", "created_at", "identifier"])
    keep_private({"search_entries", "search_grams"})


def downgrade() -> None:
    op.drop_index("ix_licences_seal_uses", "licences")
    op.drop_index("ix_licences_counted", "licences")
    op.create_index("ix_licences_desk", "licences", list(_LISTED))
    op.drop_table("search_grams")
    op.drop_table("search_entries")


def _fill(connection: sa.Connection, entries: sa.Table, grams: sa.Table) -> None:
    column = licences.c
    query = sa.select(licences).order_by(column.created_at, column.identifier)
    query = query.execution_options(yield_per=_AT_ONCE)
    count = 0
    for rows in connection.execute(query).mappings().partitions():
        made: list[dict[str, Any]] = []
        found: list[dict[str, int]] = []
        for row in rows:
            count += 1
            words = _words_of(row)
            number = _fold(row["number"]).upper()[:64]
            made.append(
                {
                    "entry": count,
                    "identifier": row["identifier"],
                    "authority_id": row["authority_id"],
                    "type_code": row["type_code"],
                    "granted_on": row["granted_on"],
                    "words": words,
                    "number": number,
                    "number_backwards": number[::-1],
                }
            )
            own = {_gram_of("authority", row["authority_id"]), _gram_of("type", row["type_code"])}
            for line in words.splitlines():
                own.update(map(_gram, line, f"{line[1:]}\n"))
            found += [{"gram": one, "entry": count} for one in sorted(own)]
        connection.execute(sa.insert(entries), made)
        connection.execute(sa.insert(grams), found)
    if connection.dialect.name == "postgresql" and count:
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('search_entries', 'entry'), {count})"
        )


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _words_of(row: Any) -> str:
    names = [str(one["name"]) for one in row["holders"]]
    title = row["data"].get("title") if row["data"] else None
    said = [*names, *([title] if isinstance(title, str) else [])]
    return "\n".join(dict.fromkeys(filter(None, map(_fold, said))))[:_LONGEST_WORDS]


def _gram(first: str, second: str) -> int:
    return ((ord(first) & 0xFFFF) << 16 | ord(second) & 0xFFFF) - _HALF


def _gram_of(kind: str, name: str) -> int:
    return (0xE000 << 16 | zlib.crc32(f"{kind}:{name}".encode()) & 0x0FFFFFFF) - _HALF
