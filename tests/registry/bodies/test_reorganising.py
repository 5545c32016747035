"""Standing of authorities: whose parent is who, who followed whom, from when until when."""

from datetime import date

import pytest

from core.errors import NotAllowedError
from core.ids import AuthorityId
from core.permits import Action, Permit
from registry.audit.events import list_events
from registry.bodies.authorities import InvalidAuthorityError, add_authority, find_authority
from registry.bodies.reorganising import AuthorityStanding, load_bodies, reorganise
from registry.db.database import Database
from registry.model import Authority, NotFoundError, SealLevel
from registry.reconcile.bodies import check_bodies
from tests.permits import MANAGE_AUTHORITY, OPERATOR
from tests.registry.officers.office import AT

CITY, OLD, NEW = AuthorityId("city"), AuthorityId("old"), AuthorityId("new")
CODES = {CITY: "11990100MB00990250", OLD: "11990200MB00990268", NEW: "11990300MB0099027G"}


@pytest.fixture
def bodies(database: Database) -> Database:
    with database.writing() as connection:
        for one, code in CODES.items():
            record = Authority(one, f"{one}局", code, SealLevel.PROVINCE, AT)
            add_authority(connection, record, MANAGE_AUTHORITY)
    return database


def change(database: Database, which: AuthorityId, to: AuthorityStanding) -> Authority:
    with database.writing() as connection:
        return reorganise(connection, which, to, MANAGE_AUTHORITY, AT)


def test_a_body_is_followed_by_another(bodies: Database) -> None:
    to = AuthorityStanding(CITY, NEW, date(2020, 1, 1), date(2026, 3, 31))
    after = change(bodies, OLD, to)
    assert (after.parent, after.successor, after.valid_until) == (CITY, NEW, date(2026, 3, 31))
    assert change(bodies, OLD, to) == after
    with bodies.reading() as connection:
        for day, in_being in (
            (date(2019, 12, 31), False),
            (date(2020, 1, 1), True),
            (date(2026, 3, 31), True),
            (date(2026, 4, 1), False),
        ):
            assert load_bodies(connection, day).known[OLD].in_being is in_being
        assert list(load_bodies(connection, date(2026, 4, 1)).heirs(OLD)) == [OLD, NEW]
        (event,) = [one for one in list_events(connection) if one.action == "authority.changed"]
        assert [one.text.en for one in check_bodies(connection)] == []
    assert event.before == dict.fromkeys(("parent", "successor", "valid_from", "valid_until"))
    assert event.after == {
        "parent": CITY,
        "successor": NEW,
        "valid_from": "2020-01-01",
        "valid_until": "2026-03-31",
    }


def test_no_body_is_above_or_after_itself(bodies: Database) -> None:
    change(bodies, OLD, AuthorityStanding(parent=CITY, successor=NEW))
    for which, to in (
        (CITY, AuthorityStanding(parent=CITY)),
        (CITY, AuthorityStanding(parent=OLD)),
        (NEW, AuthorityStanding(successor=OLD)),
        (NEW, AuthorityStanding(successor=NEW)),
        (NEW, AuthorityStanding(valid_from=date(2026, 1, 2), valid_until=date(2026, 1, 1))),
    ):
        with pytest.raises(InvalidAuthorityError):
            change(bodies, which, to)
    for to in (
        AuthorityStanding(parent=AuthorityId("none")),
        AuthorityStanding(successor=AuthorityId("none")),
    ):
        with pytest.raises(NotFoundError):
            change(bodies, NEW, to)
    with bodies.reading() as connection:
        assert find_authority(connection, NEW).successor is None
    other = Permit(OPERATOR, Action.MANAGE_AUTHORITY, OLD)
    with pytest.raises(NotAllowedError), bodies.writing() as connection:
        reorganise(connection, NEW, AuthorityStanding(parent=CITY), other, AT)
