"""Reconciliation of facts about the register as a whole: its identity, its accepted losses."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import register_facts
from registry.facts.code_index import CODE_INDEX, RECORDED
from registry.facts.journal_line import FACT as JOURNAL_LINE
from registry.facts.journal_line import SHARED
from registry.facts.loss import ACCEPTED, LOSS, VERSIONS_UNKNOWN, accepted_at, loss_by_events
from registry.facts.register_id import REGISTRY_ID
from registry.reconcile.events import ONE_TRANSACTION, Told, all_told
from registry.revisions.tokens import BOOKMARK

_KNOWN = (REGISTRY_ID, LOSS, VERSIONS_UNKNOWN, BOOKMARK, CODE_INDEX, JOURNAL_LINE)


def check_facts(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    query = select(register_facts.c.name, register_facts.c.value)
    rows = {row.name: str(row.value) for row in connection.execute(query)}
    for name in sorted(rows.keys() - set(_KNOWN)):
        yield findings.unborne(Kind.FACT, name)
    if not rows.get(BOOKMARK, "0").isdecimal():
        yield findings.edited(Kind.FACT, BOOKMARK, 0, ["value"])
    if JOURNAL_LINE in rows and not any(all_told(connection, [SHARED])):
        yield findings.unborne(Kind.FACT, JOURNAL_LINE)
    yield from _check_code_index(connection, rows.get(CODE_INDEX))
    lost = loss_by_events(connection)
    if lost is not None and LOSS not in rows:
        yield findings.erased(Kind.FACT, LOSS, 0)
    elif lost is None and LOSS in rows:
        yield findings.unborne(Kind.FACT, LOSS)
    elif lost is not None and _seconds(lost) != _seconds(rows[LOSS]):
        yield findings.edited(Kind.FACT, LOSS, 0, ["value"])
    accepted = acceptances(connection)[-1:]
    for one in accepted:  # a later one may have been taken from the journal by a restore
        found = accepted_at(connection)
        if one.at is not None and (found is None or found < one.at - ONE_TRANSACTION):
            yield findings.edited(Kind.FACT, VERSIONS_UNKNOWN, one.sequence, ["value"])


def _check_code_index(connection: Connection, found: str | None) -> Iterator[AuditFinding]:
    """See that the index of codes is the one that was recorded: another would know no holder."""
    told = [one for group in all_told(connection, [RECORDED]) for one in group]
    if not told and found is not None:
        yield findings.unborne(Kind.FACT, CODE_INDEX)
    for one in told[-1:]:
        if found is None:
            yield findings.erased(Kind.FACT, CODE_INDEX, one.sequence)
        elif one.after.get(CODE_INDEX) != found:
            yield findings.edited(Kind.FACT, CODE_INDEX, one.sequence, ["value"])


def acceptances(connection: Connection) -> list[Told]:
    """Return the events that accept a loss, in order."""
    return [one for group in all_told(connection, [ACCEPTED]) for one in group]


def _seconds(stored: str) -> str:
    """Return an instant as the mark has it; other text as it is."""
    try:
        return datetime.fromisoformat(stored).isoformat(timespec="seconds")
    except ValueError:
        return stored
