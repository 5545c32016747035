"""Histories of some hundreds of steps, on both engines."""

import pytest

from tests.databases import PostgresServer
from tests.history.run import History


def _play(seed: str, steps: int, kind: str, request: pytest.FixtureRequest) -> None:
    server: PostgresServer | None = None
    if kind == "postgresql":
        server = request.getfixturevalue("postgres")
    History(seed, steps, kind).play(server)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_doubled_or_unrevoked(kind: str, request: pytest.FixtureRequest) -> None:
    _play("101", 120, kind, request)
