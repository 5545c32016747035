"""Four machines' networks on one: a namespace each, a pair of virtual cables, one bridge."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PREFIX = "xymach"
GATE = "10.77.0.1"
"""The bridge's address, where database and store listen."""


def ip(*words: str, check: bool = True) -> None:
    """Run the command of iproute2."""
    subprocess.run(["ip", *words], check=check, capture_output=not check)


def kill_all(name: str) -> None:
    """Kill −9 whatever runs in a namespace."""
    listed = subprocess.run(["ip", "netns", "pids", name], check=True, capture_output=True)
    for pid in map(int, listed.stdout.split()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextmanager
def namespaces(count: int) -> Iterator[list[str]]:
    """Make namespaces that reach the bridge and nothing else."""
    names = [f"{PREFIX}{number}" for number in range(count)]
    try:
        _remove(names)
        ip("link", "add", PREFIX, "type", "bridge")
        ip("addr", "add", f"{GATE}/24", "dev", PREFIX)
        ip("link", "set", PREFIX, "up")
        for number, name in enumerate(names):
            inner, outer = f"{name}i", f"{name}o"
            ip("netns", "add", name)
            ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name)
            ip("link", "set", outer, "master", PREFIX, "up")
            ip("-n", name, "addr", "add", f"10.77.0.{10 + number}/24", "dev", inner)
            ip("-n", name, "link", "set", inner, "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield names
    finally:
        _remove(names)


def _remove(names: list[str]) -> None:
    for name in names:
        ip("netns", "del", name, check=False)
        ip("link", "del", f"{name}o", check=False)
    ip("link", "del", PREFIX, check=False)
