"""Instants that people type; without an offset they are meant in the service's zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.errors import UsageError, XinyinError
from core.text import Text


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """Return an ISO 8601 instant; without an offset it is meant in `zone`, the service's.

    Raises `UsageError`.
    """
    try:
        instant = datetime.fromisoformat(text)
        instant = instant if instant.tzinfo else instant.replace(tzinfo=zone)
        instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"“{text}”不是时间。请写成 2026-03-01 或 2026-03-01T08:00（按本服务的时区 {zone.key} "
            "理解），或带上时差：2026-03-01T00:00:00Z。",
            f"“{text}” is no time. Write 2026-03-01 or 2026-03-01T08:00 (in {zone.key}, the "
            "service's zone), or with an offset: 2026-03-01T00:00:00Z.",
        ) from error
    return instant


def said(instant: datetime, zone: ZoneInfo) -> str:
    """Return an instant as people are shown it: in the service's zone, which is named."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}"


@contextmanager
def read_as(text: str | None, zone: ZoneInfo) -> Iterator[None]:
    """Let an error that comes of an instant say how it was read, where its zone was not typed."""
    try:
        yield
    except XinyinError as error:
        if text is not None and datetime.fromisoformat(text).tzinfo is None:
            at = datetime.fromisoformat(text).replace(tzinfo=zone)
            utc = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            error.text = Text(
                f"{error.text.zh}“{text}”未写时差，按本服务的时区 {zone.key} 理解，即 {utc}。",
                f"{error.text.en} “{text}” has no offset: it was read in {zone.key}, the "
                f"service's zone, as {utc}.",
            )
        raise
