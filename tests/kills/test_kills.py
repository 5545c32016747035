"""Batches killed a few times, on both databases; `make kills` does so for hours."""

import random

import pytest

from tests.databases import KINDS
from tests.kills.run import Kills, place


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_survives_kills(kind: str) -> None:
    with place(kind) as (directory, url):
        run = Kills(directory, url, rows=24, kills=2, chance=random.Random(7))
        run.run()
        assert sum(run.killed.values()) >= 1
