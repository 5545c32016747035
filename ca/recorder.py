"""Recorder of the acts of the CA's services, as a Protocol; `registry` implements it.

A key signs nothing that could not be recorded: the event is durable before the key is used, so that
a signature that exists always has its event, whatever happens in between.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ca.errors import CaError

Facts = Mapping[str, str | int | bool | None]


class AuditUnavailableError(CaError):
    """An event could not be written to the audit; what it was to precede was not done."""

    code = "audit_unavailable"


@dataclass(frozen=True, slots=True)
class SigningEvent:
    """Something that a key is about to sign."""

    at: datetime
    action: str
    subject: str
    facts: Facts


class Recorder(Protocol):
    """Sink for events of signing. Thread-safe."""

    def record(self, event: SigningEvent) -> None:
        """Return when the event is durable. Raises `AuditUnavailableError`; nothing may be signed
        then. After that error the event may stand on record all the same: too much, never too
        little.
        """
        ...


class Collector:
    """Keeps events for a transaction to come, where what was signed is released by that alone.

    Sealing uses it: its timestamp tokens leave with the document, which the register's transaction
    releases, and an fsync for each would be one too many. What is signed for no document (a token
    asked for as a sample) is recorded at once.
    """

    def __init__(self, recorder: Recorder | None = None) -> None:
        """`recorder` takes the events outside of every `purpose`; without one they are kept too."""
        self._recorder = recorder
        self._events: list[SigningEvent] = []
        self._purpose: str | None = None

    def record(self, event: SigningEvent) -> None:
        """Keep the event, or record it at once. Raises `AuditUnavailableError`."""
        if self._purpose is not None:
            self._events.append(replace(event, facts={**event.facts, "for": self._purpose}))
        elif self._recorder is not None:
            self._recorder.record(replace(event, facts={**event.facts, "for": "sample"}))
        else:
            self._events.append(event)

    @property
    def kept(self) -> Sequence[SigningEvent]:
        """Kept events, oldest first."""
        return tuple(self._events)

    @contextmanager
    def purpose(self, of: str) -> Iterator[None]:
        """Note in the events of this block what they are for. For one thread at a time."""
        self._purpose = of
        try:
            yield
        finally:
            self._purpose = None

    @contextmanager
    def handing_over(self) -> Iterator[Sequence[SigningEvent]]:
        """Hand out what was kept, oldest first; kept on if the block does not end well."""
        events = tuple(self._events)
        yield events
        del self._events[: len(events)]
