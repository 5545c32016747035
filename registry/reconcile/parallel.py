"""Parts of the audit's verification, one after the other or in several processes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from core.processes import forked_pool
from registry.db.database import Database
from registry.reconcile.outcome import AuditReport

Part = Callable[[Connection, AuditReport], None]
"""Looks at a part, and adds what it finds to a report of its own."""


@contextmanager
def reports(
    database: Database, connection: Connection, parts: Sequence[Part], processes: int
) -> Iterator[Iterator[AuditReport]]:
    """Hand out the report of each part, in order; with several processes they begin at once.

    One process reads by the given connection. Each of several has one of its own, whose snapshot
    may be of a later moment: a part must be right by itself at any moment. Raises what the parts
    raise, and `BrokenProcessPool` if one of the processes dies.
    """
    if processes == 1:
        yield (_report(connection, part) for part in parts)
        return
    worker = _Worker(database, parts)
    with forked_pool(processes, worker.begin) as pool:
        try:
            yield pool.map(_work, range(len(parts)))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _report(connection: Connection, part: Part) -> AuditReport:
    report = AuditReport()
    part(connection, report)
    return report


class _Worker:
    """Work of one forked process, known to it alone once it has begun."""

    here: "_Worker"

    def __init__(self, database: Database, parts: Sequence[Part]) -> None:
        self._database = database
        self._parts = parts

    def begin(self) -> None:
        """Open the database anew, in the process that was forked."""
        self._database = self._database.reopened()
        _Worker.here = self

    def do(self, number: int) -> AuditReport:
        """Return the report of one part."""
        with self._database.snapshot() as connection:
            return _report(connection, self._parts[number])


def _work(number: int) -> AuditReport:
    return _Worker.here.do(number)
