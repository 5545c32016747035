"""Turns at work that one process should do at a time, on both databases."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from registry.db.database import Database
from registry.db.turns import turn, turn_if_free


def test_the_second_waits_for_the_first(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    told, order = threading.Event(), list[str]()

    def come_second() -> None:
        with turn(second, "seal a", told.set):
            order.append("second")

    with turn(first, "seal a", lambda: order.append("waited for nobody")):
        other = threading.Thread(target=come_second)
        other.start()
        assert told.wait(30)
        with turn(second, "seal b", lambda: order.append("waited for another's")):
            order.append("first")
    other.join(30)
    assert order == ["first", "second"]
    with turn(first, "seal a", lambda: order.append("kept")):
        pass
    assert order == ["first", "second"]
    first.close()
    second.close()


def test_work_that_comes_round_again_waits_for_nobody(database_url: str) -> None:
    """Who finds the turn taken holds no connection meanwhile, and is told so."""
    first, second = Database(database_url), Database(database_url)
    with turn_if_free(first, "notices") as free:
        assert free
        with turn_if_free(second, "notices") as also:
            assert not also
        with turn_if_free(second, "another") as also:
            assert also
    with turn_if_free(second, "notices") as free:
        assert free
    first.close()
    second.close()


def test_a_turn_is_given_up_before_its_session_ends(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's server may be slow to notice that a session was closed: it holds nothing."""
    first, second = Database(database_url), Database(database_url)
    begin, unnoticed = first.session, list[Callable[[], None]]()

    def lingering() -> Connection:
        session = begin()
        unnoticed.append(session.close)
        monkeypatch.setattr(session, "close", lambda: None)
        return session

    monkeypatch.setattr(first, "session", lingering)
    with turn_if_free(first, "notices") as free:
        assert free
    with turn_if_free(second, "notices") as free:
        assert free
    for close in unnoticed:
        close()
    first.close()
    second.close()
