"""Statistics of licences: how many were granted in each month, and how these stand today.

Counted by one query in an index that holds all it asks for; no holder's data is read.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, String, case, cast, func, select

from core.ids import AuthorityId, TypeCode
from registry.db.tables import authorities, licence_types, licences
from registry.licences.licences import is_in
from registry.model import LicenceState

_COLUMN = licences.c


class GroupedBy(StrEnum):
    """By what licences are counted apart."""

    AUTHORITY = "authority"
    TYPE = "type"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class CountedLicences:
    """Licences that are counted; all that is given must hold."""

    on: date
    """The day whose states are meant."""
    authority_id: AuthorityId | None = None
    type_code: TypeCode | None = None
    granted_from: date | None = None
    granted_until: date | None = None
    """The last day."""
    by: tuple[GroupedBy, ...] = tuple(GroupedBy)

    def told(self) -> dict[str, str]:
        """Return it for the audit."""
        given = {
            "authority": self.authority_id,
            "type": self.type_code,
            "granted_from": self.granted_from,
            "granted_until": self.granted_until,
        }
        return {name: str(value) for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of the licences granted (documents: signed), by how they stand."""

    granted: int = 0
    in_force: int = 0
    waiting: int = 0
    """Granted, and not valid yet."""
    suspended: int = 0
    expired: int = 0
    cancelled: int = 0
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class StatisticsRow:
    """One group of licences; None where they are not told apart by it."""

    authority_id: AuthorityId | None
    type_code: TypeCode | None
    month: str | None
    """As 2026-03."""
    counts: Counts


COUNTED: Final = tuple(one.name for one in fields(Counts))
_STATES: Final = {
    "in_force": LicenceState.IN_FORCE,
    "suspended": LicenceState.SUSPENDED,
    "expired": LicenceState.EXPIRED,
    "cancelled": LicenceState.CANCELLED,
    "replaced": LicenceState.REPLACED,
}


def count_licences(
    connection: Connection,
    counted: CountedLicences,
    reach: Collection[AuthorityId] | None = None,
) -> list[StatisticsRow]:
    """Return the groups with their counts, in order; of some authorities' licences, or of all."""
    month = func.substr(cast(_COLUMN.granted_on, String), 1, 7)
    keys: dict[GroupedBy, ColumnElement[str]] = {
        GroupedBy.AUTHORITY: _COLUMN.authority_id,
        GroupedBy.TYPE: _COLUMN.type_code,
        GroupedBy.MONTH: month,
    }
    named = [one for one in GroupedBy if one in counted.by]
    by = [keys[one] for one in named]
    query = select(*(one.label(f"key{n}") for n, one in enumerate(by)), *_counts(counted.on))
    query = query.where(*_conditions(counted, reach)).group_by(*by).order_by(*by)
    found = []
    for row in connection.execute(query).mappings():
        key: Mapping[GroupedBy, Any] = {one: row[f"key{n}"] for n, one in enumerate(named)}
        counts = Counts(**{name: row[name] or 0 for name in COUNTED})
        if counts.granted:
            found.append(
                StatisticsRow(
                    key.get(GroupedBy.AUTHORITY),
                    key.get(GroupedBy.TYPE),
                    key.get(GroupedBy.MONTH),
                    counts,
                )
            )
    return found


def total(rows: Iterable[StatisticsRow]) -> Counts:
    """Return the sum of all rows."""
    listed = [one.counts for one in rows]
    return Counts(**{name: sum(getattr(one, name) for one in listed) for name in COUNTED})


def names_of(connection: Connection) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Return the names of authorities by id, and of types, Chinese and English, by code."""
    bodies = connection.execute(select(authorities.c.authority_id, authorities.c.name))
    column = licence_types.c
    types = connection.execute(select(column.code, column.name_zh, column.name_en))
    return (
        {row.authority_id: row.name for row in bodies},
        {row.code: (row.name_zh, row.name_en) for row in types},
    )


def _counts(on: date) -> list[ColumnElement[Any]]:
    waiting = (_COLUMN.state != LicenceState.PENDING) & is_in(LicenceState.PENDING, on)
    held = {name: is_in(state, on) for name, state in _STATES.items()} | {"waiting": waiting}
    return [
        func.count().label("granted"),
        *(func.sum(case((one, 1), else_=0)).label(name) for name, one in held.items()),
    ]


def _conditions(
    counted: CountedLicences, reach: Collection[AuthorityId] | None
) -> list[ColumnElement[bool]]:
    """Say what is counted: nothing whose grant did not finish."""
    found: list[ColumnElement[bool]] = [
        _COLUMN.state.not_in((LicenceState.PENDING, LicenceState.VOID))
    ]
    if reach is not None:
        found.append(_COLUMN.authority_id.in_(sorted(reach)))
    if counted.authority_id is not None:
        found.append(_COLUMN.authority_id == counted.authority_id)
    if counted.type_code is not None:
        found.append(_COLUMN.type_code == counted.type_code)
    if counted.granted_from is not None:
        found.append(_COLUMN.granted_on >= counted.granted_from)
    if counted.granted_until is not None:
        found.append(_COLUMN.granted_on <= counted.granted_until)
    return found
