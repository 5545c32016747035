"""Workers that are slow, greedy, dead or lying give a report, never an exception."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from signing.inspection.wire import decode_report, encode_report
from signing.limits import Limits
from signing.report import Indication, Structure, ValidationReport
from signing.sandbox import Sandbox
from signing.validation import validate_pdf
from tests.core.web.test_workers import runs
from tests.signing.material import IDENTIFIER, NOW, blank, make_pki, pki, sealed

SOON = NOW + timedelta(minutes=1)


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with Sandbox(workers=1) as running:
        yield running


def pid_of(box: Sandbox) -> int:
    process = box._workers[0]._process
    assert process is not None
    return process.pid


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT", "B-LTA"])
def test_a_worker_says_what_the_function_says(shared: Sandbox, level: str) -> None:
    data = sealed(level)
    trust = pki().trust()
    assert shared.validate(data, trust, SOON) == validate_pdf(data, trust, SOON)


def test_also_of_broken_files(shared: Sandbox) -> None:
    """Nothing is left to import or to open that only broken files would need."""
    trust = pki().trust()
    data = sealed("B-LTA")
    cases = [b"", b"%PDF-1.7", blank(), data + b"x", data[:-300], data[::-1], b"\0" * 5000]
    cases.extend(
        data[:step] + bytes([data[step] ^ 4]) + data[step + 1 :]
        for step in range(0, len(data), 3000)
    )
    for case in cases:
        assert shared.validate(case, trust, SOON) == validate_pdf(case, trust, SOON)


def test_trust_changes_reach_the_worker(shared: Sandbox) -> None:
    data = sealed("B-LT")
    assert shared.validate(data, pki().trust(), SOON).signatures[0].trusted
    assert not shared.validate(data, make_pki().trust(), SOON).signatures[0].trusted
    again = shared.validate(data, pki().trust(), SOON).signatures[0]
    assert again.indication is Indication.TOTAL_PASSED


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_worker_has_nothing_of_its_parent(shared: Sandbox) -> None:
    shared.validate(blank(), pki().trust(), SOON)
    proc = Path(f"/proc/{pid_of(shared)}")
    assert sorted(entry.name for entry in (proc / "fd").iterdir()) == ["0", "1", "2"]
    assert "NoNewPrivs:\t1" in (proc / "status").read_text()
    environment = (proc / "environ").read_bytes()
    assert environment == b"LC_ALL=C.UTF-8\0"


def test_a_killed_worker_has_a_successor_who_judges_the_file() -> None:
    with Sandbox(workers=1) as box:
        box.validate(blank(), pki().trust(), SOON)
        first = pid_of(box)
        os.kill(first, signal.SIGKILL)
        report = box.validate(sealed("B-LT"), pki().trust(), SOON)
        assert report.structure is Structure.SIGNED
        assert report.signatures[0].trusted
        assert pid_of(box) != first


def test_a_worker_that_never_starts_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with Sandbox(workers=1) as box:
        report = box.validate(sealed("B-LT"), pki().trust(), SOON)
        assert report.structure is Structure.FAILED
        assert report.notes == ("worker_died",)
        assert report.identifiers == (IDENTIFIER,)
        assert report.traces


def test_a_worker_that_hangs_is_killed() -> None:
    with Sandbox(workers=1, limits=Limits(seconds=0.2)) as box:
        box.validate(blank(), pki().trust(), SOON)
        first = pid_of(box)
        os.kill(first, signal.SIGSTOP)
        before = time.monotonic()
        report = box.validate(sealed("B-LT"), pki().trust(), SOON)
        assert report.structure is Structure.FAILED
        assert report.notes == ("limit_time",)
        assert time.monotonic() - before < 10
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)


def test_a_document_that_needs_too_much_memory() -> None:
    """The file alone does not fit."""
    limits = Limits(memory_bytes=160 * 1024 * 1024)
    with Sandbox(workers=1, limits=limits) as box:
        assert box.validate(sealed("B-LT"), pki().trust(), SOON).structure is Structure.SIGNED
        report = box.validate(b"%PDF-1.7\n" + bytes(31 * 1024 * 1024), pki().trust(), SOON)
        assert report.structure in (Structure.FAILED, Structure.BROKEN)
        assert box.validate(sealed("B-LT"), pki().trust(), SOON).structure is Structure.SIGNED


def test_a_large_file_never_reaches_a_worker(shared: Sandbox) -> None:
    report = shared.validate(b"%PDF-" + bytes(32 * 1024 * 1024), pki().trust(), SOON)
    assert report.notes == ("limit_size",)


def test_a_worker_outlives_the_files_it_reads_none_of(shared: Sandbox) -> None:
    shared.validate(blank(), pki().trust(), SOON)
    first = pid_of(shared)
    for data in (sealed("B-LT")[:-300], b"%PDF-1.7", sealed("B-B")):
        shared.validate(data, pki().trust(), SOON)
    assert pid_of(shared) == first
    assert 0 < shared._workers[0].most_kib < 700 * 1024


def test_workers_end_with_a_parent_that_was_killed() -> None:
    program = (
        "import time; from signing.sandbox import Sandbox; box = Sandbox(2); box.start();"
        "print(*(one._process.pid for one in box._workers), flush=True); time.sleep(100)"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(workers) == 2
    deadline = time.monotonic() + 60  # they may be warming up
    while (left := [pid for pid in workers if runs(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def test_several_threads_share_the_workers(shared: Sandbox) -> None:
    found: list[ValidationReport] = []
    data = sealed("B-LT")

    def work() -> None:
        found.extend(shared.validate(data, pki().trust(), SOON) for _ in range(3))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert {report.structure for report in found} == {Structure.SIGNED}


def test_a_closed_sandbox_answers_with_a_report() -> None:
    box = Sandbox(workers=1)
    box.start()
    box.close()
    report = box.validate(blank(), pki().trust(), SOON)
    assert report.notes == ("worker_died",)
    box.close()


def test_what_the_caller_gets_wrong_raises(shared: Sandbox) -> None:
    with pytest.raises(ValueError, match="aware"):
        shared.validate(b"", pki().trust(), datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="one worker"):
        Sandbox(workers=0)


@pytest.mark.parametrize("level", ["B-B", "B-LTA"])
def test_reports_survive_the_wire(level: str) -> None:
    report = validate_pdf(sealed(level), pki().trust(), SOON)
    assert decode_report(encode_report(report)) == report


EMPTY = {
    "structure": "signed",
    "signatures": [],
    "traces": True,
    "identifiers": [],
    "revision_ends": [],
    "notes": [],
}


def test_the_empty_answer_is_a_report() -> None:
    assert decode_report(json.dumps(EMPTY).encode()).structure is Structure.SIGNED


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        json.dumps({**EMPTY, "signatures": 1}).encode(),
        json.dumps({**EMPTY, "structure": "perfect"}).encode(),
        json.dumps({**EMPTY, "traces": 1}).encode(),
        json.dumps({**EMPTY, "revision_ends": [-1]}).encode(),
        json.dumps({**EMPTY, "notes": ["x" * 10_000]}).encode(),
        json.dumps({**EMPTY, "signatures": [{}]}).encode(),
    ],
)
def test_an_answer_that_is_no_report_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 — json's own, too
        decode_report(answer)


def test_the_parent_does_not_load_the_validators() -> None:
    script = "import sys, signing.sandbox; sys.exit(any('pyhanko' in name for name in sys.modules))"
    assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, "-c", script) == 0
