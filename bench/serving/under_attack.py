"""Latency of an honest upload while another client network does its worst, beside that at rest.

The running verify role, sandbox and all. The figures are wall-clock milliseconds of one upload at
a time, unlike the other rows': what a clerk waits.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.home import BenchHome
from bench.measure import Latency, Sample
from tests.attack import Attack, client_at, costly_file

REQUESTS = 100
_COMMAND = Path(sys.executable).with_name("xinyin")
_PATH = "/v1/verifications"
_AT_REST, _UNDER_ATTACK = "127.0.0.9", "127.0.0.10"
"""Two honest clients, so that neither meets its own rate."""


def rows(home: BenchHome) -> Iterator[Latency]:
    """Yield `verify.under_attack`, for a file that must be judged."""
    del home
    yield Latency("verify.under_attack", "at-rest", _measure)


def _measure() -> tuple[Sample, Sample]:
    """Return the latencies under attack and at rest."""
    with tempfile.TemporaryDirectory(prefix="xinyin-bench-") as name:
        directory = Path(name)
        documents = _demo(directory / "home")
        judged, known = documents["altered"], documents["in_force"]
        with _verifier(directory / "home") as url:
            _uploads(url, "127.0.0.11", judged, 5)  # all is warm
            at_rest = _uploads(url, _AT_REST, judged, REQUESTS)
            with Attack(url, costly_file(known)):
                return _uploads(url, _UNDER_ATTACK, judged, REQUESTS), at_rest


def _demo(home: Path) -> dict[str, bytes]:
    """Make a home with licences; return a document of each outcome."""
    made = subprocess.run(
        [_COMMAND, "demo", "--home", home, "--count", "3", "--json"],
        capture_output=True,
        check=True,
    )
    documents = json.loads(made.stdout)["documents"]
    return {one["outcome"]: Path(one["path"]).read_bytes() for one in documents}


@contextmanager
def _verifier(home: Path) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "verify_api", home, "127.0.0.1", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _uploads(url: str, host: str, data: bytes, count: int) -> Sample:
    sample = Sample()
    with client_at(host, url) as client:
        for _ in range(count):
            begun = time.perf_counter()
            response = client.post(_PATH, files={"file": data})
            sample.times.append((time.perf_counter() - begun) * 1000)
            if response.status_code != 200:
                raise AssertionError(response.text)
    return sample
