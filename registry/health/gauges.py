"""Gauges of what is about to end: seconds left, negative once it has ended."""

import threading
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import func, select

from core.clock import Clock
from core.errors import XinyinError
from core.metrics import Gauge, Labels, Merge
from registry.archive.schedule import UNREAD
from registry.db.database import Database
from registry.db.tables import protections
from registry.ledger.certificates import endings

_LIFETIME = timedelta(seconds=60)
"""How old the ends may be; the seconds left are counted anew each time."""
Ends = list[tuple[Labels, float]]


class Expiry:
    """Reads when things end, at most once a minute. May be used by several threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        """Guards what follows."""
        self._read_at = clock.now() - _LIFETIME
        self._ends: dict[str, Ends] = {}

    def gauges(self) -> tuple[Gauge, ...]:
        """Return the gauges; what cannot be read just now is left out of an exposition."""
        return (
            Gauge(
                "xinyin_certificate_expiry_seconds",
                "Until the first certificate in use of a kind ends.",
                lambda: self._left("certificates"),
                Merge.LEAST,
            ),
            Gauge(
                "xinyin_archive_expiry_seconds",
                "Until the certificate ends that the first archived document's proof rests on.",
                lambda: self._left("archive"),
                Merge.LEAST,
            ),
        )

    def _left(self, which: str) -> Iterable[tuple[Labels, float]]:
        now = self._clock.now()
        with self._lock:
            if not timedelta(0) <= now - self._read_at < _LIFETIME:
                try:
                    self._ends = self._read()
                except XinyinError:
                    return []
                self._read_at = now
            ends = self._ends.get(which, [])
        return [(labels, end - now.timestamp()) for labels, end in ends]

    def _read(self) -> dict[str, Ends]:
        first: dict[str, float] = {}
        with self._database.reading() as connection:
            for one in endings(connection, self._clock.now()):
                end = one.ends_at.timestamp()
                first[one.kind] = min(end, first.get(one.kind, end))
            query = select(func.min(protections.c.certificate_until))
            archive = connection.execute(query.where(protections.c.suite != UNREAD)).scalar_one()
        return {
            "certificates": [((("kind", kind),), end) for kind, end in sorted(first.items())],
            "archive": [] if archive is None else [((), archive.timestamp())],
        }
