"""What the journal says of a certificate in the end is never laxer than what was so.

Crashes are put where they can be: a transaction that is rolled back after it was journalled, one
that commits and whose process dies before it could journal that, one that journals it late.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from core.clock import SystemClock
from core.ids import IssuerId
from registry.backup.certificates import merge_certificate
from registry.backup.merging import hear
from registry.db.database import Database
from registry.facts.register_id import identify, open_journal
from registry.journal.journal import NOTHING_BEFORE, Facts, JournalEntry, JournalError, JournalKind
from registry.ledger.ledger import SqlLedger
from registry.ledger.status_journal import parse_status, status_entry
from tests.permits import CHANGE_CERTIFICATE, MANAGE_SEAL, to_certify

AT = datetime(2026, 3, 1, tzinfo=UTC)
ISSUER = IssuerId("issuing-1")
GOOD = LedgerEntry(
    Intent(ISSUER, 7, "seal", "CN=x", "0", "1", AT, AT + timedelta(days=9)),
    CertificateState.ISSUED,
    None,
    None,
    None,
    None,
)
HELD = replace(
    GOOD,
    state=CertificateState.REVOKED,
    reason=RevocationReason.CERTIFICATE_HOLD,
    revoked_at=AT,
)
SUPERSEDED = replace(HELD, reason=RevocationReason.SUPERSEDED)
REVOKED = replace(HELD, reason=RevocationReason.KEY_COMPROMISE)
SINCE_NOON = replace(REVOKED, invalidity_at=AT + timedelta(hours=12))
SINCE_DAWN = replace(REVOKED, invalidity_at=AT + timedelta(hours=6))
STRICTNESS = [GOOD, HELD, SUPERSEDED, REVOKED, SINCE_NOON, SINCE_DAWN]
"""From the laxest: a final revocation only becomes a compromise, or one from earlier on."""
FINAL = STRICTNESS[2:]


def stricter(one: LedgerEntry, other: LedgerEntry) -> bool:
    return STRICTNESS.index(one) > STRICTNESS.index(other)


def status(entry: LedgerEntry) -> tuple[object, ...]:
    return entry.state, entry.reason, entry.invalidity_at


class Fate(StrEnum):
    DONE = "done"
    LOST = "lost"
    """Tightening: rolled back after it was journalled. Loosening: committed, never journalled."""
    LATE = "late"
    """Loosening: journalled after whatever comes next."""


class Model:
    """A certificate, and the journal beside it."""

    def __init__(self) -> None:
        self.truth = GOOD
        self.entries: list[JournalEntry] = []
        self.late: list[Facts] = []

    def step(self, target: LedgerEntry, fate: Fate) -> None:
        if target is self.truth or (self.truth in FINAL and not stricter(target, self.truth)):
            return
        if target is GOOD:
            facts: Facts = {**status_entry(target), "seen": len(self.entries)}
            self.truth = target
            if fate is Fate.DONE:
                self.append(facts)
            elif fate is Fate.LATE:
                self.late.append(facts)
            return
        self.append(status_entry(target))
        if fate is not Fate.LOST:
            self.truth = target

    def append(self, facts: Facts) -> None:
        number = len(self.entries) + 1
        self.entries.append(JournalEntry(number, AT, JournalKind.STATUS, facts, NOTHING_BEFORE))

    def catch_up(self) -> None:
        for facts in self.late:
            self.append(facts)
        self.late = []

    def told(self) -> LedgerEntry:
        said: dict[tuple[str, str], JournalEntry] = {}
        for entry in self.entries:
            hear(said, entry)
        if not said:
            return GOOD
        told = parse_status(next(iter(said.values())).facts)
        return next(one for one in STRICTNESS if status(one) == status(told))


STEPS = st.lists(st.tuples(st.sampled_from(STRICTNESS), st.sampled_from(Fate), st.booleans()))
HELD_AGAIN_BEFORE_THE_RELEASE_WAS_TOLD = [
    (HELD, Fate.DONE, False),
    (GOOD, Fate.LATE, False),
    (HELD, Fate.DONE, True),
]


@given(STEPS)
@example(HELD_AGAIN_BEFORE_THE_RELEASE_WAS_TOLD)
def test_the_journal_is_never_laxer_than_the_truth(
    steps: list[tuple[LedgerEntry, Fate, bool]],
) -> None:
    model = Model()
    for target, fate, catches_up in steps:
        model.step(target, fate)
        if catches_up:
            model.catch_up()
        assert STRICTNESS.index(model.told()) >= STRICTNESS.index(model.truth)
    model.catch_up()
    assert STRICTNESS.index(model.told()) >= STRICTNESS.index(model.truth)
    if all(fate is Fate.DONE for _, fate, _ in steps):
        assert model.told() is model.truth


@pytest.mark.parametrize("before", STRICTNESS)
@pytest.mark.parametrize("told", STRICTNESS)
def test_a_certificate_comes_to_what_was_said_of_it(
    database: Database, before: LedgerEntry, told: LedgerEntry
) -> None:
    ledger = SqlLedger(database)
    ledger.record_intent(GOOD.intent, AT, permit=to_certify(GOOD.intent.profile))
    ledger.record_issued(ISSUER, 7, b"der", AT, permit=MANAGE_SEAL)
    if before is HELD:
        ledger.hold(ISSUER, 7, AT, permit=CHANGE_CERTIFICATE)
    elif before.reason is not None:
        later = AT + timedelta(days=1)
        ledger.revoke(
            ISSUER,
            7,
            before.reason,
            later,
            invalidity_at=before.invalidity_at,
            permit=CHANGE_CERTIFICATE,
        )
    with database.writing() as connection:
        changed = merge_certificate(connection, replace(told, revoked_at=told.revoked_at and AT))
    expected = told if before not in FINAL or stricter(told, before) else before
    after = ledger.find(ISSUER, 7)
    assert after is not None
    assert status(after) == status(expected)
    assert changed == (before is not expected)
    if before in FINAL:
        assert after.revoked_at == AT + timedelta(days=1), "its date never moves"


def test_a_hold_that_was_lifted_and_put_on_again_has_the_date_of_the_second(
    database: Database,
) -> None:
    """What was signed in between stands; found by a simulated history."""
    ledger, later = SqlLedger(database), AT + timedelta(days=1)
    ledger.record_intent(GOOD.intent, AT, permit=to_certify(GOOD.intent.profile))
    ledger.record_issued(ISSUER, 7, b"der", AT, permit=MANAGE_SEAL)
    ledger.hold(ISSUER, 7, AT, permit=CHANGE_CERTIFICATE)
    with database.writing() as connection:
        assert merge_certificate(connection, replace(HELD, revoked_at=later))
        assert not merge_certificate(connection, replace(HELD, revoked_at=later))
        assert not merge_certificate(connection, HELD), "a CRL from before the second"
    after = ledger.find(ISSUER, 7)
    assert after is not None
    assert (after.reason, after.revoked_at) == (HELD.reason, later)


@pytest.mark.parametrize("told", STRICTNESS[1:])
def test_one_that_the_backup_does_not_know_is_entered(
    database: Database, told: LedgerEntry
) -> None:
    ledger = SqlLedger(database)
    with database.writing() as connection:
        assert not merge_certificate(connection, GOOD)
        assert merge_certificate(connection, told)
        assert not merge_certificate(connection, told)
    assert [one.serial for one in ledger.list_revoked(ISSUER)] == [7]


def test_a_release_is_journalled_once_it_took_effect(database: Database, tmp_path: Path) -> None:
    identify(database, tmp_path / "journal", SystemClock(), lambda count: b"x" * count)
    journal = open_journal(database, tmp_path / "journal", SystemClock())
    mirrored = Database(database._url, journal=lambda: journal)
    ledger = SqlLedger(mirrored)
    ledger.record_intent(GOOD.intent, AT, permit=to_certify(GOOD.intent.profile))
    ledger.record_issued(ISSUER, 7, b"der", AT, permit=MANAGE_SEAL)
    ledger.hold(ISSUER, 7, AT, permit=CHANGE_CERTIFICATE)
    held = journal.end.sequence
    with (
        mock.patch("registry.ledger.ledger.audit.record", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        ledger.release(ISSUER, 7, AT, permit=CHANGE_CERTIFICATE)
    assert [entry.facts["state"] for entry in journal.read() if "state" in entry.facts] == [
        CertificateState.REVOKED
    ]
    with (
        mock.patch("registry.journal.journal.os.fsync", side_effect=OSError(28, "full")),
        pytest.raises(JournalError, match="took effect"),
    ):
        ledger.release(ISSUER, 7, AT, permit=CHANGE_CERTIFICATE)
    entry = ledger.find(ISSUER, 7)
    assert entry is not None
    assert entry.state is CertificateState.ISSUED
    ledger.hold(ISSUER, 7, AT, permit=CHANGE_CERTIFICATE)
    ledger.release(ISSUER, 7, AT, permit=CHANGE_CERTIFICATE)
    last = journal.last(JournalKind.STATUS)
    assert last is not None
    assert last.facts["state"] == CertificateState.ISSUED
    assert held < int(last.facts["seen"] or 0) < last.sequence
    mirrored.close()
