"""`python -m verify_api HOME [HOST [PORT]]`: the public verifier alone, without any key.

`xinyin serve --role verify` becomes this by exec, so that what the import contract promises holds
in the running process.
"""

import logging
import os
import sys
from contextlib import closing
from pathlib import Path

from core.clock import SystemClock
from core.errors import XinyinError
from core.problems import problem_of
from core.settings import load_settings
from signing.sandbox import Sandbox
from verify_api.server import serve
from verify_api.wiring import VerifyRole


def main(arguments: list[str]) -> int:
    """Serve until told to end; return the exit code."""
    home, host, port = arguments[0], arguments[1], int(arguments[2])
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        settings = load_settings(Path(home), os.environ)
        with (
            Sandbox(workers=settings.verify.workers) as sandbox,
            closing(VerifyRole(settings, Path(home), sandbox=sandbox, clock=SystemClock())) as role,
        ):
            serve(role.app(), host, port, trusted_proxies=settings.verify.trusted_proxies)
    except XinyinError as error:
        sys.stderr.write(f"{error.text.zh} {error.text.en}\n")
        return problem_of(error.code).exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
