"""Reconciliation of who sealed a document after its issuer with the events of it."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import countersignatures, round_days
from registry.licences.countersignatures import BEGUN, MOVED, REFUSED, SigningState
from registry.reconcile.events import (
    ONE_TRANSACTION,
    Row,
    Told,
    all_told,
    day_of,
    differing,
    instant_of,
    stored_rows,
    told_of,
)
from registry.revisions.record import COUNTERSIGNED

_STATES = {
    BEGUN: SigningState.BEGUN,
    COUNTERSIGNED: SigningState.SIGNED,
    REFUSED: SigningState.REFUSED,
}


def check_countersignatures(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    for rows in stored_rows(connection, countersignatures):
        told = told_of(connection, {str(row["identifier"]) for row in rows}, tuple(_STATES))
        for row in rows:
            identifier, position = str(row["identifier"]), row["position"]
            events = [
                one for one in told.get(identifier, []) if one.after.get("position") == position
            ]
            if not events:
                yield findings.unborne(Kind.LICENCE, identifier)
            elif wrong := _wrong(row, events):
                yield findings.edited(Kind.LICENCE, identifier, events[-1].sequence, wrong)
    yield from _check_events(connection)
    yield from _check_days(connection)


def _check_days(connection: Connection) -> Iterator[AuditFinding]:
    """See that the last days that were moved are where they were moved to."""
    seen: set[str] = set()
    for rows in stored_rows(connection, round_days):
        told = told_of(connection, {str(row["identifier"]) for row in rows}, (MOVED,))
        for row in rows:
            identifier = str(row["identifier"])
            seen.add(identifier)
            events = told.get(identifier, [])
            if not events:
                yield findings.unborne(Kind.LICENCE, identifier)
            elif wrong := differing(
                {"deadline": events[-1].after.get("deadline")},
                {"deadline": day_of(row["deadline"])},
            ):
                wrong = [f"round_days.{one}" for one in wrong]
                yield findings.edited(Kind.LICENCE, identifier, events[-1].sequence, wrong)
    for group in all_told(connection, (MOVED,)):
        for one in group:
            if one.subject not in seen:
                yield findings.erased(Kind.LICENCE, one.subject, one.sequence)


def _wrong(row: Row, events: Sequence[Told]) -> list[str]:
    last = events[-1]
    state, after = _STATES[last.action], last.after
    expected: dict[str, object] = {
        "state": str(state),
        "authority_id": after.get("authority"),
        "seal_id": after.get("seal"),
        "certificate_sha256": after.get("certificate"),
        "sequence": after.get("sequence"),
    }
    wrong = differing(expected, row)
    if (row["claim"] is None) != (state is not SigningState.BEGUN):
        wrong.append("claim")
    begun = next((one for one in reversed(events) if one.action != COUNTERSIGNED), last)
    settled = None if state is SigningState.BEGUN else last
    for column, event in (("begun_at", begun), ("settled_at", settled)):
        at, told = instant_of(row[column]), None if event is None else event.at
        if (at is None) != (told is None) or (
            at is not None and told is not None and abs(at - told) > ONE_TRANSACTION
        ):
            wrong.append(column)
    return [f"countersignatures.{one}" for one in wrong]


def _check_events(connection: Connection) -> Iterator[AuditFinding]:
    """See that every seal that was begun is there still."""
    column = countersignatures.c
    for group in all_told(connection, tuple(_STATES)):
        subjects = {one.subject for one in group}
        query = select(column.identifier, column.position).where(column.identifier.in_(subjects))
        known = {(row.identifier, row.position) for row in connection.execute(query)}
        for one in group:
            if (one.subject, one.after.get("position")) not in known:
                yield findings.erased(Kind.LICENCE, one.subject, one.sequence)
