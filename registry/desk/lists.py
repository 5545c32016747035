"""Lists by the page: sorted by time, the newest first."""

from dataclasses import dataclass, field
from datetime import datetime

from registry.officers.model import DeskRequest


@dataclass(frozen=True, slots=True)
class RequestsAlike:
    """Open requests that are judged alike: one action, state, authority, type, batch or not."""

    example: DeskRequest
    count: int
    of_others: int
    """Of those: asked for by others than who looks."""


@dataclass(frozen=True, slots=True)
class PageCursor:
    """Place in a list that is sorted by time, the newest first."""

    at: datetime
    key: str

    def write(self) -> str:
        """Return it for an address."""
        return f"{self.at.isoformat()}~{self.key}"

    @classmethod
    def read(cls, text: str) -> "PageCursor | None":
        """Return the place that an address names; None for what names none."""
        at, _, key = text[:200].partition("~")
        try:
            instant = datetime.fromisoformat(at)
        except ValueError:
            return None
        return cls(instant, key) if instant.tzinfo is not None and key else None


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Some requests, the newest first."""

    requests: list[DeskRequest] = field(default_factory=list)
    older: PageCursor | None = None
