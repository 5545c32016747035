"""State of the register and its surroundings for whoever watches it, as Prometheus' gauges."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select
from sqlalchemy.pool import QueuePool

from core.clock import Clock, civil_date
from core.metrics import Gauge, Labels, Merge
from registry.audit.signing import newest_head
from registry.backup.backup import last_backup
from registry.db.database import Database
from registry.db.tables import audit_events, break_glass, licences
from registry.licences.corrections.rows import count_open
from registry.model import LicenceState

Samples = Iterable[tuple[Labels, float]]


class RegisterGauges:
    """Reads the register each time; what cannot be read just now is left out."""

    def __init__(self, database: Database, clock: Clock, journal_directory: Path) -> None:
        self._database = database
        self._clock = clock
        self._journal = journal_directory

    def all(self) -> tuple[Gauge, ...]:
        """Return the gauges."""
        return (
            Gauge(
                "xinyin_pending_licences",
                "Licences whose grant was begun and has not ended.",
                self._reading(_pending),
            ),
            Gauge(
                "xinyin_pending_oldest_seconds",
                "Seconds since the oldest pending grant was begun; 0 where none is pending.",
                self._reading(self._oldest_pending),
            ),
            Gauge(
                "xinyin_audit_unsigned_seconds",
                "Age of the oldest audit event that no signed head covers; 0 where all are.",
                self._reading(self._unsigned),
            ),
            Gauge(
                "xinyin_journal_lag_seconds",
                "Seconds by which the journal here is older than the newest signed head.",
                self._reading(self._journal_lag),
            ),
            Gauge(
                "xinyin_backup_age_seconds",
                "Seconds since the last backup; +Inf where none was made.",
                self._backup_age,
            ),
            Gauge(
                "xinyin_break_glass_unacknowledged",
                "Uses of the emergency credential that nobody else has acknowledged.",
                self._reading(_unacknowledged),
            ),
        )

    def corrections(self, zone: ZoneInfo) -> tuple[Gauge, ...]:
        """Return the gauges of requests for a correction, whose clock counts civil dates."""

        def count(place: int) -> Callable[[Connection], float]:
            return lambda connection: float(
                count_open(connection, civil_date(self._clock.now(), zone))[place]
            )

        return (
            Gauge(
                "xinyin_corrections_open",
                "Requests to correct a licence that nobody decided on yet.",
                self._reading(count(0)),
            ),
            Gauge(
                "xinyin_corrections_overdue",
                "Requests to correct a licence whose time to be decided has run out.",
                self._reading(count(1)),
            ),
        )

    def _reading(self, read: Callable[[Connection], float]) -> Callable[[], Samples]:
        def samples() -> Samples:
            with self._database.reading() as connection:
                return [((), read(connection))]

        return samples

    def _oldest_pending(self, connection: Connection) -> float:
        query = select(func.min(licences.c.created_at)).where(
            licences.c.state == LicenceState.PENDING, licences.c.signer.is_(None)
        )
        return self._since(connection.execute(query).scalar_one())

    def _unsigned(self, connection: Connection) -> float:
        head = newest_head(connection)
        query = select(audit_events.c.at).order_by(audit_events.c.sequence).limit(1)
        first = query.where(audit_events.c.sequence > (0 if head is None else head.sequence))
        return self._since(connection.execute(first).scalar_one_or_none())

    def _journal_lag(self, connection: Connection) -> float:
        """A head is in the journal before it is in the database."""
        head = newest_head(connection)
        written = [path.stat().st_mtime for path in self._journal.glob("journal-*.jsonl")]
        if head is None:
            return 0.0
        return max(0.0, head.signed_at.timestamp() - max(written, default=0.0))

    def _backup_age(self) -> Samples:
        at = last_backup(self._journal)
        return [((), float("inf") if at is None else self._since(at))]

    def _since(self, at: datetime | None) -> float:
        return 0.0 if at is None else max(0.0, (self._clock.now() - at).total_seconds())


def machine_gauges(database: Database, **places: Path) -> tuple[Gauge, ...]:
    """Return gauges of the disk at each place and of this process's database connections."""

    def room() -> Iterator[tuple[Labels, float]]:
        for name, path in places.items():
            if path.exists():
                yield (("place", name),), shutil.disk_usage(path).free

    def connections() -> Iterator[tuple[Labels, float]]:
        pool = database.engine.pool
        assert isinstance(pool, QueuePool)
        yield (("state", "in_use"),), pool.checkedout()
        yield (("state", "allowed"),), pool.size() + pool._max_overflow  # noqa: SLF001  # no accessor

    return (
        Gauge("xinyin_disk_free_bytes", "Free bytes of the disk, by place.", room, Merge.LEAST),
        Gauge(
            "xinyin_database_connections",
            "Connections of a process to the database, in use and allowed.",
            connections,
        ),
    )


def _pending(connection: Connection) -> float:
    query = select(func.count()).where(licences.c.state == LicenceState.PENDING)
    return float(connection.execute(query).scalar_one())


def _unacknowledged(connection: Connection) -> float:
    open_ = break_glass.c.used_at.is_not(None), break_glass.c.acknowledged_at.is_(None)
    return float(connection.execute(select(func.count()).where(*open_)).scalar_one())
