"""Reconciliation of the tables with the journal, a write-ahead record kept out of the database's
reach: it contradicts an edit of table and event both.

The journal may know more than the database (a change that was cut off), never less.

1. A revision that the journal does not name was put into the table by other hands; or somebody has
   taken entries out of the journal, as where it lacks a head that the database has.
2. The state of a licence or certificate is the last that the journal says of it, unless a change
   was cut off at its commit; one that left force without the journal's saying so did not leave it
   here.
3. A licence's face is that of its grant, and what was granted or is pending was reserved with it.
4. A loss was accepted where the journal says so; no counter is behind its marks.
5. What the journal speaks of is in the table, unless a restoration has lost it since.

What happened before the journal began is left out of 1 and 2: the signed heads in it hold those
events fast. So is what a restoration from a backup has decided, and what is happening now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ca.ledger import CertificateState, RevocationReason
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import certificates, licences
from registry.journal.journal import JournalKind
from registry.licences.licences import COMPLETED, REINSTATED
from registry.model import LicenceState
from registry.reconcile.certificates import STATES as CERTIFICATE_STATES
from registry.reconcile.certificates import name_of
from registry.reconcile.events import (
    ONE_TRANSACTION,
    Row,
    Told,
    Values,
    day_of,
    differing,
    instant_in,
    instant_of,
    stored_rows,
    told_of,
)
from registry.reconcile.journal import findings
from registry.reconcile.journal.bounds import (
    check_counters,
    check_facts,
    check_heads,
    check_losses,
    covered_after,
)
from registry.reconcile.journal.index import JournalIndex, JournalLatest
from registry.reconcile.licences import ACTIONS as LICENCE_ACTIONS
from registry.reconcile.licences import LicenceRow
from registry.reconcile.restorations import Restoration
from registry.reconcile.revisions import RevisionRow
from registry.revisions.record import entry_of

_OUT_OF_FORCE = (LicenceState.SUSPENDED, LicenceState.CANCELLED, LicenceState.REPLACED)
_UNTIL = "suspended_until"
_LOOSENING = (REINSTATED, COMPLETED, "licence.suspended", "certificate.released")
"""Actions of changes that are journalled after their commit; a suspension whose end is brought
forward is one."""


@dataclass(frozen=True, slots=True)
class JournalBounds:
    """Limits of what the journal knows, for those who compare a part with it."""

    after: int | None
    """The journal knows of every change after this event; None where that cannot be told."""
    until: datetime
    """What was journalled later may not be committed yet."""
    hears_of_reservations: bool
    restorations: tuple[Restoration, ...]
    lost_until: int
    """Entries up to this one were followed by a restoration, which may have lost what they say."""


def bounds_of(
    connection: Connection, index: JournalIndex, restorations: Sequence[Restoration], now: datetime
) -> JournalBounds:
    """Return the limits of a journal that was read to its end; `now` is the time before that."""
    return JournalBounds(
        covered_after(connection, index),
        now - ONE_TRANSACTION,
        index.hears_of_reservations,
        tuple(restorations),
        max((one.sequence for one in index.restored), default=0),
    )


def check_bounds(
    connection: Connection, index: JournalIndex, bounds: JournalBounds
) -> Iterator[AuditFinding]:
    """Yield the disagreements of what is told once, not of each licence; by who read the journal.

    `connection` must have been opened before the journal was read; so must that of each who
    compares a part.
    """
    if bounds.after is not None:
        yield from check_heads(connection, index, bounds.after)
    yield from check_facts(connection, index)
    yield from check_losses(connection, index)
    yield from check_counters(connection, index)


class JournalComparison:
    """Comparison of parts of the tables with the journal, in any process that has its index."""

    def __init__(self, connection: Connection, index: JournalIndex, bounds: JournalBounds) -> None:
        self._connection = connection
        self._index = index
        self._bounds = bounds

    def revision(self, row: RevisionRow) -> Iterator[AuditFinding]:
        """Compare a revision."""
        after, event = self._bounds.after, row.event
        if after is None or event is None or (isinstance(event, int) and event <= after):
            return
        if not self._index.names(row.identifier, entry_of(row.sequence, row.length, row.sha256)):
            yield findings.not_journalled(event, row.identifier, row.sequence)

    def licences(self, rows: Sequence[LicenceRow]) -> Iterator[AuditFinding]:
        """Compare states and faces."""
        for one in rows:
            if one.row["erased_at"] is None:
                yield from self._face(one)
        by_name = {one.row["identifier"]: one.row for one in rows}
        yield from self._states(Kind.LICENCE, JournalKind.LICENCE, by_name)

    def missing(
        self, kind: JournalKind, after: str | None, until: str | None
    ) -> Iterator[AuditFinding]:
        """Look for the licences that it speaks of, those between two identifiers."""
        column = licences.c.identifier
        for said in self._index.all_said(kind, after, until):
            query = select(column).where(column.in_([one.name for one in said]))
            known = set(self._connection.execute(query).scalars())
            yield from self._missing(Kind.LICENCE, said, known)

    def _face(self, one: LicenceRow) -> Iterator[AuditFinding]:
        identifier, index = one.row["identifier"], self._index
        document = index.find(JournalKind.DOCUMENT, identifier)
        face = None if document is None else document.face
        if face is not None and face != one.face:
            yield findings.other_face(identifier)
        elif document is not None and not document.reserved:
            yield findings.not_reserved(identifier)
        elif one.row["state"] == LicenceState.PENDING and self._bounds.hears_of_reservations:
            said = index.find(JournalKind.RESERVED, identifier)
            if said is None or said.face != one.face:
                yield findings.not_reserved(identifier)

    def certificates(self) -> Iterator[AuditFinding]:
        """Compare states."""
        for rows in stored_rows(self._connection, certificates):
            yield from self._states(
                Kind.CERTIFICATE, JournalKind.STATUS, {name_of(row): row for row in rows}
            )
        column = certificates.c
        for said in self._index.all_said(JournalKind.STATUS):
            serials = [one.name.rpartition("/")[2] for one in said]
            query = select(column.issuer, column.serial).where(column.serial.in_(serials))
            found = self._connection.execute(query)
            known = {f"{issuer}/{serial}" for issuer, serial in found}
            yield from self._missing(Kind.CERTIFICATE, said, known)

    def _states(
        self, kind: Kind, told_as: JournalKind, rows: dict[str, Row]
    ) -> Iterator[AuditFinding]:
        wrong: dict[str, tuple[JournalLatest | None, list[str]]] = {}
        for name, row in rows.items():
            said = self._index.find(told_as, name)
            if said is None:
                if row["state"] in (*_OUT_OF_FORCE, CertificateState.REVOKED):
                    wrong[name] = None, []
            elif said.at <= self._bounds.until and (columns := _differing(row, said.facts)):
                wrong[name] = said, columns
        if not wrong:
            return
        actions = LICENCE_ACTIONS if kind is Kind.LICENCE else tuple(CERTIFICATE_STATES)
        told = told_of(self._connection, wrong, actions)
        for name, (said, columns) in wrong.items():
            last = told[name][-1] if name in told else None
            if last is not None and self._is_restored(last):
                continue
            if said is not None:
                state = rows[name]["state"]
                proven = _is_proven(said, told.get(name, ()))
                yield findings.disagrees(
                    kind,
                    name,
                    said.at,
                    said=said.facts["state"],
                    found=state,
                    wrong=columns,
                    proven=proven,
                )
            elif self._is_covered(last):
                yield findings.unsaid(kind, name, 0 if last is None else last.sequence)

    def _is_covered(self, last: Told | None) -> bool:
        after = self._bounds.after
        return after is not None and last is not None and last.sequence > after

    def _is_restored(self, last: Told) -> bool:
        return any(one.made(last.sequence) for one in self._bounds.restorations)

    def _missing(
        self, kind: Kind, said: Sequence[JournalLatest], known: set[str]
    ) -> Iterator[AuditFinding]:
        bounds = self._bounds
        for one in said:
            lasts = bounds.lost_until < one.sequence and one.at <= bounds.until
            if lasts and one.name not in known:
                yield findings.vanished(kind, one.name, one.at)


def _is_proven(said: JournalLatest, events: Sequence[Told]) -> bool:
    """Tell whether a record that says otherwise was edited, and no change was cut off.

    A change that is journalled before its commit has no event if it was cut off. One that loosens
    is journalled after it: its event is there, right after that of what the journal says.
    """
    places = [place for place, one in enumerate(events) if _tells(one, said)]
    if not places:
        return False
    later = [one.action for one in events[places[-1] + 1 :]]
    may_loosen = said.facts["state"] == LicenceState.SUSPENDED or (
        said.facts.get("reason") == RevocationReason.CERTIFICATE_HOLD
    )
    return not (may_loosen and len(later) == 1 and later[0] in _LOOSENING)


def _tells(one: Told, said: JournalLatest) -> bool:
    """Tell whether an event is that of the change that the journal speaks of."""
    state = one.after.get("state", CERTIFICATE_STATES.get(one.action))
    told = str(state), one.after.get("reason"), one.after.get(_UNTIL)
    same = told == (said.facts["state"], said.facts["reason"], said.facts.get(_UNTIL))
    return same and one.at is not None and abs(one.at - said.at) <= ONE_TRANSACTION


def _differing(row: Row, facts: Values) -> list[str]:
    """Return the columns that say otherwise than the journal's facts of the same name."""
    instants = [one for one in facts if one.endswith(("_at", "_before", "_after"))]
    expected = dict(facts) | {one: instant_in(facts, one) for one in instants}
    found = {**row, **{one: instant_of(row[one]) for one in instants}}
    if _UNTIL in row:  # of a licence; an entry is silent of a suspension without an end
        expected.setdefault(_UNTIL, None)
        found[_UNTIL] = day_of(row[_UNTIL])
    return differing(expected, found)
