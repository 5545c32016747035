"""The `xinyin` command: as a process of its own, or quickly in this one."""

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from cli.main import run
from tests.forked import Forked

COMMAND = Path(sys.executable).with_name("xinyin")
STEERING = {"XINYIN_LANG": "en", "XINYIN_VERIFY_WORKERS": "1"}
STEERING["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
"""No test writes into a developer's keyring."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object that it printed."""
        value: dict[str, Any] = json.loads(self.out)
        return value

    @property
    def records(self) -> list[dict[str, Any]]:
        """The JSON lines that it printed."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would steer the command."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("XINYIN_", "LC_", "LANG"))}
    clean.pop("CREDENTIALS_DIRECTORY", None)
    return clean | STEERING | more


def xinyin(*arguments: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Ran:
    """Run the command in this process, through its entry point."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
    given = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    argv = ["xinyin", *map(str, arguments)]
    code: object = None
    with (
        mock.patch.object(sys, "argv", argv),
        mock.patch.object(sys, "stdin", given),
        mock.patch.dict(os.environ, environment(**(env or {})), clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            run()
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int), "every command ends with an exit code"
    return Ran(code, _text(out), _text(err))


def xinyin_process(
    *arguments: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> Ran:
    """Run the command in a process of its own, forked where its modules are loaded."""
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        env = environment() if env is None else env
        with Forked(arguments, env=env, stdin=given) as process:
            out, err = process.communicate(timeout=100)
    return Ran(process.returncode, out, err)


def xinyin_installed(*arguments: str | Path, stdin: bytes = b"", **options: Any) -> Ran:
    """Run the installed command in a process of its own, from its start."""
    ran = subprocess.run(
        [COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        env=options.pop("env", environment()),
        timeout=100,
        check=False,
        **options,
    )
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
