"""Checks that the journal is the register's own and complete.

Finds how far back the journal knows of every change; requires the heads that the database has, the
losses accepted where it says so, and counters no lower than its high-water marks.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Text, cast, func, select

from registry.audit.findings import AuditFinding, edited, set_back, unborne
from registry.audit.kinds import Kind
from registry.db.counters import VERSIONS, block_of
from registry.db.tables import audit_events, audit_heads, counters, register_facts
from registry.facts.loss import REGISTER, VERSIONS_UNKNOWN, accepted_at, find_loss
from registry.facts.register_id import REGISTRY_ID, STARTED
from registry.journal.journal import JournalKind
from registry.reconcile.events import AT_ONCE, ONE_TRANSACTION
from registry.reconcile.facts import acceptances
from registry.reconcile.journal import findings
from registry.reconcile.journal.index import JournalIndex
from registry.revisions.record import LISTED, REGISTERING
from registry.revisions.tokens import BOOKMARK, PATIENCE


def covered_after(connection: Connection, index: JournalIndex) -> int | None:
    """Return the number of the event after which the journal knows of every change.

    A version that lists revisions in the event that registers them journals them first, as it does
    signed heads and states: so from the first such event on, or from where the journal was begun
    anew. What the journal itself tells of that, who takes entries away can move.
    """
    start, column = _begun_after(connection, index), audit_events.c
    listed = select(func.min(column.sequence)).where(
        column.action.in_(REGISTERING),
        column.sequence > start,
        cast(column.after, Text).contains(f'"{LISTED}"'),
    )
    first = connection.execute(listed).scalar_one()
    told = [
        one for one in (index.covers_after, None if first is None else first - 1) if one is not None
    ]
    return min(told, default=None)


def check_heads(connection: Connection, index: JournalIndex, after: int) -> Iterator[AuditFinding]:
    """See that the journal has the heads that the database has: each was kept there first."""
    query = (
        select(audit_heads.c.sequence)
        .where(audit_heads.c.sequence > after)
        .order_by(audit_heads.c.sequence)
        .execution_options(yield_per=AT_ONCE)
    )
    missing: list[int] = []
    with connection.execute(query) as result:
        for sequence in result.scalars():
            if index.find(JournalKind.AUDIT_HEAD, str(sequence)) is None:
                missing = [*missing[:1], sequence]
    if missing:
        yield findings.head_not_journalled(missing[0], missing[-1])


def _begun_after(connection: Connection, index: JournalIndex) -> int:
    """Return the number of the last event that the journal need not know of, because it was begun
    in place of a lost one: some of what was under way then is in neither.
    """
    first = index.first
    if first is None:
        return 0
    column = audit_events.c
    begun = select(column.at).where(column.subject == REGISTER, column.action == STARTED)
    for at in connection.execute(begun.where(column.sequence > 0)).scalars():
        if abs(at - first.at) <= ONE_TRANSACTION:
            under_way = select(func.max(column.sequence)).where(column.at <= at + PATIENCE)
            return int(connection.execute(under_way).scalar_one() or 0)
    return 0


def check_facts(connection: Connection, index: JournalIndex) -> Iterator[AuditFinding]:
    """See that the register has the journal's id, and has read its tokens no further than it is."""
    column = register_facts.c
    found = connection.execute(select(column.name, column.value))
    rows = {row.name: str(row.value) for row in found}
    if index.first is not None and rows.get(REGISTRY_ID) != index.first.facts.get("registry"):
        yield edited(Kind.FACT, REGISTRY_ID, 0, ["value"])
    read = rows.get(BOOKMARK, "0")
    if read.isdecimal() and int(read) > index.entries:
        yield edited(Kind.FACT, BOOKMARK, 0, ["value"])


def check_losses(connection: Connection, index: JournalIndex) -> Iterator[AuditFinding]:
    """See that a loss was accepted where the journal says so, and only there."""
    if index.first is None:
        return
    for one in acceptances(connection):
        known = one.at is not None and any(
            abs(entry.at - one.at) <= ONE_TRANSACTION for entry in index.accepted
        )
        if not known and (one.at is None or one.at >= index.first.at):
            yield findings.loss_not_journalled(one.sequence)
    found = accepted_at(connection)
    last = max((entry.at for entry in index.accepted), default=None)
    if found is not None and index.accepted and last is not None:
        if abs(found - last) > ONE_TRANSACTION:
            yield edited(Kind.FACT, VERSIONS_UNKNOWN, 0, ["value"])
    elif found is not None and not acceptances(connection):
        yield unborne(Kind.FACT, VERSIONS_UNKNOWN)


def check_counters(connection: Connection, index: JournalIndex) -> Iterator[AuditFinding]:
    """See that no counter was set back behind the numbers that its marks say were given.

    While a loss is not accepted they are behind: accepting it lets them jump. Versions begin above
    those that there were, so that a mark says nothing of the numbers below it: they are compared
    with the licences (`registry.reconcile.numbers`).
    """
    if find_loss(connection) is not None:
        return
    for said in index.all_said(JournalKind.MARK):
        query = select(counters.c.scope, counters.c.value).where(
            counters.c.scope.in_([one.name for one in said])
        )
        found = {row.scope: row.value for row in connection.execute(query)}
        for one in said:
            if one.name.startswith(VERSIONS):
                continue
            # The last number that a mark covers may have been taken back with its transaction.
            given = int(one.facts["value"] or 0) - block_of(one.name)
            if found.get(one.name, 0) < given:
                yield set_back(one.name, found.get(one.name, 0), given)
