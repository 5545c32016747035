"""The register out of reach: its cause is told, counted each time, logged seldom."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.text import Text
from registry.answers.answers import Outcome
from registry.answers.outages import LOG_EVERY_SECONDS, Outages
from registry.db.database import Database
from registry.db.faults import DatabaseBusyError
from tests.world import World


class Seconds:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name == "registry.answers.outages"]


def test_counted_each_time_and_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    counted: list[str] = []
    seconds = Seconds()
    outages = Outages(counted.append, seconds)
    error = DatabaseBusyError(Text("忙", "busy"))
    with caplog.at_level(logging.WARNING):
        outages.over()
        for _ in range(50):
            outages.note(error)
        seconds.pass_by(LOG_EVERY_SECONDS)
        outages.note(error)
        outages.over()
        outages.over()
        outages.note(error)
    assert counted == ["unreachable"] * 52
    said = messages(caplog)
    assert [("(1 times)" in one, "(50 times)" in one, "again" in one) for one in said] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
        (True, False, False),
    ]


@pytest.fixture
def moved(sqlite_world: World) -> Iterator[Path]:
    """Where the database of a running service was moved to."""
    path = sqlite_world.home.directory / "registry.db"
    elsewhere = path.with_name("moved.db")
    yield elsewhere
    if elsewhere.exists():
        elsewhere.rename(path)


def test_a_verifier_that_runs_says_so_and_recovers(
    sqlite_world: World, moved: Path, caplog: pytest.LogCaptureFixture
) -> None:
    granted = sqlite_world.grant()
    role = sqlite_world.home.verify_role
    file = moved.with_name("registry.db")

    def outcomes() -> set[Outcome]:
        by_digest = role.verifier.by_digest(granted.sha256)
        by_number = role.verifier.by_code(granted.licence.identifier)
        assert role.verifier.by_known_file(granted.pdf) is None or by_digest.outcome != "x"
        return {by_digest.outcome, by_number.outcome}

    good = outcomes()
    assert Outcome.COULD_NOT_CHECK not in good
    file.rename(moved)
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            assert outcomes() == {Outcome.COULD_NOT_CHECK}
        assert len(messages(caplog)) == 1
        assert "not in its place" in messages(caplog)[0]
        lines = role.metrics.exposition().splitlines()
        assert 'xinyin_register_failures_total{code="unreachable"} 60' in lines
        moved.rename(file)
        assert outcomes() == good
    assert "answers again" in messages(caplog)[-1]


def test_the_drivers_reason_is_logged_and_no_statement(caplog: pytest.LogCaptureFixture) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(DatabaseBusyError) as failed, nowhere.reading():
        pass
    with caplog.at_level(logging.WARNING):
        Outages(lambda _: None).note(failed.value)
    [said] = messages(caplog)
    assert caplog.records[-1].__dict__["code"] == "unreachable"
    assert "127.0.0.1" in said
    assert "SELECT" not in said
    assert "\n" not in said
