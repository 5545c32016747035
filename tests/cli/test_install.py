"""deploy/install.sh refuses what is not as `make dist` made it, before anything is made."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

SHIPPED = Path(__file__).parents[2] / "deploy" / "install.sh"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A folder as `make dist` makes it, with a wheel that is none."""
    folder = tmp_path / "dist"
    folder.mkdir()
    shutil.copy(SHIPPED, folder)
    (folder / "run.txt").write_text("")
    (folder / "xinyin-9.9.9-py3-none-any.whl").write_bytes(b"no wheel")
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
    ]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def install(dist: Path, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", dist / "install.sh", target], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", ["run.txt", "xinyin-9.9.9-py3-none-any.whl"])
def test_a_file_with_another_hash(dist: Path, tmp_path: Path, name: str) -> None:
    (dist / name).write_bytes(b"somebody else's")
    ran = install(dist, tmp_path / "target")
    assert ran.returncode != 0
    assert f"{name}: FAILED" in ran.stdout
    assert not (tmp_path / "target").exists()


def test_a_directory_that_is_there_is_left_alone(dist: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    ran = install(dist, target)
    assert (ran.returncode, list(target.iterdir())) == (1, [])
    assert "is there already" in ran.stderr
