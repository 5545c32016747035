"""A register with bodies and people, on both engines, with its journal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.db.database import Database
from registry.journal.journal import Journal
from tests.clock import StoppedClock
from tests.privacy import privacy
from tests.registry.officers.office import AT, Office


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    clock = StoppedClock(AT)
    journal = Journal.start(tmp_path / "journal", "a-register", clock)
    database = Database(database_url, journal=lambda: journal, privacy=privacy)
    made = Office(database, journal, clock)
    made.furnish()
    yield made
    database.close()
