"""Two that write the same at the same moment: the second finds what the first wrote."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from ca.hierarchy.requests import CertificateRequest, RequestState
from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.ledger import SignedCrl
from ca.profiles.profiles import ProfileKind
from cli.demo_world import demo_types
from core.ids import IssuerId, KeyId, TypeCode
from keys.model import KeyAlgorithm, KeyExistsError, KeyInfo, KeyPurpose
from registry.audit.events import list_events
from registry.db.conflicts import insert_unless_there, put
from registry.db.database import Database
from registry.db.tables import counters, licence_types, register_facts
from registry.facts.register_id import find_registry_id, identify, open_journal
from registry.ledger.certificate_requests import SqlRequestDesk
from registry.ledger.key_register import SqlKeyRegister
from registry.ledger.ledger import SqlLedger
from registry.model import ConflictError
from registry.types.catalogue import put_type
from registry.types.licence_type import LicenceType
from tests.clock import StoppedClock
from tests.permits import MANAGE_AUTHORITY, MANAGE_CA
from tests.registry.ledger.test_ledger import AT

ISSUER = IssuerRecord(
    IssuerId("issuing-9"),
    IssuerRole.ISSUING,
    IssuerId("root"),
    KeyId("issuing-9"),
    IssuerState.ACTIVE,
    AT,
    b"der",
)
REQUEST = CertificateRequest(
    "ab", IssuerId("issuing-1"), ProfileKind.TSA, KeyId("tsa-2"), b"csr", RequestState.REQUESTED, AT
)
INFO = KeyInfo(KeyId("k"), KeyPurpose.OCSP, KeyAlgorithm.ECDSA_P256, b"spki", AT)
TYPE = demo_types()[0].licence_type


@contextmanager
def at_once(database: Database, table: str) -> Iterator[None]:
    """Let two transactions come to their INSERT into a table together.

    SQLite has one writer at a time: there the first goes on alone after a while.
    """
    barrier = threading.Barrier(2)

    def wait(*arguments: object) -> None:
        if str(arguments[2]).startswith(f"INSERT INTO {table}"):
            with suppress(threading.BrokenBarrierError):
                barrier.wait(0.5 if database.engine.dialect.name == "sqlite" else 5)

    event.listen(database.engine, "before_cursor_execute", wait)
    yield
    event.remove(database.engine, "before_cursor_execute", wait)


def twice(act: Callable[[], object]) -> list[BaseException]:
    """Do it in two threads; return what was raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001  # looked at by the test
            raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def actions(database: Database) -> list[str]:
    with database.reading() as connection:
        return [one.action for one in list_events(connection)]


def test_one_issuer_is_recorded_once(database: Database) -> None:
    ledger = SqlLedger(database)
    with at_once(database, "issuers"):
        assert twice(lambda: ledger.save_issuer(ISSUER, AT, permit=MANAGE_CA)) == []
    assert (ledger.list_issuers(), actions(database)) == ([ISSUER], ["issuer.recorded"])
    retired = replace(ISSUER, state=IssuerState.RETIRED)
    with at_once(database, "issuers"):
        assert twice(lambda: ledger.save_issuer(retired, AT, permit=MANAGE_CA)) == []
    assert ledger.list_issuers() == [retired]
    assert actions(database) == ["issuer.recorded"] * 2


def test_one_request_is_submitted_once(database: Database) -> None:
    desk = SqlRequestDesk(database)
    with at_once(database, "certificate_requests"):
        assert twice(lambda: desk.submit(REQUEST)) == []
    assert (desk.list_open(), actions(database)) == ([REQUEST], ["certificate.requested"])


def test_one_type_is_added_once(database: Database) -> None:
    def add() -> None:
        with database.writing() as connection:
            put_type(connection, TYPE, MANAGE_AUTHORITY, AT)

    with at_once(database, "licence_types"):
        assert twice(add) == []
    with database.reading() as connection:
        assert connection.execute(select(func.count(licence_types.c.code))).scalar_one() == 1
    assert actions(database) == ["type.added"], "the same again changes nothing"


def test_a_slug_of_another_type_is_a_conflict(database: Database) -> None:
    other = demo_types()[1].licence_type
    with database.writing() as connection:
        put_type(connection, TYPE, MANAGE_AUTHORITY, AT)
        put_type(connection, other, MANAGE_AUTHORITY, AT)
        values = {"slug": "taken"}
        connection.execute(
            licence_types.update().where(licence_types.c.code == other.code).values(values)
        )
    taken = _renamed(TYPE, "taken")
    for one in (taken, _renamed(taken, "taken", code="11100000000013338W001")):
        with pytest.raises(ConflictError, match="short name"), database.writing() as connection:
            put_type(connection, one, MANAGE_AUTHORITY, AT)


def _renamed(kind: LicenceType, slug: str, code: str | None = None) -> LicenceType:
    return kind.model_copy(update={"slug": slug, "code": TypeCode(code or kind.code)})


def test_one_key_is_intended_once(database: Database) -> None:
    register = SqlKeyRegister(database, StoppedClock(AT))

    def intend() -> None:
        register.intend(INFO.key_id, INFO.purpose, INFO.algorithm, "software")

    with at_once(database, "keys"):
        assert twice(intend) == [], "the store decides whose it is"
    with at_once(database, "keys"):
        assert twice(lambda: register.record_generated(INFO, "software")) == []
    assert actions(database) == ["key.generated"]
    with pytest.raises(KeyExistsError):
        intend()


def test_one_found_key_is_recorded_once(database: Database) -> None:
    register = SqlKeyRegister(database, StoppedClock(AT))
    with at_once(database, "keys"):
        assert twice(lambda: register.record_generated(INFO, "software")) == []
    assert actions(database) == ["key.found"]


def test_one_register_is_identified_once(database: Database, tmp_path: Path) -> None:
    directory, numbers = tmp_path / "journal", iter((b"a" * 16, b"b" * 16))

    def name() -> None:
        identify(database, directory, StoppedClock(AT), lambda _: next(numbers))

    with at_once(database, "register_facts"):
        assert twice(name) == []
    journal = open_journal(database, directory, StoppedClock(AT))
    assert journal.registry_id == find_registry_id(database)


def test_one_crl_of_others_is_recorded_once(database: Database) -> None:
    ledger = SqlLedger(database)
    signed = SignedCrl(IssuerId("outside-1"), 0, 7, b"crl", 0)
    with at_once(database, "crls"):
        assert twice(lambda: ledger.record_crl(signed, AT)) == []
    assert (ledger.latest_crl(signed.issuer), actions(database)) == (b"crl", ["crl.signed"])


def test_rows_are_inserted_or_overwritten(database: Database) -> None:
    key = {"scope": "x"}
    with database.writing() as connection:
        assert insert_unless_there(connection, counters, key | {"value": 1})
        assert not insert_unless_there(connection, counters, key | {"value": 2})
        query = select(counters.c.value).where(counters.c.scope == "x")
        assert connection.execute(query).scalar_one() == 1
        put(connection, counters, key, {"value": 3})
        put(connection, register_facts, {"name": "x"}, {"value": "y"})
        assert connection.execute(query).scalar_one() == 3
