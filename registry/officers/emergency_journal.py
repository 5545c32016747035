"""Uses of the emergency's credential that nobody acknowledged, as a restore finds them again.

The credentials themselves are in no backup. That one was used is in the audit, and what happened
since the backup in the journal: a use must not become silent by a restore.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from registry.audit.chain import RESTORER, NewEvent
from registry.db.tables import audit_events, break_glass
from registry.journal.journal import Facts, JournalEntry
from registry.officers import messages

SUBJECT = "break-glass:"
USED, ACKNOWLEDGED = "used", "acknowledged"
_ACTIONS = {f"break_glass.{one}": one for one in (USED, ACKNOWLEDGED)}
_PREPARED = "break_glass.prepared"
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class _Use:
    at: datetime
    reason: str = messages.RESTORED_USE.zh


def use_entry(use_id: str, state: str) -> Facts:
    """Return the journal's entry of a use; its reason may name people, and stays in the audit."""
    return {"use": use_id, "state": state}


def merge_uses(
    connection: Connection, told: Iterable[JournalEntry], at: datetime
) -> list[NewEvent]:
    """Bring uses back that nobody acknowledged; return the events of that."""
    uses, prepared = _recorded(connection)
    for entry in told:
        use_id = str(entry.facts["use"])
        if entry.facts["state"] == USED:
            uses.setdefault(use_id, _Use(entry.at))
        else:
            uses.pop(use_id, None)
    for use_id, use in uses.items():
        by, when = prepared.get(use_id, (_UNKNOWN, use.at))
        values = {
            "use_id": use_id,
            "secret_hash": "",  # of a credential that serves no more
            "prepared_by": by,
            "prepared_at": when,
            "used_at": use.at,
            "reason": use.reason,
        }
        connection.execute(insert(break_glass).values(values))
    return [
        NewEvent(
            at=at,
            actor=RESTORER,
            action="break_glass.restored",
            subject=f"{SUBJECT}{use_id}",
            basis=messages.RESTORED_USE.zh,
            after={"used_at": use.at.isoformat()},
        )
        for use_id, use in uses.items()
    ]


def _recorded(connection: Connection) -> tuple[dict[str, _Use], dict[str, tuple[str, datetime]]]:
    """Return the uses that the audit leaves open, and who prepared which credential."""
    column = audit_events.c
    query = select(audit_events).where(column.action.in_([_PREPARED, *_ACTIONS]))
    uses: dict[str, _Use] = {}
    prepared: dict[str, tuple[str, datetime]] = {}
    for row in connection.execute(query.order_by(column.sequence)):
        use_id = row.subject.removeprefix(SUBJECT)
        if row.action == _PREPARED:
            prepared[use_id] = row.actor, row.at
        elif _ACTIONS[row.action] == USED:
            uses[use_id] = _Use(row.at, row.basis or "")
        else:
            uses.pop(use_id, None)
    return uses, prepared
