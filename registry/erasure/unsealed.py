"""Rows that hold in the clear what is to be sealed, or hold it under an older key: by conditions
in SQL, which count and sealing share.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    Text,
    and_,
    cast,
    false,
    func,
    literal,
    or_,
    select,
)

from core.permits import Action
from registry.db.tables import (
    accessions,
    batch_rows,
    correction_files,
    corrections,
    document_drafts,
    document_files,
    export_parts,
    exports,
    grant_requests,
    licences,
    request_contents,
)
from registry.licences.corrections import contents as correction_contents
from registry.privacy.records import SEALED_FILE, SEALED_IN

_ASKED_OF_HOLDERS: Final = (Action.GRANT, Action.CHANGE_LICENCE, Action.MANAGE_AUTHORITY)
"""Actions whose requests are sealed; what is asked of keys and certificates names no holder."""
_SEALED_JSON: Final = f'{{"{SEALED_IN}": "'
_NOTHING: Final = "{}"
"""Content kept of a search that is over: there is nothing to seal."""
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Number of records in the clear still, or under an older key."""

    clear: int
    older: int


@dataclass(frozen=True, slots=True)
class SealedTable:
    """Table with what is sealed in it: the rows in the clear, and those under another key."""

    table: Table
    clear: Condition
    older: Condition


def sealed_tables(current: str) -> Iterator[SealedTable]:
    """Yield the tables; `current`: the key that seals."""
    for table in (licences, accessions):
        column = table.c
        clear = and_(column[SEALED_IN].is_(None), column.erased_at.is_(None))
        yield SealedTable(table, clear, _not_under(column[SEALED_IN], current))
    asked = select(grant_requests.c.request_id).where(
        grant_requests.c.action.in_(_ASKED_OF_HOLDERS)
    )
    content = request_contents.c
    of_holders = content.request_id.in_(asked)
    yield SealedTable(
        request_contents,
        and_(of_holders, or_(_clear_json(content.content), _clear_file(content.photo))),
        or_(_older_json(content.content, current), _older_file(content.photo, current)),
    )
    row = batch_rows.c
    yield SealedTable(
        batch_rows,
        or_(_clear_json(row.record), _clear_file(row.photo)),
        or_(_older_json(row.record, current), _older_file(row.photo, current)),
    )
    draft, file = document_drafts.c, document_files.c
    yield SealedTable(
        document_drafts, _clear_json(draft.wishes), _older_json(draft.wishes, current)
    )
    yield SealedTable(
        document_files,
        or_(_clear_json(file.found), _clear_file(file.data)),
        or_(_older_json(file.found, current), _older_file(file.data, current)),
    )
    said, kept = corrections.c.field, corrections.c[correction_contents.KEPT_IN]
    sealed = and_(said.is_(None), _not_under(kept, current))
    yield SealedTable(corrections, said.is_not(None), sealed)
    evidence = correction_files.c.content
    its_mark = _begins(evidence, correction_contents.SEALED_BEGINS)
    under = _begins(evidence, f"{current}.".encode())
    yield SealedTable(correction_files, ~its_mark, and_(its_mark, ~under))
    sought = exports.c.sought
    in_clear = and_(_clear_json(sought), cast(sought, Text) != _NOTHING)
    yield SealedTable(exports, in_clear, _older_json(sought, current))
    yield SealedTable(export_parts, false(), _not_under(export_parts.c.content, current))


def count_unsealed(connection: Connection, current: str | None) -> Unsealed:
    """Count what is in the clear, or under another key than the current one."""
    clear = older = 0
    for one in sealed_tables(current or ""):
        counted = select(func.count()).select_from(one.table)
        clear += connection.execute(counted.where(one.clear)).scalar_one()
        if current is not None:
            older += connection.execute(counted.where(one.older)).scalar_one()
    return Unsealed(clear, older)


def _not_under(column: ColumnElement[Any], current: str) -> Condition:
    return and_(column.is_not(None), ~column.startswith(f"{current}.", autoescape=True))


def _clear_json(column: ColumnElement[Any]) -> Condition:
    said = cast(column, Text)
    return and_(column.is_not(None), ~said.startswith(_SEALED_JSON, autoescape=True))


def _older_json(column: ColumnElement[Any], current: str) -> Condition:
    said = cast(column, Text)
    return and_(
        said.startswith(_SEALED_JSON, autoescape=True),
        ~said.startswith(f"{_SEALED_JSON}{current}.", autoescape=True),
    )


def _clear_file(column: ColumnElement[Any]) -> Condition:
    return and_(column.is_not(None), ~_begins(column, SEALED_FILE))


def _older_file(column: ColumnElement[Any], current: str) -> Condition:
    under = SEALED_FILE + f"{current}.".encode()
    return and_(column.is_not(None), _begins(column, SEALED_FILE), ~_begins(column, under))


def _begins(column: ColumnElement[Any], beginning: bytes) -> Condition:
    its = func.substr(column, 1, len(beginning), type_=LargeBinary)
    return its == literal(beginning, LargeBinary)
