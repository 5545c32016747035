"""A demo home for all tests of a worker, and copies of it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Ran, xinyin, xinyin_process


@dataclass(frozen=True, slots=True)
class DemoHome:
    """A home that `xinyin demo` made."""

    directory: Path
    report: dict[str, Any]

    def document(self, outcome: str) -> dict[str, str]:
        """Return the first document of that outcome."""
        found: dict[str, str] = next(
            one for one in self.report["documents"] if one["outcome"] == outcome
        )
        return found

    def path(self, outcome: str) -> Path:
        """Return the file of the first document of that outcome."""
        return Path(self.document(outcome)["path"])

    def run(self, *arguments: str | Path, **options: Any) -> Ran:
        """Run a command on the home, in this process."""
        return xinyin(*arguments, "--home", self.directory, **options)

    def process(self, *arguments: str | Path, **options: Any) -> Ran:
        """Run a command on the home, in a process of its own."""
        return xinyin_process(*arguments, "--home", self.directory, **options)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> DemoHome:
    """A home with three food licences, the last cancelled, and an altered copy: to be read only."""
    directory = tmp_path_factory.mktemp("demo") / "home"
    ran = xinyin("demo", "--home", directory, "--count", "3", "--json")
    assert ran.code == 0, ran.err
    return DemoHome(directory, ran.json)


@pytest.fixture
def own(shared: DemoHome, tmp_path: Path) -> DemoHome:
    """A copy of it that the test may change; its paths still name the shared files."""
    directory = tmp_path / "home"
    shutil.copytree(shared.directory, directory)
    return DemoHome(directory, shared.report)
