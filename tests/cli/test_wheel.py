"""The wheel holds all that the command needs, and nobody else owns our packages' names."""

import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "ca",
    "cli",
    "core",
    "home",
    "identity",
    "issuing_api",
    "keys",
    "registry",
    "signing",
    "verify_api",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names of all files in the wheel."""
    directory = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", directory],
        cwd=ROOT, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    (built,) = directory.glob("xinyin-*.whl")
    with zipfile.ZipFile(built) as archive:
        return frozenset(archive.namelist())


def sources(package: str) -> set[str]:
    """Return the files of a package as they lie in the repository."""
    files = [path for path in (ROOT / package).rglob("*") if path.is_file()]
    return {str(path.relative_to(ROOT)) for path in files if path.parent.name != "__pycache__"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_in_it(wheel: frozenset[str], package: str) -> None:
    assert {f"{package}/__init__.py"} <= sources(package) <= wheel


@pytest.mark.parametrize(
    ("folder", "suffix"),
    [
        ("signing/fonts/", ".ttf"),
        ("signing/fonts/", "OFL.txt"),
        ("verify_api/templates/", ".html"),
        ("verify_api/static/", ".css"),
        ("registry/db/migrations/versions/", ".py"),
        ("cli/examples/", "authorities.toml"),
        ("cli/examples/types/", "disability.toml"),
        ("cli/examples/data/", "food-operation.csv"),
        ("cli/examples/data/photos/", ".jpg"),
    ],
)
def test_what_is_no_code_is_in_it(wheel: frozenset[str], folder: str, suffix: str) -> None:
    assert [name for name in wheel if name.startswith(folder) and name.endswith(suffix)]


@pytest.mark.parametrize(
    "name",
    [
        "deploy/xinyin-verify.service",
        "deploy/nginx/xinyin.conf",
        "docs/operators-guide.zh.md",
        "docs/configuration.md",
        "examples/ceremonies/founding.toml",
        "examples/types/food-operation.toml",
    ],
)
def test_what_operators_adjust_and_read_comes_along(wheel: frozenset[str], name: str) -> None:
    version = metadata.version("xinyin")
    assert f"xinyin-{version}.data/data/share/xinyin/{name}" in wheel


def test_documents_come_along_in_both_editions(wheel: frozenset[str]) -> None:
    """What a document links to of others lies where it says, in an installed copy too."""
    shared = f"xinyin-{metadata.version('xinyin')}.data/data/share/xinyin"
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    names = {str(path.relative_to(ROOT)) for path in documents}
    assert {"README.zh.md", "SECURITY.zh.md", "docs/issuing-api.zh.md"} <= names
    assert {name for name in names if f"{shared}/{name}" not in wheel} == set()


def test_the_source_distribution_has_every_document() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert {path.name for path in ROOT.glob("*.md")} | {"docs"} <= set(listed)


def test_nothing_else_is_in_it(wheel: frozenset[str]) -> None:
    top = {name.partition("/")[0] for name in wheel}
    assert {one for one in top if not one.endswith((".dist-info", ".data"))} == set(PACKAGES)
    assert not [name for name in wheel if "__pycache__" in name or name.endswith(".db")]


def test_no_other_distribution_provides_a_package_of_ours() -> None:
    owners = metadata.packages_distributions()
    for package in (*PACKAGES, "tests", "bench", "examples"):
        assert set(owners.get(package, ())) <= {"xinyin"}, package


def test_the_project_lists_these_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert tuple(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES
    assert metadata.version("xinyin") == project["project"]["version"]
