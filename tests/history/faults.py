"""Faults at durable points: the process dies, the disk refuses, an acknowledgement is lost.

A durable point is a COMMIT, an fsync or a write to the journal. A process that has died does
nothing durable any more: its `finally` blocks run here, as they would not, and find every point
closed.
"""

import errno
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from unittest import mock

import psycopg
from sqlalchemy.engine.default import DefaultDialect

_PATCHED_WHEN_DEAD = ("replace", "link", "unlink", "mkdir", "rename", "ftruncate")


class Mode(StrEnum):
    """What happens at a durable point."""

    DIE_BEFORE = "die-before"
    DIE_AFTER = "die-after"
    TORN = "torn"
    """The process dies with half of a line written; at a COMMIT, before it."""
    LOST = "lost"
    """The COMMIT takes effect and its acknowledgement does not arrive; at a file, the disk is
    full."""
    REFUSED = "refused"
    """The database cannot commit, the disk is full: nothing takes effect."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one step."""

    mode: Mode
    at: int
    """At which durable point of the step, from 1; a step with fewer goes well."""
    kill: bool = False
    """A real process dies, by SIGKILL."""


class DiedError(BaseException):
    """The process is dead; no `except Exception` may notice."""


class Faults:
    """The durable points of this process; one for a simulation."""

    def __init__(self) -> None:
        self._fault: Fault | None = None
        self._reached = 0
        self._dead = False
        self.fired = False
        """The armed fault has happened."""

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Stand between the program and what is durable."""
        originals = {name: getattr(os, name) for name in (*_PATCHED_WHEN_DEAD, "fsync", "pwrite")}
        commit = DefaultDialect.do_commit

        def do_commit(dialect: Any, connection: Any) -> None:
            self._commit(commit, dialect, connection)

        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(DefaultDialect, "do_commit", do_commit))
            for name in _PATCHED_WHEN_DEAD:
                stack.enter_context(mock.patch.object(os, name, self._closed(originals[name])))
            stack.enter_context(mock.patch.object(os, "fsync", self._synced(originals["fsync"])))
            stack.enter_context(mock.patch.object(os, "pwrite", self._written(originals["pwrite"])))
            yield

    @contextmanager
    def armed(self, fault: Fault | None) -> Iterator[None]:
        """Let a fault happen within the block, if that reaches it."""
        self._fault, self._reached, self.fired = fault, 0, False
        try:
            yield
        finally:
            self._fault, self._dead = None, False

    def _next(self) -> Mode | None:
        """Return what happens at the point that was reached, after dying where that is it."""
        if self._dead:
            raise DiedError
        if self._fault is None:
            return None
        self._reached += 1
        if self._reached != self._fault.at:
            return None
        self.fired = True
        if self._fault.mode is Mode.DIE_BEFORE:
            self._die()
        return self._fault.mode

    def _die(self) -> None:
        assert self._fault is not None
        if self._fault.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        self._dead = True
        raise DiedError

    def _closed(self, original: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if self._dead:
                raise DiedError
            return original(*arguments, **options)

        return call

    def _synced(self, original: Any) -> Any:
        def fsync(descriptor: int) -> None:
            mode = self._next()
            if mode in (Mode.REFUSED, Mode.LOST):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            original(descriptor)
            if mode is not None:
                self._die()

        return fsync

    def _written(self, original: Any) -> Any:
        def pwrite(descriptor: int, data: bytes, offset: int) -> int:
            mode = self._next()
            if mode in (Mode.REFUSED, Mode.LOST):
                return int(original(descriptor, data[: len(data) // 2], offset))
            if mode is Mode.TORN:
                original(descriptor, data[: len(data) // 2], offset)
                self._die()
            written = int(original(descriptor, data, offset))
            if mode is not None:
                self._die()
            return written

        return pwrite

    def _commit(self, original: Any, dialect: Any, connection: Any) -> None:
        mode = self._next()
        if mode is Mode.TORN:
            self._die()
        if mode is Mode.REFUSED:
            connection.rollback()
            raise _full(dialect)
        original(dialect, connection)
        if mode is Mode.DIE_AFTER:
            self._die()
        if mode is Mode.LOST:
            connection.dbapi_connection.close()  # not the pool's proxy of it
            raise _broken(dialect)


def _full(dialect: Any) -> Exception:
    if dialect.name == "sqlite":
        return sqlite3.OperationalError("database or disk is full")
    return psycopg.errors.DiskFull("could not extend file")


def _broken(dialect: Any) -> Exception:
    """Return what the driver raises where the connection is gone; SQLAlchemy knows it by that."""
    if dialect.name == "sqlite":
        return sqlite3.ProgrammingError("Cannot operate on a closed database.")
    return psycopg.OperationalError("server closed the connection unexpectedly")
