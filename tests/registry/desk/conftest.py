"""A register with people whom a provider vouches for, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.db.database import Database
from registry.desk.providers.word import ProviderWord
from registry.desk.sign_in.session_ending import SessionEnding
from registry.journal.journal import Journal
from registry.ledger.ledger import SqlLedger
from registry.officers.leaving import Leaving
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


@pytest.fixture
def word(office: Office) -> ProviderWord:
    """Word of providers, carried out."""

    def no_changes() -> object:
        raise AssertionError("nobody here has a certificate")

    leaving = Leaving(
        database=office.database,
        ledger=SqlLedger(office.database),
        status_changes=no_changes,  # type: ignore[arg-type]
        clock=office.clock,
        elsewhere=[SessionEnding(office.database, office.clock)],
    )
    return ProviderWord(office.database, lambda: leaving, office.clock)
