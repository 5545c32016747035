"""A demo home for all tests of a worker, and copies of it."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7

from tests.cli.commands import Ran, xinyin, xinyin_installed, xinyin_process
from tests.cli.pdf import embedded_cms, is_leaf
from tests.databases import PostgresServer
from tests.once import once
from tests.sandboxes import lent_sandbox

__all__ = ["lent_sandbox"]
INIT = (
    "init",
    *("--public-url", "https://verify.example.gov.cn", "--pki-url", "http://pki.example.gov.cn"),
    *("--organization", "青岚市数据局", "--uscc", "11990000MB00990170"),
)


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

    def installed(self, *arguments: str | Path, **options: Any) -> Ran:
        """Run the installed command on the home."""
        return xinyin_installed(*arguments, "--home", self.directory, **options)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> DemoHome:
    """A home with three food licences, the last cancelled, and an altered copy: to be read only.

    A copy of the worker's own, since some tests serve from it.
    """
    made = once(tmp_path_factory, "demo", _make_demo) / "home"
    directory = tmp_path_factory.mktemp("demo") / "home"
    shutil.copytree(made.parent, directory.parent, dirs_exist_ok=True)  # its passphrases too
    report = made.with_name("report").read_text("utf-8")
    return DemoHome(directory, json.loads(report.replace(str(made), str(directory))))


def _make_demo(directory: Path) -> None:
    ran = xinyin("demo", "--home", directory / "home", "--count", "3", "--json")
    assert ran.code == 0, ran.err
    (directory / "report").write_text(ran.out, "utf-8")


@pytest.fixture
def own(shared: DemoHome, tmp_path: Path) -> DemoHome:
    """A copy of it that the test may change; its paths still name the shared files."""
    directory = tmp_path / "home"
    shutil.copytree(shared.directory, directory)
    return DemoHome(directory, shared.report)


@pytest.fixture(scope="module")
def on_postgresql(
    shared: DemoHome, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoHome]:
    """The shared home, restored onto PostgreSQL."""
    directory = tmp_path_factory.mktemp("on-postgresql")
    snapshot = Path(shared.run("backup", directory / "backups").out.strip())
    with postgres.database("template0") as url:
        ran = xinyin(
            *("restore", snapshot, "--home", directory / "home", "--journal"),
            shared.directory / "journal",
            env={"XINYIN_DATABASE_URL": url},
        )
        assert ran.code == 0, ran.err
        yield DemoHome(directory / "home", shared.report)


@pytest.fixture(scope="session")
def passphrases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Files with the passphrases of the keys and of the root."""
    directory = tmp_path_factory.mktemp("passphrases")
    made = directory / "keys", directory / "root"
    for path in made:
        path.write_text(f"the passphrase of the {path.name}\n")
        path.chmod(0o600)
    return made


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory, passphrases: tuple[Path, Path]) -> DemoHome:
    """A home that `xinyin init` made, with nothing in it: to be read only."""
    home = DemoHome(tmp_path_factory.mktemp("bare") / "home", {})
    keys, root = passphrases
    ran = home.run(*INIT, "--passphrase-file", keys, "--root-passphrase-file", root)
    assert ran.code == 0, ran.err
    return home


@pytest.fixture(scope="session")
def qpdf() -> Callable[..., None]:
    """Run qpdf, which must not complain."""

    def run(*arguments: str | Path) -> None:
        subprocess.run(["qpdf", *arguments], check=True, capture_output=True, timeout=30)

    return run


@pytest.fixture(scope="session")
def exported(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `xinyin ca export` wrote: CA certificates as PEM, CRLs as DER."""
    directory = tmp_path_factory.mktemp("exported")
    ran = shared.run("ca", "export", directory)
    assert (ran.code, ran.out.strip()) == (0, str(directory))
    return directory


@pytest.fixture(scope="session")
def seal(shared: DemoHome) -> x509.Certificate:
    """The certificate of the seal on the shared home's licences, taken from a file."""
    data = shared.path("in_force").read_bytes()
    found = pkcs7.load_der_pkcs7_certificates(embedded_cms(data))
    return next(one for one in found if is_leaf(one))
