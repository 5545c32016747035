"""Reconciliation of the table of revisions with the audit's events.

Each event that registers lists its revisions, and the table has exactly these; a row that no event
bears out was written by other hands than ours. Events from before they listed revisions name the
digest of the longest one.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    String,
    Text,
    cast,
    select,
    type_coerce,
)

from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.audit.walk import undecoded
from registry.db.tables import audit_events, revisions
from registry.reconcile.events import ONE_TRANSACTION, instant_of, json_of
from registry.revisions.judgements import kept_digest
from registry.revisions.record import (
    JUDGEMENTS,
    REGISTERING,
    SEALED_AT,
    SIGNED,
    entries_of,
    entry_of,
    facts_of,
    is_sealed_part,
    says_the_same,
)

_AT_ONCE = 500


class RevisionRow(NamedTuple):
    """A row of the table, as it is stored."""

    identifier: str
    sequence: int
    length: int
    sha256: str
    event: Any
    """A number, unless other hands wrote it."""


def check_revisions(
    connection: Connection,
    *which: ColumnElement[bool],
    beside: Callable[[RevisionRow], None] = lambda _row: None,
) -> Iterator[AuditFinding]:
    """Yield the rows of a part that no event bears out as they are. Each row is handed on to
    `beside`, so that it is read once.
    """
    column = revisions.c
    query = (
        select(
            column.identifier.label("revision_identifier"),
            column.sequence.label("revision_sequence"),
            column.length.label("revision_length"),
            column.sha256.label("revision_sha256"),
            column.event.label("revision_event"),
            type_coerce(column.registered_at, String).label("revision_at"),
            column.signed_digest.label("revision_signed"),
            cast(column.judgement, Text).label("judgement"),
            type_coerce(column.judged_at, String).label("judged_at"),
            column.policy,
            *undecoded(),
        )
        .outerjoin(audit_events, audit_events.c.sequence == column.event)
        .where(*which)
        .order_by(column.identifier, column.sequence)
        .execution_options(yield_per=_AT_ONCE)
    )
    with connection.execute(query) as result:
        for row in result.mappings():
            event, identifier = row["revision_event"] or 0, str(row["revision_identifier"])
            if not _is_borne_out(connection, row):
                yield findings.unregistered(event, identifier, row["revision_sequence"])
            elif wrong := _wrong(row):
                yield findings.edited(Kind.LICENCE, identifier, event, wrong)
            beside(RevisionRow(*(row[f"revision_{name}"] for name in RevisionRow._fields)))


def _wrong(row: RowMapping) -> list[str]:
    """Return the differences between a row of a revision and the event that registered it."""
    sequence, facts = row["revision_sequence"], facts_of(row)
    at, registered_at = instant_of(row["at"]), instant_of(row["revision_at"])
    wrong = []
    if at is not None and (registered_at is None or abs(registered_at - at) > ONE_TRANSACTION):
        wrong.append("revisions.registered_at")
    listed, judged = entries_of(facts) or [], str(facts.get(JUDGEMENTS, "")).split(" ")
    named = SEALED_AT.get(row["action"])
    sealed = 0 if named is None else facts.get(named)
    if sequence == sealed and SIGNED in facts and facts[SIGNED] != row["revision_signed"]:
        wrong.append("revisions.signed_digest")
    if sequence != sealed and row["revision_signed"] is not None:
        wrong.append("revisions.signed_digest")
    said = {one.partition("/")[0]: two for one, two in zip(listed, judged, strict=False)}
    kept = {
        "judgement": json_of(row["judgement"]),
        "judged_at": instant_of(row["judged_at"]),
        "policy": row["policy"],
    }
    if said.get(str(sequence)) not in (None, "", kept_digest(kept) or "-"):
        wrong.append("revisions.judgement")
    return wrong


def _is_borne_out(connection: Connection, row: RowMapping) -> bool:
    if row["sequence"] is None:
        return False
    identifier, sequence = str(row["revision_identifier"]), row["revision_sequence"]
    sha256 = str(row["revision_sha256"])
    entry = entry_of(sequence, row["revision_length"], sha256)
    said = says_the_same(row, identifier, sha256, entry)
    if said is None:
        named = facts_of(row).get("sha256")
        return is_sealed_part(connection, identifier, sequence, row["revision_event"], named)
    return said


def check_registered(connection: Connection, *which: ColumnElement[bool]) -> Iterator[AuditFinding]:
    """Yield the documents that events of a part registered and the table does not have."""
    query = (
        select(*undecoded())
        .where(audit_events.c.action.in_(REGISTERING), *which)
        .order_by(audit_events.c.sequence)
        .execution_options(yield_per=_AT_ONCE)
    )
    with connection.execute(query) as result:
        for group in result.mappings().partitions(_AT_ONCE):
            known = _entries(connection, [row["sequence"] for row in group])
            for row in group:
                for missing in _told(row) - known.get(row["sequence"], set()):
                    yield findings.unrecorded(row["sequence"], str(row["subject"]), missing)


def _entries(connection: Connection, events: list[int]) -> dict[int, set[str]]:
    """Return the table's rows by event: entries, and bare digests."""
    query = select(
        revisions.c.event, revisions.c.sequence, revisions.c.length, revisions.c.sha256
    ).where(revisions.c.event.in_(events))
    found: dict[int, set[str]] = {}
    for row in connection.execute(query):
        entry = entry_of(row.sequence, row.length, row.sha256)
        found.setdefault(row.event, set()).update((entry, row.sha256))
    return found


def _told(row: RowMapping) -> set[str]:
    facts: Any = facts_of(row)
    listed = entries_of(facts)
    if listed is not None:
        return set(listed)
    return {str(facts["sha256"])} if "sha256" in facts else set()
