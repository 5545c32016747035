"""Runs a command in a process of its own and signals it at a step; see test_batch_commands."""

import functools
import os
import signal
import sys

import cli.shell.options
from cli.main import run
from home.wiring import Home
from registry.granting.granting import GrantStep


def main() -> None:
    """Run the arguments after the first two: at which step, and at its which time.

    `stored:SIGINT` sends that signal instead of killing it.
    """
    at, _, name = sys.argv[1].partition(":")
    left = int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in background processes

    def kill(step: GrantStep) -> None:
        nonlocal left
        left -= step == at
        if left == 0:
            os.kill(os.getpid(), signal.Signals[name or "SIGKILL"])

    cli.shell.options.Home = functools.partial(Home, on_step=kill)  # type: ignore[assignment,attr-defined]
    sys.argv[1:] = sys.argv[3:]
    run()


if __name__ == "__main__":
    main()
