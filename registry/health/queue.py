"""Queue of batches' chunks on PostgreSQL: what waits there, and who is at work."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from core.metrics import Gauge, Labels
from registry.db.database import Database
from registry.health import messages
from registry.health.health import HealthFinding, HealthSubject, ok, warn

_ALIVE_SECONDS = 6
"""As the workers among themselves (`registry.desk.batch.engine`)."""
_IDLE_SECONDS = 60
"""A chunk that waits longer while nobody is at work is told of."""
_STATE = text(
    """
    SELECT
      (SELECT count(*) FROM engine.procrastinate_jobs WHERE status = 'todo'),
      (SELECT count(*) FROM engine.procrastinate_jobs WHERE status = 'doing'),
      (SELECT coalesce(extract(epoch FROM now() - min(e.at)), 0)
         FROM engine.procrastinate_events e
         JOIN engine.procrastinate_jobs j ON j.id = e.job_id
        WHERE j.status = 'todo' AND e.type = 'deferred'),
      (SELECT count(*) FROM engine.procrastinate_workers
        WHERE last_heartbeat > now() - make_interval(secs => :alive))
    """
)


@dataclass(frozen=True, slots=True)
class QueueState:
    """State of the queue."""

    waiting: int
    """Chunks that nobody has."""
    leased: int
    oldest_seconds: float
    """Age of the oldest chunk that waits; 0 where none does."""
    workers: int
    """Workers that gave a sign of life within six seconds. They are at work only while there is
    something to do."""


def queue_state(connection: Connection) -> QueueState:
    """Return the state; to be asked on PostgreSQL alone."""
    row = connection.execute(_STATE, {"alive": _ALIVE_SECONDS}).one()
    return QueueState(int(row[0]), int(row[1]), max(0.0, float(row[2])), int(row[3]))


def queue_gauges(database: Database) -> tuple[Gauge, ...]:
    """Return gauges of the queue; none on SQLite, which has no queue."""
    if not database.url.startswith("postgres"):
        return ()

    def reading(
        read: Callable[[QueueState], float],
    ) -> Callable[[], Iterator[tuple[Labels, float]]]:
        def samples() -> Iterator[tuple[Labels, float]]:
            with database.reading() as connection:
                yield (), read(queue_state(connection))

        return samples

    def chunks() -> Iterator[tuple[Labels, float]]:
        with database.reading() as connection:
            state = queue_state(connection)
        yield (("state", "waiting"),), state.waiting
        yield (("state", "leased"),), state.leased

    return (
        Gauge("xinyin_queue_chunks", "Chunks of batches in the queue, by state.", chunks),
        Gauge(
            "xinyin_queue_oldest_seconds",
            "Age of the oldest chunk that waits for a worker; 0 where none does.",
            reading(lambda state: state.oldest_seconds),
        ),
        Gauge(
            "xinyin_queue_workers",
            "Workers of all machines that gave a sign of life within six seconds.",
            reading(lambda state: float(state.workers)),
        ),
    )


def check_queue(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that chunks do not wait while nobody works on them."""
    if not subject.database.url.startswith("postgres"):
        yield ok(messages.NO_QUEUE_HERE)
        return
    with subject.database.reading() as connection:
        state = queue_state(connection)
    if state.waiting and not state.workers and state.oldest_seconds > _IDLE_SECONDS:
        yield warn(messages.chunks_wait_for_nobody(state.waiting), messages.START_ISSUING)
    else:
        yield ok(messages.queue_is_served(waiting=state.waiting, workers=state.workers))
