"""`python -m verify_api HOME [HOST [PORT]]`: the public verifier alone, without any key.

`xinyin serve --role verify` becomes this by exec, so that what the import contract promises holds
in the running process.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from starlette.types import ASGIApp

from core import log
from core.clock import SystemClock
from core.errors import XinyinError
from core.settings import load_settings, log_settings
from core.web.problems import problem_of
from core.web.server import Worker, log_failed_start, serve
from core.web.workers import MAX_WORKERS
from signing.sandbox import Sandbox
from signing.workers.confinement import Confinement
from verify_api.wiring import VerifyRole

ROLE = "verify"


def main(arguments: list[str]) -> int:
    """Serve until told to end; return the exit code."""
    parsed = _parser().parse_args(arguments)
    home, host, port = parsed.home, parsed.host, parsed.port
    log.configure(log_settings(os.environ), role=ROLE)
    try:
        settings = load_settings(home, os.environ)
        log.configure(settings.log, role=ROLE)

        @contextmanager
        def open_app(worker: Worker) -> Iterator[ASGIApp]:
            with (
                Sandbox(
                    workers=settings.verify.workers,
                    confinement=Confinement(settings.sandbox.confinement),
                ) as sandbox,
                closing(
                    VerifyRole(
                        settings,
                        home,
                        sandbox=sandbox,
                        clock=SystemClock(),
                        environment=os.environ,
                    )
                ) as role,
            ):
                role.watch(ROLE)
                yield role.app(worker)

        return serve(
            open_app,
            host,
            port,
            workers=parsed.workers,
            limits=settings.verify.connection_limits(),
        )
    except XinyinError as error:
        log_failed_start(error)
        return problem_of(error.code).exit_code


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments; it ends the process with 2 where they are wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m verify_api",
        usage="python -m verify_api HOME [HOST [PORT]] [--workers N]",
        description="The public verifier alone, without any key.",
    )
    parser.add_argument("home", type=Path, help="home directory")
    parser.add_argument("host", nargs="?", default="127.0.0.1", help="address to listen on")
    parser.add_argument("port", nargs="?", type=_port, default=8440, help="0 takes a free one")
    parser.add_argument("--workers", type=_count, default=1, help="processes that answer")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= MAX_WORKERS:
        raise ValueError
    return count


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:  # noqa: PLR2004  # 16 bits
        raise ValueError
    return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
