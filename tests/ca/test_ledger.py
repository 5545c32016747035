"""The contract of the CA's ledger, which every implementation keeps: in memory, as the CA's tests
use it, and in SQL on both engines.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from ca.errors import LedgerError, RevocationRefusedError
from ca.issuers import IssuerRecord, IssuerRole, IssuerState, OutsideCa
from ca.issuing.crl_guard import StaleCrlError
from ca.ledger import (
    CertificateState,
    Intent,
    Ledger,
    LedgerEntry,
    RevocationReason,
    RevokedCertificate,
    SignedCrl,
)
from core.errors import XinyinError
from core.ids import IssuerId, KeyId
from registry.db.database import Database
from registry.ledger.ledger import SqlLedger
from tests.ca.crls import HOLD, SUPERSEDED, crl, self_signed
from tests.ca.memory_ledger import MemoryLedger
from tests.databases import KINDS, empty_database
from tests.permits import CHANGE_CERTIFICATE, MANAGE_CA, MANAGE_SEAL, to_certify

T = TypeVar("T")
AT = datetime(2026, 3, 1, tzinfo=UTC)
LATER = AT + timedelta(hours=9)
ISSUER = IssuerId("issuing-1")
OTHER = IssuerId("issuing-2")
SERIAL = (1 << 159) - 1
INTENT = Intent(
    issuer=ISSUER,
    serial=SERIAL,
    profile="seal",
    subject="CN=印章",
    spki_sha256="0" * 64,
    tbs_sha256="1" * 64,
    not_before=AT,
    not_after=AT + timedelta(days=1),
)
PREPARED = IssuerRecord(
    ISSUER, IssuerRole.ISSUING, None, KeyId("issuing-1"), IssuerState.PREPARED, AT
)


@pytest.fixture(params=("memory", *KINDS))
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    with empty_database(request.param, request, tmp_path) as url:
        database = Database(url)
        yield SqlLedger(database)
        database.close()


def issue(ledger: Ledger, **changed: object) -> Intent:
    intent = replace(INTENT, **changed)  # type: ignore[arg-type]
    ledger.record_intent(intent, AT, permit=to_certify(intent.profile))
    permit = to_certify(intent.profile)
    ledger.record_issued(intent.issuer, intent.serial, b"der", AT, permit)
    return intent


def at_once(work: Callable[[], T], error: type[XinyinError]) -> list[T]:
    """Do the same in four threads; return what those that were not refused returned."""

    def tried(_: int) -> list[T]:
        try:
            return [work()]
        except error:
            return []

    with ThreadPoolExecutor(4) as pool:
        return [one for done in pool.map(tried, range(4)) for one in done]


def test_what_was_never_intended_is_not_there(ledger: Ledger) -> None:
    assert ledger.find(ISSUER, SERIAL) is None
    assert ledger.find_by_key("0" * 64) == []
    assert ledger.list_entries(ISSUER) == []
    assert ledger.list_revoked(ISSUER) == []
    assert (ledger.find_crl(ISSUER), ledger.latest_crl(ISSUER)) == (None, None)
    assert (ledger.list_issuers(), ledger.list_outside_cas()) == ([], [])
    assert (ledger.revocation_epoch(), ledger.revocation_changes(ISSUER)) == (0, 0)


def test_an_entry_is_intended_and_then_issued(ledger: Ledger) -> None:
    ledger.record_intent(INTENT, AT, permit=to_certify(INTENT.profile))
    intended = LedgerEntry(INTENT, CertificateState.INTENDED, None, None, None)
    assert ledger.find(ISSUER, SERIAL) == intended
    ledger.record_issued(ISSUER, SERIAL, b"der", AT, permit=MANAGE_SEAL)
    issued = LedgerEntry(INTENT, CertificateState.ISSUED, b"der", None, None)
    assert ledger.find(ISSUER, SERIAL) == issued
    assert ledger.revocation_epoch() == 0


def test_a_serial_is_intended_once_by_each_issuer(ledger: Ledger) -> None:
    ledger.record_intent(INTENT, AT, permit=to_certify(INTENT.profile))
    with pytest.raises(LedgerError):
        ledger.record_intent(
            replace(INTENT, subject="CN=another"),
            AT,
            permit=to_certify(replace(INTENT, subject="CN=another").profile),
        )
    ledger.record_intent(
        replace(INTENT, issuer=OTHER), AT, permit=to_certify(replace(INTENT, issuer=OTHER).profile)
    )
    found = ledger.find(ISSUER, SERIAL)
    assert found is not None
    assert found.intent == INTENT


def test_a_serial_is_intended_once_of_many_at_once(ledger: Ledger) -> None:
    assert at_once(
        lambda: ledger.record_intent(INTENT, AT, permit=to_certify(INTENT.profile)), LedgerError
    ) == [None]


def test_only_what_was_intended_is_issued_and_once(ledger: Ledger) -> None:
    with pytest.raises(LedgerError):
        ledger.record_issued(ISSUER, SERIAL, b"der", AT, permit=MANAGE_SEAL)
    issue(ledger)
    with pytest.raises(LedgerError):
        ledger.record_issued(ISSUER, SERIAL, b"other", AT, permit=MANAGE_SEAL)
    found = ledger.find(ISSUER, SERIAL)
    assert found is not None
    assert found.certificate == b"der"


def test_entries_are_found_by_their_key_whoever_issued_them(ledger: Ledger) -> None:
    late = replace(INTENT, issuer=OTHER, not_before=LATER)
    for intent in (late, INTENT, replace(INTENT, serial=5, spki_sha256="2" * 64)):
        ledger.record_intent(intent, AT, permit=to_certify(intent.profile))
    assert [one.intent for one in ledger.find_by_key("0" * 64)] == [INTENT, late]


def test_entries_are_listed_by_issuer_and_profile_in_order(ledger: Ledger) -> None:
    issue(ledger, serial=1, not_before=LATER)
    issue(ledger, serial=2)
    issue(ledger, serial=3, profile="tsa")
    issue(ledger, serial=4, issuer=OTHER)
    listed = [one.intent.serial for one in ledger.list_entries(ISSUER, profile="seal")]
    assert listed == [2, 1]
    assert sorted(one.intent.serial for one in ledger.list_entries(ISSUER)) == [1, 2, 3]


def test_nothing_unknown_is_revoked_held_or_released(ledger: Ledger) -> None:
    issue(ledger, issuer=OTHER)
    with pytest.raises(LedgerError):
        ledger.revoke(ISSUER, SERIAL, RevocationReason.SUPERSEDED, AT, permit=CHANGE_CERTIFICATE)
    with pytest.raises(LedgerError):
        ledger.hold(ISSUER, SERIAL, AT, permit=CHANGE_CERTIFICATE)
    with pytest.raises(LedgerError):
        ledger.release(ISSUER, SERIAL, AT, permit=CHANGE_CERTIFICATE)
    assert ledger.revocation_epoch() == 0


def test_a_revocation_stays_and_only_gets_worse(ledger: Ledger) -> None:
    issue(ledger)
    revoked = ledger.revoke(
        ISSUER, SERIAL, RevocationReason.SUPERSEDED, LATER, basis="换章", permit=CHANGE_CERTIFICATE
    )
    superseded = RevocationReason.SUPERSEDED
    assert revoked == LedgerEntry(INTENT, CertificateState.REVOKED, b"der", LATER, superseded)
    assert ledger.find(ISSUER, SERIAL) == revoked
    with pytest.raises(RevocationRefusedError):
        ledger.revoke(ISSUER, SERIAL, RevocationReason.SUPERSEDED, LATER, permit=CHANGE_CERTIFICATE)
    with pytest.raises(RevocationRefusedError):
        ledger.release(ISSUER, SERIAL, LATER, permit=CHANGE_CERTIFICATE)
    assert ledger.find(ISSUER, SERIAL) == revoked
    stolen, since = RevocationReason.KEY_COMPROMISE, AT + timedelta(hours=1)
    ledger.revoke(
        ISSUER,
        SERIAL,
        stolen,
        LATER + timedelta(days=1),
        invalidity_at=since,
        permit=CHANGE_CERTIFICATE,
    )
    assert ledger.list_revoked(ISSUER) == [RevokedCertificate(SERIAL, LATER, stolen, since)]


def test_a_revocation_happens_once_of_many_at_once(ledger: Ledger) -> None:
    issue(ledger)
    done = at_once(
        lambda: ledger.revoke(
            ISSUER, SERIAL, RevocationReason.SUPERSEDED, AT, permit=CHANGE_CERTIFICATE
        ),
        RevocationRefusedError,
    )
    assert len(done) == 1
    assert (ledger.revocation_epoch(), ledger.revocation_changes(ISSUER)) == (1, 1)


def test_a_hold_is_listed_until_it_is_lifted(ledger: Ledger) -> None:
    issue(ledger)
    held = ledger.hold(ISSUER, SERIAL, LATER, basis="核查", permit=CHANGE_CERTIFICATE)
    hold = RevocationReason.CERTIFICATE_HOLD
    assert held == LedgerEntry(INTENT, CertificateState.REVOKED, b"der", LATER, hold)
    assert ledger.list_revoked(ISSUER) == [RevokedCertificate(SERIAL, LATER, hold)]
    with pytest.raises(RevocationRefusedError):
        ledger.hold(ISSUER, SERIAL, LATER, permit=CHANGE_CERTIFICATE)
    released = ledger.release(ISSUER, SERIAL, LATER, permit=CHANGE_CERTIFICATE)
    assert released == LedgerEntry(INTENT, CertificateState.ISSUED, b"der", None, None)
    assert ledger.find(ISSUER, SERIAL) == released
    assert ledger.list_revoked(ISSUER) == []
    with pytest.raises(RevocationRefusedError):
        ledger.release(ISSUER, SERIAL, LATER, permit=CHANGE_CERTIFICATE)
    assert (ledger.revocation_epoch(), ledger.revocation_changes(ISSUER)) == (2, 2)


def test_what_was_only_intended_is_revoked_and_then_not_issued(ledger: Ledger) -> None:
    ledger.record_intent(INTENT, AT, permit=to_certify(INTENT.profile))
    ledger.revoke(ISSUER, SERIAL, RevocationReason.KEY_COMPROMISE, AT, permit=CHANGE_CERTIFICATE)
    with pytest.raises(LedgerError):  # whoever was signing it must not hand it out now
        ledger.record_issued(ISSUER, SERIAL, b"der", AT, permit=MANAGE_SEAL)
    assert [one.serial for one in ledger.list_revoked(ISSUER)] == [SERIAL]


def test_issuers_and_shards_have_their_own_lists_and_counts(ledger: Ledger) -> None:
    issue(ledger, serial=10)
    issue(ledger, serial=11, shard=1)
    issue(ledger, serial=12, issuer=OTHER)
    for issuer, serial in ((ISSUER, 11), (OTHER, 12)):
        ledger.revoke(issuer, serial, RevocationReason.SUPERSEDED, AT, permit=CHANGE_CERTIFICATE)
    listed = [
        [one.serial for one in ledger.list_revoked(*place)]
        for place in ((ISSUER, 0), (ISSUER, 1), (OTHER, 0))
    ]
    assert listed == [[], [11], [12]]
    counted = [ledger.revocation_changes(ISSUER, 0), ledger.revocation_changes(ISSUER, 1)]
    assert counted == [0, 1]
    assert ledger.revocation_epoch() == 2


def test_crl_numbers_grow_for_each_issuer(ledger: Ledger) -> None:
    assert [ledger.take_crl_number(ISSUER, AT) for _ in range(3)] == [1, 2, 3]
    assert ledger.take_crl_number(OTHER, AT) == 1
    taken = at_once(lambda: ledger.take_crl_number(ISSUER, AT), LedgerError)
    assert sorted(taken) == [4, 5, 6, 7]


def test_the_newest_crl_of_a_shard_is_kept_by_number(ledger: Ledger) -> None:
    for number in (9, 11, 10):  # of a CA that is not ours: judged before, whatever their order
        ledger.record_crl(SignedCrl(OTHER, 0, number, b"%d" % number, changes=number), AT)
    ledger.record_crl(SignedCrl(OTHER, 1, 12, b"shard", changes=0), AT)
    assert ledger.find_crl(OTHER) == SignedCrl(OTHER, 0, 11, b"11", changes=11)
    assert (ledger.latest_crl(OTHER), ledger.latest_crl(OTHER, 1)) == (b"11", b"shard")
    assert ledger.latest_crl(ISSUER) is None


def test_the_same_crl_of_a_ca_outside_is_recorded_once(ledger: Ledger) -> None:
    for told in (b"first", b"second"):
        ledger.record_crl(SignedCrl(OTHER, 0, 9, told, changes=0), AT)
    assert ledger.latest_crl(OTHER) == b"first"


def test_no_crl_of_ours_knows_less_than_the_last(ledger: Ledger) -> None:
    ledger.save_issuer(PREPARED, AT, permit=MANAGE_CA)
    issue(ledger, serial=0xA)
    issue(ledger, serial=0xB)
    ledger.record_crl(crl(2, a=SUPERSEDED, b=HOLD), AT)
    for stale in (crl(2, a=SUPERSEDED, b=HOLD), crl(1, a=SUPERSEDED, b=HOLD), crl(3, b=HOLD)):
        with pytest.raises(StaleCrlError):
            ledger.record_crl(stale, AT)
    ledger.hold(ISSUER, 0xB, AT, permit=CHANGE_CERTIFICATE)
    with pytest.raises(StaleCrlError):
        ledger.record_crl(crl(3, a=SUPERSEDED), AT)
    ledger.release(ISSUER, 0xB, AT, permit=CHANGE_CERTIFICATE)
    ledger.record_crl(crl(3, a=SUPERSEDED), AT)
    found = ledger.find_crl(ISSUER)
    assert found is not None
    assert found.number == 3


def test_an_entry_that_the_ledger_lost_may_not_leave_the_crl(ledger: Ledger) -> None:
    ledger.save_issuer(PREPARED, AT, permit=MANAGE_CA)
    ledger.record_crl(crl(1, a=HOLD), AT)
    with pytest.raises(StaleCrlError):
        ledger.record_crl(crl(2), AT)


def test_one_of_two_crls_of_one_number_is_recorded(ledger: Ledger) -> None:
    ledger.save_issuer(PREPARED, AT, permit=MANAGE_CA)
    signed = crl(1)
    assert at_once(lambda: ledger.record_crl(signed, AT), StaleCrlError) == [None]


def test_issuers_are_kept_with_what_becomes_of_them(ledger: Ledger) -> None:
    root = IssuerRecord(
        IssuerId("root"), IssuerRole.ROOT, None, KeyId("root"), IssuerState.ACTIVE, AT, b"root"
    )
    later = replace(PREPARED, issuer=OTHER, key_id=KeyId("issuing-2"), created_at=LATER)
    for record in (root, PREPARED, later):
        ledger.save_issuer(record, AT, permit=MANAGE_CA)
    assert ledger.list_issuers() == [root, PREPARED, later]
    active = replace(
        PREPARED,
        state=IssuerState.ACTIVE,
        parent=root.issuer,
        certificate=b"der",
        chain=(b"above", b"anchor"),
        crl_shards=8,
    )
    for _ in range(2):
        ledger.save_issuer(active, AT, permit=MANAGE_CA)
    assert ledger.list_issuers() == [root, active, later]


def test_cas_outside_are_kept_with_what_becomes_of_them(ledger: Ledger) -> None:
    first = OutsideCa(IssuerId("outside-a"), self_signed(), (b"anchor",), AT)
    second = replace(first, ca_id=IssuerId("outside-0"), chain=(), created_at=LATER)
    for one in (first, second):
        ledger.save_outside_ca(one, AT, permit=MANAGE_CA)
    changed = replace(
        first,
        tsa_url="http://tsa.example.gov.cn",
        tsa_policy="1.2.156.1",
        tsa_ca=second.ca_id,
    )
    for _ in range(2):
        ledger.save_outside_ca(changed, AT, permit=MANAGE_CA)
    assert ledger.list_outside_cas() == [changed, second]
