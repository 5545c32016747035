"""The schema and the transactions, on SQLite and PostgreSQL alike."""

import stat
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, event, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from registry.counters import take
from registry.database import DamagedDatabaseError, Database, DatabaseBusyError, OtherSchemaError
from registry.tables import crls, metadata
from tests.databases import PostgresServer


def test_migrations_lead_to_the_schema_in_code(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()
    with database.writing() as connection:
        assert take(connection, "a") == 1


def test_instants_come_back_aware_and_equal(database: Database) -> None:
    at = datetime(2026, 3, 1, 8, 30, 15, 123456, tzinfo=timezone(timedelta(hours=8)))
    with database.writing() as connection:
        connection.execute(insert(crls).values(issuer="i", number=1, crl=b"x", signed_at=at))
    with database.reading() as connection:
        back = connection.execute(select(crls.c.signed_at)).scalar_one()
    assert back == at
    assert back.tzinfo is UTC


def test_naive_instants_are_refused(database: Database) -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001
    with database.writing() as connection, pytest.raises(StatementError, match="naive"):
        connection.execute(insert(crls).values(issuer="i", number=1, crl=b"x", signed_at=naive))


def test_numbers_are_taken_once_by_many_writers(database: Database) -> None:
    taken: list[int] = []

    def work() -> None:
        for _ in range(20):
            with database.writing() as connection:
                taken.append(take(connection, "numbers"))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 81))


def test_a_failed_transaction_gives_its_number_back(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            take(connection, "numbers")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.writing() as connection:
        assert take(connection, "numbers") == 1


def test_a_read_only_database_cannot_be_written(database_url: str) -> None:
    reader = Database(database_url, read_only=True)
    with pytest.raises((DatabaseBusyError, DBAPIError)), reader.writing() as connection:
        take(connection, "numbers")
    with pytest.raises((DatabaseBusyError, DBAPIError)), reader.reading() as connection:
        take(connection, "numbers")
    reader.close()
    writer = Database(database_url)
    with writer.writing() as connection:
        assert take(connection, "numbers") == 1
    writer.close()


def test_a_locked_database_says_so_and_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'r.db'}"
    first, second = Database(url), Database(f"{url}")
    first.create()
    with first.writing() as holder:
        take(holder, "numbers")
        with second.engine.connect() as impatient:
            impatient.rollback()
        with pytest.raises(DatabaseBusyError), _impatient(second).writing() as connection:
            take(connection, "numbers")
    with first.writing() as connection:
        assert take(connection, "numbers") == 2
    first.close()
    second.close()


def test_reading_commands_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'r.db'}"
    first, second = Database(url), Database(url)
    first.create()
    with first.writing() as connection:
        take(connection, "numbers")
        _impatient(second).migrate()
    first.close()
    second.close()


def test_a_missing_database_is_not_made_anew(tmp_path: Path) -> None:
    gone = Database(f"sqlite:///{tmp_path / 'gone.db'}")
    with pytest.raises(DatabaseBusyError):
        gone.migrate()
    assert not (tmp_path / "gone.db").exists()
    gone.close()


def test_a_damaged_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "r.db").write_bytes(b"no database at all" * 100)
    damaged = Database(f"sqlite:///{tmp_path / 'r.db'}")
    with pytest.raises(DamagedDatabaseError), damaged.reading() as connection:
        connection.execute(select(crls))
    damaged.close()


def test_the_file_is_its_owner_s_alone_wherever_it_lies(tmp_path: Path) -> None:
    directory = tmp_path / "odd ?#% 名"
    directory.mkdir()
    database = Database(URL.create("sqlite", database=str(directory / "r.db")).render_as_string())
    database.create()
    with database.writing() as connection:
        assert take(connection, "numbers") == 1
    assert stat.S_IMODE((directory / "r.db").stat().st_mode) == 0o600
    database.close()


def test_a_server_out_of_reach_says_so() -> None:
    nowhere = Database("postgresql://127.0.0.1:9/none")
    with pytest.raises(DatabaseBusyError), nowhere.reading():
        pass


def _impatient(database: Database) -> Database:
    """Let the database wait 0.1 s instead of its usual 10."""

    @event.listens_for(database.engine, "connect")
    def hurry(connection: object, record: object) -> None:
        del record
        connection.execute("PRAGMA busy_timeout=100")  # type: ignore[attr-defined]

    database.engine.dispose()
    return database


def test_a_schema_that_lacks_something_is_not_called_busy(database: Database) -> None:
    for statement in ("SELECT 1 FROM not_there", "SELECT not_there FROM licences"):
        refused = pytest.raises(OtherSchemaError, match="brings it up to date")
        with refused, database.reading() as connection:
            connection.execute(text(statement))


def test_a_database_that_can_be_written_says_so(database: Database) -> None:
    assert database.is_writable()


def test_on_postgresql_a_reader_s_connection_cannot_write(postgres: PostgresServer) -> None:
    """As a standby says of itself."""
    with postgres.database() as url:
        reader = Database(url, read_only=True)
        assert not reader.is_writable()
        reader.close()


def test_a_file_or_folder_that_may_not_be_written_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that was mounted read-only after an error; root may write all else."""
    database = Database(f"sqlite:///{tmp_path / 'registry.db'}")
    database.create()
    assert database.is_writable()
    for locked in (tmp_path, tmp_path / "registry.db"):
        monkeypatch.setattr("os.access", lambda path, _, locked=locked: Path(path) != locked)
        assert not database.is_writable()
    database.close()
