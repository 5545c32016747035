"""Histories of some hundreds of steps, on both engines; seeds that found something among them."""

import pytest

from tests.databases import PostgresServer
from tests.history.run import History

FOUND = (
    # A restore missed when a licence that was suspended and reinstated had last changed.
    History("v5", 78, "sqlite", frozenset({"back_up", "restore", "replace"})),
    # A suspension that was killed between journal and commit was called an alteration; a version
    # that was taken back with its transaction, a counter set back.
    History("102", 120, "sqlite"),
    # A CA whose responder was on hold was answered for as if it were not ours.
    History("405", 106, "sqlite"),
)


def _play(history: History, request: pytest.FixtureRequest) -> None:
    server: PostgresServer | None = None
    if history.kind == "postgresql":
        server = request.getfixturevalue("postgres")
    history.play(server)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_doubled_or_unrevoked(kind: str, request: pytest.FixtureRequest) -> None:
    _play(History("101", 100 if kind == "sqlite" else 60, kind), request)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("history", FOUND, ids=lambda one: one.seed)
def test_what_histories_have_found_is_found_no_more(
    history: History, request: pytest.FixtureRequest
) -> None:
    _play(history, request)
