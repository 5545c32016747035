"""Instants that people type; without an offset they are meant in the service's zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cli.shell import messages
from core.errors import UsageError, XinyinError


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """Return an ISO 8601 instant; without an offset it is meant in `zone`, the service's.

    Raises `UsageError`.
    """
    try:
        instant = datetime.fromisoformat(text)
        instant = instant if instant.tzinfo else instant.replace(tzinfo=zone)
        instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(messages.time_malformed(text=text, zone=zone.key)) from error
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
            error.text = messages.time_offset_assumed(
                error_text=error.text, text=text, zone=zone.key, utc=utc
            )
        raise
