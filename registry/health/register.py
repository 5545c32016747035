"""Checks of the register: its database, what was left half done, its audit and journal."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

from sqlalchemy import func, select

from core.text import Text
from identity.accounts.model import BREAK_GLASS_ISSUER
from registry.audit.chain import NOTHING_BEFORE, ChainEnd, read_end
from registry.audit.findings import PROVEN, AuditFinding, Fault
from registry.audit.signing import newest_head
from registry.audit.walk import walk
from registry.db.drift import missing_parts
from registry.db.schema import knows_schema, newest_schema, revision_of
from registry.db.strangers import strangers
from registry.db.tables import audit_events, break_glass, identities, licences
from registry.facts.loss import UnacceptedLossError, check_loss
from registry.facts.register_id import find_registry_id
from registry.health import messages
from registry.health.health import HealthFinding, HealthSubject, fail, ok, unknown, warn
from registry.journal.journal import Journal
from registry.ledger.certificates import list_intended
from registry.model import LicenceState
from registry.officers.certificates import unfinished
from registry.officers.lost_batches import lost_batches
from registry.officers.model import IdentityState
from registry.reconcile.outcome import AuditReport
from registry.reconcile.verification import NO_HEAD

_BIG_WAL_BYTES = 256 * 1024 * 1024
_TOLD = 5
"""Findings of the audit that are shown of each kind."""
_OF_EVENTS = frozenset(
    {
        Fault.ALTERED,
        Fault.INSERTED,
        Fault.MISSING,
        Fault.CUT,
        Fault.END,
        Fault.REWRITTEN,
        Fault.SIGNATURE,
        Fault.UNKNOWN_KEY,
    }
)
"""Faults of events and heads; the others are of records."""
_PENDING_AFTER = timedelta(hours=1)
_INTENDED_AFTER = timedelta(minutes=1)
_MAX_UNSIGNED = 100_000
"""Events that are walked at most; more wait for `xinyin audit verify`."""


def check_database(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the database is reached, whole, and of this version's schema."""
    with subject.database.reading() as connection:
        found = revision_of(connection)
        yield from _judge_schema(found)
        if found == newest_schema() and (missing := missing_parts(connection)):
            yield fail(
                messages.schema_incomplete(found, ", ".join(missing)),
                messages.RESTORE_INTO_NEW_HOME,
            )
        for kind, table, name in strangers(connection):
            yield _not_ours(kind, table, name)
        if connection.dialect.name != "sqlite":
            return
        said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    if said != "ok":
        yield fail(messages.DATABASE_DAMAGED, messages.STOP_AND_RESTORE_BACKUP)
    wal = subject.directory / "registry.db-wal"
    if wal.exists() and wal.stat().st_size > _BIG_WAL_BYTES:
        yield warn(messages.WAL_TOO_LARGE, messages.RESTART_STUCK_SERVICE)


def check_pending(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Look for grants that were cut short; what an officer is to sign waits for them."""
    before = subject.clock.now() - _PENDING_AFTER
    query = select(func.count()).where(
        licences.c.state == LicenceState.PENDING,
        licences.c.created_at < before,
        licences.c.signer.is_(None),
    )
    with subject.database.reading() as connection:
        count = int(connection.execute(query).scalar_one())
    if count:
        yield warn(
            messages.grants_interrupted(count),
            messages.FINISH_INTERRUPTED_GRANTS,
        )


def check_intents(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Look for certificates that may have been signed and were never recorded."""
    with subject.database.reading() as connection:
        lost = list_intended(connection, subject.clock.now() - _INTENDED_AFTER)
    for entry in lost:
        name = f"{entry.intent.issuer}/{entry.intent.serial:x}"
        yield warn(
            messages.certificate_outcome_unknown(name),
            messages.revoke_escaped_certificate(entry.intent.serial),
        )


def check_leavings(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Look for officers who left and of whom something has not ended."""
    with subject.database.reading() as connection:
        left = unfinished(connection, subject.clock.now())
    for identity_id in left:
        yield warn(messages.leaving_unfinished(identity_id), messages.finish_leaving(identity_id))


def check_batches(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Look for batches that a restore cut off, as long as they could still be gone on with."""
    with subject.database.reading() as connection:
        lost = lost_batches(connection, subject.clock.now())
    for batch in lost:
        yield warn(batch.said, batch.advice)


def check_break_glass(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Look for uses of the emergency's credential that nobody else has looked at, and for one that
    would sign nobody in.
    """
    column, person = break_glass.c, identities.c
    open_ = column.used_at.is_not(None), column.acknowledged_at.is_(None)
    with subject.database.reading() as connection:
        uses = connection.execute(select(column.use_id).where(*open_)).scalars().all()
        worthless = person.iss == BREAK_GLASS_ISSUER, person.state != IdentityState.ACTIVE
        ended = connection.execute(select(person.identity_id).where(*worthless)).scalars().all()
    for identity_id in ended:
        yield fail(messages.BREAK_GLASS_WORTHLESS, messages.enable_emergency(identity_id))
    for use_id in uses:
        yield warn(messages.break_glass_used(use_id), messages.acknowledge_break_glass(use_id))


def check_audit(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Walk the audit from its newest signed head to its end; with `full`, all of it, and every
    head's signature, here and outside.
    """
    if subject.full:
        yield from _verified(subject)
        return
    with subject.database.snapshot() as connection:
        head = newest_head(connection)
        start = ChainEnd(0, NOTHING_BEFORE)
        if head is not None:
            start = ChainEnd(head.sequence, head.hash)
        end = recorded = read_end(connection)
        if recorded is not None and recorded.sequence - start.sequence <= _MAX_UNSIGNED:
            end = start
            with closing(walk(connection, start)) as steps:
                for step in steps:
                    end = step.end
                    if step.finding is not None:
                        yield _altered(step.finding.text)
                        return
        known = connection.execute(select(func.max(audit_events.c.sequence))).scalar_one()
    if recorded is None and known:
        yield _altered(messages.CHAIN_END_MISSING)
    elif end != recorded:
        yield _altered(messages.CHAIN_END_MISMATCH)
    if head is None and known:
        yield _never_signed()


def _verified(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Report the audit's findings on events and heads; `check_record` does so of records."""
    report = subject.audit_report
    yield from _told(report, [one for one in report.findings if one.fault in _OF_EVENTS])
    for said in report.unchecked:
        yield _never_signed() if said == NO_HEAD else unknown(said)
    for lost in report.lost:
        yield ok(lost)


def check_record(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Reconcile the tables with events and journal. With `full` only: it reads all of each."""
    if not subject.full:
        yield ok(messages.COMPARISON_NEEDS_FULL)
        return
    report = subject.audit_report
    yield from _told(report, [one for one in report.findings if one.fault not in _OF_EVENTS])
    if report.journal_entries is None:
        yield unknown(messages.JOURNAL_COMPARISON_SKIPPED)


def _told(report: AuditReport, found: list[AuditFinding]) -> Iterator[HealthFinding]:
    """Tell the first of them. What is proven comes first: it must not be lost among what a crash
    has left.
    """
    found.sort(key=lambda one: one.fault not in PROVEN)
    for one in found[:_TOLD]:
        yield _altered(one.text)
    if len(found) > _TOLD or (found and report.untold):
        yield _altered(messages.FURTHER_DISAGREEMENTS)


def check_journal(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the journal is there, whole, and this register's."""
    registry_id = find_registry_id(subject.database)
    if registry_id is None:
        yield warn(messages.NO_JOURNAL_YET, messages.JOURNAL_BEGINS_ON_NEXT_WRITE)
        return
    directory = subject.settings.journal_directory(subject.directory)
    journal = Journal(directory, subject.clock)
    if journal.registry_id != registry_id:
        yield fail(messages.JOURNAL_OF_ANOTHER_REGISTER, messages.CHECK_JOURNAL_DIRECTORY)
    with subject.database.reading() as connection:
        try:
            check_loss(connection)
        except UnacceptedLossError as error:
            yield fail(error.text, messages.RESTORE_WITH_JOURNAL)
    for _ in journal.read():  # raises where a line does not follow from the one before
        pass


def _not_ours(kind: str, table: str, name: str) -> HealthFinding:
    return fail(
        messages.foreign_database_object(table=table, object_name=name, object_kind=kind),
        messages.INVESTIGATE_DATABASE_OBJECT,
    )


def _judge_schema(found: str | None) -> Iterator[HealthFinding]:
    if found == newest_schema():
        return
    if found is not None and knows_schema(found):
        yield fail(
            messages.schema_outdated(found),
            messages.MIGRATE_DATABASE,
        )
        return
    yield fail(
        messages.schema_of_other_version(found),
        messages.USE_NEWER_VERSION,
    )


def _never_signed() -> HealthFinding:
    return warn(messages.AUDIT_NEVER_SIGNED, messages.SIGN_AUDIT)


def _altered(said: Text) -> HealthFinding:
    return fail(said, messages.VERIFY_AUDIT)
