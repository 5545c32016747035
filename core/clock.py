"""Time is passed in: instants are aware UTC, dates are civil dates of the service's zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

Monotonic = Callable[[], float]
"""Seconds that only grow; `time.monotonic` outside tests."""


class Clock(Protocol):
    """Source of the present time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


def civil_date(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date that a calendar on the wall in `zone` shows at `instant`."""
    return instant.astimezone(zone).date()
