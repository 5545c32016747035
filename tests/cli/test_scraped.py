"""Every role scraped by a real Prometheus with the rules that we ship; its linter finds nothing."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from home.role_names import RoleName
from tests.cli.conftest import DemoHome
from tests.cli.test_logs import OF_A_QUEUE
from tests.cli.test_serve import serving
from tests.outside_services import free_port

ROOT = Path(__file__).parents[2]
RULES, DASHBOARD = ROOT / "deploy/prometheus/alerts.yml", ROOT / "deploy/grafana/xinyin.json"
DEADLINE = 60


@pytest.fixture(scope="module")
def services(shared: DemoHome) -> Iterator[dict[str, str]]:
    with ExitStack() as running:
        yield {
            role.value: running.enter_context(
                serving(shared.directory, "--role", role, "--workers", workers)
            )[0]
            for role, workers in zip(RoleName, ("2", "2", "2", "1", "1"), strict=True)
        }


@pytest.fixture(scope="module")
def prometheus(
    services: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Any]]:
    """A Prometheus that watches all of them; asks its API."""
    if shutil.which("prometheus") is None:
        pytest.skip("prometheus is not installed")
    folder = tmp_path_factory.mktemp("prometheus")
    jobs = [
        {"job_name": f"xinyin-{role}", "static_configs": [{"targets": [url.partition("//")[2]]}]}
        for role, url in services.items()
    ]
    written = {
        "global": {"scrape_interval": "5s", "scrape_timeout": "5s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES)],
        "scrape_configs": jobs,
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(written), "utf-8")
    port = free_port()
    command = [
        "prometheus", f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip

    def ask(path: str, **parameters: str) -> Any:
        url = f"http://127.0.0.1:{port}/api/v1/{path}"
        return httpx2.get(url, params=parameters, timeout=10).json()["data"]

    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield ask
        finally:
            process.terminate()


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        try:
            if condition():
                return True
        except (httpx2.TransportError, ValueError):
            pass  # it starts, and says so in no JSON
        time.sleep(0.2)
    return False


def test_every_role_is_scraped(prometheus: Callable[..., Any], services: dict[str, str]) -> None:
    def targets() -> list[dict[str, str]]:
        found: list[dict[str, str]] = prometheus("targets")["activeTargets"]
        return found

    assert eventually(lambda: [one["health"] for one in targets()] == ["up"] * len(services)), [
        (one["scrapeUrl"], one["lastError"]) for one in targets()
    ]

    def roles() -> set[str]:
        told = prometheus("query", query="xinyin_build_info")["result"]
        return {one["metric"]["role"] for one in told}

    assert eventually(lambda: roles() == set(services))
    told = prometheus("query", query="xinyin_clock_trusted")["result"]
    assert [one["value"][1] for one in told] == ["1", "1"], "of the two that stamp"


def test_rules_and_dashboard_name_what_is_exposed(prometheus: Callable[..., Any]) -> None:
    texts = [RULES.read_text("utf-8"), DASHBOARD.read_text("utf-8")]
    named = set(re.findall(r"xinyin_[a-z_]+[a-z]", " ".join(texts)))
    named = {re.sub("_(bucket|sum|count)$", "", one) for one in named} - OF_A_QUEUE

    def exposed() -> set[str]:
        return {one["metric"] for one in prometheus("targets/metadata")}

    assert eventually(lambda: not named - exposed()), named - exposed()


@pytest.mark.parametrize("role", RoleName)
def test_the_linter_finds_nothing(services: dict[str, str], role: RoleName) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    answer = httpx2.get(f"{services[role]}/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    ran = subprocess.run(
        ["promtool", "check", "metrics"],
        input=answer.text, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
