"""`python -m verify_api HOME [HOST [PORT]]`: the public verifier alone, without any key.

`xinyin serve --role verify` becomes this by exec, so that what the import contract promises holds
in the running process.
"""

import argparse
import logging
import os
import sys
from contextlib import closing
from pathlib import Path

from core.clock import SystemClock
from core.errors import XinyinError
from core.http_server import serve
from core.problems import problem_of
from core.settings import load_settings
from signing.sandbox import Sandbox
from verify_api.wiring import VerifyRole


def main(arguments: list[str]) -> int:
    """Serve until told to end; return the exit code."""
    parsed = _parser().parse_args(arguments)
    home, host, port = parsed.home, parsed.host, parsed.port
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        settings = load_settings(home, os.environ)
        with (
            Sandbox(workers=settings.verify.workers) as sandbox,
            closing(VerifyRole(settings, home, sandbox=sandbox, clock=SystemClock())) as role,
        ):
            serve(role.app(), host, port, trusted_proxies=settings.verify.trusted_proxies)
    except XinyinError as error:
        sys.stderr.write(f"{error.text.zh} {error.text.en}\n")
        return problem_of(error.code).exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return what reads the arguments; it ends the process with 2 where they are wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m verify_api",
        usage="python -m verify_api HOME [HOST [PORT]]",
        description="The public verifier alone, without any key.",
    )
    parser.add_argument("home", type=Path, help="home directory")
    parser.add_argument("host", nargs="?", default="127.0.0.1", help="address to listen on")
    parser.add_argument("port", nargs="?", type=_port, default=8440, help="0 takes a free one")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:  # noqa: PLR2004  # 16 bits
        raise ValueError
    return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
