"""A demo home that serves the issuing API."""

import shutil
from collections.abc import Iterator

import pytest

from home.wiring import Home
from registry.bodies.authorities import list_authorities
from registry.licences.licences import list_licences
from tests.cli.conftest import DemoHome, own, shared
from tests.issuing_api.desk import RunningDesk, running_desk
from tests.sandboxes import lent_sandbox

__all__ = ["lent_sandbox", "own", "shared"]


@pytest.fixture
def desk(own: DemoHome) -> Iterator[RunningDesk]:
    """The demo, with officers of the authority of its licences and of another one."""
    with running_desk(own.directory, *two_authorities(own)) as running:
        yield running


def two_authorities(own: DemoHome) -> tuple[str, str]:
    """Return the authority of the demo's licences, and another one."""
    home = Home(own.directory, {})
    with home, home.database.reading() as connection:
        granting = list_licences(connection)[0].authority_id
        known = [one.authority_id for one in list_authorities(connection)]
    return granting, next(one for one in known if one != granting)


@pytest.fixture(scope="module")
def one_desk(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """The same, for all tests of a module, each of which leaves what it made."""
    directory = tmp_path_factory.mktemp("one-desk") / "home"
    shutil.copytree(shared.directory, directory)
    one = DemoHome(directory, shared.report)
    with running_desk(directory, *two_authorities(one)) as running:
        yield running
