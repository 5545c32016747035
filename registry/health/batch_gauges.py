"""Gauges of batches that the server carries out: how many, and how long the oldest waits."""

from collections.abc import Callable, Iterable

from sqlalchemy import Connection, func, or_, select

from core.clock import Clock
from core.metrics import Gauge, Labels
from registry.db.database import Database
from registry.db.tables import jobs
from registry.officers.model import UNDER_WAY

_COLUMN = jobs.c


class BatchGauges:
    """Reads the register each time; what cannot be read just now is left out."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def all(self) -> tuple[Gauge, ...]:
        """Return the gauges."""
        return (
            Gauge(
                "xinyin_batches_under_way",
                "Batches that wait for a worker or are being granted.",
                self._reading(_under_way),
            ),
            Gauge(
                "xinyin_batch_waiting_seconds",
                "Seconds since the oldest batch was begun that nobody works on; 0 where none is.",
                self._reading(self._oldest),
            ),
        )

    def _reading(
        self, read: Callable[[Connection], float]
    ) -> Callable[[], Iterable[tuple[Labels, float]]]:
        def samples() -> Iterable[tuple[Labels, float]]:
            with self._database.reading() as connection:
                return [((), read(connection))]

        return samples

    def _oldest(self, connection: Connection) -> float:
        """Nobody works on one that was not taken yet, rests for a fault, or whose lease ended."""
        now, until = self._clock.now(), _COLUMN.lease_until
        rests = or_(until.is_(None), until <= now, _COLUMN.why.is_not(None))
        query = select(func.min(_COLUMN.asked_at)).where(_COLUMN.state.in_(UNDER_WAY), rests)
        begun = connection.execute(query).scalar_one()
        return 0.0 if begun is None else max(0.0, (now - begun).total_seconds())


def _under_way(connection: Connection) -> float:
    query = select(func.count()).where(_COLUMN.state.in_(UNDER_WAY))
    return float(connection.execute(query).scalar_one())
