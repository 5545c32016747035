"""Events of signing made durable together: one transaction for all threads that wait.

Who comes first writes; whoever comes while it writes waits, and the next writer takes all of them
along. So the number of fsyncs does not grow with the number of threads, and each caller returns
only when its own event is durable.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from ca.recorder import AuditUnavailableError, SigningEvent
from core.errors import XinyinError
from core.permits import Actor
from core.text import Text
from registry.audit import messages
from registry.audit.chain import NewEvent, append
from registry.db.database import Database

SERVICE = Actor("service")
"""Who acts where no person asked for it by name: timestamps, OCSP answers."""
PATIENCE = timedelta(seconds=2)
"""Longest wait for another writer where somebody on the network asked for a timestamp."""
MAX_TOGETHER = 500
"""Events in one transaction: what others who record have to wait for is bounded."""


@dataclass(slots=True, eq=False)
class _Waiting:
    event: SigningEvent
    woken: threading.Event = field(default_factory=threading.Event)
    """Set when the event was written, or could not be; or when it is its thread's turn to write."""
    done: bool = False
    error: AuditUnavailableError | None = None


class GroupRecorder:
    """One per process; used by all its threads."""

    def __init__(self, database: Database, patience: timedelta | None = PATIENCE) -> None:
        """`patience`: longest wait for another writer; None: as long as other writers wait."""
        self._database = database
        self._patience = patience
        self._queue: list[_Waiting] = []
        self._busy = False
        """A thread writes, or was told to."""
        self._lock = threading.Lock()
        """Guards both."""

    def record(self, event: SigningEvent) -> None:
        """Return when the event is durable. Raises `AuditUnavailableError`."""
        own = _Waiting(event)
        with self._lock:
            self._queue.append(own)
            writes = not self._busy
            self._busy = True
        if not writes:
            self._wait(own)
        if not own.done:
            self._write_next()
        if own.error is not None:
            raise own.error

    def _wait(self, own: _Waiting) -> None:
        try:
            own.woken.wait()
        except BaseException:  # interrupted: nobody may wait for this thread to write
            with self._lock:
                if own in self._queue:
                    self._queue.remove(own)
            if own.woken.is_set() and not own.done:
                self._pass_on()
            raise

    def _write_next(self) -> None:
        """Write the oldest that wait, this thread's own among them, and pass the turn on."""
        with self._lock:
            group, self._queue = self._queue[:MAX_TOGETHER], self._queue[MAX_TOGETHER:]
        try:
            self._write(group)
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        """Let the one that waits longest write next."""
        with self._lock:
            self._busy = bool(self._queue)
            if self._queue:
                self._queue[0].woken.set()

    def _write(self, group: Sequence[_Waiting]) -> None:
        error: AuditUnavailableError | None = _unavailable()
        try:
            with self._database.writing(self._patience) as connection:
                append(connection, to_events([one.event for one in group], SERVICE))
            error = None
        except (XinyinError, SQLAlchemyError) as cause:
            error = _unavailable(cause)
            error.__cause__ = cause
            group = [*group, *self._take_waiting()]
        finally:
            for one in group:
                one.error, one.done = error, True
                one.woken.set()

    def _take_waiting(self) -> list[_Waiting]:
        """Take who came meanwhile along into a failure: one after the other they would wait long
        for the same one.
        """
        with self._lock:
            waiting, self._queue = self._queue, []
        return waiting


_LOOK = Text("请检查数据库和磁盘空间。", "Check the database and disk space.")


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


def _unavailable(cause: Exception | None = None) -> AuditUnavailableError:
    why = cause.text if isinstance(cause, XinyinError) else _LOOK
    return AuditUnavailableError(messages.audit_write_failed(why))
