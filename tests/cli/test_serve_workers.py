"""`xinyin serve --workers N`: no process shares what another opened, on either database."""

from pathlib import Path

import httpx2
import pytest

from registry.answers.answers import Outcome
from tests.cli.conftest import DemoHome
from tests.cli.test_serve import serving, verify, wait_until_ready
from tests.databases import KINDS

WORKERS = 3
STARTS = 2


@pytest.fixture(scope="module", params=KINDS)
def home(request: pytest.FixtureRequest) -> Path:
    """The shared home, on both engines in turn."""
    name = "shared" if request.param == "sqlite" else "on_postgresql"
    found: DemoHome = request.getfixturevalue(name)
    return found.directory


def children(pid: int) -> set[int]:
    return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def opened(pid: int) -> list[str]:
    """Name what a process has open."""
    return [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("role", ["all", "verify", "trust"])
def test_every_worker_opens_its_own(home: Path, shared: DemoHome, role: str) -> None:
    for _ in range(STARTS if role == "all" else 1):
        with serving(home, "--role", role, "--workers", str(WORKERS)) as (url, process):
            wait_until_ready(url, WORKERS)
            held = opened(process.pid)
            assert not [one for one in held if "registry.db" in one]
            assert len([one for one in held if one.startswith("socket:")]) == 1, "the listener"
            assert len(list(Path(f"/proc/{process.pid}/task").iterdir())) == 1
            crew = children(process.pid)
            assert len(crew) == WORKERS
            for _ in range(4 * WORKERS):  # a connection each: any worker may answer
                if role != "verify":
                    assert httpx2.get(f"{url}/pki/issuing-1.crl", timeout=30).status_code == 200
                if role != "trust":
                    assert verify(url, shared.path(Outcome.IN_FORCE))["outcome"] == "in_force"
            assert children(process.pid) == crew, "none crashed and was replaced"
