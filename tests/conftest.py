"""Fixtures that every package's tests may use."""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from keys import software
from registry.db.database import Database
from signing.sealing.steady import settle
from tests.databases import KINDS, PostgresServer, empty_database
from tests.derivations import RememberedScrypt
from tests.dss_witness import Dss, have_dss
from tests.privacy import privacy
from tests.scratch import use_memory
from tests.softhsm import SoftHsm, SoftToken, have_softhsm
from tests.verapdf_witness import have_verapdf

settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")
"""How long an example takes says what else the machine does, not whether the code is right."""


@pytest.fixture(scope="session", autouse=True)
def _keys_derived_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(software, "Scrypt", RememberedScrypt)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server, one a worker.

    Not below pytest's own folder: where tests run as root the server runs under another account,
    and every start of pytest takes the folder's permissions away from others.
    """
    with tempfile.TemporaryDirectory(prefix="xy-pg-") as directory:
        server = PostgresServer(Path(directory) / "data")
        yield server
        server.stop()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with the newest schema, on both engines in turn."""
    with empty_database(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty registry database, on both engines in turn."""
    opened = Database(database_url, privacy=privacy)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> SoftHsm:
    """SoftHSM2 with a folder of tokens of this worker's own."""
    if not have_softhsm():
        pytest.skip("softhsm2 is not installed")
    return SoftHsm(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture
def token(softhsm: SoftHsm) -> SoftToken:
    """A fresh token."""
    return softhsm.token()


@pytest.fixture(scope="session")
def dss() -> Iterator[Dss]:
    """EU DSS, one process a worker."""
    if not have_dss():
        pytest.skip("the outside judge is not there: make dss-parts")
    with Dss() as judge:
        yield judge


@pytest.fixture
def verapdf() -> None:
    """Ask for veraPDF, which `tests.verapdf_witness.broken_rules` starts."""
    if not have_verapdf():
        pytest.skip("the judge of PDF/A is not there: make dss-parts")


def pytest_configure(config: pytest.Config) -> None:
    """Look for garbage as seldom as the command does (`cli.main`), and keep files in memory."""
    del config
    gc.set_threshold(50_000)
    use_memory()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell the garbage collector that ten thousand tests and all modules stay."""
    del session
    settle()


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
