"""A request's key is its authority's, and stands for one content."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import update

from registry.bodies.authorities import add_mandate, find_seal
from registry.db.tables import licences
from registry.model import ConflictError, LicenceState, Reason
from signing.levels import PadesLevel
from tests.permits import MANAGE_AUTHORITY
from tests.registry.granting.test_granting import states
from tests.world import World

KEY = "order 17"


@pytest.fixture
def two(world: World) -> tuple[World, str, str]:
    """A world in which two authorities grant the same type."""
    kind, other = list(world.types.values())[:2]
    if kind.licence_type.slug != "food-operation":
        kind = world.types["food-operation"]
        other = next(one for one in world.types.values() if one is not kind)
    with world.home.database.writing() as connection:
        seal = find_seal(connection, other.seal_id)
        now = world.clock.now()
        add_mandate(connection, kind.licence_type.code, seal, MANAGE_AUTHORITY, now)
    return world, kind.authority_id, other.authority_id


def test_another_authority_gets_its_own_licence_for_the_same_key(
    two: tuple[World, str, str],
) -> None:
    world, mine, other = two
    first = world.home.granting.grant(world.request(authority_id=mine, request_key=KEY))
    second = world.home.granting.grant(world.request(1, authority_id=other, request_key=KEY))
    assert not second.repeated
    assert second.licence.identifier != first.licence.identifier
    assert second.licence.authority_id == other
    for index, authority, granted in ((0, mine, first), (1, other, second)):
        request = world.request(index, authority_id=authority, request_key=KEY)
        again = world.home.granting.grant(request)
        assert (again.repeated, again.pdf) == (True, granted.pdf)
    world.check_everything()


def test_another_request_under_the_same_key_is_a_conflict(world: World) -> None:
    request = world.request(request_key=KEY)
    first = world.home.granting.grant(request)
    application = request.application
    others = [
        world.request(1, request_key=KEY),
        dataclasses.replace(request, basis="另一依据"),
        dataclasses.replace(request, level=PadesLevel.B_T),
        dataclasses.replace(request, replaces=first.licence.identifier, reason=Reason.CHANGED),
        dataclasses.replace(
            request, application=dataclasses.replace(application, photo=b"another")
        ),
        dataclasses.replace(
            request, application=dataclasses.replace(application, stated="", data={"a": "b"})
        ),
    ]
    for other in others:
        with pytest.raises(ConflictError, match="another request"):
            world.home.granting.grant(other)
    assert states(world) == [LicenceState.IN_FORCE]
    world.clock.advance(timedelta(days=1))
    assert world.home.granting.grant(world.request(request_key=KEY)).repeated
    world.check_everything()


def test_a_key_from_before_keys_were_scoped_is_its_authoritys(
    two: tuple[World, str, str],
) -> None:
    world, mine, other = two
    first = world.home.granting.grant(world.request(authority_id=mine, request_key=KEY))
    with world.home.database.writing() as connection:
        connection.execute(update(licences).values(request_key=KEY, request_digest=None))
    again = world.home.granting.grant(world.request(1, authority_id=mine, request_key=KEY))
    assert again.licence.identifier == first.licence.identifier
    granted = world.home.granting.grant(world.request(2, authority_id=other, request_key=KEY))
    assert granted.licence.identifier != first.licence.identifier
