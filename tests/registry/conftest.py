"""Whole worlds, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.sandbox import Sandbox
from tests.databases import KINDS, PostgresServer
from tests.object_store.service import StoreService, have_store, running_store
from tests.world import World, build_template, copy_world, shared_template


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home on SQLite, to be copied."""
    return shared_template(tmp_path_factory)


@pytest.fixture(scope="session")
def postgres_template(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> tuple[Path, str]:
    """A home on PostgreSQL and the name of its database, to be copied."""
    directory, name = tmp_path_factory.mktemp("template-postgresql"), postgres.empty()
    build_template(directory, postgres.url(name))
    return directory, name


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The worker's own sandbox, real."""
    with Sandbox(workers=1) as made:
        yield made


@pytest.fixture
def sqlite_world(sqlite_template: Path, tmp_path: Path, sandbox: Sandbox) -> Iterator[World]:
    """A world of the test's own, on SQLite."""
    with copy_world(sqlite_template, tmp_path, sandbox=sandbox) as made:
        yield made


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path, sandbox: Sandbox) -> Iterator[World]:
    """A world of the test's own, on both engines in turn."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        with copy_world(template, tmp_path, sandbox=sandbox) as made:
            yield made
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        directory, name = request.getfixturevalue("postgres_template")
        with (
            server.database(name) as url,
            copy_world(directory, tmp_path, sandbox=sandbox, database_url=url) as made,
        ):
            yield made


@pytest.fixture(scope="session")
def store_service() -> Iterator[StoreService]:
    """OpenStack Swift with its S3 API."""
    if not have_store():
        pytest.skip("the object store is not installed: sh deploy/swift-parts.sh")
    with running_store() as service:
        yield service
