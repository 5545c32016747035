"""Rows of a batch: what each asks for, until it is granted, and what became of it.

The request's digest is over the digests of all rows, so that what was approved is what is granted,
row by row, whoever can write the database. Of a row that is granted neither its record nor its
photo is kept, of a batch that is over no digest either.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, String, case, cast, func, insert, null, select, update

from core.canonical import canonical_json
from core.ids import LicenceIdentifier
from core.text import Text
from registry.db.tables import batch_rows
from registry.desk.contents import BatchAsk
from registry.objects.store import sha256_of
from registry.privacy import places
from registry.privacy.codes import Privacy, kept_digest, privacy_of
from registry.privacy.records import read_content, read_file, sealed_content, sealed_file

AT_ONCE = 500
"""Rows in one statement."""
_COLUMN = batch_rows.c
BEFORE: Final = "granted_before"
"""Code of a row whose licence was granted before its batch: known when it was asked for, and kept
with the result. Such a row leads to no other licence."""


class RowCounts(Counter["RowState"]):
    """Rows by their state."""

    before: int = 0
    """Of those granted or waiting: granted before the batch."""


class RowState(StrEnum):
    """State of a row."""

    WAITING = "WAITING"
    GRANTED = "GRANTED"
    """Now, or before: its licence is named."""
    SKIPPED = "SKIPPED"
    """It says something else than its licence, which was left alone."""
    FAILED = "FAILED"


class SampleCause(StrEnum):
    """Reason why a row's page is looked at before others."""

    FIRST = "first"
    LONGEST = "longest"
    CHANCE = "chance"


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A row as it is kept."""

    number: int
    """As the spreadsheet shows it."""
    state: RowState
    record: Mapping[str, str] | None
    """None: forgotten."""
    has_photo: bool = False
    identifier: LicenceIdentifier | None = None
    code: str | None = None
    """Of the error, where it failed; `BEFORE`."""
    detail: Text | None = None


@dataclass(frozen=True, slots=True)
class RowContent:
    """Content of a row."""

    number: int
    record: Mapping[str, str]
    photo: bytes | None
    before: bool = False
    """Its licence was granted before the batch was asked for."""

    def digest(self) -> str:
        """Return its SHA-256 (hex)."""
        photo = None if self.photo is None else sha256_of(self.photo)
        said = {"number": self.number, "record": dict(self.record), "photo": photo}
        return hashlib.sha256(canonical_json(said)).hexdigest()


@dataclass(frozen=True, slots=True)
class RowResult:
    """Result of a row."""

    number: int
    state: RowState
    identifier: LicenceIdentifier | None = None
    code: str | None = None
    detail: Text | None = None


def batch_digest(ask: BatchAsk, digests: Sequence[str]) -> str:
    """Return the SHA-256 (hex) of a batch: of how it is granted, and of its rows in their order."""
    said: dict[str, object] = {
        "type": ask.type_code,
        "authority": ask.authority_id,
        "basis": ask.basis,
        "level": ask.level,
        "changed": ask.changed,
        "further": ask.further,
        "name": ask.name,
        "rows": list(digests),
    }
    if ask.wishes is not None:
        said["wishes"] = dict(ask.wishes)
    if ask.countersigns:
        said["countersigns"] = True
    return hashlib.sha256(canonical_json(said)).hexdigest()


def add_rows(connection: Connection, request_id: str, rows: Sequence[RowContent]) -> None:
    """Keep the rows of a batch, in the transaction that makes its request."""
    privacy = privacy_of(connection)
    for start in range(0, len(rows), AT_ONCE):
        values = [
            {
                "request_id": request_id,
                "number": one.number,
                "digest": kept_digest(privacy, one.digest()),
                "record": sealed_content(
                    privacy, places.of_row(request_id, one.number), one.record
                ),
                "photo": _sealed_photo(privacy, request_id, one),
                "state": RowState.WAITING,
                "code": BEFORE if one.before else None,
            }
            for one in rows[start : start + AT_ONCE]
        ]
        connection.execute(insert(batch_rows), values)


def asked_digests(
    connection: Connection, ask: BatchAsk, rows: Sequence[RowContent]
) -> tuple[str, str]:
    """Return the digest of a batch that is asked for, and the one that the version before had.

    Rows name holders, so that the former is over tokens, as `add_rows` keeps them.
    """
    privacy, said = privacy_of(connection), [one.digest() for one in rows]
    return batch_digest(ask, [kept_digest(privacy, one) for one in said]), batch_digest(ask, said)


def digests_of(connection: Connection, request_id: str) -> dict[int, str]:
    """Return the digests of all rows, in the rows' order."""
    query = select(_COLUMN.number, _COLUMN.digest).where(_COLUMN.request_id == request_id)
    return {
        row.number: row.digest or "" for row in connection.execute(query.order_by(_COLUMN.number))
    }


def count_rows(connection: Connection, request_id: str) -> RowCounts:
    """Return how many rows are in which state."""
    return count_rows_of(connection, [request_id])[request_id]


def count_rows_of(connection: Connection, request_ids: Collection[str]) -> dict[str, RowCounts]:
    """Return the same of some batches, by their requests."""
    before = func.sum(case((_COLUMN.code == BEFORE, 1), else_=0))
    query = select(_COLUMN.request_id, _COLUMN.state, func.count(), before).where(
        _COLUMN.request_id.in_(sorted(request_ids))
    )
    found = {one: RowCounts() for one in request_ids}
    for request_id, state, count, known in connection.execute(
        query.group_by(_COLUMN.request_id, _COLUMN.state)
    ):
        found[request_id][RowState(state)] = count
        found[request_id].before += known
    return found


def list_rows(
    connection: Connection,
    request_id: str,
    *,
    state: RowState | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[BatchRow]:
    """Return rows by number, those that follow one."""
    columns = [one for one in _COLUMN if one.name != "photo"]
    has_photo = _COLUMN.photo.is_not(None).label("has_photo")
    query = select(*columns, has_photo).where(
        _COLUMN.request_id == request_id, _COLUMN.number > after
    )
    if state is not None:
        query = query.where(_COLUMN.state == state)
    rows = connection.execute(query.order_by(_COLUMN.number).limit(limit))
    privacy = privacy_of(connection)
    return [_row(row, _record(privacy, request_id, row)) for row in rows]


def granted_parts(connection: Connection, request_id: str, size: int) -> list[int]:
    """Return the numbers behind which each part of so many granted rows begins, 0 first."""
    these = _COLUMN.request_id == request_id, _COLUMN.state == RowState.GRANTED
    place = func.row_number().over(order_by=_COLUMN.number).label("place")
    counted = select(_COLUMN.number, place).where(*these).subquery()
    # A part begins behind each full one, where any row follows.
    total = select(func.count()).where(*these).scalar_subquery()
    query = select(counted.c.number).where(counted.c.place % size == 0, counted.c.place < total)
    return [0, *connection.execute(query.order_by(counted.c.number)).scalars()]


def sampled_rows(connection: Connection, request_id: str) -> dict[int, SampleCause]:
    """Return rows whose pages are looked at before a seal is used, with the reason for each.

    They are the first, the longest, and one by chance, the same each time, of those to be granted.
    """
    these = (
        _COLUMN.request_id == request_id,
        _COLUMN.record.is_not(None),
        _COLUMN.code.is_distinct_from(BEFORE),
    )
    first = select(_COLUMN.number).where(*these).order_by(_COLUMN.number)
    length = func.length(cast(_COLUMN.record, String))
    total = connection.execute(
        select(func.count()).select_from(batch_rows).where(*these)
    ).scalar_one()
    if not total:
        return {}
    chance = int(hashlib.sha256(request_id.encode()).hexdigest(), 16) % total
    longest = select(_COLUMN.number).where(*these).order_by(length.desc(), _COLUMN.number)
    found: dict[int, SampleCause] = {}
    for cause, query in (
        (SampleCause.FIRST, first),
        (SampleCause.LONGEST, longest),
        (SampleCause.CHANCE, first.offset(chance)),
    ):
        found.setdefault(connection.execute(query.limit(1)).scalar_one(), cause)
    return dict(sorted(found.items()))


def photo_of(connection: Connection, request_id: str, number: int) -> bytes | None:
    """Return the photo of a row."""
    this = _COLUMN.request_id == request_id, _COLUMN.number == number
    kept: bytes | None = connection.execute(select(_COLUMN.photo).where(*this)).scalar_one_or_none()
    return _photo(privacy_of(connection), request_id, number, kept)


def waiting_numbers(connection: Connection, request_id: str) -> list[int]:
    """Return the numbers of all rows to be granted, in order."""
    query = select(_COLUMN.number).where(
        _COLUMN.request_id == request_id, _COLUMN.state == RowState.WAITING
    )
    return list(connection.execute(query.order_by(_COLUMN.number)).scalars())


def waiting_rows(
    connection: Connection,
    request_id: str,
    limit: int,
    part: tuple[int, int] | None = None,
    after: int = 0,
) -> list[RowContent]:
    """Return the next rows to be granted, with what they ask for, those behind a number; `part`:
    from number to number.
    """
    which = [
        _COLUMN.request_id == request_id,
        _COLUMN.state == RowState.WAITING,
        _COLUMN.number > after,
    ]
    if part is not None:
        which.append(_COLUMN.number.between(*part))
    query = (
        select(_COLUMN.number, _COLUMN.record, _COLUMN.photo, _COLUMN.code)
        .where(*which)
        .order_by(_COLUMN.number)
        .limit(limit)
    )
    privacy = privacy_of(connection)
    return [
        RowContent(
            row.number,
            _record(privacy, request_id, row) or {},
            _photo(privacy, request_id, row.number, row.photo),
            row.code == BEFORE,
        )
        for row in connection.execute(query)
    ]


def note_results(
    connection: Connection, request_id: str, results: Sequence[RowResult], *, waiting: bool = False
) -> None:
    """Keep what became of rows; what those asked for that are done is forgotten.

    `waiting`: of those alone of which nothing else is known.
    """
    for one in results:
        values: dict[str, object] = {
            "state": one.state,
            "identifier": one.identifier,
            "code": one.code,
            "detail": null() if one.detail is None else one.detail.as_json(),
        }
        if one.state is not RowState.FAILED:
            values |= {"record": null(), "photo": null()}
        this = [_COLUMN.request_id == request_id, _COLUMN.number == one.number]
        if waiting:
            this.append(_COLUMN.state == RowState.WAITING)
        connection.execute(update(batch_rows).where(*this).values(values))


def try_again(connection: Connection, request_id: str) -> int:
    """Let the rows that failed wait again; return how many rows wait then."""
    these = _COLUMN.request_id == request_id, _COLUMN.state == RowState.FAILED
    values = {"state": RowState.WAITING, "code": None, "detail": null()}
    connection.execute(update(batch_rows).where(*these).values(values))
    return count_rows(connection, request_id)[RowState.WAITING]


def forget_rows(connection: Connection, request_id: str) -> None:
    """Forget what the rows of a batch asked for; what became of them stays."""
    values = {"digest": None, "record": null(), "photo": null(), "detail": null()}
    connection.execute(update(batch_rows).where(_COLUMN.request_id == request_id).values(values))


def _sealed_photo(privacy: Privacy, request_id: str, row: RowContent) -> bytes | None:
    if row.photo is None:
        return None
    return sealed_file(privacy, places.of_row(request_id, row.number, "photo"), row.photo)


def _photo(privacy: Privacy, request_id: str, number: int, kept: bytes | None) -> bytes | None:
    return (
        None
        if kept is None
        else read_file(privacy, places.of_row(request_id, number, "photo"), kept)
    )


def _record(privacy: Privacy, request_id: str, row: Any) -> Mapping[str, str] | None:
    if row.record is None:
        return None
    return read_content(privacy, places.of_row(request_id, row.number), row.record)


def _row(row: Any, record: Mapping[str, str] | None) -> BatchRow:
    detail = row.detail
    return BatchRow(
        row.number,
        RowState(row.state),
        record,
        row.has_photo,
        row.identifier,
        row.code,
        None if detail is None else Text(detail["zh"], detail["en"]),
    )
