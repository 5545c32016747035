"""Rows of a sheet, recognised: what is new, granted already, a change of it, or closed.

A row is known by its holder and by what the type says makes a licence one of its kind
(`registry.licences.holdings`): neither by its place nor by the file's name. A changed row of a
granted licence is a change that somebody must decide; it is never a second licence in silence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.clock import Clock, civil_date
from core.ids import AuthorityId
from registry.db.database import Database
from registry.licences.holdings import differences, is_current, kind_of, list_held
from registry.model import Application, Licence, LicenceState
from registry.types.catalogue import Catalogue
from registry.types.licence_type import LicenceType


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
            return self._recognise(connection, application)

    def within(self, authority_id: AuthorityId) -> "Recogniser":
        """Return one that knows an authority's licences alone, for who may not see others'."""
        return replace(self, authority_id=authority_id)

    def recognise_all(self, applications: Sequence[Application]) -> list[RecognisedRow]:
        """Classify each row of a sheet."""
        with self.database.reading() as connection:
            found = [self._recognise(connection, one) for one in applications]
            claimed = {one.licence.identifier for one in found if one.licence is not None}
            return [self._further(connection, one, claimed) for one in found]

    def _recognise(self, connection: Connection, application: Application) -> RecognisedRow:
        licence_type = self.catalogue.find(connection, application.type_code)
        alike = self._alike(connection, licence_type, application)
        current = [one for one in alike if self._is_current(one)]
        for held in current or alike:
            fields = differences(connection, licence_type, application, held)
            if not fields:
                kind = _kind_of_same(held) if current else RowKind.CLOSED
                return RecognisedRow(application, kind, held)
        if not current:
            return RecognisedRow(application, RowKind.NEW)
        fields = differences(connection, licence_type, application, current[0])
        return RecognisedRow(application, RowKind.CHANGED, current[0], fields)

    def _further(
        self, connection: Connection, one: RecognisedRow, claimed: Iterable[str]
    ) -> RecognisedRow:
        if one.kind is not RowKind.NEW:
            return one
        licence_type = self.catalogue.find(connection, one.application.type_code)
        for held in self._held(connection, licence_type, one.application):
            if self._is_current(held) and held.identifier not in claimed:
                return RecognisedRow(one.application, RowKind.FURTHER, held)
        return one

    def _alike(
        self, connection: Connection, licence_type: LicenceType, application: Application
    ) -> list[Licence]:
        """Return the holder's licences of the same kind, newest first."""
        wanted = kind_of(licence_type, application.data, application.number)
        return [
            held
            for held in self._held(connection, licence_type, application)
            if kind_of(licence_type, held.data, held.number) == wanted
            and held.state not in (LicenceState.VOID, LicenceState.REPLACED)
        ]

    def _held(
        self, connection: Connection, licence_type: LicenceType, application: Application
    ) -> list[Licence]:
        found = list_held(connection, licence_type, application.holders[0])
        whose = self.authority_id
        return [one for one in found if whose is None or one.authority_id == whose]

    def _is_current(self, licence: Licence) -> bool:
        return is_current(licence, civil_date(self.clock.now(), self.zone))


def _kind_of_same(held: Licence) -> RowKind:
    return RowKind.PENDING if held.state is LicenceState.PENDING else RowKind.GRANTED
