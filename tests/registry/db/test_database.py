"""The schema and the transactions, on SQLite and PostgreSQL alike."""

import os
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, event, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from registry.db.counters import take
from registry.db.database import Database, copy_sqlite
from registry.db.engines import without_password
from registry.db.faults import (
    DamagedDatabaseError,
    DatabaseBusyError,
    OtherSchemaError,
    UnknownOutcomeError,
)
from registry.db.tables import counters, crls, metadata
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
        refused = pytest.raises(OtherSchemaError, match="xinyin database migrate")
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


def _show(database: Database, name: str) -> str:
    with database.reading() as connection:
        return str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())


@pytest.fixture
def on_server(postgres: PostgresServer) -> Iterator[Database]:
    with postgres.database() as url:
        made = Database(url)
        yield made
        made.close()


def test_no_session_on_a_server_waits_for_ever(on_server: Database) -> None:
    assert _show(on_server, "lock_timeout") == "10s"
    assert _show(on_server, "statement_timeout") == "1min"
    assert _show(on_server, "idle_in_transaction_session_timeout") == "1min"
    with on_server.snapshot() as connection:
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            assert connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "0"
    assert _show(on_server, "statement_timeout") == "1min", "of that transaction alone"


def test_options_in_the_address_win(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        chosen = make_url(url).update_query_dict({"options": "-c lock_timeout=3s"})
        made = Database(chosen.render_as_string(hide_password=False))
        assert _show(made, "lock_timeout") == "3s"
        assert _show(made, "statement_timeout") == "1min"
        made.close()


def test_a_lock_that_another_keeps_is_not_waited_for(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        chosen = make_url(url).update_query_dict({"options": "-c lock_timeout=200ms"})
        made = Database(chosen.render_as_string(hide_password=False))
        with made.writing() as holder:
            take(holder, "numbers")
            with pytest.raises(DatabaseBusyError), made.writing() as connection:
                take(connection, "numbers")
        made.close()


def test_a_connection_lost_before_the_commit_changed_nothing(on_server: Database) -> None:
    def work() -> None:
        with on_server.writing() as connection:
            take(connection, "numbers")
            _end_session(on_server, connection)
            take(connection, "numbers")

    with pytest.raises(DatabaseBusyError):
        work()
    with on_server.writing() as connection:
        assert take(connection, "numbers") == 1


def test_of_a_commit_that_was_not_acknowledged_the_outcome_is_unknown(on_server: Database) -> None:
    """Nothing may say that nothing was changed: who tries again would do it twice."""

    def work() -> None:
        with on_server.writing() as connection:
            take(connection, "numbers")
            _end_session(on_server, connection)

    with pytest.raises(UnknownOutcomeError, match="Look first"):
        work()


def _end_session(database: Database, connection: Connection) -> None:
    number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with database.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})


def test_a_pool_that_is_used_up_is_busy(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Database(database_url)
    monkeypatch.setattr(made.engine.pool, "_timeout", 0.1)
    with ExitStack() as held:
        for _ in range(15):  # the pool's five, and ten beyond
            held.enter_context(made.reading()).exec_driver_sql("SELECT 1")
        with pytest.raises(DatabaseBusyError), made.reading() as connection:
            connection.exec_driver_sql("SELECT 1")
    made.close()


def test_who_is_less_patient_is_told_sooner_that_it_is_locked(database: Database) -> None:
    def ask() -> None:
        with database.writing(timedelta(milliseconds=300)) as connection:
            take(connection, "a")

    with database.writing() as connection:
        take(connection, "a")
        begun = time.monotonic()
        with pytest.raises(DatabaseBusyError), ThreadPoolExecutor(1) as pool:
            pool.submit(ask).result()
        assert 0.2 < time.monotonic() - begun < 5
    ask()
    if database.engine.dialect.name == "sqlite":  # the same connection, patient as before
        with database.writing() as connection:
            said = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        assert said == 10_000


def _count(database: Database) -> int:
    with database.writing() as connection:
        return take(connection, "a")


def test_a_file_that_was_moved_away_is_missed_and_found_again(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "registry.db", tmp_path / "moved.db"
    database = Database(f"sqlite:///{path}")
    database.create()
    assert _count(database) == 1
    path.rename(elsewhere)
    for _ in range(2):
        with pytest.raises(DatabaseBusyError, match="not in its place"):
            _count(database)
        with pytest.raises(DatabaseBusyError, match="not in its place"), database.reading():
            pass
    assert not path.exists(), "it must not come back empty"
    elsewhere.rename(path)
    assert _count(database) == 2, "nothing was lost"
    database.close()


def test_a_file_in_anothers_place_is_read_instead(tmp_path: Path) -> None:
    path, other = tmp_path / "registry.db", tmp_path / "other.db"
    for where, counts in ((other, 5), (path, 1)):
        database = Database(f"sqlite:///{where}")
        database.create()
        for _ in range(counts):
            _count(database)
        if where is other:
            database.close()
    other.replace(path)
    for suffix in ("-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
    assert _count(database) == 6
    database.close()


READ_ONLY = """
import os, sys
from registry.db.database import Database
from registry.db.faults import DatabaseBusyError
database = Database(sys.argv[1], read_only=True)
os.setgid(65534)
os.setuid(65534)
try:
    with database.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM counters").scalar_one()
except DatabaseBusyError as error:
    print(error.text.en)
"""


def test_a_home_that_may_not_be_written_is_named_as_such(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="xy-ro-") as name:  # pytest's own is closed to others
        directory = Path(name)
        database = Database(f"sqlite:///{directory / 'registry.db'}")
        database.create()
        database.close()
        (directory / "registry.db").chmod(0o444)
        directory.chmod(0o555)
        if os.geteuid() != 0:
            pytest.skip("needs another account")
        ran = subprocess.run(
            [sys.executable, "-c", READ_ONLY, f"sqlite:///{directory / 'registry.db'}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        directory.chmod(0o700)
    assert "cannot be written" in ran.stdout, ran.stderr


def test_a_copy_of_a_live_file_is_of_one_moment(tmp_path: Path) -> None:
    """Also of what stands in the WAL alone, while others write."""
    database = Database(f"sqlite:///{tmp_path / 'registry.db'}")
    database.create()
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with database.writing() as connection:
                for scope in ("a", "b"):
                    take(connection, scope)

    _count(database)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for number in range(5):
                target = tmp_path / f"copy-{number}.db"
                copy_sqlite(tmp_path / "registry.db", target)
                copy = Database(f"sqlite:///{target}")
                with copy.reading() as connection:
                    counted = {one.scope: one.value for one in connection.execute(select(counters))}
                assert counted["a"] == counted.get("b", 0) + 1
                copy.close()
        finally:
            stop.set()
        writing.result()
    database.close()


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("postgresql://x@db/x?sslmode=require", "postgresql://x@db/x?sslmode=require"),
        ("postgresql://x:s%40crt@db:5432/x", "postgresql://x@db:5432/x"),
        ("postgresql:///x?password=s&sslpassword=s&user=x", "postgresql:///x?user=x"),
        ("sqlite:////srv/registry.db", "sqlite:////srv/registry.db"),
        ("no address", "no address"),
    ],
)
def test_an_address_is_written_down_without_its_passwords(address: str, kept: str) -> None:
    assert without_password(address) == kept


_LIMITED = """
import resource, sys
from registry.db.database import Database
database = Database("sqlite:///" + sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))
sys.exit(0 if not database.is_writable() else 1)
"""


def test_a_full_disk_is_noticed(tmp_path: Path) -> None:
    """By a limit on files, which the kernel refuses as it does where a disk or quota is full."""
    path = tmp_path / "registry.db"
    Database(f"sqlite:///{path}").create()
    ended = subprocess.run([sys.executable, "-c", _LIMITED, str(path)], check=False, timeout=60)
    assert ended.returncode == 0
    assert sorted(one.name for one in tmp_path.iterdir() if "registry" not in one.name) == []
