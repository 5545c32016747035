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
from registry.journal.journal import Facts, JournalEntry
from registry.licences.corrections.rows import RECEIPT_RENEWED, RENEWED, SUBJECT, CorrectionState

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
    last: dict[str, JournalEntry] = {}
    codes: dict[str, str] = {}
    for entry in told:
        last[str(entry.facts["correction"])] = entry
        if entry.facts.get(RENEWED):
            codes[str(entry.facts["correction"])] = str(entry.facts["receipt"])
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
        code = codes.get(
            correction_id, str(facts["receipt"]) if row is None else row.receipt_sha256
        )
        values["receipt_sha256"] = code
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
                "files": 0,
                "changed_at": at,
            }
            connection.execute(insert(corrections).values({**first, **values}))
        elif row.state != CorrectionState.OPEN or all(
            getattr(row, name) == values[name] for name in _SAID
        ):
            if row.receipt_sha256 != code:
                connection.execute(update(corrections).where(this).values(receipt_sha256=code))
                events.append(_event(correction_id, RECEIPT_RENEWED, at, {"receipt": code}))
            continue
        else:
            connection.execute(update(corrections).where(this).values({**values, "changed_at": at}))
        after = {name: facts[name] for name in ("identifier", "authority", "source", *_SAID)}
        after |= {"receipt": code, "asked_at": facts["asked_at"]}
        if "decided_at" in values:
            after["decided_at"] = entry.at.isoformat()
        events.append(_event(correction_id, RESTORED, at, after))
    return events


def _event(correction_id: str, action: str, at: datetime, after: Facts) -> NewEvent:
    subject = f"{SUBJECT}{correction_id}"
    return NewEvent(
        at=at, actor=RESTORER, action=action, subject=subject, basis=_BASIS, after=after
    )


def _is_there(connection: Connection, identifier: str) -> bool:
    query = select(exists().where(licences.c.identifier == identifier))
    return bool(connection.execute(query).scalar_one())
