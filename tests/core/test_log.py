"""The log of a process: set up, levels, threads, a reader that is gone, several processes."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import log
from core.errors import ConfigurationError
from core.metrics import exposition
from core.settings import LogSettings, log_settings, parse_settings

Read = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def kept() -> Iterator[None]:
    """What configuring changes, as it was before."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook = hooks
    for name in ("access", "access.probes", "ca", "core", "registry", "uvicorn"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def pipe(kept: None) -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def lines(pipe: tuple[int, int]) -> list[dict[str, Any]]:
    os.write(pipe[1], b"\n")
    return [json.loads(line) for line in os.read(pipe[0], 1 << 20).splitlines() if line]


def test_each_record_is_one_line_with_its_context(pipe: tuple[int, int]) -> None:
    log.configure(LogSettings(format="json"), role="ca", descriptor=pipe[1])
    with log.about(duty="crl"):
        logging.getLogger("ca.x").info("within")
    logging.getLogger("ca.x").info("outside")
    within, outside = lines(pipe)
    assert (within["duty"], within["role"], within["message"]) == ("crl", "ca", "within")
    assert "duty" not in outside


def test_configured_again_nothing_is_said_twice(pipe: tuple[int, int]) -> None:
    for role in ("ca", "trust"):
        log.configure(LogSettings(format="json"), role=role, descriptor=pipe[1])
    logging.getLogger("ca.x").warning("once")
    assert [one["role"] for one in lines(pipe)] == ["trust"]


def test_levels_are_ours_to_set_and_others_stay_quiet(pipe: tuple[int, int]) -> None:
    settings = LogSettings(format="json", level="debug", levels=("access.probes=error",))
    log.configure(settings, role="ca", descriptor=pipe[1])
    for name in ("registry.x", "access", "access.probes", "python_multipart.multipart"):
        logging.getLogger(name).debug("said")
        logging.getLogger(name).warning("said")
    said = [(one["logger"], one["level"]) for one in lines(pipe)]
    assert said == [
        ("registry.x", "debug"),
        ("registry.x", "warning"),
        ("access", "debug"),
        ("access", "warning"),
        ("python_multipart.multipart", "warning"),
    ]


def test_commands_log_warnings_and_worse(pipe: tuple[int, int]) -> None:
    log.configure(LogSettings(format="json"), role="x", service=False, descriptor=pipe[1])
    logging.getLogger("ca.x").info("nothing")
    logging.getLogger("ca.x").warning("something")
    assert [one["message"] for one in lines(pipe)] == ["something"]


def test_lines_are_counted_by_level(pipe: tuple[int, int]) -> None:
    log.configure(LogSettings(), role="ca", descriptor=pipe[1])
    logging.getLogger("ca.x").error("said")
    assert 'xinyin_log_lines_total{level="error"} 1' in exposition(log.log_metrics()).splitlines()


def test_a_reader_that_stands_still_stops_nothing(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PATIENCE_SECONDS", 0.05)
    log.configure(LogSettings(format="json"), role="ca", descriptor=pipe[1])
    for _ in range(1000):  # a pipe holds 64 KiB
        logging.getLogger("ca.x").warning("x" * 500)
    told = exposition(log.log_metrics())
    os.read(pipe[0], 1 << 20)
    logging.getLogger("ca.x").warning("again")
    assert lines(pipe)[-1]["message"] == "again"
    counts = {
        line.split()[0]: float(line.split()[1]) for line in told.splitlines() if line[0] != "#"
    }
    written = counts['xinyin_log_lines_total{level="warning"}']
    dropped = counts['xinyin_log_lines_dropped_total{level="warning"}']
    assert written + dropped == 1000
    assert 50 < written < 200


def test_a_reader_that_is_gone_stops_nothing(kept: None) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    log.configure(LogSettings(), role="ca", descriptor=writing)
    logging.getLogger("ca.x").warning("nobody")
    os.close(writing)
    logging.getLogger("ca.x").warning("nobody, nowhere")


def test_a_malformed_call_is_told_and_raises_nothing(pipe: tuple[int, int]) -> None:
    log.configure(LogSettings(format="json"), role="ca", descriptor=pipe[1])
    [handler] = log._installed()
    handler.handle(logging.LogRecord("ca.x", 30, "f.py", 1, "%d", ("张三",), None))
    [said] = lines(pipe)
    assert said["message"] == "a malformed call of the log"


def test_what_ends_a_thread_is_logged_without_its_words(pipe: tuple[int, int]) -> None:
    log.configure(LogSettings(format="json"), role="ca", descriptor=pipe[1])

    def work() -> None:
        raise KeyError("张三")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    [said] = lines(pipe)
    assert (said["level"], said["error"]) == ("critical", "KeyError")
    assert "张三" not in str(said)


PROGRAM = """
import logging, os, sys, warnings
from core import log
from core.settings import LogSettings
log.configure(LogSettings(format="json"), role="x")
for number in range(3):
    if os.fork() == 0:
        break
else:
    for _ in range(3):
        os.wait()
    warnings.warn("张三")
    raise KeyError("张三")
for count in range(300):
    logging.getLogger("ca.x").warning("%d %s", number, chr(97 + number) * 700)
os._exit(0)
"""


def test_processes_write_whole_lines_and_hooks_hold_no_words() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 1
    assert "张三" not in ran.stderr
    told = [json.loads(line) for line in ran.stderr.splitlines()]
    assert len(told) == 902
    bodies = {tuple(one["message"].split()) for one in told[:900]}
    assert bodies == {(str(n), chr(97 + n) * 700) for n in range(3)}
    assert [one["logger"] for one in told[900:]] == ["py.warnings", "core.log"]


def test_the_form_by_default(kept: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    auto = LogSettings()
    parent, terminal = os.openpty()
    with (tmp_path / "log").open("wb") as file:
        found = os.fstat(file.fileno())
        assert not log.is_json(auto, service=True, descriptor=terminal)
        assert log.is_json(auto, service=True, descriptor=file.fileno())
        assert not log.is_json(auto, service=False, descriptor=file.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        assert log.is_json(auto, service=False, descriptor=file.fileno())
        assert log.is_json(LogSettings(format="json"), service=False, descriptor=terminal)
        assert not log.is_json(LogSettings(format="text"), service=True, descriptor=file.fileno())
    os.close(parent)
    os.close(terminal)


def test_settings_of_the_log() -> None:
    given = {"XINYIN_LOG_LEVEL": "warning", "XINYIN_LOG_LEVELS": "ca=debug, access.probes=error"}
    settings = log_settings(given)
    assert settings.level == "warning"
    assert settings.level_of_each() == {"ca": "debug", "access.probes": "error"}
    assert log_settings({"XINYIN_LOG_LEVEL": "loud"}) == LogSettings()
    home = {
        "service": {"public_url": "http://a.example", "pki_url": "http://a.example"},
        "operator": {"account": "x"},
    }
    for wrong in ("sqlalchemy.engine=info", "ca=loud", "ca", "=debug"):
        with pytest.raises(ConfigurationError) as refused:
            parse_settings({**home, "log": {"levels": [wrong]}}, "xinyin.toml")
        assert "log.levels" in refused.value.text.en
