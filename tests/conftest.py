"""Fixtures that every package's tests may use."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.database import Database
from tests.databases import KINDS, PostgresServer
from tests.world import World, build_template, copy_world


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A real PostgreSQL server, one a worker."""
    server = PostgresServer(tmp_path_factory.mktemp("pg") / "data")
    yield server
    server.stop()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with the newest schema, on both engines in turn."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'registry.db'}"
        database = Database(url)
        database.migrate()
        database.close()
        yield url
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        with server.database() as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty registry database, on both engines in turn."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home on SQLite, to be copied."""
    directory = tmp_path_factory.mktemp("template-sqlite")
    build_template(directory, None)
    return directory


@pytest.fixture(scope="session")
def postgres_template(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> tuple[Path, str]:
    """A home on PostgreSQL and the name of its database, to be copied."""
    directory, name = tmp_path_factory.mktemp("template-postgresql"), postgres.empty()
    build_template(directory, postgres.url(name))
    return directory, name


@pytest.fixture
def sqlite_world(sqlite_template: Path, tmp_path: Path) -> Iterator[World]:
    """A world of the test's own, on SQLite."""
    with copy_world(sqlite_template, tmp_path) as made:
        yield made


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world of the test's own, on both engines in turn."""
    if request.param == "sqlite":
        with copy_world(request.getfixturevalue("sqlite_template"), tmp_path) as made:
            yield made
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        directory, name = request.getfixturevalue("postgres_template")
        with (
            server.database(name) as url,
            copy_world(directory, tmp_path, database_url=url) as made,
        ):
            yield made


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In CI nothing may be skipped: a part that is missing is a failure."""
    del config
    if os.environ.get("CI") == "true":
        for item in items:
            item.user_properties.append(("no_skip", True))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip into a failure where CI=true."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and ("no_skip", True) in item.user_properties:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
