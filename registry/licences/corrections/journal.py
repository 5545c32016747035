"""Requests for a correction, as a restore takes them from the journal.

What was asked for is in no journal: it holds personal data. A request that came after the backup
is on record again with its clock and its code, and its office asks who made it for the rest.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, exists, insert, select, update

from registry.audit.chain import RESTORER, NewEvent
from registry.db.tables import corrections, licences
from registry.journal.journal import JournalEntry
from registry.licences.corrections.rows import SUBJECT, CorrectionState

RESTORED: Final = "correction.restored"
_BASIS: Final = "依恢复日志恢复 restored from the journal"
_SAID: Final = ("state", "due_on", "extended")


def merge_corrections(
    connection: Connection, told: Iterable[JournalEntry], at: datetime
) -> list[NewEvent]:
    """Bring requests to what was last said of them; return the events of that.

    One that was decided stays so. Files are in no backup.
    """
    connection.execute(update(corrections).values(files=0))
    last = {str(entry.facts["correction"]): entry for entry in told}
    events = []
    for correction_id, entry in last.items():
        facts = dict(entry.facts)
        this = corrections.c.correction_id == correction_id
        row = connection.execute(select(corrections).where(this)).one_or_none()
        values: dict[str, Any] = {
            "state": CorrectionState(str(facts["state"])),
            "due_on": date.fromisoformat(str(facts["due_on"])),
            "extended": bool(facts["extended"]),
        }
        if values["state"] is not CorrectionState.OPEN:
            values |= {"decided_by": RESTORER.name, "decided_at": entry.at, "answer": _BASIS}
        if row is None:
            if not _is_there(connection, str(facts["identifier"])):
                continue
            asked_at = datetime.fromisoformat(str(facts["asked_at"]))
            first = {
                "correction_id": correction_id,
                "identifier": facts["identifier"],
                "authority_id": facts["authority"],
                "source": facts["source"],
                "asked_by": RESTORER.name,
                "asked_at": asked_at,
                "receipt_sha256": facts["receipt"],
                "files": 0,
                "changed_at": at,
            }
            connection.execute(insert(corrections).values({**first, **values}))
        elif row.state != CorrectionState.OPEN or all(
            getattr(row, name) == values[name] for name in _SAID
        ):
            continue
        else:
            connection.execute(update(corrections).where(this).values({**values, "changed_at": at}))
        after = {name: facts[name] for name in ("identifier", "authority", "source", *_SAID)}
        events.append(
            NewEvent(
                at=at,
                actor=RESTORER,
                action=RESTORED,
                subject=f"{SUBJECT}{correction_id}",
                basis=_BASIS,
                after=after,
            )
        )
    return events


def _is_there(connection: Connection, identifier: str) -> bool:
    query = select(exists().where(licences.c.identifier == identifier))
    return bool(connection.execute(query).scalar_one())
