"""A forked command is a process as others: its streams, its end, and what kills it."""

import signal
import subprocess

import pytest

from tests.cli.commands import environment
from tests.forked import Forked, run


def test_it_says_and_ends_as_the_command_does() -> None:
    with Forked(["--no-such-option"], env=environment()) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert "Usage: xinyin [OPTIONS]" in err
    assert process.poll() == process.wait() == 2


def test_what_it_does_not_catch_is_told(tmp_path: object) -> None:
    code, out, err = run("tests.registry.killed_grant", str(tmp_path), env=environment())
    assert (code, out) == (1, "")
    assert "Traceback" in err


def test_it_runs_until_it_is_killed() -> None:
    with Forked(["0"], program="http.server", env=environment()) as process:
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        process.kill()
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
