"""Worker of exports: writes what was asked for, from one snapshot, while it has the lease.

1. A worker takes the oldest export that nobody writes, and forgets what another began: a file is of
   one moment, so that it is written anew from a new snapshot, never gone on with.
2. It looks up what whoever asked may see now, and finds nothing else.
3. Each piece is kept in a transaction that holds the lease. Whoever is slow, or was thought dead,
   has an older fence by then and writes nothing.
4. The last transaction makes it whole and records that it was exported; nothing is handed out
   before.

A right that ended stops the export. A fault of the surroundings (database, disk) is waited out.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from core.clock import civil_date
from core.errors import NotAllowedError, XinyinError
from core.permits import Action, Actor, Reach
from core.web.problems import is_of_surroundings
from identity.people.rights_check import may
from registry.audit import events as audit
from registry.desk.exports import messages
from registry.desk.exports.exporting import EXPORTED, HEADINGS, ExportOrder, rows_within
from registry.desk.exports.parts import PartsWriter
from registry.desk.exports.records import (
    LEASES,
    Export,
    end_export,
    find_export,
    forget_parts,
    sought_of,
)
from registry.desk.exports.tables import write_table
from registry.desk.rights import CallerStanding, Rights
from registry.desk.vouching import identity_vouched
from registry.licences.exported import ExportState
from registry.officers.identities import refuse_ended
from registry.officers.jobs import WORKER
from registry.officers.leases import LeaseLostError
from registry.privacy.codes import privacy_of

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
"""Before another attempt where the surroundings failed; doubled with each."""
_BEAT: Final = 2.0
"""Seconds between two signs of life."""
_log = logging.getLogger(__name__)


class _OverError(Exception):
    """The process is to end; another goes on."""


@dataclass(frozen=True, slots=True)
class ExportWorker:
    """Writes exports; one per process that works on jobs."""

    rights: Rights

    def work(self, is_over: Callable[[], bool]) -> None:
        """Write exports, one after the other, until none is left or the time is over.

        Raises the fault of the surroundings that the last attempt met.
        """
        fault: XinyinError | None = None
        while not is_over():
            export = self._take()
            if export is None:
                break
            try:
                fault = self._carry(export, is_over)
            except LeaseLostError:
                _log.info("an export is another worker's by now, or was cancelled")
        if fault is not None:
            raise fault

    def _take(self) -> Export | None:
        database, clock = self.rights.database, self.rights.clock
        with database.reading() as connection:
            if not LEASES.is_anything_free(connection, clock.now()):
                return None
        with database.writing() as connection:
            taken = LEASES.take(connection, clock.now())
            if taken is None:
                return None
            forget_parts(connection, taken)
            export = find_export(connection, taken)
            LEASES.write(connection, export.held, {"rows": 0, "size": 0})
            return export

    def _carry(self, export: Export, is_over: Callable[[], bool]) -> XinyinError | None:
        """Write an export; return the fault of the surroundings that stood in the way."""
        try:
            self._write(export, is_over)
        except _OverError:
            self._give_back(export, None)
        except LeaseLostError:
            raise
        except XinyinError as error:
            if is_of_surroundings(error):
                self._give_back(export, error)
                return error
            self._stop(export, error)
        return None

    def _write(self, export: Export, is_over: Callable[[], bool]) -> None:
        database, now = self.rights.database, self.rights.clock.now()
        with database.writing() as connection:
            refuse_ended(connection, Actor(export.asked_by))
        with database.snapshot() as connection:
            identity = identity_vouched(connection, export.asked_by, export.vouched, now)
            standing = self.rights.standing_in(connection, identity)
            on = civil_date(now, self.rights.zone)
            sought = sought_of(privacy_of(connection), export, on)
            order = ExportOrder(
                sought,
                export.form,
                export.language,
                self._reach(export, standing, now),
                standing.actor,
                export.personal,
                most=None,
            )
            writer = PartsWriter(database, self.rights.clock, export)
            rows = self._watched(rows_within(connection, order), writer, is_over)
            headings = {name: text.to(export.language) for name, text in HEADINGS.items()}
            writer.rows = write_table(writer, export.form, headings, rows)  # type: ignore[arg-type]
            sha256 = writer.finish()
        self._finish(export, order, writer, sha256, now)

    def _reach(self, export: Export, standing: CallerStanding, now: datetime) -> Reach:
        """Return the reach of when it was asked for, if it still holds.

        Raises `NotAllowedError`.
        """
        if not export.covered_by(standing.reach):
            raise NotAllowedError(messages.EXPORT_BEYOND_REACH)
        if export.bodies is None:
            return standing.reach
        for body in export.bodies if export.personal else ():
            what = Action.CHANGE_LICENCE, body
            if not may(standing.identity, standing.assignments, what, now, standing.context):
                raise NotAllowedError(messages.EXPORT_BEYOND_REACH)
        return Reach(frozenset(export.bodies))

    @staticmethod
    def _watched(
        rows: Iterator[dict[str, Any]], writer: PartsWriter, is_over: Callable[[], bool]
    ) -> Iterator[dict[str, Any]]:
        """Yield the rows; count them, and give signs of life meanwhile."""
        last = time.monotonic()
        for row in rows:
            yield row
            writer.rows += 1
            if time.monotonic() - last >= _BEAT:
                if is_over():
                    raise _OverError
                writer.beat()
                last = time.monotonic()

    def _finish(
        self, export: Export, order: ExportOrder, writer: PartsWriter, sha256: str, taken: datetime
    ) -> None:
        """Make it whole, in one transaction with the event of it."""
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            refuse_ended(connection, order.actor)
            values: dict[str, object] = {
                "state": ExportState.DONE,
                "why": None,
                "sought": {},
                "rows": writer.rows,
                "size": writer.size,
                "sha256": sha256,
                "taken_at": taken,
                "lease_until": None,
                "changed_at": now,
            }
            LEASES.write(connection, export.held, values)
            audit.record(
                connection,
                at=now,
                actor=order.actor,
                action=EXPORTED,
                subject="licences",
                after={
                    **order.sought.told(privacy_of(connection)),
                    "format": order.form,
                    "rows": writer.rows,
                    "personal": order.personal,
                    "export": export.export_id,
                    "sha256": sha256,
                },
            )

    def _stop(self, export: Export, error: XinyinError) -> None:
        """Stop an export whose right ended, or that cannot be written."""
        why = "right_ended" if type(error) is NotAllowedError else error.code
        _log.warning("an export was stopped: %s", error.text.en, extra={"code": why})
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            LEASES.hold(connection, export.held)
            end_export(connection, export, ExportState.STOPPED, WORKER, now, why=why)

    def _give_back(self, export: Export, error: XinyinError | None) -> None:
        """Let any worker write it anew, after a pause where something stood in its way."""
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            failures = find_export(connection, export.export_id).failures
            pause = min(FIRST_PAUSE * 2 ** min(failures, 10), LONGEST_PAUSE)
            values = {
                "lease_until": now if error is None else now + pause,
                "changed_at": now,
                "why": None if error is None else error.code,
                "failures": 0 if error is None else failures + 1,
            }
            LEASES.write(connection, export.held, values)
