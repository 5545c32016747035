"""What the CA's ledger in SQL does beyond its contract (tests/ca/test_ledger.py): it is durable,
and the audit tells of each change.
"""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.ledger import CertificateState, Intent, RevocationReason, SignedCrl
from core.errors import StorageError
from core.ids import IssuerId, KeyId
from registry.audit.events import list_events
from registry.db.database import Database
from registry.ledger.ledger import SqlLedger
from tests.permits import CHANGE_CERTIFICATE, MANAGE_CA, MANAGE_SEAL, to_certify

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
    return SqlLedger(database)


def test_each_change_is_told(ledger: SqlLedger, database: Database) -> None:
    ledger.record_intent(INTENT, AT, permit=to_certify(INTENT.profile))
    ledger.record_issued(ISSUER, INTENT.serial, b"der", AT, permit=MANAGE_SEAL)
    ledger.hold(ISSUER, INTENT.serial, AT, basis="核查", permit=CHANGE_CERTIFICATE)
    ledger.release(ISSUER, INTENT.serial, AT, permit=CHANGE_CERTIFICATE)
    ledger.revoke(
        ISSUER,
        INTENT.serial,
        RevocationReason.SUPERSEDED,
        AT,
        basis="换章",
        permit=CHANGE_CERTIFICATE,
    )
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
        ledger.save_issuer(one, AT, permit=MANAGE_CA)
    with database.reading() as connection:
        events = list_events(connection)
    assert [event.action for event in events] == ["issuer.recorded"] * 2


def test_what_was_recorded_is_there_for_another_process(
    ledger: SqlLedger, database_url: str
) -> None:
    ledger.record_intent(INTENT, AT, permit=to_certify(INTENT.profile))
    ledger.revoke(
        ISSUER, INTENT.serial, RevocationReason.KEY_COMPROMISE, AT, permit=CHANGE_CERTIFICATE
    )
    number = ledger.take_crl_number(ISSUER, AT)
    other = Database(database_url)
    again = SqlLedger(other)
    found = again.find(ISSUER, INTENT.serial)
    assert found is not None
    assert (found.intent, found.state) == (INTENT, CertificateState.REVOKED)
    assert again.take_crl_number(ISSUER, AT) == number + 1
    other.close()


def refuse_silently(connection: Connection) -> None:
    """Have the database drop every change of a certificate without an error."""
    if connection.dialect.name == "sqlite":
        statements = [
            "CREATE TRIGGER stays BEFORE UPDATE ON certificates BEGIN SELECT RAISE(IGNORE); END"
        ]
    else:
        statements = [
            "CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "CREATE TRIGGER stays BEFORE UPDATE ON certificates FOR ROW EXECUTE FUNCTION stays()",
        ]
    for one in statements:
        connection.execute(text(one))


def allow_again(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("DROP TRIGGER stays"))
    else:
        connection.execute(text("DROP FUNCTION stays CASCADE"))


@pytest.mark.parametrize("change", ["revoke", "hold", "release"])
def test_a_change_that_the_database_does_not_keep_is_no_success(
    ledger: SqlLedger, database: Database, change: str
) -> None:
    ledger.record_intent(INTENT, AT, permit=to_certify(INTENT.profile))
    ledger.record_issued(ISSUER, INTENT.serial, b"der", AT, permit=MANAGE_SEAL)
    if change == "release":
        ledger.hold(ISSUER, INTENT.serial, AT, permit=CHANGE_CERTIFICATE)
    before = ledger.find(ISSUER, INTENT.serial)
    told_of: dict[str, object] = {"at": AT, "permit": CHANGE_CERTIFICATE}
    if change == "revoke":
        told_of["reason"] = RevocationReason.KEY_COMPROMISE
    with database.reading() as connection:
        told = list_events(connection)
    with database.writing() as connection:
        refuse_silently(connection)
    with pytest.raises(StorageError, match="did not keep"):
        getattr(ledger, change)(ISSUER, INTENT.serial, **told_of)
    with database.writing() as connection:
        assert list_events(connection) == told
        allow_again(connection)
    assert ledger.find(ISSUER, INTENT.serial) == before
    getattr(ledger, change)(ISSUER, INTENT.serial, **told_of)
    assert ledger.find(ISSUER, INTENT.serial) != before
