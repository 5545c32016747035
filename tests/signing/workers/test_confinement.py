"""Code that took the process of a file over can do nothing but answer for that file."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from signing.inspection.wire import encode_report
from signing.intake.intake import Intake
from signing.intake.report import Hazard
from signing.limits import Limits
from signing.report import Structure, ValidationReport
from signing.sandbox import Sandbox
from signing.workers.confinement import Confinement
from tests.signing.hostile_code import NO_SECCOMP, code, run_code, told
from tests.signing.intake.drawings import plain
from tests.signing.material import NOW, blank, pki, sealed

SOON = NOW + timedelta(minutes=1)
EPERM = 1
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux' filter")


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        run_code(patch)
        with Sandbox(workers=2, limits=Limits(seconds=8.0)) as one:
            for worker in one._workers:
                worker.probe()
            yield one


def run(box: Sandbox, text: str) -> ValidationReport:
    return box.validate(code(text), pki().trust(), SOON)


def is_sound(box: Sandbox) -> bool:
    """Tell whether the next file is judged as it should be."""
    report = box.validate(sealed("B-LT"), pki().trust(), SOON)
    return report.structure is Structure.SIGNED and report.signatures[0].trusted is not None


@pytest.mark.parametrize(
    "attempt",
    [
        "libc.open(b'/etc/passwd', 0)",
        "(libc.close(0), libc.open(b'/etc/passwd', 0))[1]",
        "libc.close(0)",
        "libc.openat(-100, b'/tmp/made', 0o101, 0o600)",
        "libc.creat(b'/tmp/made', 0o600)",
        "libc.open(b'/proc/%d/mem' % os.getppid(), 2)",
        "libc.unlink(b'/tmp/made')",
        "libc.dup(0)",
        "libc.ioctl(0, 0x5412, b'x')",
        "libc.prctl(4, 1, 0, 0, 0)",
        "libc.prctl(1, 0, 0, 0, 0)",
        "libc.setrlimit(7, struct.pack('QQ', 99, 99))",
        "libc.setsid()",
        "libc.mprotect(ctypes.c_void_p(id(found) & ~4095), 4096, 7)",
        "libc.mmap(None, 4096, 7, 0x22, -1, 0)",
        "libc.tgkill(os.getppid(), os.getppid(), 9)",
    ],
)
def test_what_a_library_might_ask_for_is_refused(box: Sandbox, attempt: str) -> None:
    report = run(box, f"found['errno'] = error({attempt})")
    assert told(report.notes) == {"errno": EPERM}


@pytest.mark.parametrize(
    "attempt",
    [
        "libc.socket(2, 1, 0)",
        "libc.socketpair(1, 1, 0, bytes(8))",
        "os.fork()",
        "libc.vfork()",
        "libc.execve(b'/bin/true', None, None)",
        "libc.kill(os.getppid(), 9)",
        "libc.kill(os.getppid(), 0)",
        "libc.kill(-1, 9)",
        "libc.ptrace(16, os.getppid(), 0, 0)",
        "libc.process_vm_readv(os.getppid(), None, 0, None, 0, 0)",
        "libc.sendmsg(0, None, 0)",
        "libc.unshare(0x10000000)",
        "libc.mount(b'x', b'/', b'tmpfs', 0, None)",
        "libc.memfd_create(b'x', 0)",
        "libc.syscall(434, os.getppid(), 0)",  # pidfd_open
        "libc.syscall(425, 8, bytes(256))",  # io_uring_setup
        "libc.syscall(435, bytes(64), 64)",  # clone3
    ],
)
def test_what_only_an_attacker_asks_for_ends_the_process(box: Sandbox, attempt: str) -> None:
    report = run(box, f"found['errno'] = error({attempt})")
    assert (report.structure, report.notes) == (Structure.FAILED, ("forbidden_call",))


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
@pytest.mark.parametrize("number", [250, 321, 323, 0x40000000 + 39], ids=hex)
def test_so_do_keys_bpf_page_faults_and_x32(box: Sandbox, number: int) -> None:
    assert run(box, f"libc.syscall({number}, 0, 0, 0, 0, 0)").notes == ("forbidden_call",)


def test_nobody_listens_nor_is_hurt(box: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        port = server.getsockname()[1]
        run(box, f"import socket; socket.create_connection(('127.0.0.1', {port}))")
        with pytest.raises(TimeoutError):
            server.accept()
    assert is_sound(box)


def test_a_sibling_is_not_reached(box: Sandbox) -> None:
    """The other worker and its fork, which judges meanwhile."""
    other = threading.Thread(target=run, args=(box, "time.sleep(1.5)"))
    other.start()
    before = [one.pid for one in box._workers]
    for pid in before:
        assert run(box, f"libc.kill({pid}, 9)").notes == ("forbidden_call",)
        assert run(box, f"libc.ptrace(16, {pid}, 0, 0)").notes == ("forbidden_call",)
        found = told(run(box, f"found['e'] = error(libc.open(b'/proc/{pid}/fd/0', 2))").notes)
        assert found == {"e": EPERM}
    other.join()
    assert [one.pid for one in box._workers] == before


def test_it_holds_one_descriptor_and_no_rights(box: Sandbox) -> None:
    done: list[ValidationReport] = []
    worker = box._workers[0].pid, box._workers[1].pid
    thread = threading.Thread(target=lambda: done.append(run(box, "time.sleep(3)")))
    thread.start()
    deadline = time.monotonic() + 10
    while not (forks := _children(worker)) and time.monotonic() < deadline:
        time.sleep(0.02)
    (proc,) = forks
    while "Seccomp:\t2" not in (status := (proc / "status").read_text()):
        assert time.monotonic() < deadline
    assert "NoNewPrivs:\t1" in status
    assert [entry.name for entry in (proc / "fd").iterdir()] == ["0"]
    limits = (proc / "limits").read_text()
    assert "Max open files            1                    1" in limits
    assert f"Max address space         {1024**3}" in limits
    assert "Max processes             0                    0" in limits
    thread.join()
    assert done


def test_a_file_whose_process_was_killed_is_judged_once_more(box: Sandbox) -> None:
    done: list[ValidationReport] = []
    text = "time.sleep(1); found['judged'] = True"
    thread = threading.Thread(target=lambda: done.append(run(box, text)))
    thread.start()
    deadline = time.monotonic() + 10
    workers = box._workers[0].pid, box._workers[1].pid
    while not (forks := _children(workers)) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(int(forks[0].name), signal.SIGKILL)
    thread.join()
    assert told(done[0].notes) == {"judged": True}
    assert (box._workers[0].pid, box._workers[1].pid) == workers, "they go on"


def _children(pids: tuple[int | None, ...]) -> list[Path]:
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if any(f"\nPPid:\t{pid}\n" in text for pid in pids):
            found.append(status.parent)
    return found


FORGED = encode_report(ValidationReport(Structure.UNSIGNED, (), False, (), (), ("forged",)))


@pytest.mark.parametrize(
    "text",
    [
        "os.write(0, frame); os.write(0, frame + b'x'); os._exit(0)",
        "os.write(0, frame[:-1]); os._exit(0)",
        "os.write(0, frame + frame); os._exit(0)",
        "os.write(0, struct.pack('>I', len(frame)) + frame[4:]); os._exit(0)",
        "os.write(0, frame); os._exit(1)",
        "os._exit(0)",
        "[os.write(0, bytes(65536)) for _ in range(32)]",
        "os.write(0, struct.pack('>I', 1 << 30))",
    ],
    ids=[
        "more follows",
        "cut off",
        "twice",
        "says longer",
        "ends badly",
        "nothing",
        "too much",
        "length",
    ],
)
def test_an_answer_that_does_not_add_up_is_our_failure(box: Sandbox, text: str) -> None:
    report = run(box, f"frame = struct.pack('>I', {len(FORGED) + 1}) + b'A' + {FORGED!r}; {text}")
    assert (report.structure, report.notes) == (Structure.FAILED, ("worker_died",))
    assert is_sound(box)


def test_it_cannot_answer_for_another_file() -> None:
    """It writes answers to whatever it holds, while others are judged and after its time."""
    text = (
        f"frame = struct.pack('>I', {len(FORGED) + 1}) + b'A' + {FORGED!r}\n"
        "for number in range(1, 64):\n"
        "    assert libc.write(number, frame, len(frame)) == -1\n"
        "while True:\n    libc.write(0, frame, len(frame)); time.sleep(0.01)\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        run_code(patch)
        with Sandbox(workers=2, limits=Limits(seconds=1.5)) as box:
            assert is_sound(box)
            liar = threading.Thread(target=run, args=(box, text))
            liar.start()
            while liar.is_alive():
                assert is_sound(box)
            liar.join()
            assert is_sound(box)
            assert run(box, text).notes in {("limit_time",), ("worker_died",)}
            assert is_sound(box)


def test_the_intake_is_confined_alike() -> None:
    with pytest.MonkeyPatch.context() as patch:
        run_code(patch, intake=True)
        with Intake() as intake:
            for attempt, detail in {
                "libc.socket(2, 1, 0)": "forbidden_call",
                "libc.kill(os.getppid(), 9)": "forbidden_call",
                "assert error(libc.open(b'/etc/passwd', 0)) == 1; os._exit(7)": "worker_died",
            }.items():
                (finding,) = intake.take(code(attempt), clean=False).findings
                assert (finding.hazard, finding.detail) == (Hazard.LIMIT, detail)  # not damaged
            assert intake.take(plain(), clean=False).findings == ()


def test_where_the_kernel_forbids_the_filter_nothing_is_judged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run_code(monkeypatch, NO_SECCOMP)
    with Sandbox(workers=1) as box:
        for _ in range(2):
            report = box.validate(blank(), pki().trust(), SOON)
            assert (report.structure, report.notes) == (Structure.FAILED, ("unconfined",))
        assert not box.answers()
        assert box.unfiltered == "seccomp_errno_22"
    assert [one.levelname for one in caplog.records if "no filter" in one.message] == ["ERROR"]


def test_a_probe_finds_the_same() -> None:
    script = "from signing.workers.confinement import probe; print(probe())"
    for before, found in (("", ""), (NO_SECCOMP, "seccomp_errno_22")):
        command = [sys.executable, "-I", "-c", f"{before}\n{script}"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert ran.stdout == f"{found}\n"


def test_a_filter_that_ends_nobody_is_none() -> None:
    script = (
        "from signing.workers import confinement, system_calls\n"
        "system_calls.FATAL = {}\n"
        "print(confinement.try_filter(confinement.DEFAULT_LIMITS, lambda: None))\n"
    )
    command = [sys.executable, "-I", "-c", script]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout == "calls_not_fatal\n"


def test_where_it_is_but_preferred_files_are_judged_and_it_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run_code(monkeypatch, NO_SECCOMP)
    with Sandbox(workers=1, confinement=Confinement.PREFER) as box:
        assert is_sound(box)
        first = box._workers[0].pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert is_sound(box)
        assert box.answers()
        assert box._workers[0].pid != first
        assert box.unfiltered == "seccomp_errno_22"
        assert told(run(box, "found['e'] = error(libc.open(b'/etc/passwd', 0))").notes) == {"e": 24}
    assert [one.levelname for one in caplog.records if "no filter" in one.message] == ["WARNING"]
