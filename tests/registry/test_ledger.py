"""The CA's ledger in SQL, on both engines."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from ca.errors import RevocationRefusedError
from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.ledger import CertificateState, Intent, RevocationReason, RevokedCertificate, SignedCrl
from core.ids import IssuerId, KeyId
from registry.audit import Actor, list_events
from registry.database import Database
from registry.ledger import LedgerError, SqlLedger

AT = datetime(2026, 3, 1, tzinfo=UTC)
ISSUER = IssuerId("issuing-1")
INTENT = Intent(
    issuer=ISSUER,
    serial=(1 << 159) - 1,
    profile="seal",
    subject="CN=印章",
    spki_sha256="0" * 64,
    tbs_sha256="1" * 64,
    not_before=AT,
    not_after=AT + timedelta(days=1),
)


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database, Actor("ca"))


def test_from_intent_to_revocation(ledger: SqlLedger, database: Database) -> None:
    ledger.record_intent(INTENT, AT)
    found = ledger.find(ISSUER, INTENT.serial)
    assert found is not None
    assert (found.intent, found.state, found.certificate) == (
        INTENT,
        CertificateState.INTENDED,
        None,
    )
    ledger.record_issued(ISSUER, INTENT.serial, b"der", AT)
    revoked = ledger.revoke(ISSUER, INTENT.serial, RevocationReason.SUPERSEDED, AT)
    assert (revoked.state, revoked.revoked_at) == (CertificateState.REVOKED, AT)
    assert ledger.find(ISSUER, INTENT.serial) == revoked
    with database.reading() as connection:
        actions = [event.action for event in list_events(connection)]
    assert actions == ["certificate.intended", "certificate.issued", "certificate.revoked"]


def test_a_serial_is_intended_once(ledger: SqlLedger) -> None:
    ledger.record_intent(INTENT, AT)
    with pytest.raises(LedgerError):
        ledger.record_intent(INTENT, AT)


def test_nothing_is_recorded_that_was_not_intended(ledger: SqlLedger) -> None:
    with pytest.raises(LedgerError):
        ledger.record_issued(ISSUER, 5, b"der", AT)
    with pytest.raises(LedgerError):
        ledger.revoke(ISSUER, 5, RevocationReason.SUPERSEDED, AT)
    assert ledger.find(ISSUER, 5) is None


def test_nothing_is_issued_or_revoked_twice(ledger: SqlLedger) -> None:
    ledger.record_intent(INTENT, AT)
    ledger.record_issued(ISSUER, INTENT.serial, b"der", AT)
    with pytest.raises(LedgerError):
        ledger.record_issued(ISSUER, INTENT.serial, b"other", AT)
    ledger.revoke(ISSUER, INTENT.serial, RevocationReason.SUPERSEDED, AT)
    with pytest.raises(RevocationRefusedError):
        ledger.revoke(ISSUER, INTENT.serial, RevocationReason.SUPERSEDED, AT)


def test_a_hold_is_released_and_each_change_is_told(ledger: SqlLedger, database: Database) -> None:
    ledger.record_intent(INTENT, AT)
    ledger.record_issued(ISSUER, INTENT.serial, b"der", AT)
    held = ledger.hold(ISSUER, INTENT.serial, AT, basis="核查")
    assert held.reason is RevocationReason.CERTIFICATE_HOLD
    assert [one.serial for one in ledger.list_revoked(ISSUER)] == [INTENT.serial]
    released = ledger.release(ISSUER, INTENT.serial, AT)
    assert ledger.find(ISSUER, INTENT.serial) == released
    assert (released.state, released.revoked_at) == (CertificateState.ISSUED, None)
    assert ledger.list_revoked(ISSUER) == []
    with pytest.raises(RevocationRefusedError):
        ledger.release(ISSUER, INTENT.serial, AT)
    assert (ledger.revocation_epoch(), ledger.revocation_changes(ISSUER)) == (2, 2)
    with database.reading() as connection:
        events = list_events(connection)[-2:]
    assert [event.action for event in events] == ["certificate.held", "certificate.released"]
    assert events[0].basis == "核查"


def test_a_compromise_keeps_its_dates(ledger: SqlLedger) -> None:
    later = AT + timedelta(hours=9)
    ledger.record_intent(INTENT, AT)
    ledger.record_issued(ISSUER, INTENT.serial, b"der", AT)
    ledger.revoke(ISSUER, INTENT.serial, RevocationReason.SUPERSEDED, later)
    reason, invalid = RevocationReason.KEY_COMPROMISE, AT + timedelta(hours=1)
    ledger.revoke(ISSUER, INTENT.serial, reason, later, invalidity_at=invalid)
    assert ledger.list_revoked(ISSUER) == [
        RevokedCertificate(INTENT.serial, later, reason, invalid)
    ]


def test_what_was_only_intended_can_be_revoked(ledger: SqlLedger) -> None:
    ledger.record_intent(INTENT, AT)
    revoked = ledger.revoke(ISSUER, INTENT.serial, RevocationReason.KEY_COMPROMISE, AT)
    assert revoked.state is CertificateState.REVOKED
    with pytest.raises(LedgerError):  # whoever was signing it must not hand it out now
        ledger.record_issued(ISSUER, INTENT.serial, b"der", AT)


def test_shards_have_their_own_entries_lists_and_counts(ledger: SqlLedger) -> None:
    for shard in (0, 1):
        intent = dataclasses.replace(INTENT, serial=10 + shard, shard=shard)
        ledger.record_intent(intent, AT)
        found = ledger.find(ISSUER, intent.serial)
        assert found is not None
        assert found.intent == intent
        signed = SignedCrl(
            ISSUER, shard, ledger.take_crl_number(ISSUER, AT), b"%d" % shard, changes=7
        )
        ledger.record_crl(signed, AT)
        assert ledger.find_crl(ISSUER, shard) == signed
    ledger.revoke(ISSUER, 11, RevocationReason.SUPERSEDED, AT)
    assert [one.serial for one in ledger.list_revoked(ISSUER, 1)] == [11]
    assert ledger.list_revoked(ISSUER, 0) == []
    assert (ledger.revocation_changes(ISSUER, 0), ledger.revocation_changes(ISSUER, 1)) == (0, 1)
    assert ledger.latest_crl(ISSUER, 0) == b"0"


def test_entries_are_listed_by_issuer_and_profile(ledger: SqlLedger) -> None:
    for serial, profile, issuer in ((1, "seal", "a"), (2, "tsa", "a"), (3, "seal", "b")):
        intent = dataclasses.replace(
            INTENT, serial=serial, profile=profile, issuer=IssuerId(issuer)
        )
        ledger.record_intent(intent, AT)
    seals = ledger.list_entries(IssuerId("a"), profile="seal")
    assert [entry.intent.serial for entry in seals] == [1]
    assert len(ledger.list_entries(IssuerId("a"))) == 2


def test_crl_numbers_grow_and_the_newest_is_served(ledger: SqlLedger) -> None:
    assert ledger.latest_crl(ISSUER) is None
    numbers = [ledger.take_crl_number(ISSUER, AT) for _ in range(12)]
    assert numbers == list(range(1, 13))
    for number in (9, 10):
        ledger.record_crl(SignedCrl(ISSUER, 0, number, b"%d" % number, changes=0), AT)
    assert ledger.latest_crl(ISSUER) == b"10"


def test_issuers_are_kept_with_what_becomes_of_them(ledger: SqlLedger, database: Database) -> None:
    prepared = IssuerRecord(
        ISSUER, IssuerRole.ISSUING, None, KeyId("issuing-1"), IssuerState.PREPARED, AT
    )
    ledger.save_issuer(prepared, AT)
    assert ledger.list_issuers() == [prepared]
    active = dataclasses.replace(
        prepared,
        state=IssuerState.ACTIVE,
        certificate=b"der",
        chain=(b"above", b"anchor"),
        crl_shards=8,
    )
    for _ in range(2):
        ledger.save_issuer(active, AT)
    assert ledger.list_issuers() == [active]
    with database.reading() as connection:
        events = list_events(connection)
    assert [event.action for event in events] == ["issuer.recorded"] * 2


def test_the_epoch_grows_with_each_revocation(ledger: SqlLedger) -> None:
    assert ledger.revocation_epoch() == 0
    ledger.record_intent(INTENT, AT)
    ledger.record_issued(ISSUER, INTENT.serial, b"der", AT)
    assert ledger.revocation_epoch() == 0
    ledger.revoke(ISSUER, INTENT.serial, RevocationReason.SUPERSEDED, AT)
    assert ledger.revocation_epoch() == 1
