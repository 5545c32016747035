"""`python -m bench.serving.soak [--minutes 60]`: whether memory goes on growing under load.

A demo home is served by two workers and asked all the time for everything that it answers. Each
minute the private memory of every process of the service is read; it may grow while caches fill,
and must then stand still. Exit code 1 where it does not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

WORKERS = 2
CLIENTS = 4
GROWTH_PER_MINUTE = 0.25
"""MiB a minute and process over the second half: above this, it does not end."""
COMMAND = Path(sys.executable).with_name("xinyin")
_UNBOUND = {
    f"XINYIN_{name}": "1000000"
    for name in (
        "VERIFY_REQUESTS_PER_MINUTE",
        "VERIFY_FILES_PER_MINUTE",
        "VERIFY_LOOKUPS_PER_MINUTE",
        "VERIFY_JUDGING_SECONDS_PER_MINUTE",
        "TRUST_OCSP_PER_MINUTE",
        "TRUST_TIMESTAMPS_PER_MINUTE",
    )
}
_OCSP_BODY = bytes.fromhex("30053003300130 00".replace(" ", ""))
"""No request at all; the answer says so."""


def main(arguments: list[str]) -> int:
    """Serve, ask, measure; print a line of JSON a minute and one in the end."""
    parser = argparse.ArgumentParser(prog="python -m bench.serving.soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    minutes = parser.parse_args(arguments).minutes
    with tempfile.TemporaryDirectory(prefix="xinyin-soak-") as name:
        home = Path(name) / "home"
        made = subprocess.run(
            [COMMAND, "demo", "--home", home, "--count", "3", "--json"],
            capture_output=True,
            check=True,
        )
        with serving(home, WORKERS) as (url, parent):
            return _soak(url, parent, json.loads(made.stdout), minutes)


@contextmanager
def serving(home: Path, workers: int, *more: str) -> Iterator[tuple[str, int]]:
    """Serve a home without limits of rate; yield address and process id."""
    with subprocess.Popen(
        [COMMAND, "serve", "--home", home, "--port", "0", "--workers", str(workers), *more],
        stdout=subprocess.PIPE,
        env={**os.environ, **_UNBOUND},
        text=True,
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


def _soak(url: str, parent: int, report: dict[str, Any], minutes: int) -> int:
    stop, asked = threading.Event(), [0] * CLIENTS
    threads = [
        threading.Thread(target=_ask, args=(url, report, stop, asked, number))
        for number in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    samples: list[dict[str, float]] = []
    try:
        for minute in range(minutes + 1):
            samples.append(memory(parent))
            said = {"minute": minute, "requests": sum(asked), "mib": samples[-1]}
            print(json.dumps(said), flush=True)
            if minute < minutes:
                time.sleep(60)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    growth = growth_per_minute(samples[len(samples) // 2 :])
    print(json.dumps({"mib_per_minute": growth}), flush=True)
    lasting = [one for name, one in growth.items() if not name.startswith("sandboxes")]
    return int(any(one > GROWTH_PER_MINUTE for one in lasting))


def memory(parent: int) -> dict[str, float]:
    """Return the private memory of the parent and its workers, MiB, by process.

    What a worker starts in turn (sandboxes), with a fork for each document, is one sum: it
    rises and falls, and is not judged.
    """
    found = {"parent": _private(parent)}
    for number, worker in enumerate(_children(parent)):
        found[f"worker-{number}"] = _private(worker)
        below = [_private(one) for one in descendants(worker)]
        found[f"sandboxes-{number}"] = round(sum(below), 2)
    return found


def growth_per_minute(samples: list[dict[str, float]]) -> dict[str, float]:
    """Return the slope of the line through samples a minute apart (least squares)."""
    found = {}
    count = len(samples)
    middle = (count - 1) / 2
    spread = sum((at - middle) ** 2 for at in range(count)) or 1
    for name in samples[0]:
        values = [one.get(name, 0.0) for one in samples]
        mean = sum(values) / count
        slope = sum((at - middle) * (value - mean) for at, value in enumerate(values)) / spread
        found[name] = round(slope, 3)
    return found


def _private(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    except OSError:
        return 0.0
    lines = [one.split() for one in text.splitlines() if one.startswith("Private_")]
    return round(sum(int(one[1]) for one in lines) / 1024, 2)


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return sorted(map(int, text.split()))


def descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = task.read_text("ascii").split()
        except OSError:
            continue
        for child in map(int, below):
            yield child
            yield from descendants(child)


def _ask(
    url: str, report: dict[str, Any], stop: threading.Event, asked: list[int], number: int
) -> None:
    """Ask for one thing after another, each on a connection that is kept for a while."""
    files = [Path(one["path"]).read_bytes() for one in report["documents"]]
    identifier = report["documents"][0]["identifier"]
    while not stop.is_set():
        with httpx2.Client(base_url=url, timeout=60) as client:
            for way in _ways(client, files, identifier, number):
                if stop.is_set():
                    return
                try:
                    way()
                except httpx2.TransportError as error:
                    print(f"{type(error).__name__}", file=sys.stderr)
                asked[number] += 1


def _ways(
    client: httpx2.Client, files: list[bytes], identifier: str, number: int
) -> list[Callable[[], object]]:
    unknown = [data + b"%" + os.urandom(8).hex().encode() for data in files[:1]]
    ways: list[Callable[[], object]] = [
        lambda data=data: client.post("/v1/verifications", files={"file": data})  # type: ignore[misc]
        for data in (*files, *unknown)
    ]
    random = os.urandom(32).hex()
    return [
        *ways,
        lambda: client.post("/v1/verifications/digest", json={"sha256": random}),
        lambda: client.post("/v1/verifications/code", json={"code": identifier}),
        lambda: client.post("/v1/verifications/code", json={"code": random[:20]}),
        lambda: client.get(f"/v/{random}"),
        lambda: client.get("/"),
        lambda: client.get("/pki/issuing-1.crl"),
        lambda: client.get("/pki/issuing-1.cer"),
        lambda: client.get(f"/pki/{number}-{random[:8]}.crl"),
        lambda: client.post(
            "/pki/ocsp", content=_OCSP_BODY, headers={"Content-Type": "application/ocsp-request"}
        ),
        lambda: client.get("/metrics"),
        lambda: client.get("/readyz"),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
