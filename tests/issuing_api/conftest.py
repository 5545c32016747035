"""A demo home that serves the issuing API."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from home.wiring import Home
from registry.bodies.authorities import list_authorities
from registry.licences.licences import list_licences
from tests.cli.conftest import DemoHome, own, shared
from tests.issuing_api.desk import RunningDesk, running_desk

__all__ = ["own", "shared"]


@pytest.fixture
def desk(own: DemoHome) -> Iterator[RunningDesk]:
    """The demo, with officers of the authority of its licences and of another one."""
    with _desk_of(own.directory) as running:
        yield running


@pytest.fixture(scope="module")
def one_desk(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """The same, for all tests of a module, each of which leaves what it made."""
    directory = tmp_path_factory.mktemp("one-desk") / "home"
    shutil.copytree(shared.directory, directory)
    with _desk_of(directory) as running:
        yield running


@contextmanager
def _desk_of(directory: Path) -> Iterator[RunningDesk]:
    home = Home(directory, {})
    with home, home.database.reading() as connection:
        granting = list_licences(connection)[0].authority_id
        known = [one.authority_id for one in list_authorities(connection)]
    other = next(one for one in known if one != granting)
    with running_desk(directory, granting, other) as running:
        yield running
