"""One demo home for all tests of a module: its pages are served, with a provider beside it."""

import shutil
from collections.abc import Iterator

import pytest

from home.wiring import Home
from registry.bodies.authorities import list_authorities
from registry.licences.licences import list_licences
from tests.cli.conftest import DemoHome
from tests.issuing_api.desk import RunningDesk, running_desk


@pytest.fixture(scope="module")
def site(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """The demo with officers of the authority of its licences, and of another one."""
    directory = tmp_path_factory.mktemp("desk") / "home"
    shutil.copytree(shared.directory, directory)
    with Home(directory, {}) as home, home.database.reading() as connection:
        granting = list_licences(connection)[0].authority_id
        known = [one.authority_id for one in list_authorities(connection)]
    other = next(one for one in known if one != granting)
    with running_desk(directory, granting, other) as running:
        yield running


@pytest.fixture(scope="module")
def columns(site: RunningDesk) -> dict[str, str]:
    """Headings of the food licence's sheet, to the keys of its fields."""
    with site.home.database.reading() as connection:
        return dict(site.home.catalogue.find(connection, "food-operation").columns)
