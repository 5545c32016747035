"""A register with a chain of events and signed heads, to be tampered with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy import Connection, select, update

from core.ids import KeyId
from core.permits import Actor
from keys.model import KeyPurpose
from registry.audit.anchors import FileAnchor
from registry.audit.chain import NOTHING_BEFORE, hash_event
from registry.audit.events import record
from registry.audit.findings import Fault
from registry.audit.signing import HeadSigner
from registry.db.database import Database
from registry.db.tables import audit_chain, audit_events, revisions
from registry.journal.journal import JournalEntry, JournalKind
from registry.reconcile.outcome import AuditReport
from registry.reconcile.verification import AuditKeys, verify_audit
from tests.ca.world import MemoryKeyStore
from tests.clock import StoppedClock

AT = datetime(2026, 3, 1, 8, 0, 0, 120000, tzinfo=UTC)
EVERY = timedelta(minutes=5)


class Audited:
    """Events are added a minute apart; heads go to a file beside the database."""

    def __init__(self, database: Database, directory: Path) -> None:
        self.database = database
        self.clock = StoppedClock(AT)
        self.keys = MemoryKeyStore()
        self.anchor = FileAnchor(directory / "heads.jsonl")
        self.path = directory / "heads.jsonl"

    @property
    def signer(self) -> HeadSigner:
        return HeadSigner(
            database=self.database,
            keys=self.keys,
            anchors=[self.anchor],
            clock=self.clock,
            every=EVERY,
        )

    def add(self, count: int) -> None:
        """Record events of several shapes."""
        with self.database.writing() as connection:
            for turn in range(count):
                self.clock.advance(timedelta(minutes=1))
                record(
                    connection,
                    at=self.clock.now(),
                    actor=Actor("local:张", "market" if turn % 2 else None),
                    action="licence.cancelled",
                    subject=f"1.2.156.{turn}",
                    basis="依据" if turn % 3 else None,
                    before={"state": "IN_FORCE", "reason": None},
                    after={"state": "CANCELLED", "count": turn, "yes": True},
                )

    def audit_keys(self) -> AuditKeys:
        return {
            KeyId(one.key_id): load_der_public_key(one.spki)
            for one in self.keys.list_keys()
            if one.purpose is KeyPurpose.AUDIT
        }

    def verify(
        self, *restored_at: datetime, processes: int = 1, since_head: bool = False
    ) -> AuditReport:
        return verify_audit(
            self.database,
            self.audit_keys(),
            [self.anchor],
            restorations=[JournalEntry(1, at, JournalKind.RESTORED, {}, "") for at in restored_at],
            processes=processes,
            since_head=since_head,
        )

    def faults(self) -> set[tuple[Fault, int, int]]:
        report = self.verify()
        assert report.untold == 0
        assert report.unchecked == []
        return {(one.fault, one.first, one.last) for one in report.findings}


def rechain(connection: Connection) -> None:
    """Number and hash all events anew, as they are now."""
    rows = connection.execute(select(audit_events).order_by(audit_events.c.sequence)).mappings()
    end, number = NOTHING_BEFORE, 0
    for row in rows.all():
        values = dict(row)
        del values["hash"]
        number += 1
        values["sequence"] = number
        end = hash_event(values, end)
        connection.execute(
            update(audit_events)
            .where(audit_events.c.sequence == row["sequence"])
            .values(sequence=number, hash=end)
        )
        if number != row["sequence"]:
            moved = revisions.c.event == row["sequence"]
            connection.execute(update(revisions).where(moved).values(event=number))
    connection.execute(update(audit_chain).values(sequence=number, hash=end))
