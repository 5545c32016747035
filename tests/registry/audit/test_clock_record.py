"""A clock that was set back between two runs is noticed by what is on record."""

from datetime import timedelta

import pytest

from ca.errors import ClockUntrustedError
from home.wiring import Home
from registry.audit.clock_record import confirm_clock, last_stamped_at
from registry.licences.licences import list_licences
from tests.world import World


def _restarted(world: World) -> World:
    home = Home(world.home.directory, {}, clock=world.clock)
    home.sandbox = world.home.sandbox
    return World(home, world.clock)


def test_nothing_is_stamped_before_the_last_token(world: World) -> None:
    world.clock.advance(timedelta(hours=2))
    world.grant()
    with world.home.database.reading() as connection:
        assert last_stamped_at(connection) == world.clock.at
    world.clock.advance(timedelta(hours=-1))
    later = _restarted(world)
    with pytest.raises(ClockUntrustedError, match="on record"):
        later.grant(1)
    with later.home.database.reading() as connection:
        assert len(list_licences(connection, limit=None)) == 1, "no number was taken"
    with later.home.database.writing() as connection:
        confirm_clock(connection, at=world.clock.at, actor=later.home.actor, basis="GPS")
    later.grant(1)
    later.check_everything()
    later.home.close()
