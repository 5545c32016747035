"""One demo home for all tests of these pages: they are served, with a provider beside it."""

import shutil
from collections.abc import Callable, Iterator

import pytest

from home.wiring import Home
from registry.bodies.authorities import list_authorities
from registry.licences.licences import list_licences
from tests.cli.conftest import DemoHome, shared
from tests.issuing_api.desk import RunningDesk, running_desk
from tests.issuing_api.pages.browsing import FOOD, Officer, officer

__all__ = ["shared"]
NEW = "/issuing/requests/new"


@pytest.fixture(scope="package")
def site(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """The demo with officers of the authority of its licences, and of another one."""
    directory = tmp_path_factory.mktemp("desk") / "home"
    shutil.copytree(shared.directory, directory)
    with (directory / "xinyin.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[corrections]\npublic = true\n")
    with Home(directory, {}) as home, home.database.reading() as connection:
        granting = list_licences(connection)[0].authority_id
        known = [one.authority_id for one in list_authorities(connection)]
    other = next(one for one in known if one != granting)
    with running_desk(directory, granting, other) as running:
        yield running


@pytest.fixture(scope="package")
def signed_in(site: RunningDesk) -> Callable[[str], Officer]:
    """Officers by account, each signed in once."""
    known: dict[str, Officer] = {}

    def find(account: str) -> Officer:
        if account not in known:
            known[account] = officer(site, account)
        return known[account]

    return find


@pytest.fixture(scope="package")
def form(signed_in: Callable[[str], Officer]) -> str:
    """The address of the food licence's form."""
    page = signed_in("li").see(NEW)
    return f"{NEW}/{FOOD}/" + page.partition(f"{NEW}/{FOOD}/")[2].partition('"')[0]


@pytest.fixture(scope="package")
def columns(site: RunningDesk) -> dict[str, str]:
    """Headings of the food licence's sheet, to the keys of its fields."""
    with site.home.database.reading() as connection:
        return dict(site.home.catalogue.find(connection, FOOD).columns)
