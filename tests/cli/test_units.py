"""The systemd units of deploy/: systemd takes them, and Xinyin works in their confines."""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from home.role_names import RoleName
from tests.cli.commands import COMMAND, environment
from tests.cli.conftest import DemoHome
from tests.cli.test_serve import verify, wait_until_ready
from tests.hardened import allowed_calls, directives
from tests.softhsm import SoftToken

ROOT = Path(__file__).parents[2]
SERVICES = sorted((ROOT / "deploy").glob("*.service"))
NAMES = [path.name for path in SERVICES]
WHOLE = ROOT / "deploy" / "xinyin.service"
FREE = {
    "Type", "User", "StateDirectory", "Environment", "EnvironmentFile", "LoadCredential",
    "ExecStart", "Restart", "RestartSec", "TimeoutStopSec", "StateDirectoryMode", "Nice",
    "ReadWritePaths",
}  # fmt: skip
"""Directives in which units may differ; in all others they confine alike."""
MOST_EXPOSED = 2.5
"""Of 10, in the words of systemd-analyze: OK."""


@pytest.fixture(scope="module")
def systemd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the units in which the command is one that is there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    folder = tmp_path_factory.mktemp("units")
    for path in (*SERVICES, *(ROOT / "deploy").glob("*.timer")):
        text = path.read_text("utf-8").replace("/opt/xinyin/bin/xinyin", str(COMMAND))
        (folder / path.name).write_text(text, "utf-8")
    return folder


def _analyze(*arguments: str | Path) -> str:
    ran = subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("name", [*NAMES, "xinyin-backup.timer"])
def test_systemd_understands_it(systemd: Path, name: str) -> None:
    assert name not in _analyze("verify", "--man=no", systemd / name)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_little_exposed(systemd: Path, name: str) -> None:
    told = _analyze("security", "--offline=true", "--no-pager", systemd / name)
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", told)
    assert found is not None, told
    assert float(found[1]) <= MOST_EXPOSED


def test_all_confine_alike() -> None:
    confines = [
        {name: said for name, said in directives(path).items() if name not in FREE}
        for path in SERVICES
    ]
    assert all(one == confines[0] for one in confines)


def test_there_is_one_for_each_role() -> None:
    roles = {
        role
        for path in SERVICES
        for command in directives(path)["ExecStart"]
        for role in re.findall(r" --role (\w+)", command)
    }
    assert roles == {name.value for name in RoleName if name is not RoleName.ALL}


@pytest.mark.parametrize(
    ("name", "credentials"),
    [
        ("xinyin-verify", []),
        ("xinyin-trust", ["xinyin-keys-trust"]),
        ("xinyin-issuing", ["xinyin-keys-issuing"]),
        ("xinyin-ca", ["xinyin-keys-ca", "xinyin-keys-audit"]),
        ("xinyin-backup", []),
    ],
)
def test_each_role_gets_the_passphrases_of_its_own_keys_only(
    name: str, credentials: list[str]
) -> None:
    said = directives(ROOT / "deploy" / f"{name}.service")
    assert [one.partition(":")[0] for one in said.get("LoadCredential", [])] == credentials
    assert said["User"] == ["xinyin" if name == "xinyin-backup" else name]


def confined(*arguments: str | Path) -> list[str | Path]:
    """Return the command line that runs `xinyin` in the confines of the unit for everything."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    return [sys.executable, "-m", "tests.hardened", WHOLE, COMMAND, *arguments]


def test_what_the_filter_leaves(systemd: Path) -> None:
    calls = allowed_calls(directives(WHOLE)["SystemCallFilter"])
    assert {"read", "execve", "prlimit64", "mmap"} <= calls
    assert not {"mount", "ptrace", "bpf", "setuid", "chown", "reboot", "keyctl_x"} & calls


def _demo(home: Path, *more: str) -> None:
    ran = subprocess.run(
        confined("demo", "--home", home, "--count", "2", *more),
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "altered" in ran.stdout


def test_the_main_job_is_done_in_its_confines(tmp_path: Path) -> None:
    _demo(tmp_path / "home")


def test_keys_on_a_token_serve_in_its_confines(tmp_path: Path, token: SoftToken) -> None:
    _demo(tmp_path / "home", "--keys", token.uri())


def test_the_service_judges_files_in_its_confines(shared: DemoHome) -> None:
    with subprocess.Popen(
        confined("serve", "--home", shared.directory, "--port", "0", "--workers", "2"),
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout
            url = process.stdout.readline().strip()
            wait_until_ready(url, workers=2)
            for outcome in ("in_force", "altered"):
                assert verify(url, shared.path(outcome))["outcome"] == outcome
            metrics = httpx2.get(f"{url}/metrics", timeout=30).text
            assert "\nxinyin_sandbox_confined 1\n" in metrics, "its own filter fits below systemd's"
        finally:
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=40)
    assert "Traceback" not in err
