"""The `xinyin` command, or a program of tests, in a process that need not load its modules first.

Loading them takes two seconds of CPU, more than most of what tests then ask of the process. Here a
process loads them once for each worker of a run, opens nothing, starts no thread, and forks for
each command. How the installed command starts is the matter of others (`tests.cli.commands`).
"""

import atexit
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from tests.derivations import share

_MODULES = ("cli.main", "cli.serve_command", "home.roles", "signing.sealing.pades")
_ASKED = 1 << 20
_STREAMS = 3
"""Its stdin, stdout and stderr; the fourth descriptor is where its end is told."""


class Forked(subprocess.Popen[str]):
    """Stands in for `Popen` of `xinyin ARGUMENTS`, else of `python -m PROGRAM ARGUMENTS`."""

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        program: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: Any = subprocess.DEVNULL,
        stdout: Any = subprocess.PIPE,
        stderr: Any = subprocess.PIPE,
    ) -> None:
        self._program = program
        told, self._told = socket.socketpair()
        with told:
            self._teller = told
            given = list(map(str, arguments))
            env = dict(os.environ if env is None else env)
            super().__init__(given, env=env, stdin=stdin, stdout=stdout, stderr=stderr, text=True)

    def _execute_child(self, args: list[str], *rest: Any) -> None:
        """Ask for a fork instead; `rest` is as `Popen` passes it."""
        env, pipes = rest[5], rest[9:15]
        given, _, _, out, _, error = pipes
        request = {
            "program": self._program,
            "arguments": args,
            "environment": env,
            "cwd": str(Path.cwd()),
        }
        asked = (given, out, error)
        streams = [mine if one == -1 else one for mine, one in enumerate(asked)]  # else its own
        descriptors = [*streams, self._teller.fileno()]
        socket.send_fds(_nursery(), [json.dumps(request).encode()], descriptors)
        self.pid = int.from_bytes(self._told.recv(4), "big")
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        """Wait as `os.waitpid` does, for its parent's word."""
        self._told.setblocking(not wait_flags & os.WNOHANG)
        try:
            said = self._told.recv(4)
        except BlockingIOError:
            return 0, 0
        self._told.close()
        assert said, "whoever watched it is gone"
        return self.pid, int.from_bytes(said, "big")

    def _internal_poll(self, _deadstate: int | None = None, **_: Any) -> int | None:
        """Tell how it ended, if it has."""
        if self.returncode is None:
            pid, status = self._try_wait(os.WNOHANG)
            if pid:
                self._handle_exitstatus(status)  # type: ignore[attr-defined]
        return self.returncode


@cache
def _nursery() -> socket.socket:
    """Return where the process that forks is asked."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    root = Path(__file__).parents[1]
    derived = tempfile.TemporaryDirectory(prefix="xy-derived-")
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import serve; serve()", derived.name],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            cwd=root,
        )

    def end() -> None:
        ours.close()
        process.wait(30)
        derived.cleanup()

    atexit.register(end)
    return ours


def serve() -> None:
    """Fork for each request until whoever asks is gone."""
    for name in _MODULES:
        import_module(name)
    share(Path(sys.argv[1]))
    assert threading.active_count() == 1, "a fork would lose a thread"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who runs the tests interrupts them, not this
    with socket.socket(fileno=os.dup(0)) as asked:
        while True:
            request, descriptors, _, _ = socket.recv_fds(asked, _ASKED, _STREAMS + 1)
            if not request:
                return
            if os.fork() == 0:
                _watch(json.loads(request), descriptors)
            for one in descriptors:
                os.close(one)


def _watch(request: dict[str, Any], descriptors: Sequence[int]) -> NoReturn:
    """Fork the command's process, and tell its id and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        _become(request, descriptors)
    for one in descriptors[:_STREAMS]:
        os.close(one)
    with socket.socket(fileno=descriptors[_STREAMS]) as told:
        told.sendall(pid.to_bytes(4, "big"))
        _, status = os.waitpid(pid, 0)
        told.sendall(status.to_bytes(4, "big"))
    os._exit(0)


def _become(request: dict[str, Any], descriptors: Sequence[int]) -> NoReturn:
    """Run the command as its installed program does, or a program as `python -m` does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, one in enumerate(descriptors[:_STREAMS]):
        os.dup2(one, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    sys.stdin, sys.stdout = open(0), open(1, "w")  # noqa: SIM115  # as at a start
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace")  # noqa: SIM115
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    program = request["program"]
    sys.argv = [program or "xinyin", *request["arguments"]]
    code: object = 0
    try:
        if program is None:
            import_module("cli.main").run()
        else:
            runpy.run_module(program, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001  # as an interpreter would
        code = 1
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def run(program: str, *arguments: str | Path, env: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a program of tests to its end; return its exit code, stdout and stderr."""
    with Forked(arguments, program=program, env=env) as process:
        out, err = process.communicate(timeout=100)
    return process.returncode, out, err
