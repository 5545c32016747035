"""Rows of a sheet, recognised: what is new, granted already, a change of it, or closed.

A row is known by its holder and by what the type says makes a licence one of its kind
(`registry.licences.holdings`): neither by its place nor by the file's name. A changed row of a
granted licence is a change that somebody must decide; it is never a second licence in silence.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.clock import Clock, civil_date
from core.ids import AuthorityId, TypeCode
from core.scratch import IN_MEMORY, Firsts, Gathered, Keeping, whole
from registry.db.database import Database
from registry.licences.holdings import (
    HeldLicence,
    differences,
    is_current,
    kind_of,
    list_all_held,
)
from registry.model import Application, Holder, Licence, LicenceState
from registry.types.catalogue import Catalogue
from registry.types.licence_type import LicenceType

_AT_ONCE: Final = 500
"""Rows whose holders are looked up by one query."""
_CLAIMED: Final = 1
"""In a look-up of licences: a row speaks of it."""
_ASKED: Final = 0
"""It was asked for, and no row does."""


class RowKind(StrEnum):
    """Relation of a row to earlier grants."""

    NEW = "new"
    PENDING = "pending"
    """Its grant was cut short."""
    GRANTED = "granted"
    """A licence that is in force or suspended says the same."""
    CHANGED = "changed"
    """Such a licence says something else."""
    FURTHER = "further"
    """The holder has other licences of the type, which no row of the sheet speaks of: one of them
    changed, or one more?"""
    CLOSED = "closed"
    """The same was granted before, and left force."""


@dataclass(frozen=True, slots=True)
class RecognisedRow:
    """A row, and the licence that it speaks of."""

    application: Application
    kind: RowKind
    licence: Licence | None = None
    fields: tuple[str, ...] = ()
    """Labels of what a changed row says otherwise."""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Looks rows up in the register."""

    database: Database
    catalogue: Catalogue
    clock: Clock
    zone: ZoneInfo
    authority_id: AuthorityId | None = None
    """Whose licences alone it knows; None: all."""

    def recognise(self, application: Application) -> RecognisedRow:
        """Classify one row."""
        with self.database.reading() as connection:
            (found,) = self._recognised(connection, [application])
        return found.row

    def recognise_each(self, applications: Sequence[Application]) -> list[RecognisedRow]:
        """Classify some rows of a sheet, each by itself."""
        with self.database.reading() as connection:
            return [one.row for one in self._recognised(connection, applications)]

    def within(self, authority_id: AuthorityId) -> "Recogniser":
        """Return one that knows an authority's licences alone, for who may not see others'."""
        return replace(self, authority_id=authority_id)

    def recognise_all(
        self,
        applications: Iterable[Application],
        keeping: Keeping = IN_MEMORY,
        kinds: Counter[RowKind] | None = None,
    ) -> Sequence[RecognisedRow]:
        """Classify each row of a sheet; `kinds` counts them."""
        source, claimed = iter(applications), keeping.firsts()
        kinds = Counter() if kinds is None else kinds
        rows: Gathered[RecognisedRow] = keeping.items()
        unsure: Gathered[tuple[int, _Found]] = keeping.items()
        with self.database.reading() as connection:
            while some := list(islice(source, _AT_ONCE)):
                for one in self._recognised(connection, some):
                    if one.row.licence is not None:
                        claimed.setdefault(one.row.licence.identifier, _CLAIMED)
                    if one.others:
                        unsure.append((len(rows), one))
                    rows.append(one.row)
                    kinds[one.row.kind] += 1
        if not len(unsure):
            return whole(rows)
        sure: Gathered[RecognisedRow] = keeping.items()
        sure.extend(_sure(rows, unsure, claimed, kinds))
        return whole(sure)

    def _recognised(
        self, connection: Connection, applications: Sequence[Application]
    ) -> Iterator["_Found"]:
        """Classify some rows: one query for the licences of all their holders of a type."""
        today = civil_date(self.clock.now(), self.zone)
        by_type: dict[TypeCode, set[Holder]] = {}
        for one in applications:
            by_type.setdefault(one.type_code, set()).add(one.holders[0])
        types = {code: self.catalogue.find(connection, code) for code in by_type}
        held = {
            code: list_all_held(connection, types[code], holders)
            for code, holders in by_type.items()
        }
        for one in applications:
            of_holder = held[one.type_code][one.holders[0]]
            known = [have for have in of_holder if self._may_know(have.licence)]
            yield _recognise(types[one.type_code], one, known, today)

    def _may_know(self, licence: Licence) -> bool:
        return self.authority_id in (None, licence.authority_id)


@dataclass(frozen=True, slots=True)
class _Found:
    """A row as its holder's licences of the same kind tell, and the other ones in force."""

    row: RecognisedRow
    others: tuple[Licence, ...] = ()

    def told(self, claimed: Firsts) -> RecognisedRow:
        """Return the row, seeing that rows of the same sheet speak of the `claimed` licences."""
        for held in self.others:
            if claimed.setdefault(held.identifier, _ASKED) != _CLAIMED:
                return replace(self.row, kind=RowKind.FURTHER, licence=held)
        return self.row


def _sure(
    rows: Iterable[RecognisedRow],
    unsure: Iterable[tuple[int, _Found]],
    claimed: Firsts,
    kinds: Counter[RowKind],
) -> Iterator[RecognisedRow]:
    """Yield the rows, the unsure ones among them as the whole sheet tells."""
    left = iter(unsure)
    place, found = next(left)
    for at, row in enumerate(rows):
        if at != place:
            yield row
            continue
        told = found.told(claimed)
        kinds[row.kind] -= 1
        kinds[told.kind] += 1
        yield told
        place, found = next(left, (-1, found))


def _recognise(
    licence_type: LicenceType, application: Application, known: Sequence[HeldLicence], today: date
) -> _Found:
    """Classify one row by all licences of the type that its holder has or had, newest first."""
    wanted = kind_of(licence_type, application.data, application.number)
    alike = [
        one
        for one in known
        if kind_of(licence_type, one.licence.data, one.licence.number) == wanted
        and one.licence.state not in (LicenceState.VOID, LicenceState.REPLACED)
    ]
    current = [one for one in alike if is_current(one.licence, today)]
    for one in current or alike:
        if not differences(licence_type, application, one):
            kind = _kind_of_same(one.licence) if current else RowKind.CLOSED
            return _Found(RecognisedRow(application, kind, one.licence))
    if current:
        fields = differences(licence_type, application, current[0])
        return _Found(RecognisedRow(application, RowKind.CHANGED, current[0].licence, fields))
    others = tuple(one.licence for one in known if is_current(one.licence, today))
    return _Found(RecognisedRow(application, RowKind.NEW), others)


def _kind_of_same(held: Licence) -> RowKind:
    return RowKind.PENDING if held.state is LicenceState.PENDING else RowKind.GRANTED
