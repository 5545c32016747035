"""Histories of some hundreds of steps, on both engines; and seeds that once found something."""

import pytest

from tests.databases import PostgresServer
from tests.history.run import History

FOUND = (
    ("v5", 100, "back_up restore replace"),  # a revocation that a CRL alone had told was forgotten
    ("k1", 80, "retire_key back_up restore"),  # a retired key sealed again after a restore
)
"""Seeds, steps, and the steps that come often, of histories that found a fault; each fault has its
own test beside the code that it was in as well."""


def _play(seed: str, steps: int, kind: str, request: pytest.FixtureRequest) -> None:
    server: PostgresServer | None = None
    if kind == "postgresql":
        server = request.getfixturevalue("postgres")
    History(seed, steps, kind).play(server)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("seed", ["101", "102"])
def test_nothing_is_lost_doubled_or_unrevoked(
    seed: str, kind: str, request: pytest.FixtureRequest
) -> None:
    _play(seed, 120, kind, request)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("seed", "steps", "often"), FOUND)
def test_seeds_that_found_a_fault(seed: str, steps: int, often: str) -> None:
    History(seed, steps, "sqlite", frozenset(often.split())).play()
