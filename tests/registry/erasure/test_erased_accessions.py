"""Licences that were taken over: held, due from the day on which they ended, erased, told of."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from registry.accession.rows import Accession, list_accessions, named_accessions
from registry.db.tables import accessions
from registry.erasure.accessions import (
    ended_on,
    erase_accession,
    hold_accession,
    list_due_accessions,
)
from registry.erasure.sweep import sweep
from registry.erasure.words import ErasedBy, OnHoldError
from registry.model import ConflictError, NotFoundError
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from tests.permits import ERASE_LICENCE, MANAGE_AUTHORITY
from tests.registry.accession.test_taking_over import SCANS, Office, upgrade
from tests.registry.privacy.test_codes import every_text
from tests.world import World


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def found(office: Office, number: str) -> Accession:
    with office.home.database.reading() as connection:
        (one,) = list_accessions(connection, number=number)
    return one


def erase(office: Office, name: str, by: ErasedBy = ErasedBy.DECISION) -> None:
    home = office.home
    with home.database.writing() as connection:
        now, today = home.clock.now(), home.today()
        erase_accession(connection, name, by, "申请", ERASE_LICENCE, now, today)
    sweep(home.database, home.store, home.journal)


def hold(office: Office, name: str, basis: str | None, why: str = "诉讼") -> None:
    home = office.home
    with home.database.writing() as connection:
        hold_accession(connection, name, basis, ERASE_LICENCE, home.clock.now(), why=why)


def test_held_it_stays_and_erased_it_is_told_to_be(office: Office, world: World) -> None:
    office.record(证照编号="P1", 证照状态="注销", 扫描件="4.pdf")
    home, name = office.home, found(office, "P1").accession_id
    hold(office, name, "诉讼")
    assert found(office, "P1").hold == "诉讼"
    world.check_audit()
    with pytest.raises(ConflictError):
        hold(office, name, "again")
    with pytest.raises(OnHoldError):
        erase(office, name)
    with pytest.raises(NotFoundError):
        hold(office, "0" * 64, "x")
    hold(office, name, None, "结案")
    with pytest.raises(ConflictError):
        hold(office, name, None)
    assert office.asked("P1").licence is not None
    erase(office, name, ErasedBy.RETENTION)
    assert home.store.list_objects() == []
    answers = [office.asked("P1"), home.verifier.by_file(SCANS["4.pdf"])]
    for answer in answers:
        assert answer.licence is not None
        assert answer.licence.erased_on == home.today()
        assert answer.licence.by_retention
        assert "erased" in answer.summary.en
        assert "删除" in answer.summary.zh
    with home.database.reading() as connection:
        holder = office.whole["经营者名称"]
        assert not any(holder in one for one in every_text(connection))
        assert [one.accession_id for one in named_accessions(connection, "P1")] == [name]
        assert named_accessions(connection, name) == named_accessions(connection, "P1")
    with pytest.raises(ConflictError):
        erase(office, name)
    with pytest.raises(ConflictError):
        hold(office, name, "x")
    world.check_audit()


def test_it_is_due_from_the_end_of_the_licence(office: Office, world: World) -> None:
    office.record(证照编号="P1", 扫描件="4.pdf")
    office.record(证照编号="P2", 证照状态="注销", 扫描件="2.png")
    office.record(证照编号="P3", 有效期至="2001-01-01", 证照状态="已过有效期", 扫描件="1.jpg")
    taken, today = world.clock.now().date(), office.home.today()
    world.clock.advance(timedelta(days=40))
    granted = upgrade(office, world, "P1").licence.granted_on
    assert granted == today + timedelta(days=40)
    expected = {"P1": granted, "P2": taken, "P3": date(2001, 1, 1)}
    assert {number: ended_on(found(office, number)) for number in expected} == expected
    source = office.kind.source + "\n[retention]\nyears = 1\n"
    with office.home.database.writing() as connection:
        world.clock.advance(timedelta(seconds=1))
        put_type(connection, parse_type(source), MANAGE_AUTHORITY, world.clock.now())
    last = granted.replace(year=granted.year + 1)

    def due(day: date) -> set[str]:
        with office.home.database.reading() as connection:
            return {one.accession.number for one in list_due_accessions(connection, day)}

    assert due(last) == {"P2", "P3"}
    assert due(last + timedelta(days=1)) == {"P1", "P2", "P3"}
    hold(office, found(office, "P1").accession_id, "诉讼")
    assert due(last + timedelta(days=1)) == {"P2", "P3"}
    with office.home.database.writing() as connection:
        connection.execute(update(accessions).values(hold=None))
    with pytest.raises(AssertionError, match="hold"):
        world.check_audit()
