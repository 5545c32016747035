"""Events of signing made durable together: one transaction for all threads that wait.

Who comes first writes; whoever comes while it writes waits, and the next writer takes all of them
along. So the number of fsyncs does not grow with the number of threads, and each caller returns
only when its own event is durable.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from ca.recorder import AuditUnavailableError, SigningEvent
from core.errors import XinyinError
from registry.audit_chain import Actor, NewEvent, append
from registry.database import Database

SERVICE = Actor("service")
"""Who acts where no person asked for it by name: timestamps, OCSP answers."""
MAX_TOGETHER = 500
"""Events in one transaction: what others who record have to wait for is bounded."""


@dataclass(slots=True)
class _Waiting:
    event: SigningEvent
    done: bool = False
    error: AuditUnavailableError | None = None


class GroupRecorder:
    """One per process; used by all its threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: list[_Waiting] = []
        self._queue_lock = threading.Lock()
        """Guards `_queue`."""
        self._writing = threading.Lock()
        """Held by the one thread that writes; all others with an event wait for it."""

    def record(self, event: SigningEvent) -> None:
        """Return when the event is durable. Raises `AuditUnavailableError`."""
        own = _Waiting(event)
        with self._queue_lock:
            self._queue.append(own)
        while not own.done:
            with self._writing:
                if not own.done:
                    self._write(self._next())
        if own.error is not None:
            raise own.error

    def _next(self) -> list[_Waiting]:
        with self._queue_lock:
            group, self._queue = self._queue[:MAX_TOGETHER], self._queue[MAX_TOGETHER:]
        return group

    def _write(self, group: Sequence[_Waiting]) -> None:
        error: AuditUnavailableError | None = _unavailable()
        try:
            with self._database.writing() as connection:
                append(connection, to_events([one.event for one in group], SERVICE))
            error = None
        except (XinyinError, SQLAlchemyError) as cause:
            assert error is not None
            error.__cause__ = cause
        finally:
            for one in group:
                one.error, one.done = error, True


def to_events(events: Sequence[SigningEvent], actor: Actor) -> list[NewEvent]:
    """Return events of signing as the audit takes them."""
    return [
        NewEvent(
            at=event.at,
            actor=actor,
            action=event.action,
            subject=event.subject,
            after=event.facts,
        )
        for event in events
    ]


def _unavailable() -> AuditUnavailableError:
    return AuditUnavailableError(
        "无法写入审计记录，未作签名。请检查数据库和磁盘空间。",
        "The audit could not be written, so nothing was signed. Check the database and disk space.",
    )
