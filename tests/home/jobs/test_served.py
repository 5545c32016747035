"""A job at a running server is carried out by processes beside it, which end with it."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import DemoHome, own, shared
from tests.forked import Forked
from tests.home.test_issuing_role import free_port
from tests.issuing_api.conftest import two_authorities
from tests.issuing_api.desk import served_elsewhere
from tests.issuing_api.pages.browsing import officer
from tests.issuing_api.pages.test_work import ask_for
from tests.registry.desk.batch.batch_world import sheet

__all__ = ["own", "shared"]
pytestmark = pytest.mark.timeout(300)
DONE = 'xinyin_batch_rows_total{outcome="granted"} 12'


def below(pid: int) -> set[int]:
    """Return the processes that a process began, and those that these began."""
    found = set[int]()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            child = int(path.parent.name)
            found |= {child, *below(child)}
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(is_so: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_job_is_carried_out_beside_the_server_and_all_ends_with_it(own: DemoHome) -> None:
    url = f"http://127.0.0.1:{(port := free_port())}"
    serve: list[str | Path] = ["serve", "--home", own.directory, "--port", str(port)]
    with served_elsewhere(own.directory, url, *two_authorities(own)) as desk:
        variables = {**os.environ, "XINYIN_ISSUING_SEALING_PROCESSES": "2"}
        with Forked(serve, env=variables) as server:
            assert server.stdout
            assert server.stdout.readline().strip() == url
            li, wang, zhao = (officer(desk, name) for name in ("li", "wang", "zhao"))
            idle = below(server.pid)
            address = ask_for(li, sheet(24, 12))
            wang.post(address, {"do": "approve", "reason": "齐全"})
            job = zhao.post(address, {"do": "carry_out"}).headers["location"]
            until(lambda: DONE in httpx2.get(f"{url}/metrics").text)
            until(lambda: "已完成（已签发 12，共 12 份）" in zhao.see(job))
            begun = below(server.pid) - idle
            assert len(begun) >= 4, "one that registers, a nursery, two that seal"
            os.kill(server.pid, signal.SIGKILL)
            server.wait(30)
            until(lambda: not any(map(is_alive, idle | begun)), 30)
