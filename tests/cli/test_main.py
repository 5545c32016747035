"""The command as a whole: help, exit codes, streams, interruptions."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import cli.main
from tests.cli.commands import COMMAND, environment, xinyin, xinyin_installed
from tests.cli.conftest import DemoHome


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every command's words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


ALL = list(commands(cli.main.xinyin))


def test_help_lists_the_exit_codes() -> None:
    ran = xinyin("--help")
    assert (ran.code, ran.err) == (0, "")
    for code in (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16, 20, 130, 141):
        assert f" {code}  " in ran.out or f"\n{code}  " in ran.out, code


AT_A_SERVER = (
    "login",
    "logout",
    "whoami",
    "enrol",
    "context",
    "export",
    "job wait",
    "job cancel",
    "job pause",
    "job resume",
    "request ask",
    "request sign",
    "seal ask",
)
"""Commands, or groups of them, that use no home."""


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help_json_and_home(words: tuple[str, ...]) -> None:
    ran = xinyin(*words, "--help")
    assert ran.code == 0
    assert "--json" in ran.out
    at_a_server = bool({words[0], " ".join(words)} & set(AT_A_SERVER))
    assert ("--home" in ran.out) is not at_a_server
    assert any("一" <= c <= "鿿" for c in ran.out), "a sentence in Chinese too"


def test_the_installed_command() -> None:
    ran = xinyin_installed("--version")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("xinyin")


@pytest.mark.parametrize("arguments", [("nonsense",), ("verify",), ("verify", "a", "b"), ("-x",)])
def test_usage(arguments: tuple[str, ...]) -> None:
    ran = xinyin(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage:" in ran.err


def test_an_internal_error_tells_no_data(shared: DemoHome, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("何芳 990102194009171291")

    monkeypatch.setattr("cli.licences.licence_records.search_licences", fail)
    ran = shared.run("licence", "list")
    assert (ran.code, ran.out) == (1, "")
    assert "RuntimeError" in ran.err
    assert "何芳" not in ran.err
    with pytest.raises(RuntimeError):
        shared.run("licence", "list", env={"XINYIN_DEBUG": "1"})


def test_interrupted(shared: DemoHome) -> None:
    """A terminal's Ctrl-C while it waits for stdin."""
    with subprocess.Popen(
        # Whoever was started in the background has it ignored, and its children as well.
        ["env", "--default-signal=INT", COMMAND, "verify", "-", "--home", shared.directory],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdin
        process.stdin.write(b"%PDF-1.7\n")
        process.stdin.flush()
        _wait_until_it_reads(process.pid)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "words",
    [("licence", "list", "--json"), ("licence", "list"), ("--help",), ("ca", "revoke", "--help")],
    ids=" ".join,
)
def test_a_reader_that_leaves(shared: DemoHome, words: tuple[str, ...]) -> None:
    """As other tools end in `| head`: by SIGPIPE, which a shell tells as 141."""
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [COMMAND, *words], stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False,
        env=environment(XINYIN_HOME=str(shared.directory)),
    )  # fmt: skip
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (141, b"")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_output_on_a_full_disk(shared: DemoHome, form: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [COMMAND, "licence", "list", *form], stdout=full, stderr=subprocess.PIPE, timeout=60,
            env=environment(XINYIN_HOME=str(shared.directory)), check=False,
        )  # fmt: skip
    said = ran.stderr.decode()
    assert ran.returncode == 1, said
    assert "No space left on device. Free space" in said
    assert "internal" not in said.lower()


def test_chinese_is_written_in_any_locale(shared: DemoHome) -> None:
    plain = environment(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", XINYIN_LANG="zh")
    ran = xinyin_installed("verify", "JY00", "--home", shared.directory, env=plain)
    assert ran.code == 12
    assert "内容完整吗" in ran.out


def _wait_until_it_reads(pid: int) -> None:
    """Wait until the command sleeps in a read of its stdin, all modules being loaded."""
    stack = Path(f"/proc/{pid}/wchan")
    for _ in range(600):
        if "pipe" in stack.read_text():
            return
        signal.sigtimedwait([], 0.05)
    raise AssertionError("it never read its stdin")
