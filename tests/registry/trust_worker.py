"""Serves a home's trust service as one worker process of several; see test_revocation_spreads."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.types import ASGIApp

from ca.service.service import create_trust_app
from ca.service.trust_metrics import TrustMetrics
from core.web.server import Worker, serve
from home.roles import trust_parts
from home.wiring import Home


def main(directory: str) -> None:
    """Serve on a free port until told to end."""
    home = Home(Path(directory), {})

    @contextmanager
    def app(worker: Worker) -> Iterator[ASGIApp]:
        yield create_trust_app(
            trust_parts(home, TrustMetrics(), worker.levels), lambda: True, worker.share
        )

    serve(app, "127.0.0.1", 0)


if __name__ == "__main__":
    main(sys.argv[1])
