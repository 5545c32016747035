"""What the CA's ledger in SQL does beyond its contract (tests/ca/test_ledger.py): it is durable,
and the audit tells of each change.
"""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.ledger import CertificateState, Intent, RevocationReason, SignedCrl
from core.ids import IssuerId, KeyId
from registry.audit.events import Actor, list_events
from registry.db.database import Database
from registry.ledger.ledger import SqlLedger

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


def test_each_change_is_told(ledger: SqlLedger, database: Database) -> None:
    ledger.record_intent(INTENT, AT)
    ledger.record_issued(ISSUER, INTENT.serial, b"der", AT)
    ledger.hold(ISSUER, INTENT.serial, AT, basis="核查")
    ledger.release(ISSUER, INTENT.serial, AT)
    ledger.revoke(ISSUER, INTENT.serial, RevocationReason.SUPERSEDED, AT, basis="换章")
    number = ledger.take_crl_number(ISSUER, AT)
    for _ in range(2):  # of a CA outside, fetched by two processes
        ledger.record_crl(SignedCrl(ISSUER, 0, number, b"der", changes=0), AT)
    with database.reading() as connection:
        events = list_events(connection)
    assert [(event.action, event.basis) for event in events] == [
        ("certificate.intended", None),
        ("certificate.issued", None),
        ("certificate.held", "核查"),
        ("certificate.released", None),
        ("certificate.revoked", "换章"),
        ("crl.intended", None),
        ("crl.signed", None),
    ]


def test_an_issuer_s_changes_are_told_once(ledger: SqlLedger, database: Database) -> None:
    record = IssuerRecord(
        ISSUER, IssuerRole.ISSUING, None, KeyId("issuing-1"), IssuerState.PREPARED, AT
    )
    active = dataclasses.replace(record, state=IssuerState.ACTIVE, certificate=b"der")
    for one in (record, active, active):
        ledger.save_issuer(one, AT)
    with database.reading() as connection:
        events = list_events(connection)
    assert [event.action for event in events] == ["issuer.recorded"] * 2


def test_what_was_recorded_is_there_for_another_process(
    ledger: SqlLedger, database_url: str
) -> None:
    ledger.record_intent(INTENT, AT)
    ledger.revoke(ISSUER, INTENT.serial, RevocationReason.KEY_COMPROMISE, AT)
    number = ledger.take_crl_number(ISSUER, AT)
    other = Database(database_url)
    again = SqlLedger(other, Actor("other"))
    found = again.find(ISSUER, INTENT.serial)
    assert found is not None
    assert (found.intent, found.state) == (INTENT, CertificateState.REVOKED)
    assert again.take_crl_number(ISSUER, AT) == number + 1
    other.close()
