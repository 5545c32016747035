"""Lists of the desk on both engines: by the page, within reach, from an index alone."""

import secrets
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from core.ids import AuthorityId
from core.permits import EVERYTHING, Actor, Reach
from registry.audit.events import EventFilter, list_events
from registry.db.tables import licences, series
from registry.desk.desk_sight import DeskSight
from registry.desk.lists import PageCursor
from registry.desk.seal_use import seal_uses
from registry.ledger.certificates import Standing
from registry.licences.finding import LicenceFilter
from registry.licences.hiding import hidden_values, reveal
from registry.licences.search_index import rebuild_in
from registry.model import Licence, LicenceState
from registry.types.catalogue import definition_in_use
from tests.world import World

WHO = Actor("id:someone")
TODAY = date(2027, 3, 1)
SEARCH = LicenceFilter(TODAY)
COUNT = 6


class Register:
    """Licences of two authorities, made from one of each: six and six, one minute apart."""

    def __init__(self, world: World) -> None:
        self.world = world
        granted = [world.grant(0, slug).licence for slug in ("food-operation", "disability")]
        self.bodies: list[AuthorityId] = [one.authority_id for one in granted]
        assert len(set(self.bodies)) == 2
        privacy = world.home.privacy()
        with world.home.database.writing() as connection:
            for first in granted:
                this = select(licences).where(licences.c.identifier == first.identifier)
                row = reveal(connection, connection.execute(this).mappings().one())
                licence_type = definition_in_use(connection, first.type_code)
                its = select(series).where(series.c.series_id == row["series_id"])
                kept = dict(connection.execute(its).mappings().one())
                for number in range(1, COUNT):
                    name = f"{row['series_id']}-{number}"
                    key = {"series_id": name, "number": f"{row['number']}{number}"}
                    connection.execute(insert(series).values(kept | key))
                    state = "CANCELLED" if number == 1 else "IN_FORCE"
                    copied = {
                        "identifier": f"{row['identifier']}{number}",
                        "state": state,
                        "link_token": secrets.token_hex(12),
                        "holders": [{**row["holders"][0], "name": f"第{number}号100%主体"}],
                        "created_at": row["created_at"] + timedelta(minutes=number),
                    }
                    values = hidden_values(privacy, licence_type, row | key | copied)
                    connection.execute(insert(licences).values(values))
            rebuild_in(connection)

    def sight(self, reach: Reach) -> DeskSight:
        return DeskSight(self.world.home.database, reach, WHO, self.world.clock)


@pytest.fixture
def register(world: World) -> Register:
    return Register(world)


def walk(sight: DeskSight, search: LicenceFilter, limit: int) -> list[Licence]:
    found, after = [], None
    while True:
        page = sight.find(search, after=after, limit=limit)
        assert len(page.licences) <= limit
        found += page.licences
        if page.older is None:
            return found
        after = page.older


def test_pages_follow_each_other_without_a_gap(register: Register) -> None:
    ours = Reach(frozenset(register.bodies[:1]))
    for reach, count in ((EVERYTHING, 2 * COUNT), (ours, COUNT), (Reach(), 0)):
        sight = register.sight(reach)
        for limit in (1, 5, 50):
            found = walk(sight, SEARCH, limit)
            assert len({one.identifier for one in found}) == len(found) == count
            keys = [(one.created_at, one.identifier) for one in found]
            assert keys == sorted(keys, reverse=True)
            assert all(reach.includes(one.authority_id) for one in found)


def test_a_search_is_for_all_that_is_asked(register: Register) -> None:
    sight = register.sight(Reach(frozenset(register.bodies[:1])))
    everything = walk(sight, SEARCH, 50)
    cancelled = walk(sight, replace(SEARCH, state=LicenceState.CANCELLED), 50)
    assert [one.state for one in cancelled] == [LicenceState.CANCELLED]
    assert len(walk(sight, replace(SEARCH, state=LicenceState.IN_FORCE), 50)) == COUNT - 1
    assert walk(sight, replace(SEARCH, state=LicenceState.EXPIRED), 50) == []
    late = LicenceFilter(date(2099, 1, 1), state=LicenceState.EXPIRED)
    assert len(walk(sight, late, 50)) == COUNT - 1
    assert walk(sight, replace(SEARCH, text="3号1"), 50)[0].number.endswith("3")
    assert len(walk(sight, replace(SEARCH, text="100%"), 2)) == COUNT - 1
    assert walk(sight, replace(SEARCH, text="1%0"), 50) == []
    assert walk(sight, replace(SEARCH, text="_"), 50) == []
    other = replace(SEARCH, type_code=everything[0].type_code, text="3号1")
    assert len(walk(sight, other, 50)) == 1
    number = everything[2].number
    asked = replace(SEARCH, text=f" {number[:3].lower()} {number[3:]} ")
    assert [one.number for one in walk(sight, asked, 50)] == [number]
    theirs = register.sight(Reach(frozenset(register.bodies[1:])))
    assert walk(theirs, asked, 50) == []


@pytest.mark.parametrize(
    "place", ["", "x", "2027-01-01~", "2027-01-01T00:00:00~x", "~x", "9" * 999]
)
def test_what_names_no_place_is_none(place: str) -> None:
    assert PageCursor.read(place) is None


def test_a_seal_is_counted_for_what_it_sealed(register: Register) -> None:
    sight = register.sight(Reach(frozenset(register.bodies[:1])))
    uses = seal_uses(sight, register.world.clock)
    assert {one.seal.authority_id for one in uses} == {register.bodies[0]}
    used = [one for one in uses if one.count]
    assert [one.count for one in used] == [COUNT]
    assert used[0].last_at == walk(sight, SEARCH, 50)[0].created_at
    assert used[0].standing is Standing.VALID


def test_a_supervisors_page_is_one_reading(register: Register) -> None:
    sight = register.sight(Reach(None, supervises=True))
    licence = sight.find(SEARCH).licences[-1]
    sight.licence(licence.identifier)
    assert sight.licence_events(licence.identifier)
    sight.versions(licence)
    sight.revisions(licence.identifier)
    with register.world.home.database.reading() as connection:
        found = list_events(connection, chosen=EventFilter(action="record.read"), limit=100)
    assert [one.subject for one in found] == ["search", licence.identifier]
    again = register.sight(Reach(None, supervises=True))
    actions = [one.action for one in again.licence_events(licence.identifier)]
    assert "record.read" not in actions
    assert "licence.granted" in actions
