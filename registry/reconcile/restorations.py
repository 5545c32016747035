"""Restorations from a backup that journal and events both tell of.

An event alone proves nothing: whoever can write the database can add one. The journal's entry
names where the chain ended once the restoration was told, and the hash there, so that what a
restoration did is what lies between its event and that end, and nothing before it can be rewritten.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from registry.audit.chain import RESTORED, RESTORER
from registry.db.tables import audit_events
from registry.journal.subjects import EntryContent
from registry.reconcile.events import ONE_TRANSACTION


@dataclass(frozen=True, slots=True)
class Restoration:
    """One restoration, and the events that it made."""

    sequence: int
    """Number of its own event."""
    last: int
    """Number of the last event that it made."""
    at: datetime

    def made(self, sequence: int) -> bool:
        """Tell whether an event is one of those that it made."""
        return self.sequence < sequence <= self.last


def find_restorations(connection: Connection, told: Iterable[EntryContent]) -> list[Restoration]:
    """Return those among the journal's entries that the events bear out, one event an entry."""
    entries = list(told)
    if not entries:
        return []
    column = audit_events.c
    query = select(column.sequence, column.at).where(column.action == RESTORED, column.sequence > 0)
    events = list(connection.execute(query.order_by(column.sequence)))
    found: list[Restoration] = []
    for entry in entries:
        used = {one.sequence for one in found}
        fitting = [
            one.sequence
            for one in events
            if one.sequence not in used and abs(entry.at - one.at) <= ONE_TRANSACTION
        ]
        end = entry.facts.get("end")
        if end is not None:
            last = int(end)
            query_hash = select(column.hash).where(column.sequence == last)
            same = connection.execute(query_hash).scalar_one_or_none() == entry.facts["hash"]
            fitting = [one for one in fitting if one <= last][-1:] if same else []
        elif fitting:  # of a version that did not keep the end: the first, and what follows it
            last = _end_of(connection, fitting[0])
        if fitting:
            found.append(Restoration(fitting[0], last, entry.at))
    return found


def _end_of(connection: Connection, sequence: int) -> int:
    column = audit_events.c
    after = column.sequence > sequence
    others = select(func.min(column.sequence)).where(after, column.actor != RESTORER.name)
    next_one = connection.execute(others).scalar_one()
    if next_one is not None:
        return int(next_one) - 1
    last = connection.execute(select(func.max(column.sequence)).where(after)).scalar_one()
    return sequence if last is None else int(last)
