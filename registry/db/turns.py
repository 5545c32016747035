"""Taking turns at work that only one process should do at a time, on one machine or several.

Nothing rests on it: each step of such work stands by itself. It keeps two processes from counting
each other's work as failures.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from registry.db.database import Database
from registry.db.engines import file_of


@contextmanager
def turn(database: Database, name: str, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the turn of that name while the block runs; `on_wait` is told if another has it first.

    It ends with the process. Raises `DatabaseBusyError`.
    """
    digest = hashlib.sha256(name.encode()).digest()
    if database.engine.dialect.name == "sqlite":
        file = file_of(database.url)
        with _of_file(file.with_name(f".{digest.hex()[:16]}.turn"), on_wait):
            yield
    else:
        with _of_server(database, int.from_bytes(digest[:8], "big", signed=True), on_wait):
            yield


@contextmanager
def turn_if_free(database: Database, name: str) -> Iterator[bool]:
    """Hold the turn of that name while the block runs, if nobody has it; tell whether it is held.

    For work that comes round again: nobody waits, least of all with a connection in hand. Raises
    `DatabaseBusyError`.
    """
    try:
        with turn(database, name, _refuse):
            yield True
    except _TakenError:
        yield False


class _TakenError(Exception):
    """Another process has the turn."""


def _refuse() -> None:
    raise _TakenError


@contextmanager
def _of_file(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _of_server(database: Database, key: int, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold an advisory lock of a session of its own, with which it ends at the latest.

    It is given up before the session is closed: a server takes note of a closed session later, and
    whose turn comes next must not find it taken meanwhile.
    """
    connection, held = database.session(), False
    try:
        with database.translating():
            connection.exec_driver_sql("SET lock_timeout = 0")
            connection.exec_driver_sql("SET statement_timeout = 0")
            if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({key})").scalar_one():
                on_wait()
                connection.exec_driver_sql(f"SELECT pg_advisory_lock({key})")
        held = True
        yield
    finally:
        with suppress(DBAPIError):  # the server is gone, and the lock with it
            if held:
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({key})")
        with suppress(DBAPIError):
            connection.close()
