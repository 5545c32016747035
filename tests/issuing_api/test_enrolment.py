"""Officers have keys certified: the good path with a certified provider, and what goes wrong."""

import shutil
from collections.abc import Iterator

import pytest

from home.wiring import Home
from registry.bodies.authorities import list_authorities
from registry.licences.licences import list_licences
from tests.cli.conftest import DemoHome, shared
from tests.issuing_api.desk import RunningDesk, running_desk, words_of
from tests.issuing_api.enrolling import Enrolling, certificate_in

__all__ = ["shared"]


@pytest.fixture(scope="module")
def desk(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    directory = tmp_path_factory.mktemp("enrolling") / "home"
    shutil.copytree(shared.directory, directory)
    home = Home(directory, {})
    with home, home.database.reading() as connection:
        granting = list_licences(connection)[0].authority_id
        known = [one.authority_id for one in list_authorities(connection)]
    with running_desk(directory, granting, next(o for o in known if o != granting)) as running:
        yield running


@pytest.fixture(scope="module")
def authority(desk: RunningDesk) -> str:
    with desk.home.database.reading() as connection:
        return list_licences(connection)[0].authority_id


@pytest.fixture
def li(desk: RunningDesk, authority: str) -> Enrolling:
    return Enrolling(desk, "li", authority)


def test_an_officer_gets_a_certificate_of_a_working_day(li: Enrolling) -> None:
    answer = li.enrol()
    assert answer.status_code == 201, words_of(answer)
    made = certificate_in(answer)
    assert made.public_key() == li.key.public_key()
