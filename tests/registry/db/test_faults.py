"""Faults of the database: each is named for what it is, with what to do about it."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from registry.db.counters import take
from registry.db.database import Database, copy_sqlite
from registry.db.faults import DatabaseBusyError
from tests.databases import PostgresServer


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'registry.db'}")
    made.create()
    yield made
    made.close()


@pytest.fixture
def on_server(postgres: PostgresServer) -> Iterator[Database]:
    with postgres.database() as url:
        made = Database(url)
        yield made
        made.close()


def test_a_full_disk_is_called_full(on_file: Database, tmp_path: Path) -> None:
    """SQLite's own limit of pages ends as a full disk does: SQLITE_FULL."""

    def fill() -> None:
        with on_file.writing() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            for number in range(10_000):
                take(connection, f"scope {number}")

    with pytest.raises(DatabaseBusyError, match="Free space") as told:
        fill()
    assert str(tmp_path / "registry.db") in told.value.text.en
    assert "腾出空间" in told.value.text.zh


def test_a_lock_is_called_busy(on_file: Database, tmp_path: Path) -> None:
    held = sqlite3.connect(tmp_path / "registry.db")
    held.execute("BEGIN IMMEDIATE")
    patience = timedelta(milliseconds=50)
    with (
        pytest.raises(DatabaseBusyError, match="busy with another process"),
        on_file.writing(patience) as connection,
    ):
        take(connection, "numbers")
    held.close()


def _count(database: Database) -> int:
    with database.writing() as connection:
        return take(connection, "numbers")


def test_a_reader_s_connection_is_called_read_only(on_file: Database, tmp_path: Path) -> None:
    assert _count(on_file) == 1
    reader = Database(f"sqlite:///{tmp_path / 'registry.db'}", read_only=True)
    with pytest.raises(DatabaseBusyError, match="read-only"):
        _count(reader)
    reader.close()


@pytest.mark.parametrize(
    ("state", "en", "zh"),
    [
        ("53100", "disk of the database server is full", "磁盘已满"),
        ("53300", "out of memory or connections", "连接数已用尽"),
        ("55P03", "busy with another process", "占用"),
        ("57014", "busy with another process", "占用"),
        ("40P01", "busy with another process", "占用"),
        ("42501", "may not do this", "无权"),
        ("58030", "cannot read or write its disk", "读写磁盘出错"),
        ("25006", "read-only", "只读"),
        ("55000", "See its log", "运行记录"),
    ],
)
def test_what_the_server_says_by_code(on_server: Database, state: str, en: str, zh: str) -> None:
    """The server raises it as it would by itself; only the cause is feigned."""
    raised = text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")
    with (
        pytest.raises(DatabaseBusyError, match=en) as told,
        on_server.writing() as connection,
    ):
        connection.execute(raised)
    assert zh in told.value.text.zh


def test_a_server_s_read_only_session_is_called_so(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        options = {"options": "-c default_transaction_read_only=on"}
        standby = Database(
            make_url(url).update_query_dict(options).render_as_string(hide_password=False)
        )
        with pytest.raises(DatabaseBusyError, match="read-only"):
            _count(standby)
        standby.close()


def test_a_server_that_is_away_is_told_from_one_that_says_no(postgres: PostgresServer) -> None:
    for url, said in (
        ("postgresql://127.0.0.1:9/none", "cannot be reached"),
        ("postgresql:///none?host=/nowhere", "cannot be reached"),
        (postgres.url("notthere"), "refused the connection"),
    ):
        database = Database(url)
        with pytest.raises(DatabaseBusyError, match=said), database.reading():
            pass
        database.close()


def test_a_copy_says_what_stands_in_its_way(tmp_path: Path) -> None:
    with pytest.raises(DatabaseBusyError, match="not in its place"):
        copy_sqlite(tmp_path / "gone.db", tmp_path / "copy.db")
