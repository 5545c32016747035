"""An empty machine, to be restored onto."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.sandbox import Sandbox
from tests.databases import KINDS, PostgresServer
from tests.registry.backup.test_backup import Machine


@pytest.fixture(params=KINDS)
def machine(request: pytest.FixtureRequest, tmp_path: Path, sandbox: Sandbox) -> Iterator[Machine]:
    """An empty machine with either engine, whichever the backup comes from."""
    if request.param == "sqlite":
        yield Machine(tmp_path / "new", f"sqlite:///{tmp_path}/new/registry.db", sandbox)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database("template0") as url:
        yield Machine(tmp_path / "new", url, sandbox)
