"""Verification of the whole audit: the chain, its end, the signed heads here and outside.

1. Along the chain: every event follows from the one before it, and none is missing.
2. Its end: the chain's own record of it fits.
3. Documents: events and the table of revisions say the same (`registry.reconcile.revisions`).
4. The other tables: authorities, seals, mandates, types, CAs, keys, certificates and licences are
   as the events leave them (`registry.reconcile.events`).
5. Heads: each signature holds under a known key of the audit, and the event that it names is there
   with that hash. A head beyond the end means that events were cut off.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from sqlalchemy import Connection, Row, String, select, type_coerce

from core.ids import KeyId
from core.text import Text
from keys.algorithms import UnsupportedKeyError, verify_with
from registry.audit import findings
from registry.audit.anchors import JOURNAL, journal_end
from registry.audit.chain import ChainEnd, count_other_ends, read_end
from registry.audit.findings import AuditFinding, Fault
from registry.audit.heads import HeadAnchor, SignedHead, UnreadableLine
from registry.audit.walk import stored_instant
from registry.db.database import Database
from registry.db.tables import audit_events, audit_heads
from registry.journal.chunks import JournalChunk, chunks_of
from registry.journal.journal import Journal, JournalEntry, JournalError
from registry.reconcile.events import ONE_TRANSACTION
from registry.reconcile.journal.checking import JournalBounds, bounds_of, check_bounds
from registry.reconcile.journal.index import JournalIndex
from registry.reconcile.outcome import AuditReport
from registry.reconcile.parallel import Sources, crew
from registry.reconcile.parts import BEGINNING, VerificationParts
from registry.reconcile.restorations import Restoration, find_restorations

_HEADS_AT_ONCE = 500
NO_HEAD = Text(
    "没有已签署的链尾：无法确认末尾没有被截去。",
    "No head was ever signed: whether the tail was cut off cannot be told.",
)
AuditKeys = Mapping[KeyId, PublicKeyTypes]


def verify_audit(
    database: Database,
    keys: AuditKeys,
    anchors: Sequence[HeadAnchor],
    *,
    restorations: Sequence[JournalEntry] = (),
    journal: Journal | None = None,
    now: datetime | None = None,
    since_head: bool = False,
    processes: int = 1,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> AuditReport:
    """Return the report. Raises `DatabaseBusyError`, `StorageError`.

    With `journal` and the time `now` the tables are compared with it too; of its own heads and
    restorations it tells then, so that `anchors` and `restorations` need not: these are its entries
    of restorations from a backup. Earlier heads, which the events contradict now, are what was lost
    then, if the events bear the restoration out. With `since_head` what the newest head that holds
    has signed is believed: only later events, and the licences and documents that they speak of,
    are looked at, and no journal. `on_progress` is told how many events, entries of the journal and
    licences were looked at, of how many.
    """
    # What is outside is opened first: its heads are then of events that the snapshot holds.
    place = None if journal is None or now is None or since_head else journal_end(journal)
    outside = [(anchor.name, anchor.heads()) for anchor in anchors]
    with ExitStack() as opened:
        connection = opened.enter_context(database.snapshot())
        verification = _Verification(connection, keys, restorations, on_progress)
        start = verification.newest_head() if since_head else BEGINNING
        compared = None
        if not (journal is None or now is None or start.sequence or isinstance(place, Text)):
            index = opened.enter_context(JournalIndex.made(now - ONE_TRANSACTION))
            compared = _Compared(journal, index, place or 0, now)
        verification.run(VerificationParts(connection, start), database, processes, compared)
        if isinstance(place, Text):
            outside.insert(0, (JOURNAL, place))
        elif place is not None and compared is not None:
            outside.insert(0, (JOURNAL, compared.index.heads(place)))
        verification.check_heads(outside, start)
        return verification.report


@dataclass(frozen=True, slots=True)
class _Compared:
    journal: Journal
    index: JournalIndex
    entries: int
    """How many there were at the beginning, as far as that is known."""
    now: datetime

    def chunks(self) -> list[JournalChunk]:
        """Return the journal as it is now, once all snapshots are open; nothing if it cannot be
        read, which its heads tell of.
        """
        try:
            return chunks_of(self.journal)
        except JournalError:
            self.index.give_up()
            return []


class _Verification:
    def __init__(
        self,
        connection: Connection,
        keys: AuditKeys,
        restorations: Sequence[JournalEntry],
        on_progress: Callable[[int, int], None],
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._restorations = find_restorations(connection, restorations)
        self._on_progress = on_progress
        self._done = self._whole = 0
        """Events, entries and licences that were looked at, and how many there are."""
        self.report = AuditReport()

    def newest_head(self) -> ChainEnd:
        """Return the newest head in the database that holds and whose event is there."""
        for head in self._heads_in_database(newest_first=True):
            if self._signature_fault(head) is None:
                known = self._hashes([head.sequence])
                if known.get(head.sequence) == head.hash:
                    return ChainEnd(head.sequence, head.hash)
        return BEGINNING

    def run(
        self,
        parts: VerificationParts,
        database: Database,
        processes: int,
        compared: _Compared | None,
    ) -> None:
        """Go along the chain and compare the tables, with the journal too."""
        self.report.end = parts.start
        self.report.since = parts.start.sequence
        index = None if compared is None else compared.index
        self._whole = parts.events + parts.licences + (0 if compared is None else compared.entries)
        self._on_progress(0, self._whole)
        others, of_journal = AuditReport(), AuditReport()
        several = processes if parts.are_many else 1
        with crew(database, Sources(self._connection, index), several) as those:
            chunks = [] if compared is None else compared.chunks()
            for looked in those.results(parts.first(chunks)):
                if looked.read is not None and index is not None:
                    index.add(looked.read)
                elif looked.of_chain:
                    self.report.merge(looked.report)
                else:
                    others.merge(looked.report)
                self._tell(looked.amount)
            self._check_end()
            bounds = None if compared is None else self._bounds(compared, of_journal)
            for looked in those.results(parts.second(index, bounds)):
                self.report.merge(looked.report)
                of_journal.merge(looked.of_journal)
                self._tell(looked.amount)
        self.report.merge(others)
        self.report.merge(of_journal)

    def _bounds(self, compared: _Compared, report: AuditReport) -> JournalBounds | None:
        """Return the limits of what the journal knows, and report what is compared with it here;
        None where it is damaged, of which its heads tell.
        """
        index = compared.index
        self._restorations = find_restorations(self._connection, index.restored)
        if index.is_damaged:
            return None
        self.report.journal_entries = index.entries
        bounds = bounds_of(self._connection, index, self._restorations, compared.now)
        report.add_all(check_bounds(self._connection, index, bounds))
        return bounds

    def _tell(self, amount: int) -> None:
        if amount:
            self._done += amount
            self._on_progress(min(self._done, self._whole), self._whole)

    def check_heads(
        self,
        outside: Iterable[tuple[str, Iterator[SignedHead | UnreadableLine] | Text]],
        start: ChainEnd,
    ) -> None:
        """Check the heads in the database and outside, from the one at `start` on."""
        self._check_heads("database", self._heads_in_database(start.sequence))
        for name, heads in outside:
            if isinstance(heads, Text):
                self.report.unchecked.append(heads)
            else:
                self._check_heads(name, _from(heads, start.sequence))
        if self.report.end.sequence and not any(self.report.heads.values()):
            self.report.unchecked.append(NO_HEAD)

    def _check_end(self) -> None:
        report, recorded = self.report, read_end(self._connection)
        if recorded is not None and recorded.sequence > report.end.sequence:
            report.add(findings.cut(report.end.sequence, recorded.sequence, "database"))
        elif recorded != report.end:
            report.add(findings.end(report.end.sequence))
        if others := count_other_ends(self._connection):
            report.add(findings.other_ends(others))

    def _heads_in_database(
        self, first: int = 0, *, newest_first: bool = False
    ) -> Iterator[SignedHead]:
        column = audit_heads.c
        query = (
            select(
                column.sequence,
                column.hash,
                type_coerce(column.signed_at, String).label("signed_at"),  # undecoded, as in walk
                column.key_id,
                column.signature,
            )
            .where(column.sequence >= first)
            .order_by(column.sequence.desc() if newest_first else column.sequence)
        )
        options = {"yield_per": _HEADS_AT_ONCE}
        with self._connection.execute(query.execution_options(**options)) as result:
            yield from map(_stored_head, result)

    def _check_heads(self, where: str, heads: Iterator[SignedHead | UnreadableLine]) -> None:
        trail = _Trail(where)
        while group := list(islice(heads, _HEADS_AT_ONCE)):
            known = self._hashes([one.sequence for one in group if isinstance(one, SignedHead)])
            for one in group:
                if isinstance(one, UnreadableLine):
                    self.report.unchecked.append(findings.unreadable(where, one))
                else:
                    self._check_head(trail, one, known.get(one.sequence))
        self.report.heads[where] = trail.count
        for finding in trail.findings(self.report.end.sequence):
            self.report.add(finding)
        self.report.lost += [
            findings.lost(trail.where, one.at, one.sequence, last)
            for one, last in trail.lost.items()
        ]

    def _hashes(self, sequences: Sequence[int]) -> dict[int, str]:
        """Return the hashes of these events, as far as they are there."""
        column = audit_events.c
        query = select(column.sequence, column.hash).where(column.sequence.in_(sequences))
        return {row.sequence: str(row.hash) for row in self._connection.execute(query)}

    def _check_head(self, trail: "_Trail", head: SignedHead, known: str | None) -> None:
        trail.count += 1
        fault = self._signature_fault(head)
        if fault is not None:  # it proves nothing, neither for nor against the events
            self.report.add(findings.bad_head(fault, trail.where, head))
        elif known == head.hash:
            trail.agreed = max(trail.agreed, head.sequence)
            newest = self.report.newest_head
            if newest is None or head.sequence > newest.sequence:
                self.report.newest_head = head
        elif lost := self._restoration_after(head):
            trail.lost[lost] = max(trail.lost.get(lost, 0), head.sequence)
        elif head.sequence > self.report.end.sequence:
            trail.beyond = max(trail.beyond, head.sequence)
        elif known is not None and trail.contradicted is None:
            trail.contradicted = (trail.agreed + 1, head)

    def _restoration_after(self, head: SignedHead) -> Restoration | None:
        for one in self._restorations:
            if head.signed_at <= one.at and head.sequence >= one.sequence:
                return one
        return None

    def _signature_fault(self, head: SignedHead) -> Fault | None:
        key = self._keys.get(head.key_id)
        if key is None:
            return Fault.UNKNOWN_KEY
        try:
            verify_with(key, head.signature, head.statement())
        except (InvalidSignature, UnsupportedKeyError):
            return Fault.SIGNATURE
        return None


def _from(
    heads: Iterator[SignedHead | UnreadableLine], first: int
) -> Iterator[SignedHead | UnreadableLine]:
    return (one for one in heads if isinstance(one, UnreadableLine) or one.sequence >= first)


@dataclass(slots=True)
class _Trail:
    """Findings on the heads of one place: one finding for what one act has done."""

    where: str
    count: int = 0
    agreed: int = 0
    """Up to this event the heads hold."""
    contradicted: tuple[int, SignedHead] | None = None
    """The first event that may have been rewritten, and the first head that says so."""
    beyond: int = 0
    """The furthest event that a head names and that is not there."""
    lost: dict[Restoration, int] = field(default_factory=dict)
    """By restoration, the furthest event that was there before it."""

    def findings(self, end: int) -> Iterator[AuditFinding]:
        if self.contradicted is not None:
            yield findings.rewritten(self.where, *self.contradicted)
        if self.beyond:
            yield findings.cut(end, self.beyond, self.where)


def _stored_head(row: Row[tuple[object, ...]]) -> SignedHead:
    """Return a head as it is stored; one whose time is none has no signature that could hold."""
    column = row._mapping  # noqa: SLF001  # SQLAlchemy's public accessor, in spite of its name
    try:
        at, signature = stored_instant(column["signed_at"]), column["signature"]
    except ValueError:
        at, signature = datetime.min.replace(tzinfo=UTC), b""
    return SignedHead(
        column["sequence"], str(column["hash"]), at, KeyId(column["key_id"]), signature
    )
