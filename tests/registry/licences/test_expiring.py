"""Licences about to expire: listed, and told once for each period."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.ids import AuthorityId
from core.permits import Actor, Reach
from registry.db.tables import licences
from registry.db.turns import turn
from registry.licences.expiring import AfterLicence, ExpiryNotices, list_expiring, list_notices
from registry.licences.licences import LicenceChange, change_state
from registry.model import Licence, Reason
from registry.officers.sight import Sight
from tests.permits import CHANGE_LICENCE
from tests.world import World


def days_left(world: World, licence: Licence, days: int) -> None:
    """Let the clock stand so many days before a licence's last one."""
    assert licence.valid_until is not None
    world.clock.advance(timedelta(days=(licence.valid_until - world.home.today()).days - days))


def note(world: World) -> int:
    return ExpiryNotices(world.home.database, world.home.clock).note(world.home.today())


def test_each_licence_is_told_once_for_each_period(world: World) -> None:
    """Two that look at once, or one that looks again, tell nothing twice."""
    granted = [world.grant(index).licence for index in range(3)]
    with world.home.database.writing() as connection:
        change_state(
            connection,
            granted[2].identifier,
            LicenceChange.CANCEL,
            reason=Reason.SURRENDERED,
            basis="x",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )
    assert note(world) == 0
    days_left(world, granted[0], 61)
    assert note(world) == 0
    days_left(world, granted[0], 60)
    noted: list[int] = []
    threads = [threading.Thread(target=lambda: noted.append(note(world))) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(noted) == [0, 2]
    days_left(world, granted[0], 30)
    with turn(world.home.database, "expiry notices", lambda: None):
        assert note(world) == 0  # left to whoever has the turn, without a wait
    assert (note(world), note(world)) == (2, 0)
    with world.home.database.reading() as connection:
        found = list_notices(connection, None)
        assert [one.within for one in found] == [60, 60, 30, 30]
        assert {one.identifier for one in found} == {one.identifier for one in granted[:2]}
        assert list_notices(connection, None, after=found[1].sequence, limit=1) == [found[2]]
        assert list_notices(connection, []) == []
        assert list_notices(connection, [granted[0].authority_id]) == found
    world.check_audit()


def test_what_was_not_looked_for_in_time_has_the_notice_of_its_period_alone(
    sqlite_world: World,
) -> None:
    granted = sqlite_world.grant().licence
    days_left(sqlite_world, granted, 5)
    assert note(sqlite_world) == 1
    with sqlite_world.home.database.reading() as connection:
        assert [one.within for one in list_notices(connection, None)] == [30]


def test_the_list_ends_with_the_last_day_and_goes_on_page_by_page(world: World) -> None:
    granted = [world.grant(index).licence for index in range(2)]
    days_left(world, granted[0], 10)
    today = world.home.today()
    with world.home.database.reading() as connection:
        everything = list_expiring(connection, today, 10)
        assert {one.identifier for one in everything} == {one.identifier for one in granted}
        assert list_expiring(connection, today, 9) == []
        [first] = list_expiring(connection, today, 10, limit=1)
        assert first.valid_until is not None
        place = AfterLicence(first.valid_until, first.identifier)
        assert list_expiring(connection, today, 10, after=place) == everything[1:]
        assert list_expiring(connection, today + timedelta(days=11), 99) == []
    note(world)
    for body, seen in ((granted[0].authority_id, 2), (AuthorityId("another"), 0)):
        reach = Reach(frozenset({body}))
        sight = Sight(world.home.database, reach, Actor("x"), world.home.clock)
        assert len(sight.expiring(today, 10)) == seen
        assert len(sight.expiry_notices()) == seen


def test_one_that_goes_on_looking_misses_nothing_that_comes_into_a_period(world: World) -> None:
    """By the day, by an event, by a clock that was set back and on again."""
    first, other = (world.grant(index).licence for index in range(2))
    notices = ExpiryNotices(world.home.database, world.home.clock)

    def end_in(days: int) -> None:
        with world.home.database.writing() as connection:
            this = licences.c.identifier == other.identifier
            last = world.home.today() + timedelta(days=days)
            connection.execute(update(licences).where(this).values(valid_until=last))

    def look() -> int:
        return notices.note(world.home.today())

    end_in(9000)
    days_left(world, first, 61)
    assert look() == 0
    days_left(world, first, 60)
    assert (look(), look()) == (1, 0)
    days_left(world, first, 31)
    assert look() == 0
    end_in(20)
    assert look() == 0  # by other hands: no event tells of it
    with world.home.database.writing() as connection:
        change_state(
            connection,
            other.identifier,
            LicenceChange.SUSPEND,
            reason=Reason.UNDER_REVIEW,
            basis="x",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )
    assert (look(), look()) == (1, 0)
    days_left(world, first, 45)
    assert (look(), look()) == (1, 0)  # the other has 34 days left then, and all are looked at
    days_left(world, first, 30)
    assert (look(), look()) == (1, 0)
    with world.home.database.reading() as connection:
        told = [(one.identifier, one.within) for one in list_notices(connection, None)]
    one, two = first.identifier, other.identifier
    assert told == [(one, 60), (two, 30), (two, 60), (one, 30)]


def test_many_are_told_a_group_at_a_time(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.licences.expiring.AT_ONCE", 2)
    granted = [sqlite_world.grant(index).licence for index in range(5)]
    days_left(sqlite_world, granted[0], 60)
    assert (note(sqlite_world), note(sqlite_world)) == (5, 0)
