"""The clock of tests."""

from datetime import UTC, datetime, timedelta


class StoppedClock:
    """Shows the time that the test says, and stands still until it is told otherwise."""

    def __init__(self, at: datetime | None = None) -> None:
        """Begin at a time, or at this second."""
        self.at = at or datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """Return the time."""
        return self.at

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.at += by
