"""One world per worker, for tests that only read it."""

import pytest
from cryptography import x509

from ca.hierarchy.hierarchy import Hierarchy
from tests.ca.world import World


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def hierarchy(world: World) -> Hierarchy:
    return world.found()


@pytest.fixture(scope="session")
def seal(world: World, hierarchy: Hierarchy) -> x509.Certificate:
    return world.seal(hierarchy)
