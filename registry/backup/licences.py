"""Bringing the licences of a restored register to what was said of them after the backup."""

from datetime import datetime

from sqlalchemy import Connection, exists, select, update

from registry.audit.chain import RESTORER, NewEvent
from registry.db.tables import licences, series
from registry.granting.reservation import hold_again
from registry.licences.journal import ToldLicence
from registry.licences.licences import CLOSED
from registry.model import LicenceState, Reason
from registry.reconcile.licences import RESTORED, VOIDED

_BASIS = "依恢复日志恢复 restored from the journal"
_LOST = "恢复备份时作废 voided by a restore"


def void_pending(connection: Connection, at: datetime) -> list[NewEvent]:
    """Void what was pending at the backup; return the events that say so.

    Each may have been granted since: another document must not be made under its identifier. Its
    request may come again.
    """
    voided = connection.execute(
        update(licences)
        .where(licences.c.state == LicenceState.PENDING)
        .values(
            state=LicenceState.VOID,
            basis=_LOST,
            document_number=None,
            request_key=None,
            request_digest=None,
            claim=None,
            changed_at=at,
        )
        .returning(licences.c.identifier, licences.c.series_id, licences.c.replaces)
    ).all()
    for row in voided:
        if row.replaces is None:
            _close(connection, row.series_id)
        else:
            hold_again(connection, row.series_id, row.replaces)
    return [
        NewEvent(at=at, actor=RESTORER, action=VOIDED, subject=row.identifier, basis=_LOST)
        for row in voided
    ]


def restored_licence(connection: Connection, identifier: str, at: datetime) -> NewEvent:
    """Return the event of a licence that was brought to what was said of it."""
    column = licences.c
    query = select(
        column.state,
        column.reason,
        column.replaced_by,
        column.changed_at,
        column.suspended_until,
    )
    row = connection.execute(query.where(column.identifier == identifier)).one()
    facts = {"state": row.state, "reason": row.reason, "replaced_by": row.replaced_by}
    if row.suspended_until is not None:
        facts["suspended_until"] = row.suspended_until.isoformat()
    return NewEvent(
        at=at,
        actor=RESTORER,
        action=RESTORED,
        subject=identifier,
        basis=_BASIS,
        after={**facts, "changed_at": row.changed_at.isoformat()},
    )


def merge_licence(connection: Connection, told: ToldLicence) -> bool:
    """Let a licence have the state that it was said to have; return whether anything changed.

    One that is not on record was granted after the backup and stays unknown. What is closed stays
    closed, whatever is said.
    """
    this = licences.c.identifier == told.identifier
    row = connection.execute(
        select(
            licences.c.state, licences.c.reason, licences.c.changed_at, licences.c.series_id
        ).where(this)
    ).one_or_none()
    if row is None or row.state in CLOSED:
        return False
    # A licence that was suspended and reinstated is as it was, but for when that was.
    if (row.state, row.reason, row.changed_at) == (told.state, told.reason, told.changed_at):
        return False
    # The seals that one got after the backup are lost, whatever was said of it then.
    waits = row.reason == Reason.AWAITING_SIGNATURES and told.state not in CLOSED
    successor = _known(connection, told.replaced_by)
    values = {
        "state": row.state if waits else told.state,
        "reason": row.reason if waits else told.reason,
        "basis": _BASIS,
        "document_number": None,
        "replaced_by": successor,
        "suspended_until": told.suspended_until,
        "changed_at": told.changed_at,
    }
    connection.execute(update(licences).where(this).values(values))
    if told.state in CLOSED and successor is None:
        _close(connection, row.series_id)
    return True


def _known(connection: Connection, identifier: str | None) -> str | None:
    """Return a successor's identifier if its record was not lost."""
    there = licences.c.identifier == identifier, licences.c.state != LicenceState.VOID
    found = connection.execute(select(exists().where(*there))).scalar_one()
    return identifier if found else None


def _close(connection: Connection, series_id: str) -> None:
    """No version of it is left that could hold its number."""
    closed = update(series).where(series.c.series_id == series_id)
    connection.execute(closed.values(open=False))
