"""Exports that a server writes for somebody: asked for, followed, fetched by them alone, cancelled.

All that is found is written by a worker (`registry.desk.exports.working`), from one snapshot. A
file is kept sealed for some days; nobody but who asked for it is handed it, and only while they may
see all that it may name.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core.errors import NotAllowedError
from core.ids import AuthorityId
from core.permits import Action
from core.text import Language
from registry.bodies.authorities import no_such_authority
from registry.db.database import Database
from registry.desk.exports import messages
from registry.desk.exports.parts import read_parts
from registry.desk.exports.records import (
    Export,
    NewExport,
    NoSuchExportError,
    add_export,
    count_exports,
    end_export,
    expire_due,
    export_of_key,
    exports_of,
    find_export,
    is_anything_due,
    note,
)
from registry.desk.exports.tables import TableFormat
from registry.desk.rights import CallerStanding, Rights
from registry.desk.vouching import vouched_of
from registry.licences.exported import UNDER_WAY, ExportState
from registry.licences.finding import LicenceFilter
from registry.model import ConflictError
from registry.officers.identities import refuse_ended
from registry.officers.rows import new_id

MOST_UNDER_WAY: Final = 3
"""Exports of one person at a time."""
MOST_KEPT: Final = 20
"""Exports of one person whose files are kept."""
MOST_LISTED: Final = 100


class TooManyExportsError(ConflictError):
    """More exports than one person may have."""


@dataclass(frozen=True, slots=True)
class ExportAsk:
    """Export that somebody asks for."""

    sought: LicenceFilter
    form: TableFormat
    language: Language
    personal: bool = False
    """Names and codes are not masked."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """File of an export, to be handed out."""

    export: Export
    database: Database

    @property
    def name(self) -> str:
        """Name of the file, which says nothing of what it holds."""
        return f"licences-{self.export.export_id}.{self.export.form}"

    def parts(self) -> Iterator[bytes]:
        """Yield its octets. Raises as `read_parts`."""
        return read_parts(self.database, self.export)


@dataclass(frozen=True, slots=True)
class Exports:
    """Takes orders for exports, and hands out what was written."""

    rights: Rights
    kept: timedelta
    """Time for which an export is kept, from when it was asked for."""

    def check_personal(self, standing: CallerStanding, sought: LicenceFilter) -> None:
        """See that somebody may have what is not masked.

        Raises `NotAllowedError`, `StepUpRequiredError`, `NotFoundError` for an authority out of
        reach; the caller sees to it that one is named.
        """
        body = AuthorityId(str(sought.authority_id))
        if not standing.reach.includes(body):
            raise no_such_authority(body)
        self.rights.permit(standing, Action.CHANGE_LICENCE, body)

    def ask(self, standing: CallerStanding, ask: ExportAsk, request_key: str) -> Export:
        """Ask for an export; the same key finds the same one.

        Raises as `check_personal`, and `TooManyExportsError`.
        """
        if ask.personal:
            self.check_personal(standing, ask.sought)
        actor, now = standing.actor, self.rights.clock.now()
        key = hashlib.sha256(f"{actor.name}\0{request_key}".encode()).hexdigest()
        # A supervisor's reading is on record before anything is read.
        self.rights.sight(standing).note_search(ask.sought)
        new = NewExport(
            new_id(self.rights.random),
            key,
            vouched_of(standing.identity, now),
            ask.sought,
            ask.form,
            ask.language,
            ask.personal,
            _bodies(standing, ask.sought),
            now + self.kept,
        )
        with self.rights.database.writing() as connection:
            refuse_ended(connection, actor)
            earlier = export_of_key(connection, key)
            if earlier is not None:
                return earlier
            for states, most in (
                (UNDER_WAY, MOST_UNDER_WAY),
                ((*UNDER_WAY, ExportState.DONE), MOST_KEPT),
            ):
                if count_exports(connection, actor.name, states) >= most:
                    raise TooManyExportsError(messages.too_many_exports(most))
            return add_export(connection, new, actor, now)

    def view(self, standing: CallerStanding, export_id: str) -> Export:
        """Return an export of the caller's. Raises `NoSuchExportError`, also for another's."""
        with self.rights.database.reading() as connection:
            return _own(find_export(connection, export_id), standing)

    def own(self, standing: CallerStanding) -> list[Export]:
        """Return the caller's exports, the newest first."""
        with self.rights.database.reading() as connection:
            return exports_of(connection, standing.actor.name, MOST_LISTED)

    def cancel(self, standing: CallerStanding, export_id: str) -> Export:
        """Cancel an export under way, or delete the file of one that is done.

        Raises `NoSuchExportError`, `ConflictError` for one that is over.
        """
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            refuse_ended(connection, standing.actor)
            found = _own(find_export(connection, export_id, lock=True), standing)
            if found.state is ExportState.CANCELLED:
                return found
            if found.state not in (*UNDER_WAY, ExportState.DONE):
                raise ConflictError(messages.EXPORT_IS_OVER, state=found.state)
            end_export(connection, found, ExportState.CANCELLED, standing.actor, now)
            return find_export(connection, export_id)

    def fetch(self, standing: CallerStanding, export_id: str) -> ExportFile:
        """Return the file of an export of the caller's, once that is on record.

        Raises `NoSuchExportError`, `ConflictError` while it is not done, `NotAllowedError` where
        the caller may not see all that it may name any more, `StepUpRequiredError`.
        """
        found = self.view(standing, export_id)
        if found.state is not ExportState.DONE:
            raise ConflictError(messages.EXPORT_NOT_READY, state=found.state)
        if not found.covered_by(standing.reach):
            raise NotAllowedError(messages.EXPORT_BEYOND_REACH)
        if found.personal:
            for body in found.bodies or ():
                self.rights.permit(standing, Action.CHANGE_LICENCE, body)
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            refuse_ended(connection, standing.actor)
            after = {"rows": found.rows, "personal": found.personal}
            note(connection, export_id, "export.fetched", standing.actor, now, after)
        return ExportFile(found, self.rights.database)

    def sweep(self) -> None:
        """Delete the files whose time is over."""
        now = self.rights.clock.now()
        with self.rights.database.reading() as connection:
            if not is_anything_due(connection, now):
                return
        with self.rights.database.writing() as connection:
            expire_due(connection, now)


def _own(found: Export, standing: CallerStanding) -> Export:
    if found.asked_by != standing.actor.name:
        raise NoSuchExportError(messages.no_such_export(found.export_id))
    return found


def _bodies(standing: CallerStanding, sought: LicenceFilter) -> list[AuthorityId] | None:
    """Return the authorities whose licences may be found; None: all."""
    reach = standing.reach
    if sought.authority_id is not None:
        return [sought.authority_id] if reach.includes(sought.authority_id) else []
    return None if reach.authorities is None else sorted(reach.authorities)
